"""What every scheme of `auth` is to the compiler: keys, and the check that they make."""

from typing import ClassVar

from adapter.agent import Secret
from adapter.compiler.fields.shape import Shape
from adapter.webhook.auth.checks import Check

MANY_SECRETS = "A list of several is for rotation."


class SchemeShape(Shape):
    """A scheme whose keys are a map. `expected` says what its check wants, where that refuses."""

    expected: ClassVar[str] = ""

    def check(self, public_url: str) -> Check:
        """Return the check; raises ValueError or CompileError for what can never verify."""
        raise NotImplementedError


def secrets_of(texts: list[str]) -> tuple[Secret, ...]:
    """Return texts as secrets, which no repr shows."""
    return tuple(Secret(text) for text in texts)
