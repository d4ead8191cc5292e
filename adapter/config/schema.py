"""JSON Schema (draft 2020-12) of both files, for editors."""

from typing import Any

from adapter.config.mapping_shape import MappingShape
from adapter.config.settings_shape import SettingsShape
from adapter.config.shape import Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return both schemas by the name of their file: "adapter.yaml" and "mapping"."""
    return {"adapter.yaml": settings_schema(), "mapping": mapping_schema()}


def settings_schema() -> dict[str, Any]:
    """Return the schema of adapter.yaml."""
    return _schema(SettingsShape)


def mapping_schema() -> dict[str, Any]:
    """Return the schema of a mapping file."""
    schema = _schema(MappingShape)
    schema["oneOf"] = [{"required": ["agent"]}, {"required": ["routes"]}]
    return schema


def _schema(shape: type[Shape]) -> dict[str, Any]:
    return {"$schema": DIALECT, **shape.model_json_schema(mode="validation", by_alias=True)}
