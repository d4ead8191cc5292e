"""Rows of a screen about one call: a label, a value, where it is from, and details below."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

_LABEL = 14
_MAX_VALUE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line; `origin` stands behind an arrow, and `details` below, each once."""

    label: str
    value: str
    origin: str = ""
    details: tuple[str, ...] = ()

    def with_more(self, details: Iterable[str]) -> "Row":
        """Return the row with these details below the others."""
        return replace(self, details=(*self.details, *details))


def written(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines, the arrows below each other as far as the values are short."""
    rows = list(rows)
    lengths = [len(row.value) for row in rows if row.origin and len(row.value) <= _MAX_VALUE]
    width = max(lengths, default=0)
    for row in rows:
        arrow = f"{row.value:<{width}}   <- {row.origin}" if row.origin else row.value
        yield f"  {row.label:<{_LABEL}} {arrow}"
        yield from indented(row.details)


def indented(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that belong to the one above, each once."""
    yield from (f"  {'':<{_LABEL}}   {line}" for line in dict.fromkeys(lines))
