"""The key `decode`: texts inside a document that are documents themselves."""

from pydantic import Field

from adapter.compiler.fields.shape import Shape
from adapter.compiler.keys.paths import PathTexts, all_paths
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.paths import Path


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
