"""`adapter check` on files and folders."""

from pathlib import Path

from adapter.compiler.check import Checked, check_paths
from tests.harness.project import BRAKES, MAPPING, SETTINGS, Project

EXAMPLE = """\
examples:
  - name: a lead
    request: {json: {phone: "+34612345678"}}
    calls: [{agent: sales, phone: "+34612345678", variables: {}}]
  - name: nobody
    request: {json: {}}
    calls: [{refused: phone_missing}]
"""


def _summary(checked: Checked) -> list[tuple[str, int, bool]]:
    return [(Path(each.file).name, each.line, each.is_warning) for each in checked.problems]


def test_a_project_and_its_examples(project: Project) -> None:
    """A folder with an adapter.yaml is checked as the adapter would load it, and exampled."""
    project.write(SETTINGS + BRAKES, mappings={"crm": MAPPING + EXAMPLE})
    checked = check_paths([project.folder], {})
    assert (checked.problems, checked.is_sound) == ((), True)
    assert [(each.source, each.name, each.line) for each in checked.examples] == [
        ("crm", "a lead", 5),
        ("crm", "nobody", 8),
    ]


def test_a_failing_example_is_no_problem_but_unsound(project: Project) -> None:
    """Examples are judged apart from the configuration's problems."""
    project.write(
        SETTINGS + BRAKES, mappings={"crm": MAPPING + EXAMPLE.replace("phone_missing", "no_route")}
    )
    checked = check_paths([project.folder / "adapter.yaml"], {})
    assert checked.problems == ()
    assert not checked.is_sound
    assert checked.examples[1].differences == (
        "call 1: expected refused no_route, found refused phone_missing"
        " ($.phone: expected a phone number, found nothing)",
    )


def test_a_mapping_alone_gets_warnings(project: Project) -> None:
    """Without adapter.yaml, unseen agents and unset variables are warnings; examples run."""
    mapping = MAPPING.replace(
        "{token: a-long-enough-token}", "{hubspot: {client_secret: '${S}', version: v3}}"
    )
    project.write(mappings={"crm": mapping + EXAMPLE})
    checked = check_paths([project.folder / "mappings" / "crm.yaml"], {})
    assert _summary(checked) == [("crm.yaml", 1, True), ("crm.yaml", 2, True)]
    assert checked.is_sound
    assert len(checked.examples) == 2


def test_a_folder_of_mappings(project: Project) -> None:
    """A folder without adapter.yaml is a folder of mappings."""
    project.write(mappings={"a": MAPPING, "b": MAPPING + "x: 1\n"})
    checked = check_paths([project.folder / "mappings"], {})
    assert _summary(checked) == [("a.yaml", 2, True), ("b.yaml", 2, True), ("b.yaml", 4, False)]


def test_mappings_beside_settings_know_their_agents(project: Project, tmp_path: Path) -> None:
    """A mapping named beside an adapter.yaml is checked against its agents, and once only."""
    project.write(SETTINGS + BRAKES)
    other = tmp_path / "other.yaml"
    other.write_text(MAPPING.replace("sales", "sails"))
    inside = project.folder / "mappings" / "crm.yaml"
    checked = check_paths([other, project.folder / "adapter.yaml", inside, inside], {})
    assert [(each.line, each.is_warning) for each in checked.problems] == [(2, False)]


def test_settings_under_another_name(project: Project) -> None:
    """A file is settings by its keys, whatever it is called."""
    project.write(SETTINGS + BRAKES)
    (project.folder / "adapter.yaml").rename(project.folder / "production.yaml")
    checked = check_paths([project.folder / "production.yaml"], {})
    assert checked == Checked()


def test_nothing_to_check(tmp_path: Path) -> None:
    """Missing files and empty folders are problems: a typo must not pass a pipeline."""
    (tmp_path / "empty").mkdir()
    checked = check_paths([tmp_path / "empty", tmp_path / "none.yaml"], {})
    assert [each.message for each in checked.problems] == [
        "there is neither adapter.yaml nor a mapping file in this folder",
        "there is no such file",
    ]


def test_unreadable_settings_leave_mappings_alone(project: Project) -> None:
    """Where adapter.yaml cannot be read, other mappings are checked on their own."""
    project.write(settings="a: [")
    other = project.folder / "other.yaml"
    other.write_text(MAPPING)
    checked = check_paths([project.folder / "adapter.yaml", other], {})
    assert _summary(checked)[-1] == ("other.yaml", 2, True)
    assert SETTINGS not in str(checked)


def test_an_agent_without_brakes_is_a_warning(project: Project) -> None:
    """Of each that rings people; neither a dry run nor a start warns."""
    second = SETTINGS.removeprefix("agents:\n").replace("sales", "two")
    two = f"{SETTINGS}    max_per_day: 5\n{second}"
    project.write(two)
    checked = check_paths([project.folder], {})
    assert [(problem.line, problem.key, problem.is_warning) for problem in checked.problems] == [
        (2, "agents.sales.countries", True),
        (7, "agents.two.countries", True),
        (7, "agents.two.max_per_day", True),
    ]
    assert checked.is_sound
    assert all("toll fraud" in problem.message for problem in checked.problems)
    assert project.load(two).problems == ()
    project.write(SETTINGS + "    mode: dry_run\n")
    assert check_paths([project.folder], {}) == Checked()


def test_settings_that_cannot_be_used_are_warned_of_nothing(project: Project) -> None:
    """They have graver problems; a file that is no YAML too."""
    for settings in (SETTINGS + "    colour: blue\n", "agents: ["):
        project.write(settings)
        assert not any(
            "toll" in each.message for each in check_paths([project.folder], {}).problems
        )
