"""The ledger's writer: what a group commit is worth, and what `synchronous=FULL` costs."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from adapter.clock import Ids, utc_now
from adapter.ledger.calls import accepting
from adapter.ledger.dedupe import Repeats
from adapter.ledger.records import Accepted
from adapter.ledger.sqlite.dialect import write_engine
from adapter.ledger.sqlite.migrate import ensure_schema
from adapter.ledger.writer import GROUP_LIMIT, Tally, Writer
from adapter.model import MappedCall, Reason, State, Webhook
from bench.leads import lead_body

WAITERS = 64
_BODY = lead_body(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Commits:
    """A way to commit: how many jobs together at most, and SQLite's `synchronous`."""

    group_limit: int
    synchronous: str


WRITERS: Mapping[str, Commits] = {
    "grouped, FULL": Commits(group_limit=GROUP_LIMIT, synchronous="FULL"),
    "grouped, NORMAL": Commits(group_limit=GROUP_LIMIT, synchronous="NORMAL"),
    "one each, FULL": Commits(group_limit=1, synchronous="FULL"),
    "one each, NORMAL": Commits(group_limit=1, synchronous="NORMAL"),
}


def measure(seconds: float) -> dict[str, float]:
    """Return webhooks committed per second, 64 waiting at a time, `seconds` for each writer."""
    return {name: asyncio.run(_rate(commits, seconds)) for name, commits in WRITERS.items()}


async def _rate(commits: Commits, seconds: float) -> float:
    ids = Ids(utc_now)
    with (
        _engine(commits.synchronous) as engine,
        closing(Writer(engine, Tally({}), group_limit=commits.group_limit)) as writer,
    ):
        started = time.perf_counter()

        async def store() -> int:
            stored = 0
            while time.perf_counter() - started < seconds:
                await writer.submit(_accepting(ids))
                stored += 1
            return stored

        counts = await asyncio.gather(*(store() for _ in range(WAITERS)))
        return sum(counts) / (time.perf_counter() - started)


def _accepting(ids: Ids) -> "partial[Accepted]":
    now = utc_now()
    webhook = Webhook(id=ids.new(), source="hubspot", received_at=now, body=_BODY)
    call = MappedCall(
        state=State.WAITING,
        reason=Reason.NEW,
        agent="sales",
        phone="+12025550123",
        variables={"name": "Ada"},
    )
    drafts = accepting.draft([call], Repeats(), ids.new)
    return partial(accepting.accept, webhook=webhook, drafts=drafts, now=now)


@contextmanager
def _engine(synchronous: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="adapter-bench-") as folder:
        engine = write_engine(Path(folder) / "bench.db")
        try:
            ensure_schema(engine, is_upgrade_allowed=True)
            with engine.connect() as connection:  # the writer's only one
                connection.connection.cursor().execute(f"PRAGMA synchronous={synchronous}")
            yield engine
        finally:
            engine.dispose()
