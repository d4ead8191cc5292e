"""Standard error that never makes the program wait: bounded, and what does not fit is counted.

A pipe that nobody reads takes 64 KiB. The next line written to it would stop the loop, and with
it every call.
"""

import os
import select
import threading
from collections.abc import Callable

MAX_CHARS = 4 << 20  # twenty thousand lines, or so
LAST_LINES_S = 1.0


class LogStream:
    """A stream for log lines; a thread writes them to a descriptor, at its reader's pace.

    `dropped` counts the lines that nobody will see. Once lines are read again, `on_recovery` is
    told how many were dropped since the last time.
    """

    def __init__(
        self, descriptor: int, *, on_recovery: Callable[[int], None], max_chars: int = MAX_CHARS
    ) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._on_recovery = on_recovery
        self._max_chars = max_chars
        self._lines: list[str] = []
        self._held_chars = 0  # with those that are being written
        self._told = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._serve, name="log-writer", daemon=True).start()

    def isatty(self) -> bool:
        """Tell whether a person looks at it."""
        return os.isatty(self._descriptor)

    def write(self, line: str) -> int:
        """Take a line, or drop it; never wait."""
        with self._changed:
            if self._held_chars + len(line) > self._max_chars:
                self.dropped += 1
            else:
                self._lines.append(line)
                self._held_chars += len(line)
                self._changed.notify_all()
        return len(line)

    def flush(self) -> None:
        """Do nothing: the thread writes as soon as it can."""

    def drain(self, patience_s: float = LAST_LINES_S) -> bool:
        """Wait a moment until all is written; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._held_chars, patience_s)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines)
                lines, self._lines = self._lines, []
            is_written = self._put("".join(lines).encode("utf-8", "backslashreplace"))
            with self._changed:
                self._held_chars -= sum(map(len, lines))
                self.dropped += 0 if is_written else len(lines)
                missed = self.dropped - self._told if is_written else 0
                self._told += missed
                self._changed.notify_all()
            if missed:
                self._on_recovery(missed)

    def _put(self, rest: bytes) -> bool:
        # Past `sys.stderr`: its lock, held while nobody reads, would abort the interpreter's end.
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # another process that shares it does not want to wait
                select.select([], [self._descriptor], [])
            except OSError:  # the reader is gone, or the disk is full
                return False
        return True
