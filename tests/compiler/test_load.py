"""Projects of several files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.compiler.keys.auth import AuthShape
from adapter.compiler.keys.conditions import GuardShape
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.examples import ExampleShape, RequestShape
from adapter.compiler.keys.mapping import MappingShape, compile_mapping
from adapter.compiler.keys.phone import PhoneShape
from adapter.compiler.keys.signatures import HmacShape
from adapter.compiler.keys.transforms import TransformShape
from adapter.compiler.keys.variables import ValueShape
from adapter.compiler.load import load_config, load_strict
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Mark, YamlDocument
from adapter.errors import ConfigError
from tests.harness.effort import examples
from tests.harness.project import MAPPING, SETTINGS, Project


def test_problems_of_all_files_come_at_once(project: Project) -> None:
    """Problems are sorted by file and line, and none hides another file's."""
    loaded = project.load(
        "lisen: x\n" + SETTINGS,
        {"b": MAPPING + "a: 1\nb: 2\n", "a": "a: [\n", "c": MAPPING},
    )
    found = [(Path(each.file).name, each.line) for each in loaded.problems]
    assert found == [("adapter.yaml", 1), ("a.yaml", 2), ("b.yaml", 4), ("b.yaml", 5)]
    assert loaded.config is None
    assert set(loaded.sources) == {"c"}


def test_unreadable_settings_hide_no_mapping(project: Project) -> None:
    """Mappings are read even where adapter.yaml is not YAML; their agents are only warned of."""
    problems = project.problems("a: [", MAPPING + "x: 1\n")
    assert [each.split(":")[0] for each in problems] == ["1", "2", "4"]
    assert "warning: agent: this agent cannot be checked" in problems[1]


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    """The operator is told which file was looked for."""
    loaded = load_config(tmp_path / "nowhere.yaml", {})
    assert [str(each) for each in loaded.problems] == [
        f"{tmp_path}/nowhere.yaml:1:1: there is no such file"
    ]


def test_a_folder_for_a_file_is_a_problem(tmp_path: Path) -> None:
    """What the system says of an unreadable file is passed on."""
    (problem,) = load_config(tmp_path, {}).problems
    assert problem.message == "this file cannot be read: Is a directory"


def test_a_missing_folder_of_mappings(project: Project) -> None:
    """A misspelt folder must not pass for an adapter without sources."""
    loaded = project.load("mappings: maps\n" + SETTINGS)
    assert [each.message for each in loaded.problems] == ["there is no such folder of mappings"]


def test_load_strict_raises_all_problems(project: Project) -> None:
    """Nothing starts with a problem."""
    project.write("a: 1\nb: 2\n" + SETTINGS)
    with pytest.raises(ConfigError) as caught:
        load_strict(project.folder / "adapter.yaml", {})
    assert len(caught.value.problems) == 2
    project.write()
    assert load_strict(str(project.folder / "adapter.yaml"), {}).sources["crm"].name == "crm"


def test_names_of_mapping_files(project: Project) -> None:
    """Only *.yaml counts; .yml and ill-formed names are told, editors' files passed over."""
    project.write()
    for name in ("old.yml", "My_CRM.yaml", ".crm.yaml.swp", ".hidden.yaml", "notes.txt"):
        (project.folder / "mappings" / name).write_text(MAPPING)
    (project.folder / "mappings" / "..data").mkdir()
    loaded = load_config(project.folder / "adapter.yaml", {})
    assert [(Path(each.file).name, each.message[:16]) for each in loaded.problems] == [
        ("My_CRM.yaml", "rename this file"),
        ("old.yml", "rename this file"),
    ]


def test_lenient_warnings_leave_a_configuration(project: Project) -> None:
    """Warnings alone do not stop a lenient load, and stop a strict one."""
    mapping = MAPPING.replace("a-long-enough-token", "'${TOKEN}'")
    assert project.load(mappings={"crm": mapping}, is_lenient=True).config is not None
    assert project.load(mappings={"crm": mapping}).config is None


def test_an_unreadable_mapping_is_a_problem(project: Project) -> None:
    """What the system says is passed on (a folder, since root may read any file)."""
    project.write()
    file = project.folder / "mappings" / "crm.yaml"
    file.unlink()
    file.mkdir()
    (problem,) = load_config(project.folder / "adapter.yaml", {}).problems
    assert "Is a directory" in problem.message


KEYS = {
    *MappingShape.fields_by_key(),
    *AuthShape.fields_by_key(),
    *HmacShape.fields_by_key(),
    *GuardShape.fields_by_key(),
    *ValueShape.fields_by_key(),
    *PhoneShape.fields_by_key(),
    *TransformShape.fields_by_key(),
    *ExampleShape.fields_by_key(),
    *RequestShape.fields_by_key(),
    "*",
}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "$.a", "$[", "sales", "live", "1h", "{$.x}", "lower", "ES", "token"]),
)
WORDS = st.sampled_from(sorted(KEYS))
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


def _marks(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield place
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _marks(each, (*place, key))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from _marks(each, (*place, n))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(200))
@given(st.dictionaries(WORDS, DOCUMENTS, max_size=6))
def test_any_mapping_compiles_or_has_problems(value: dict[str, object]) -> None:
    """Whatever stands in a mapping file, the result is a source or problems, never an error."""
    mark = Mark(line=1, column=1, key_line=1, key_column=1, raw="x")
    sheet = YamlDocument(file="a.yaml", value=value, marks=dict.fromkeys(_marks(value), mark))
    findings = Findings(sheet)
    source = compile_mapping("a", findings, MappingContext(agent_variables={"sales": ("name",)}))
    assert (source is None) == findings.has_errors
