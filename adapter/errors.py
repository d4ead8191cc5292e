"""The exception tree: each class says who must act."""

from collections.abc import Sequence
from dataclasses import dataclass


class AdapterError(Exception):
    """Anything this program raises on purpose; the message never holds a secret or a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A finding in the configuration, addressed to the person who edits that line.

    `unset` names the variable or setting that is wanting, if that is all that is wrong.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    is_warning: bool = False
    unset: str = ""

    def __str__(self) -> str:
        """Return `file:line:column: key: what is wrong`, as compilers print it."""
        key = f"{self.key}: " if self.key else ""
        level = "warning: " if self.is_warning else ""
        return f"{self.file}:{self.line}:{self.column}: {level}{key}{self.message}"


class ConfigError(AdapterError):
    """The operator must mend the configuration; nothing starts, or the old one goes on."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class IntakeError(AdapterError):
    """The sender or its set-up must change; becomes a problem+json answer (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str = "", *, reason: str = "") -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.reason = reason
        super().__init__(detail or title)


class MappingError(AdapterError):
    """The call is refused with `reason`, stored and replayable once the mapping is mended."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class LedgerError(AdapterError):
    """The machine must recover: intake answers 503 and nothing rings meanwhile."""


class IllegalMoveError(LedgerError):
    """A bug: somebody asked for a move that the table of legal moves does not have."""


class ConflictError(AdapterError):
    """A person asked for something that the call's present state does not allow (HTTP 409)."""


class CompileError(ValueError):
    """The operator must mend the mapping; the message says what to write instead."""


class UnknownError(ConflictError):
    """There is no such webhook, call, agent or source (HTTP 404)."""
