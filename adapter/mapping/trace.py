"""The record of an evaluation, part by part, for people who ask why. Pure.

Calls that ring are made without a trace: each part looks once whether there is one. A trace also
has what the decision had no need of, such as conditions after the first that does not hold. It
stands in the place of the part then, and answers as that did; so a trace changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from adapter.errors import MappingError

Answer = TypeVar("Answer")


@dataclass(kw_only=True, slots=True)
class PartTrace(Generic[Answer]):
    """The answer of one part, or its refusal; `is_asked` if the decision came as far as it."""

    answer: Answer | None = None
    fault: MappingError | None = None
    is_asked: bool = False

    def record(self, ask: Callable[[], Answer]) -> None:
        """Ask the part now, and keep its refusal for later."""
        try:
            self.answer = ask()
        except MappingError as error:
            self.fault = error

    def told(self) -> Answer:
        """Return the answer, or raise the refusal, as the part itself does."""
        self.is_asked = True
        if self.fault is not None:
            raise self.fault
        return cast("Answer", self.answer)
