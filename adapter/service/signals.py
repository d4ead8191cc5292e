"""Signals to the process: stop, hurry, read the files anew."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def on_signals(
    stop: asyncio.Event,
    hurry: asyncio.Event | None = None,
    reload: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Heed signals while the block runs.

    SIGTERM and SIGINT stop, a second one of them hurries, SIGHUP reloads.
    """
    loop = asyncio.get_running_loop()

    def end() -> None:
        if stop.is_set() and hurry is not None:
            hurry.set()
        stop.set()

    heeded = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: reload}
    for number, heed in heeded.items():
        loop.add_signal_handler(number, heed)
    try:
        yield
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)
