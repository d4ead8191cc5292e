"""A backup of the ledger, and a backup put back so that nobody is rung by what it does not know."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapter.errors import LedgerError
from adapter.ledger.ledger import Ledger
from adapter.ledger.sqlite.copying import (
    LOGS,
    Contents,
    copy_ledger,
    logs_of,
    put_in_place,
    rename,
    staged,
)
from adapter.ledger.sqlite.dialect import database_file
from adapter.ledger.sqlite.lock import FileLock, check_unused
from adapter.model import State

_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a restoring did: `kept` is the ledger that was there, `removed` are its logs.

    `recovered` calls were `sending` in the backup, `held` ones may ring once their agents, all of
    which are `paused`, are resumed.
    """

    ledger: Path
    contents: Contents
    kept: Path | None
    removed: tuple[Path, ...]
    paused: tuple[str, ...]
    held: int
    recovered: int


def back_up(url: str, target: Path) -> Contents:
    """Copy the ledger, also of an adapter that runs, to a file that only its owner reads.

    An earlier backup of this name is replaced once the new one is whole. LedgerError says why not.
    """
    file = database_file(url)
    _check_target(file, target)
    with _machine_faults(target), staged(target.with_name(f"{target.name}.part")) as fresh:
        contents = copy_ledger(file, fresh, is_at_rest=False)
        rename(fresh, target)
    return contents


def restore(
    url: str, backup: Path, *, agents: Iterable[str], now: Callable[[], datetime]
) -> Restored:
    """Put a backup in the place of the ledger, which is kept, and pause all agents.

    Calls that the backup knows as `sending` may have rung and become `uncertain`. LedgerError: an
    adapter runs on the ledger, or the backup is damaged or of a newer adapter; nothing is changed.
    """
    file = database_file(url)
    with _machine_faults(file), _locked(file) as was_there:
        real = file.resolve()
        if backup.exists() and backup.samefile(real):
            raise LedgerError(f"{backup} is the ledger itself: name a backup")
        removed = tuple(logs_of(real))
        with staged(real.with_name(f"{real.name}.restoring")) as fresh:
            contents = copy_ledger(backup, fresh, is_at_rest=True)
            recovered, paused, held = asyncio.run(_quieted(fresh, tuple(agents), now))
            kept = real.with_name(f"{real.name}.before-{now():%Y%m%dT%H%M%S.%fZ}")
            put_in_place(fresh, real, kept if was_there else None)
    return Restored(
        ledger=file,
        contents=contents,
        kept=kept if was_there else None,
        removed=removed,
        paused=paused,
        held=held,
        recovered=recovered,
    )


async def _quieted(
    file: Path, agents: tuple[str, ...], now: Callable[[], datetime]
) -> tuple[int, tuple[str, ...], int]:
    """Bring a copy up to date as a start does, and let none of its calls ring by itself."""
    with closing(Ledger.open(f"sqlite:///{file}", now=now)) as ledger:
        await ledger.admin.pause(None, now(), agents=agents)
        switches = await ledger.reads.switches()
        paused = tuple(sorted(name for name, switch in switches.items() if switch.is_paused))
        return ledger.recovered, paused, ledger.tally.by_state()[State.HELD]


@contextmanager
def _locked(file: Path) -> Iterator[bool]:
    """Hold a ledger against every adapter; give whether there was one with anything in it."""
    was_there = file.exists() and file.stat().st_size > 0
    lock = FileLock.take(file)
    try:
        yield was_there
    finally:
        if not was_there and file.stat().st_size == 0:  # made by the lock; nothing came of it
            file.resolve().unlink()
        lock.release()


@contextmanager
def _machine_faults(file: Path) -> Iterator[None]:
    """Raise LedgerError for what the machine refuses."""
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"cannot write {file} ({error.strerror}): its folder must exist, be writable, and have"
            " room"
        ) from error


def _check_target(file: Path, target: Path) -> None:
    """Raise LedgerError where a backup would be written over something that is none."""
    beside = {file.with_name(file.name + end) for end in (*LOGS, ".lock")}
    is_ledger = target.exists() and file.exists() and target.samefile(file)
    if is_ledger or target.absolute() in {path.absolute() for path in beside}:
        raise LedgerError(f"{target} is the ledger itself, or belongs to it: name another file")
    if not os.path.lexists(target):
        return
    if not target.is_file() or not _is_database(target):
        raise LedgerError(f"{target} is there and no backup: name another file")
    check_unused(target)


def _is_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) in (b"", _SQLITE)
