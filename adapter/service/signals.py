"""Signals to the process: stop, hurry, read the files anew.

A thread hears them and tells the loop. So a loop that hangs keeps nobody from being heard: where a
watchdog is there, the same thread ends a process that takes too long.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

from adapter.service.watchdog import Watchdog

_STOPPING = (signal.SIGTERM, signal.SIGINT)
_OVER = b"\0"  # no signal has this number


@contextlib.contextmanager
def on_signals(
    stop: asyncio.Event,
    hurry: asyncio.Event | None = None,
    reload: Callable[[], None] = lambda: None,
    *,
    watchdog: Watchdog | None = None,
) -> Iterator[None]:
    """Heed signals while the block runs.

    SIGTERM and SIGINT stop, a second one of them hurries, SIGHUP reloads. With a `watchdog` the
    process has to end, from the first of them or from the end of the block on.
    """
    loop = asyncio.get_running_loop()

    def end() -> None:
        if stop.is_set() and hurry is not None:
            hurry.set()
        stop.set()

    heeded: dict[int, Callable[[], None]] = {**dict.fromkeys(_STOPPING, end), signal.SIGHUP: reload}

    def tell(number: int) -> None:
        if watchdog is not None and number in _STOPPING:
            watchdog.hear()
        if watchdog is not None and number == _OVER[0]:
            watchdog.begin()
        if number in heeded:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                loop.call_soon_threadsafe(heeded[number])

    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    hearing = threading.Thread(
        target=_hear, args=(ear, mouth, tell, watchdog), name="signals", daemon=True
    )
    hearing.start()
    with _delivered_to(mouth, heeded):
        try:
            yield
        finally:
            mouth.send(_OVER)
    if watchdog is None:
        hearing.join()


@contextlib.contextmanager
def _delivered_to(mouth: socket.socket, numbers: Mapping[int, object]) -> Iterator[None]:
    """Have the numbers of these signals written to a socket, at once and whatever is running."""
    loops_own = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    for number in numbers:
        signal.siginterrupt(number, False)
    try:
        yield
    finally:
        for number, heed in before.items():
            signal.signal(number, heed or signal.SIG_DFL)
        signal.set_wakeup_fd(loops_own)


def _hear(
    ear: socket.socket,
    mouth: socket.socket,
    tell: Callable[[int], None],
    watchdog: Watchdog | None,
) -> None:
    """Tell what is heard until the block is over; with a watchdog, until the process ends."""
    with ear, mouth:
        is_over = False
        while not is_over:
            heard = _next(ear, watchdog)
            for number in heard:
                tell(number)
            is_over = _OVER in heard and watchdog is None


def _next(ear: socket.socket, watchdog: Watchdog | None) -> bytes:
    """Return the numbers of signals as they come; end the process if its time is over before."""
    while True:
        left_s = watchdog.left_s if watchdog is not None else None
        ear.settimeout(max(left_s, 0.001) if left_s is not None else None)
        try:
            return ear.recv(64)
        except TimeoutError:
            if watchdog is not None:  # else nothing has a limit
                watchdog.end()
