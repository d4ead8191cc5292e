"""The end of a process that does not end by itself, whatever its loop or a worker does."""

import logging
import math
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from adapter.clock import steady_s
from adapter.telemetry import log_event

HUNG = 3  # the exit status
HURRY_S = 10.0
_LAST_WORDS_S = 2.0


class Watchdog:
    """The time that a process has left to end; it begins with the first signal to stop.

    `grace_s` is asked for it then. A second signal leaves HURRY_S at most. `drain` waits a moment
    for log lines to be written.
    """

    def __init__(self, grace_s: Callable[[], float], drain: Callable[[], object]) -> None:
        self._grace_s = grace_s
        self._drain = drain
        self._began_s = self._ends_s = math.inf

    @property
    def left_s(self) -> float | None:
        """How long it has left, or None while nobody asked it to end."""
        return None if math.isinf(self._ends_s) else max(0.0, self._ends_s - steady_s())

    def hear(self) -> None:
        """Begin the grace, or shorten it."""
        now_s = steady_s()
        if math.isinf(self._began_s):
            self._began_s, self._ends_s = now_s, now_s + self._grace_s()
        else:
            self._ends_s = min(self._ends_s, now_s + HURRY_S)

    def begin(self) -> None:
        """Begin the grace unless it has begun: the program ends by itself, or should."""
        if math.isinf(self._began_s):
            self.hear()

    def end(self) -> NoReturn:
        """End the process; what it says before must not wait for what hangs, a lock perhaps."""
        speaker = threading.Thread(target=self._say_why, name="last-words", daemon=True)
        speaker.start()
        speaker.join(_LAST_WORDS_S)
        os._exit(HUNG)

    def _say_why(self) -> None:
        waited_s = round(steady_s() - self._began_s, 1)
        log_event("hung", level=logging.CRITICAL, after_s=waited_s, threads=_standing())
        self._drain()


def _standing() -> dict[str, str]:
    """Return where each thread stands: file, line and function of its innermost frame."""
    frames = sys._current_frames()
    return {
        thread.name: f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{frame.f_lineno} "
        f"{frame.f_code.co_name}"
        for thread in threading.enumerate()
        if (frame := frames.get(thread.ident or 0)) is not None
    }
