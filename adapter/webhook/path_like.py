"""The part of a path that this room needs; mapping's Path has it, and is not imported."""

from collections.abc import Callable
from typing import Any, Protocol


class PathLike(Protocol):
    """A compiled JSONPath."""

    @property
    def text(self) -> str:
        """The path as it was written."""

    def find(self, document: Any, /) -> list[Any]:
        """Return the values of all matches; nulls are no matches."""

    def take_out(self, document: Any, /) -> None:
        """Take the matches out of the document, in place."""

    def replace(self, document: Any, fn: Callable[[Any], Any], /) -> Any:
        """Replace each match by `fn(match)` and return the document."""
