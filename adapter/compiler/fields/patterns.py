"""Patterns of values in the files, as JSON Schema: the part that an editor can check.

Each stands beside the reader that decides; a schema may let pass what the reader refuses, such as
a country that there is not, but never the reverse.
"""

from typing import Annotated, Any, TypeAlias

from pydantic import WithJsonSchema

from adapter.mapping.variable_names import RESERVED, WELL_FORMED
from adapter.values import header_names
from adapter.values.source_names import SOURCE_NAME

Json: TypeAlias = dict[str, Any]


def _text(pattern: str) -> Any:
    return Annotated[str, WithJsonSchema({"type": "string", "pattern": pattern})]


def any_case(word: str) -> str:
    """Return the pattern of a word in capitals, small letters or both: JSON Schema has no flags."""
    return "".join(f"[{sign.upper()}{sign}]" for sign in word)


def one_of_texts(*texts: str) -> Any:
    """Return the type of one of a few fixed words."""
    return Annotated[str, WithJsonSchema({"type": "string", "enum": list(texts)})]


def one_or_many(one: Any) -> Any:
    """Return the type of what may stand alone where a list of it may stand."""
    return one | _list(one)


def _list(one: Any) -> Any:
    return list[one]


ANY_TEXT = r"\S"
_UNIT = "(ms|s|m|h|d|w)"
_DURATION = rf"([0-9]{{1,9}}(\.[0-9]{{1,6}})?\s*{_UNIT}\s*)+"
_SOURCE = SOURCE_NAME.pattern
LOOKUP_NAME_PATTERN = "[A-Za-z_][A-Za-z0-9_]{0,63}"
REASON_PATTERN = "[a-z][a-z0-9_]{0,63}"

# A name stands in URLs (/api/agents/NAME/pause), where `*` means all.
AGENT_NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_HOST = r"(\[[A-Za-z0-9._:-]+\]|[A-Za-z0-9._-]+)"
_LOOPBACK = r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?"
_VISIBLE = header_names.HEADER_VALUE.pattern
_NETWORK = r"[0-9A-Fa-f:.]+(/[0-9.]+)?"
_TIME = "[0-9]{1,2}:[0-9]{2}"
SPAN = rf"\s*{_TIME}\s*[-\u2013]\s*{_TIME}\s*"
FILLED = _text(ANY_TEXT)
PATH = _text(r"^\$")
TEMPLATE = _text(r"\{")
USERNAME = _text(r"^[^:]*[^:\s][^:]*$")
DURATION = _text(rf"^\s*{_DURATION}$")
DURATION_OR_0 = _text(rf"^(0|\s*{_DURATION})$") | Annotated[int, WithJsonSchema({"const": 0})]
SIZE = _text(r"^\s*[0-9]{1,15}\s*(B|KiB|MiB|GiB|KB|MB|GB)?\s*$") | int
ADDRESS = _text(rf"^{_HOST}:[0-9]{{1,5}}$")
NETWORK = _text(rf"^\s*{_NETWORK}\s*$")
NETWORKS = _text(rf"^[\s,]*({_NETWORK}(\s*,[\s,]*{_NETWORK})*[\s,]*)?$") | _list(NETWORK)
SOURCE = _text(f"^{_SOURCE}$")
SOURCES = _text(rf"^[\s,]*{_SOURCE}(\s*,[\s,]*{_SOURCE})*[\s,]*$") | _list(SOURCE)
LOOKUP_NAME = _text(f"^{LOOKUP_NAME_PATTERN}$")
LOOKUP_URL = _text(rf"^(https://[^\s/?#@{{}}]+|http://{_LOOPBACK})[/?].*\{{")
HEADER_NAME = _text(rf"^{header_names.HEADER_NAME.pattern}$")
REASON = _text(f"^{REASON_PATTERN}$")
REGION = _text(r"^\s*([A-Z]{2})?\s*$")
# A country, or the code of a satellite's numbers.
COUNTRY = _text(r"^\s*([A-Z]{2}|\+8(70|8[1-3]))\s*$")
ZONE_PATTERN = "^([A-Za-z][A-Za-z0-9_+/-]*)?$"
ENDPOINT = _text(rf"^(https://[^\s/?#@]+|http://{_LOOPBACK})([/?][^\s#]*)?$")
PUBLIC_URL = _text(r"^(https?://[^\s?#]*[^\s?#/])?$")
PROXY = _text(r"^(env|https?://[^\s/?#]+/?)?$")
DATABASE = _text("^sqlite:///(?!:memory:).")
CREDENTIAL = _text(f"^{_VISIBLE}$")
REDIRECT = _text(r"^[^0-9]*(\+|00)")
ADMIN_TOKEN = _text(f"^({_VISIBLE})?$")
NOT_RUNG_PATTERN = "ctc:[0-9]{3}|[45][0-9]{2}"
NOT_RUNG = (
    _text(rf"^\s*({NOT_RUNG_PATTERN})\s*$")
    | Annotated[int, WithJsonSchema({"type": "integer", "minimum": 400, "maximum": 599})]
)

# Reserved beginnings are so in any case.
_VARIABLE = f"(?!{'|'.join(map(any_case, RESERVED))}){WELL_FORMED.pattern}"
VARIABLE = _text(f"^{_VARIABLE}$")

# What is greater or less than a number is one, or a text of one.
NUMERIC: Json = {"not": {"type": "string", "pattern": "^[^0-9$]*$"}}

# Names that are keys.
AGENT_NAMES: Json = {"propertyNames": {"pattern": f"^{AGENT_NAME_PATTERN}$"}}
VARIABLE_NAMES: Json = {
    "propertyNames": {"pattern": rf"^(\*|{_VARIABLE})$"},
    "properties": {
        "*": {
            "description": "The path of an object, every scalar of which becomes a variable.",
            "oneOf": [
                {"type": "string", "pattern": r"^\$"},
                {
                    "type": "object",
                    "required": ["path"],
                    "propertyNames": {"enum": ["path", "from"]},
                },
            ],
        }
    },
}
