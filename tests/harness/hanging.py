"""An adapter that hangs on SIGHUP instead of reloading: `python -m tests.harness.hanging serve`.

`HANGS` in its environment says what: `loop` (its thread sleeps), `spin` (its thread computes),
`worker` (a thread of the pool never returns), `lock` (its thread holds the log's lock), `writer`
(the ledger's disk never answers). Its grace is short: an attempt's timeout, and `SPARE_S` for
requests, attempts and records each.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping

from adapter import app
from adapter.cli import main
from adapter.ledger.writer import Job
from adapter.server import listeners
from adapter.service import watchdog
from adapter.service.reloading import Reloading

SPARE_S = 0.4
HURRY_S = 0.6
FOR_EVER_S = 3600.0


def _spin(_: Reloading) -> None:
    while True:
        pass


def _sleep(_: object = None) -> None:
    time.sleep(FOR_EVER_S)


def _hold_the_lock(_: Reloading) -> None:
    logging.getLogger().handlers[0].acquire()
    _sleep()


def _keep_a_worker(_: Reloading) -> None:
    asyncio.get_running_loop().run_in_executor(None, _sleep)


def _keep_the_writer(reloading: Reloading) -> None:
    loop = asyncio.get_running_loop()
    reloading._ledger._writer._queue.put(Job(_sleep, loop.create_future(), loop))


HANGS: Mapping[str, Callable[[Reloading], None]] = {
    "loop": _sleep,
    "spin": _spin,
    "lock": _hold_the_lock,
    "worker": _keep_a_worker,
    "writer": _keep_the_writer,
}


def _hang(reloading: Reloading) -> None:
    HANGS[os.environ["HANGS"]](reloading)


if __name__ == "__main__":
    app.GRACEFUL_S = app.DRAIN_SPARE_S = app.RECORD_SPARE_S = SPARE_S  # type: ignore[attr-defined,assignment]
    listeners.GRACEFUL_S = 0
    watchdog.HURRY_S = HURRY_S
    Reloading.ask = _hang  # type: ignore[assignment,method-assign]  # on purpose
    main()
