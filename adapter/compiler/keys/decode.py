"""The keys `decode`, `content_type` and `charset`: what a body is, and the texts inside it."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from adapter.compiler.fields.patterns import FILLED
from adapter.compiler.fields.shape import Shape, expected
from adapter.compiler.fields.stand_ins import StandIn
from adapter.compiler.keys.paths import PathTexts, all_paths
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.paths import Path
from adapter.webhook.formats.media_type import is_charset


def _charset(value: Any) -> str:
    if not isinstance(value, str) or not is_charset(value):
        raise expected("a charset, such as utf-8, windows-1252, iso-8859-2, shift_jis or big5")
    return value.strip().lower()


CharsetName: TypeAlias = Annotated[
    str, BeforeValidator(_charset, json_schema_input_type=FILLED), StandIn("utf-8")
]
ContentType: TypeAlias = Literal[
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/xml",
]


class DecodeShape(Shape):
    """Strings inside the document that are documents themselves; parsed in place."""

    json_: PathTexts | None = Field(
        default=None, alias="json", description="Paths of strings that hold JSON."
    )
    xml: PathTexts | None = Field(default=None, description="Paths of strings that hold XML.")


def decode(
    shape: DecodeShape | None, place: Place, findings: Findings
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Compile `decode`: the paths of texts that hold JSON, and of those that hold XML."""
    if shape is None:
        return (), ()
    return (
        all_paths(shape.json_, (*place, "json"), findings),
        all_paths(shape.xml, (*place, "xml"), findings),
    )
