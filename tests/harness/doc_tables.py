"""The tables of keys on the pages, as the code describes its keys.

A page holds each between `<!-- table: NAME -->` and `<!-- end of table -->`. The command
`python -m tests.harness.doc_tables` writes them anew; a test finds those that are not.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.admin.meanings import REASONS, STATES
from adapter.compiler.fields.shape import Shape
from adapter.compiler.json_schema import settings_schema
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.agents import AgentShape
from adapter.compiler.keys.auth import AuthShape
from adapter.compiler.keys.conditions import COMBINATIONS, ConditionShape
from adapter.compiler.keys.handshake import HandshakeShape
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.keys.transforms import TransformShape
from adapter.compiler.keys.variables import ValueShape
from adapter.compiler.yaml.twins import twin_name
from adapter.mapping.guards import OPERATORS
from adapter.mapping.transforms import NAMED_TRANSFORMS, TRANSFORMS_WITH_SETTING
from tests.harness.doc_pages import ROOT, anchors, text_of

SETTINGS, MAPPING = "docs/configuration.md", "docs/mapping.md"
OPERATIONS = "docs/operations.md"
SAMPLE = "<b>ana</b> MARÍA o'brien 42"
# Where a page says more of a key; of a key that is a heading itself it says it there.
MORE: Mapping[str, str] = {
    "decode": "#documents",
    "when": "#guards",
    "routes": "#guards",
    "timezone": "#time-zone",
    "lookup": "#look-up",
    "transform": "#transforms",
    "max_per_minute": "#limits",
    "max_per_day": "#limits",
    "trusted_proxies": "mapping.md#auth",
    "ip": "configuration.md#settings",
    "hubspot": "configuration.md#settings",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DocTable:
    """A table on a page: its name in the markers, its head, and what makes its rows."""

    page: str
    name: str
    head: tuple[str, ...]
    rows: Callable[[], Iterable[tuple[str, ...]]]

    def text(self) -> str:
        """Return the table as the page has it."""
        lines = [self.head, ("---",) * len(self.head), *self.rows()]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("| --- ", "|---")


def _described(page: str, shape: type[Shape], key: str, *, says_required: bool = False) -> str:
    """Return what a key is, whether it must be there, and a link to where the page says more."""
    field = shape.model_fields[shape.fields_by_key()[key]]
    text = field.description or ""
    heading = key.replace("_", "-")
    more = MORE.get(key) or (f"#{heading}" if heading in anchors(page) else "")
    required = " Required." if says_required and field.is_required() else ""
    return text + required + (f" [More]({more})." if more else "")


def _default(schema: Mapping[str, Any], key: str) -> str:
    if key in schema.get("required", ()):
        return "required"
    default = schema["properties"][key].get("default")
    if default is None:
        return "none"
    is_bare = isinstance(default, str) and default != ""
    return f"`{default if is_bare else json.dumps(default)}`"


def _settings() -> Iterable[tuple[str, ...]]:
    schema = settings_schema()
    for key in AdapterShape.fields_by_key():
        twin = "" if key == "agents" else f"`{twin_name(key)}`"
        told = _described(SETTINGS, AdapterShape, key)
        yield f"`{key}`", _default(schema, key), twin, told


def _agents() -> Iterable[tuple[str, ...]]:
    schema = settings_schema()["$defs"]["AgentShape"]
    for key in AgentShape.fields_by_key():
        yield f"`{key}`", _default(schema, key), _described(SETTINGS, AgentShape, key)


def _keys(shape: type[Shape], *keys: str) -> Callable[[], Iterable[tuple[str, ...]]]:
    listed = keys or tuple(shape.fields_by_key())
    return lambda: (
        (f"`{key}`", _described(MAPPING, shape, key, says_required=True)) for key in listed
    )


def _transforms() -> Iterable[tuple[str, ...]]:
    for name, transform in NAMED_TRANSFORMS.items():
        yield f"`{name}`", f"`{transform(SAMPLE)}`"
    for key, written in TRANSFORMS_WITH_SETTING.items():
        yield f"`{written}`", _described(MAPPING, TransformShape, key)


def _meanings() -> Iterable[tuple[str, ...]]:
    for name, meaning in (*STATES.items(), *REASONS.items()):
        yield f"`{name}`", meaning.says, meaning.cure


TABLES = (
    DocTable(
        page=OPERATIONS,
        name="meanings",
        head=("state or reason", "what it means", "what to do"),
        rows=_meanings,
    ),
    DocTable(
        page=SETTINGS,
        name="settings",
        head=("setting", "default", "environment", "what it says"),
        rows=_settings,
    ),
    DocTable(page=SETTINGS, name="agents", head=("key", "default", "what it says"), rows=_agents),
    *(
        DocTable(page=MAPPING, name=name, head=head, rows=rows)
        for name, head, rows in (
            ("mapping", ("key", "what it says"), _keys(MappingShape)),
            ("auth", ("key", "what proves the sender"), _keys(AuthShape)),
            ("handshake", ("key", "what is answered"), _keys(HandshakeShape)),
            (
                "guards",
                ("operator", "when it holds"),
                _keys(ConditionShape, *OPERATORS, *COMBINATIONS),
            ),
            ("variables", ("key", "what it does"), _keys(ValueShape)),
            ("transforms", ("transform", f"what it makes of `{SAMPLE}`, or does"), _transforms),
        )
    ),
)


def written(table: DocTable, page: str) -> str:
    """Return a page's text with this table as the code has it."""
    start, end = f"<!-- table: {table.name} -->\n\n", "\n<!-- end of table -->"
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{table.page} has no place for the table {table.name!r}")
    return before + start + table.text() + end + after


def write() -> None:
    """Write every table of every page anew."""
    for table in TABLES:
        path = ROOT / table.page
        path.write_text(written(table, text_of(table.page)), encoding="utf-8")


if __name__ == "__main__":
    write()
