"""Values of a captured sample as a person reads them: escaped, shortened, secrets hidden. Pure."""

from dataclasses import dataclass, field
from typing import Any

from adapter.values.text import escaped

WIDTH = 80
_DEPTH = 3
_KEYS = 12
_HIDDEN = "***"


@dataclass(frozen=True, kw_only=True, slots=True)
class Renderer:
    """Writes values; none of the texts in `hidden` is ever written, not even a part of one."""

    hidden: tuple[str, ...] = field(default=(), repr=False)

    def text(self, text: str, width: int = WIDTH) -> str:
        """Return the text on one line, with what cannot be seen escaped."""
        return escaped(shortened(self._shown(text), width))

    def json(self, value: Any, width: int = WIDTH) -> str:
        """Return a value much as JSON writes it."""
        if isinstance(value, str):
            return f'"{self._quotable(value, width)}"'
        return shortened(self._nested(value, _DEPTH), width)

    def _shown(self, text: str) -> str:
        for secret in self.hidden:
            text = text.replace(secret, _HIDDEN)
        return text

    def _quotable(self, text: str, width: int = WIDTH) -> str:
        shown = shortened(self._shown(text), width)
        return escaped(shown.replace("\\", "\\\\").replace('"', '\\"'))

    def _nested(self, value: Any, depth: int) -> str:
        if isinstance(value, str):
            return f'"{self._quotable(value)}"'
        if isinstance(value, dict):
            return "{" + self._listed(value, depth, is_object=True) + "}"
        if isinstance(value, list):
            return "[" + self._listed(value, depth, is_object=False) + "]"
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        return str(value)

    def _listed(self, value: Any, depth: int, *, is_object: bool) -> str:
        if value and depth == 0:
            return "…"
        first = list(value)[:_KEYS]
        written = [
            f'"{self._quotable(str(part))}": {self._nested(value[part], depth - 1)}'
            if is_object
            else self._nested(part, depth - 1)
            for part in first
        ]
        return ", ".join([*written, "…"] if len(value) > len(first) else written)


def shortened(text: str, width: int = WIDTH) -> str:
    """Return at most `width` characters, the last of them `…` where some are left out."""
    return text if len(text) <= width else text[: width - 1] + "…"
