"""`use`: a mapping that inherits another one's top-level keys."""

from pathlib import Path

import pytest

from adapter.compiler.check import check_paths
from adapter.compiler.load import Loaded
from adapter.mapping.reading import RequestReading
from adapter.webhook.auth.shared_secrets import Token
from adapter.webhook.request import Request
from tests.harness.project import SETTINGS, Project

PARENT = """\
description: a form
enabled: false
auth: {token: a-token-of-the-parent}
agent: sales
when: {path: $.kind, equals: lead}
phone: {path: $.phone, region: US}
variables: {name: $.first}
examples:
  - name: a lead
    request: {json: {kind: lead, phone: "+12025550123", first: Ada}}
    calls: [{agent: sales, phone: "+12025550123", variables: {name: Ada}}]
"""
TWO_AGENTS = SETTINGS + SETTINGS.partition("\n")[2].replace("sales:", "support:")


def _load(project: Project, mappings: dict[str, str], settings: str = TWO_AGENTS) -> Loaded:
    return project.load(settings, mappings)


def _told(loaded: Loaded) -> list[str]:
    return [f"{Path(each.file).name}:{str(each).split(':', 1)[1]}" for each in loaded.problems]


def _calls(
    loaded: Loaded, source: str, body: str
) -> list[tuple[str | None, str | None, dict[str, str]]]:
    assert loaded.config is not None, _told(loaded)
    request = Request(method="POST", path="/", body=body.encode())
    mapped = RequestReading(loaded.config.sources[source].mapping, request).mapped()
    return [(call.agent, call.phone, dict(call.variables)) for call in mapped.calls]


def test_top_level_keys_are_inherited_and_overridden(project: Project) -> None:
    """A key of its own replaces the inherited one whole; null takes it away; examples stay."""
    child = 'use: form\nenabled: true\nwhen:\nvariables: {who: "$.first"}\n'
    loaded = _load(project, {"form": PARENT, "other": child})
    assert _calls(loaded, "other", '{"phone": "202 555 0123", "first": "Ada"}') == [
        ("sales", "+12025550123", {"who": "Ada"})
    ]
    parent, other = loaded.sources["form"], loaded.sources["other"]
    assert (other.name, Path(other.file).name) == ("other", "other.yaml")
    assert (other.description, other.auth) == ("a form", parent.auth)
    assert (other.examples, len(parent.examples)) == ((), 1)
    assert (other.is_enabled, parent.is_enabled) == (True, False)


def test_a_parked_mapping_parks_its_heirs(project: Project) -> None:
    """`enabled` is a key like any other."""
    loaded = _load(project, {"form": PARENT, "other": "use: form\n"})
    assert not loaded.sources["other"].is_enabled


def test_chains_take_the_nearest_key(project: Project) -> None:
    """A mapping may use one that uses one."""
    mappings = {
        "a": "use: b\nenabled: true\nwhen: []\n",
        "b": "use: form\nvariables: {step: two}\nphone: $.b\n",
        "form": PARENT,
    }
    loaded = _load(project, mappings)
    assert _calls(loaded, "a", '{"b": "+12025550124"}') == [
        ("sales", "+12025550124", {"step": "two"})
    ]


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("agent: sales", "routes: [{agent: support}]"),
        ("routes: [{agent: sales}]", "agent: support"),
    ],
)
def test_agent_and_routes_replace_each_other(project: Project, parent: str, child: str) -> None:
    """A mapping has one of them, so either of its own is what holds."""
    form = PARENT.replace("agent: sales\nwhen", f"{parent}\nwhen")
    loaded = _load(project, {"form": form, "other": f"use: form\nenabled: true\n{child}\n"})
    body = '{"kind": "lead", "phone": "+12025550123", "first": "Bo"}'
    assert _calls(loaded, "other", body)[0][0] == "support"


def test_what_is_overridden_is_not_asked_for(project: Project) -> None:
    """A secret of a mapping that is off is no matter where the heir has its own."""
    form = PARENT.replace("a-token-of-the-parent", "'${FORM_TOKEN}'")
    mappings = {"form": form, "other": "use: form\nauth: {token: a-token-of-the-child}\n"}
    loaded = _load(project, mappings, f"sources: [other]\n{TWO_AGENTS}")
    assert loaded.config is not None
    assert list(loaded.config.sources) == ["other"]
    assert loaded.config.off == ("form",)
    assert isinstance(loaded.config.sources["other"].auth, Token)


def test_an_unset_variable_is_told_where_it_stands(project: Project) -> None:
    """Once, though two mappings need it."""
    form = PARENT.replace("a-token-of-the-parent", "'${FORM_TOKEN}'")
    loaded = _load(project, {"form": form, "other": "use: form\n", "third": "use: other\n"})
    (problem,) = _told(loaded)
    assert problem.startswith("form.yaml:3:15: auth.token: the environment has no FORM_TOKEN")


def test_a_mistake_is_told_once_in_the_file_that_has_it(project: Project) -> None:
    """Shapes, expressions and unknown keys of the inherited file are its own."""
    form = PARENT.replace("$.phone", "'$['").replace("name: $.first", "name: [x]") + "fone: 1\n"
    loaded = _load(project, {"form": form, "other": "use: form\nburst: 0\n"})
    assert [each.split(": ")[0] for each in _told(loaded)] == [
        "form.yaml:6:15",
        "form.yaml:7:19",
        "form.yaml:12:1",
        "other.yaml:2:8",
    ]
    assert loaded.sources == {}


def test_a_grave_mistake_hides_its_own_warning(project: Project) -> None:
    """An agent that is not there is a warning for what is off, and a problem for its heir."""
    mappings = {"form": PARENT.replace("agent: sales", "agent: nobody"), "other": "use: form\n"}
    settings = f"sources: [other]\n{TWO_AGENTS}"
    project.write(settings, mappings)
    checked = check_paths([project.folder], {})
    found = [(Path(each.file).name, each.line, each.is_warning) for each in checked.problems]
    assert [each for each in found if each[0] != "adapter.yaml"] == [("form.yaml", 4, False)]


def test_missing_keys_are_the_heirs(project: Project) -> None:
    """What neither file has is asked for in each that lacks it."""
    form = PARENT.replace("phone: {path: $.phone, region: US}\n", "")
    loaded = _load(project, {"form": form, "other": "use: form\n"})
    assert [each.split(": this")[0] for each in _told(loaded)] == [
        "form.yaml:1:1: phone",
        "other.yaml:1:1: phone",
    ]


def test_an_agents_needs_are_the_heirs_matter(project: Project) -> None:
    """The inherited variables were enough for the inherited agent."""
    settings = TWO_AGENTS + "    variables: [product]\n"
    mappings = {"form": PARENT, "other": "use: form\nagent: support\n"}
    (problem,) = _told(_load(project, mappings, settings))
    assert problem.startswith("other.yaml:1:1: variables: the script of agent 'support' also")


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        ({"a": "use: a"}, ["a.yaml:1:6: use: this leads in a circle: a → a"]),
        (
            {"a": "use: b", "b": "use: c", "c": "use: b"},
            [
                "b.yaml:1:6: use: this leads in a circle: c → b → c",
                "c.yaml:1:6: use: this leads in a circle: b → c → b",
            ],
        ),
        (
            {"a": "use: foam", "form": PARENT},
            ["a.yaml:1:6: use: there is no mapping of this name (did you mean 'form'?)"],
        ),
        (
            {"a": "use: b", "b": "- x"},
            ["b.yaml:1:1: expected a map of keys", "b.yaml:1:1: agent: this key is missing"],
        ),
        ({"a": "use: b", "b": "x: ["}, ["b.yaml:1:5: this is not YAML"]),
        ({"a": "use: b", "b": "use: 5"}, ["b.yaml:1:6: use: expected the name of a mapping file"]),
        ({"a": "use: ${UP}"}, ["a.yaml:1:6: use: the environment has no UP"]),
        (
            {"a": "use: b\nburst: 0", "b": "use: '../form'"},
            ["a.yaml:2:8: burst: expected 1 or more", "b.yaml:1:6: use: expected the name of a"],
        ),
    ],
)
def test_what_cannot_be_used_is_one_problem(
    project: Project, mappings: dict[str, str], expected: list[str]
) -> None:
    """It is told in the file that says so, and no key is called missing on its account."""
    loaded = _load(project, mappings)
    told = _told(loaded)
    assert [each.startswith(text) for each, text in zip(told, expected, strict=True)] == [
        True for _ in expected
    ], told
    assert loaded.config is None


def test_use_may_come_from_the_environment(project: Project) -> None:
    """`${…}` stands for any scalar; where `check` finds it unset, the mapping is left out."""
    mappings = {"form": PARENT, "other": "use: ${UP:-form}\n"}
    assert set(_load(project, mappings).sources) == {"form", "other"}
    loaded = project.load(
        TWO_AGENTS, {"form": PARENT, "other": "use: ${UP}\nagent: sales\n"}, is_lenient=True
    )
    assert set(loaded.sources) == {"form"}
    assert [each.is_warning for each in loaded.problems] == [True]


def test_a_mapping_alone_finds_what_it_uses(project: Project) -> None:
    """`adapter check mappings/other.yaml` reads the file beside it, and runs its own examples."""
    child = "use: form\nexamples: [{name: none, request: {json: {}}, calls: [{ignored: guard}]}]\n"
    project.write(mappings={"form": PARENT, "other": child})
    checked = check_paths([project.folder / "mappings" / "other.yaml"], {})
    assert checked.is_sound
    assert [(each.source, each.name) for each in checked.examples] == [("other", "none")]
