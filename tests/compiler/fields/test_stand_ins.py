"""An unset variable has a stand-in at every key, without anybody listing the keys."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BeforeValidator, Field

from adapter.compiler.fields.shape import Count, Flag, Shape, expected
from adapter.compiler.fields.stand_ins import StandIn, stand_in_of
from adapter.compiler.fields.validation import read_fields
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.agents import AgentShape
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.load import load_config
from adapter.compiler.yaml.environment import STAND_IN
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place, YamlDocument

# Keys whose values are maps, or lists of them: no variable can stand for one.
MAPS = {
    "agents", "variables", "calling_hours", "redirect", "auth", "handshake", "respond", "decode",
    "when", "routes", "dedupe", "examples", "hmac", "hubspot", "standard_webhooks", "basic",
    "timestamp", "meta", "linkedin", "ping", "map", "headers", "request", "calls", "form", "any",
    "all", "lookup", "not", "replace",
}  # fmt: skip


def keys_of(shape: type[Shape]) -> set[str]:
    """Return the keys of a shape that a variable may stand for."""
    return set(shape.fields_by_key()) - MAPS


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        (shape, key)
        for shape in (AdapterShape, AgentShape, MappingShape)
        for key in sorted(keys_of(shape))
    ],
)
def test_every_key_has_a_stand_in_that_its_reader_takes(shape: type[Shape], key: str) -> None:
    """A new key without one fails here, and not as an agent that nobody can pause."""
    sheet = YamlDocument(file="f.yaml", value={key: stand_in_of(shape)((key,))})
    read = read_fields(shape, sheet.value, (), Findings(sheet), is_whole=False)
    assert read, f'no text of _CANDIDATES is one of {key}: put StandIn("…") beside its type'


SETTINGS = """\
{settings}
agents:
  sales:
    endpoint: https://agent.example.com/
    api_key: k
    secret: s
    {agent}
"""


@pytest.mark.parametrize("key", sorted(keys_of(AgentShape) - {"endpoint", "api_key", "secret"}))
def test_an_unset_variable_of_an_agent_leaves_the_agent(tmp_path: Path, key: str) -> None:
    """It can still be paused while somebody mends the environment."""
    text = SETTINGS.format(settings="", agent=f"{key}: ${{UNSET}}")
    (tmp_path / "adapter.yaml").write_text(text, "utf-8")
    (tmp_path / "mappings").mkdir()
    loaded = load_config(tmp_path / "adapter.yaml", {}, is_lenient=True)
    assert loaded.sound is not None, loaded.problems
    assert list(loaded.sound.agents) == ["sales"]
    assert [problem.unset for problem in loaded.problems] == ["UNSET"]


@pytest.mark.parametrize("key", sorted(keys_of(AdapterShape) - {"mappings", "sources"}))
def test_an_unset_variable_of_a_setting_leaves_the_agents(tmp_path: Path, key: str) -> None:
    """Every top-level setting likewise."""
    text = SETTINGS.format(settings=f"{key}: ${{UNSET}}", agent="max_concurrent: 1")
    (tmp_path / "adapter.yaml").write_text(text, "utf-8")
    (tmp_path / "mappings").mkdir()
    loaded = load_config(tmp_path / "adapter.yaml", {}, is_lenient=True)
    assert loaded.sound is not None, loaded.problems
    assert list(loaded.sound.agents) == ["sales"]


def _seven(value: object) -> str:
    if value != "seven":
        raise expected("seven")
    return "seven"


def test_a_key_that_takes_no_common_text_names_its_own() -> None:
    """Beside its type, and nowhere else."""
    seven = Annotated[str, BeforeValidator(_seven)]

    class Mute(Shape):
        rules: ClassVar = ()
        lucky: seven | None = Field(default=None, description="Seven.")

    class Named(Shape):
        rules: ClassVar = ()
        lucky: Annotated[seven, StandIn("seven")] | None = Field(default=None, description="Seven.")

    assert stand_in_of(Mute)(("lucky",)) == STAND_IN
    assert stand_in_of(Named)(("lucky",)) == "seven"


class Greeter(Shape):
    """Takes two words."""

    greeting: Literal["hello", "hi"] = "hello"


class Counter(Shape):
    """Takes a number by the same key."""

    greeting: Count = 0


class Greeters(Shape):
    """Holds both, in every way that shapes are held."""

    greeting: Flag = False
    alone: Greeter | None = None
    listed: list[Annotated[Counter, Field()]] = Field(default=[])
    named: dict[str, Greeter] = Field(default={})


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (("greeting",), "true"),
        (("alone", "greeting"), "hello"),
        (("listed", 0, "greeting"), "5"),
        (("named", "greeting", "greeting"), "hello"),
        (("named", 0, "greeting"), STAND_IN),
        (("listed", "0", "greeting"), STAND_IN),
        (("nowhere", "greeting"), STAND_IN),
    ],
)
def test_keys_of_one_name_have_each_their_own_reader(place: Place, text: str) -> None:
    """A text that stood in for another shape's key would cost an agent."""
    assert stand_in_of(Greeters)(place) == text
