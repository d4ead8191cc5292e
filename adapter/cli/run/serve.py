"""`adapter serve`."""

import asyncio
import atexit
import gc
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import click

from adapter.admin.captures import USUAL, NewCapture, new_capture
from adapter.app import Addresses, serve
from adapter.cli.configuration import strict_config
from adapter.cli.options import config_option, errors_reported
from adapter.cli.terminal import say
from adapter.clock import utc_now
from adapter.compiler.watch import ConfigFiles
from adapter.config.config import Config
from adapter.service.log_stream import LogStream
from adapter.telemetry import Redactor, log_crashes, log_event, secrets_in, start_logging
from adapter.values.addresses import Address

STDERR = 2
_COLLECT_AFTER = 20_000  # new objects that are still alive; Python's default is 700


@click.command()
@click.option(
    "--capture",
    "captured",
    multiple=True,
    metavar="NAME",
    help=f"Store what comes for a source without a mapping, for {USUAL}; its URL is printed.",
)
@config_option
def command(captured: tuple[str, ...], config_path: Path) -> None:
    """Receive webhooks and ring agents until SIGTERM."""
    config = strict_config(config_path)
    with errors_reported():
        opened = [new_capture(config, name, USUAL, utc_now()) for name in dict.fromkeys(captured)]
    redactor = Redactor(secrets_in(config))
    log = _start_log(redactor)
    source = ConfigFiles(
        settings=config_path,
        environ=os.environ,
        on_loaded=lambda loaded: redactor.learn(secrets_in(loaded)),
    )
    with errors_reported():
        run_loop(config, source, opened, log)


def _start_log(redactor: Redactor) -> LogStream:
    """Send every log line to standard error, without ever waiting for whoever reads that."""
    log = LogStream(STDERR, on_recovery=_report_dropped)
    start_logging(redactor, stream=log)
    log_crashes()
    atexit.register(log.drain)
    return log


def _report_dropped(lines: int) -> None:
    log_event("log_lines_dropped", level=logging.WARNING, lines=lines)


def run_loop(
    config: Config, source: ConfigFiles, opened: Sequence[NewCapture], log: LogStream
) -> None:
    """Serve on the fastest event loop that this platform has; print the URLs of new captures."""
    _spare_the_collector()
    on_ready = partial(_report_ready, config, opened)
    captures = [new.capture for new in opened]
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(config, on_ready, log=log, source=source, captures=captures))


def _spare_the_collector() -> None:
    """Keep the cycle collector from all objects of the start, and let it look seldom at others.

    It looked at hundreds of thousands of objects for each few hundred leads: a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _report_ready(config: Config, opened: Sequence[NewCapture], addresses: Addresses) -> None:
    port = int(addresses.public.rpartition(":")[2])
    for new in opened:
        # To standard output alone: the log, which may be kept and read by many, has no token.
        say(new.url(config, Address(host=config.listen.host, port=port)))
    log_event("ready", webhooks=addresses.public, admin=addresses.admin, pid=os.getpid())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return uvloop's maker of loops, or the standard one where uvloop has no build (Windows)."""
    try:
        uvloop = import_module("uvloop")
    except ImportError:  # pragma: no cover - Windows alone
        return asyncio.new_event_loop
    new_event_loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return new_event_loop
