"""`sources`: which mappings of the folder are on."""

from pathlib import Path

import pytest

from adapter.compiler.check import check_paths
from adapter.compiler.load import load_strict
from tests.harness.project import BRAKES, MAPPING, SETTINGS, Project

DEMANDING = MAPPING.replace("a-long-enough-token", "'${OTHER_TOKEN}'").replace("sales", "nobody")
EXAMPLE = """\
examples:
  - {name: none, request: {json: {}}, calls: [{refused: phone_missing}]}
"""


@pytest.mark.parametrize(
    ("settings", "environ", "on"),
    [
        ("", {}, {"a", "b", "c"}),
        ("sources:\n", {}, {"a", "b", "c"}),
        ("sources: [c, a, a]\n", {}, {"a", "c"}),
        ("sources: b\n", {}, {"b"}),
        ("sources: '${ON:-a, b}'\n", {}, {"a", "b"}),
        ("sources: '${ON:-a, b}'\n", {"ON": "c"}, {"c"}),
        ("sources: [a]\n", {"ADAPTER_SOURCES": "b,c"}, {"b", "c"}),
        ("sources: [a]\n", {"ADAPTER_SOURCES": ""}, {"a"}),
        ("sources: []\n", {}, set()),
    ],
)
def test_the_setting_names_those_that_are_on(
    project: Project, settings: str, environ: dict[str, str], on: set[str]
) -> None:
    """By default every one; the environment wins."""
    project.environ = environ
    loaded = project.load(settings + SETTINGS, dict.fromkeys("abc", MAPPING))
    assert loaded.config is not None
    assert set(loaded.config.sources) == on
    assert set(loaded.config.off) == set("abc") - on


def test_what_is_off_demands_nothing(project: Project) -> None:
    """Its unset variables, mistakes and ill name stop nobody; it is not even read."""
    mappings = {"crm": MAPPING, "other": DEMANDING, "broken": "a: [", "My_CRM": MAPPING}
    loaded = project.load(f"sources: [crm]\n{SETTINGS}", mappings)
    assert loaded.config is not None
    assert [(Path(each.file).name, each.is_warning) for each in loaded.problems] == [
        ("My_CRM.yaml", True)
    ]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            "[hub-spot, crm]",
            "1:11: sources[0]: there is no mapping file hub-spot.yaml (did you mean 'hubspot'?);"
            " there are: crm, hubspot",
        ),
        ("zoho", "1:10: sources: there is no mapping file zoho.yaml (there are: crm, hubspot)"),
        ("[crm, 5]", "1:16: sources[1]: expected the name of a mapping file"),
    ],
)
def test_unknown_names_are_told(project: Project, sources: str, expected: str) -> None:
    """With the nearest one, and all that there are."""
    loaded = project.load(f"sources: {sources}\n{SETTINGS}", {"crm": MAPPING, "hubspot": MAPPING})
    (problem,) = [str(each).removeprefix(f"{each.file}:") for each in loaded.problems]
    assert problem.startswith(expected)


def test_none_are_on_only_where_that_is_written(project: Project) -> None:
    """A variable that holds no name is a mistake: webhooks would be turned away."""
    project.environ = {"ADAPTER_SOURCES": ","}
    for settings in ("", "sources: []\n"):
        (problem,) = project.load(settings + SETTINGS).problems
        assert (problem.key, problem.is_warning) == ("ADAPTER_SOURCES", False)
        assert "[] for none of them" in problem.message
    project.environ = {}
    (problem,) = project.load("sources: '${ON:-}'\n" + SETTINGS).problems
    assert "[] for none of them" in problem.message


def test_an_empty_folder_has_no_names_to_list(project: Project) -> None:
    """The problem is that of the name alone."""
    (problem,) = project.load(f"sources: [crm]\n{SETTINGS}", {}).problems
    assert problem.message == "there is no mapping file crm.yaml"


def test_unknown_names_of_the_environment_are_told(project: Project) -> None:
    """Under the name of the variable."""
    project.environ = {"ADAPTER_SOURCES": "crm,zoho"}
    (problem,) = project.load().problems
    assert (problem.file, problem.key) == ("environment", "ADAPTER_SOURCES")
    assert "zoho.yaml" in problem.message


def test_check_proves_what_is_off_too(project: Project) -> None:
    """Its examples run; what it needs here is a warning, what is wrong in itself a problem."""
    mappings = {"crm": MAPPING + EXAMPLE, "off": DEMANDING + EXAMPLE, "wrong": MAPPING + "x: 1\n"}
    project.write(f"sources: [crm]\n{SETTINGS}{BRAKES}", mappings)
    checked = check_paths([project.folder], {})
    assert [(Path(each.file).name, each.line, each.is_warning) for each in checked.problems] == [
        ("off.yaml", 1, True),
        ("off.yaml", 2, True),
        ("wrong.yaml", 4, False),
    ]
    assert [(each.source, each.has_passed) for each in checked.examples] == [
        ("crm", True),
        ("off", True),
    ]


def test_what_is_off_need_not_fit_the_agents(project: Project) -> None:
    """Neither their variables nor the public address are its matter."""
    settings = f"sources: [crm]\n{SETTINGS}{BRAKES}    variables: [name]\n"
    off = MAPPING.replace(
        "{token: a-long-enough-token}", "{hubspot: {client_secret: hush, version: v3}}"
    )
    project.write(settings, {"crm": MAPPING + "variables: {name: $.name}\n", "off": off})
    assert check_paths([project.folder], {}).problems == ()


def test_the_shipped_configuration_asks_for_what_is_on() -> None:
    """Of dozens of mappings in the folder, one token is enough for one source."""
    root = Path(__file__).parent.parent.parent
    environ = {
        "SALES_API_KEY": "key",
        "SALES_API_SECRET": "hush",
        "HUBSPOT_TOKEN": "a-long-enough-t0ken",
    }
    config = load_strict(root / "adapter.yaml", environ | {"ADAPTER_SOURCES": "hubspot"})
    assert set(config.sources) == {"hubspot"}
    assert {"generic", "pardot", "salesforce"} <= set(config.off)
