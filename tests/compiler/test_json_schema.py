"""JSON Schema for editors."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from adapter.compiler.json_schema import duration_text, json_schema, mapping_schema, settings_schema
from adapter.compiler.yaml.marks import read_sheet
from tests.compiler.keys.test_mapping import FULL
from tests.harness.project import MAPPING, SETTINGS


def _value(text: str) -> Any:
    sheet, problems = read_sheet("a.yaml", text.encode())
    assert sheet is not None
    assert problems == []
    return sheet.value


def _properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for name, each in schema.get("properties", {}).items():
            if isinstance(each, dict):
                yield f"{path}.{name}", each
        for name, each in schema.items():
            if name == "if":  # a question, not a key that somebody writes
                continue
            yield from _properties(each, f"{path}.{name}")
    elif isinstance(schema, list):
        for each in schema:
            yield from _properties(each, path)


@pytest.mark.parametrize("name", ["adapter.yaml", "mapping"])
def test_schemas_are_valid_and_described(name: str) -> None:
    """Each is a draft 2020-12 schema in which every key has a description."""
    schema = json_schema()[name]
    Draft202012Validator.check_schema(schema)
    assert [path for path, each in _properties(schema) if not each.get("description")] == []


@pytest.mark.parametrize("mapping", [MAPPING, FULL])
def test_sound_mappings_validate(mapping: str) -> None:
    """What the adapter accepts, short forms and long, the schema accepts."""
    Draft202012Validator(mapping_schema()).validate(_value(mapping))


def test_sound_settings_validate() -> None:
    """Units, single values for lists, and redirects are within the schema."""
    extra = """\
    mode: {redirect: "+34600000000"}
    not_rung: [ctc:007, 429]
    variables: name
    countries: ES
    max_per_minute: 60
    calling_hours:
      mon-fri: "09:00-20:00"
      sat, sun: ["10:00-12:00", "15:00-16:00"]
      fallback_timezone: Europe/Madrid
max_body: 1MiB
cooldown: 0
trusted_proxies: 10.0.0.0/8
"""
    Draft202012Validator(settings_schema()).validate(_value(SETTINGS + extra))


@pytest.mark.parametrize("line", ["fone: $.x", "agent: 5", "auth: {tokn: t}", "routes: []"])
def test_mistakes_do_not_validate(line: str) -> None:
    """An editor marks unknown keys and wrong kinds of values."""
    key = line.partition(":")[0]
    value = {k: v for k, v in _value(MAPPING).items() if k != key} | _value(line)
    with pytest.raises(ValidationError):
        Draft202012Validator(mapping_schema()).validate(value)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(milliseconds=1500), "1500ms"),
        (timedelta(seconds=1), "1s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=1), "60s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(hours=24), "24h"),
        (timedelta(days=7), "7d"),
    ],
)
def test_a_default_of_any_length_is_written_as_a_file_has_it(
    duration: timedelta, text: str
) -> None:
    """Editors and pages show it; nothing is rounded."""
    assert duration_text(duration) == text
