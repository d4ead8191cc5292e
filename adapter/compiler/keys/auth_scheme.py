"""The shape of every scheme of `auth`: its value, and the check that this makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from adapter.agent import Secret
from adapter.compiler.fields.shape import Shape
from adapter.webhook.auth.proof import Check

MANY_SECRETS = "A list of several is for rotation."


class SchemeShape(Shape):
    """A scheme whose keys are a map. `expected` says what its check wants, where that refuses."""

    expected: ClassVar[str] = ""

    @property
    def signs_url(self) -> str:
        """Return what of it signs the URL, so that `public_url` is needed; else ""."""
        return ""

    def shown(self) -> dict[str, list[str]]:
        """Return the secrets that a sender shows as they are, by key; none where it signs."""
        return {}

    def check(self, public_url: str) -> Check:
        """Return the check; raises ValueError or CompileError for what can never verify."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class PlainScheme:
    """Beside the type of a scheme that is no map: what is expected, and the check it makes."""

    expected: str
    check: Callable[[Any], Check]


def secrets_of(texts: list[str]) -> tuple[Secret, ...]:
    """Return texts as secrets, which no repr shows."""
    return tuple(Secret(text) for text in texts)
