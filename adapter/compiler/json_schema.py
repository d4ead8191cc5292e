"""JSON Schema (draft 2020-12) of both files, for editors."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from adapter.compiler.fields.patterns import ANY_TEXT
from adapter.compiler.fields.rules import one_of
from adapter.compiler.fields.shape import Shape
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.mapping import MappingShape
from adapter.values.addresses import Address

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Where schemas stand within a schema: by name, in a list, or alone.
_NAMED = ("properties", "patternProperties", "$defs")
_LISTED = ("anyOf", "oneOf")
_SINGLE = ("items", "additionalProperties")
_RENAMED = {"ge": "minimum", "le": "maximum"}  # pydantic's own words, past a validator of ours
# A variable may stand for any value or part of one; what it holds is known at load.
_VARIABLE = r"\$\{"
_QUOTED = {"integer": r"^\s*[0-9]+\s*$", "boolean": r"^\s*([Tt]rue|TRUE|[Ff]alse|FALSE)\s*$"}


ADAPTER_YAML, MAPPING = "adapter.yaml", "mapping"


def json_schema() -> dict[str, Any]:
    """Return both schemas by the name of their file: "adapter.yaml" and "mapping"."""
    return {ADAPTER_YAML: settings_schema(), MAPPING: mapping_schema()}


def settings_schema() -> dict[str, Any]:
    """Return the schema of adapter.yaml."""
    return _schema(AdapterShape)


def mapping_schema() -> dict[str, Any]:
    """Return the schema of a mapping file."""
    schema = _schema(MappingShape)
    # A mapping that uses another one may leave all to it.
    whole = {"required": schema.pop("required"), **one_of("agent", "routes")}
    apart = {"not": {"required": ["agent", "routes"]}}
    return {**schema, "if": {"required": ["use"]}, "then": apart, "else": whole}


class _AsWritten(GenerateJsonSchema):
    """Gives defaults as a file would have them."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return duration_text(dft)
        if isinstance(dft, Address):
            return f"{dft.host}:{dft.port}"
        return super().encode_default(dft)


def duration_text(duration: timedelta) -> str:
    """Return whole days only where there are several: 24h is an expiry, 7d an age."""
    milliseconds = duration // timedelta(milliseconds=1)
    for unit, size in {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}.items():
        count, rest = divmod(milliseconds, size)
        if not rest and (count > 1 or unit == "s"):
            return f"{count}{unit}"
    return f"{milliseconds}ms"


def _schema(shape: type[Shape]) -> dict[str, Any]:
    made = shape.model_json_schema(mode="validation", by_alias=True, schema_generator=_AsWritten)
    return {"$schema": DIALECT, **_tidy(made)}


def _tidy(schema: Any, *, is_beside_text: bool = False) -> Any:
    """Leave out what tells nobody anything, and let `${…}` stand for any scalar."""
    if not isinstance(schema, dict):
        return schema
    tidy: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED:
            tidy[key] = {name: _tidy(named) for name, named in value.items()}
        elif key in _LISTED:
            tidy["anyOf"] = _branches(value)
        elif key in _SINGLE:
            tidy[key] = _tidy(value)
        elif key == "description":
            tidy[key] = value.replace(
                "`", ""
            )  # the pages' markup of code, which editors may not know
        elif key != "title" and (key, value) != ("default", None):
            tidy[_RENAMED.get(key) or key] = value
    return tidy if is_beside_text else _with_variable(tidy)


def _branches(schemas: list[dict[str, Any]]) -> list[Any]:
    """Tidy the branches of a union; unions within it are taken apart.

    So a number may meet two branches, and `oneOf` would be too strict. Where one of them is text,
    that is the one that a variable stands for.
    """
    has_text = any(branch.get("type") == "string" for branch in schemas)
    branches: list[Any] = []
    for branch in schemas:
        tidy = _tidy(branch, is_beside_text=has_text and branch.get("type") != "string")
        branches += tidy["anyOf"] if tidy.keys() == {"anyOf"} else [tidy]
    return branches


def _with_variable(schema: dict[str, Any]) -> dict[str, Any]:
    """Let a scalar of a certain form be a text with `${…}` in it as well."""
    if schema.get("pattern") == ANY_TEXT:
        return schema
    if "pattern" in schema:
        return {**schema, "pattern": f"{schema['pattern']}|{_VARIABLE}"}
    kind = "word" if "enum" in schema else str(schema.get("type"))
    if kind not in ("word", *_QUOTED):
        return schema
    told = ("description", "default")
    kept = {key: value for key, value in schema.items() if key in told}
    checked = {key: value for key, value in schema.items() if key not in told}
    quoted = f"{_QUOTED[kind]}|{_VARIABLE}" if kind in _QUOTED else _VARIABLE
    return {"anyOf": [checked, {"type": "string", "pattern": quoted}], **kept}
