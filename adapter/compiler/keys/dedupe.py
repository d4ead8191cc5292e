"""The key `dedupe`: what makes two calls of a source the same."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from adapter.compiler.fields.shape import Shape, within
from adapter.compiler.keys.paths import PathSpecs, path_source, whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.mapping import Dedupe

_WINDOW = within(timedelta(seconds=1), timedelta(days=366), "from 1s to 366d")


class DedupeShape(Shape):
    """What makes two calls the same."""

    key: PathSpecs | None = Field(
        default=None, description="Paths whose texts name a lead; default phone and variables."
    )
    window: Annotated[timedelta, _WINDOW] | None = Field(
        default=None, description="For how long; default 4d with a key, 24h without one."
    )


def dedupe(shape: DedupeShape | None, place: Place, findings: Findings) -> Dedupe | None:
    """Compile `dedupe`; without it the key is the phone and the variables."""
    if shape is None:
        return Dedupe()
    parts = whole(
        [path_source(part, (*place, "key", n), findings) for n, part in enumerate(shape.key or [])]
    )
    return None if parts is None else Dedupe(key=parts, window=shape.window)
