"""The stages of a connection, each with a deadline that no byte extends."""

import asyncio
import enum
from collections.abc import Callable


class Stage(enum.Enum):
    """The stage of a connection."""

    IDLE = enum.auto()  # between requests
    HEAD = enum.auto()  # a request has begun
    BODY = enum.auto()  # its head is there
    ANSWER = enum.auto()  # all of it is there
    DRAIN = enum.auto()  # it is answered, and goes on all the same


class StageTimer:
    """The deadline of the stage that a connection is at, and of a peer that reads nothing."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_late: Callable[[], None], cut: Callable[[], None]
    ) -> None:
        self._loop, self._on_late, self._cut = loop, on_late, cut
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self.stage: Stage | None = None
        self.idle_since_s = loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way; one whose head is not whole counts for none."""
        return self.stage in (Stage.IDLE, Stage.HEAD)

    def enter(self, stage: Stage, patience_s: float | None) -> None:
        """Start a stage; it may last for `patience_s`, or for ever if that is None."""
        if stage in (Stage.IDLE, Stage.HEAD) and not self.is_idle:
            self.idle_since_s = self._loop.time()
        self.stage = stage
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if patience_s is not None:
            self._deadline = self._loop.call_later(patience_s, self._on_late)

    def expect_reading(self, patience_s: float) -> None:
        """Cut the connection unless the peer reads by then what was written."""
        if self._stalled is None:
            self._stalled = self._loop.call_later(patience_s, self._cut)

    def is_read(self) -> None:
        """Expect nothing more: the peer has read."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def stop(self) -> None:
        """Wait for nothing more."""
        self.is_read()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
