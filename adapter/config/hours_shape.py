"""The keys of an agent's `calling_hours`: settings, and days in any combination."""

from typing import Annotated, Any, TypeAlias

from pydantic import WithJsonSchema

from adapter.compiler.fields.patterns import hours

# The settings that stand beside the days, and what they are.
HOURS_KEYS = {
    "timezone": "phone: every time zone that the number may be in must be inside the hours; or one"
    " IANA name for all, such as Europe/Madrid. Default phone.",
    "fallback_timezone": "The IANA name for numbers whose time zone nobody knows; default they are"
    " refused.",
    "holidays": "Whose public holidays are closed: a country, ES, or a part of one, ES-MD.",
}

# Days are keys, so no fixed shape fits: compile_hours.py reads the map.
HoursSpec: TypeAlias = Annotated[dict[str, Any], WithJsonSchema(hours(HOURS_KEYS))]
