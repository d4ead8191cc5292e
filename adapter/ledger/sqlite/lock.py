"""One process a ledger: locks that the kernel drops with us, on the ledger's own inode first.

A lock beside the file is not enough: a second adapter that reaches the same ledger by a symlink, a
hard link or a bind mount, or after somebody tidied the lock file away, would ring everybody again.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from adapter.errors import LedgerError

_PRIVATE = 0o600


class FileLock:
    """Exclusive `flock`s on the ledger and on `<ledger>.lock`, which older versions look at.

    SQLite locks by `fcntl`, and loses all its locks once any descriptor of the file is closed in
    this process. So the ledger is opened here before SQLite opens it, and let go after SQLite has.
    """

    def __init__(self, descriptors: tuple[int, ...]) -> None:
        self._descriptors = descriptors

    @classmethod
    def take(cls, file: Path) -> Self:
        """Lock the ledger, and make it and its log private; LedgerError says who or what forbids.

        The file is made where there is none.
        """
        beside = file.with_name(file.name + ".lock")
        ledger = _locked(file, file)
        try:
            lock = cls((ledger, _locked(beside, file)))
        except LedgerError:
            os.close(ledger)
            raise
        _make_private(file)
        return lock

    def release(self) -> None:
        """Give the locks up; the lock file stays, because removing it would race. Idempotent."""
        for descriptor in reversed(self._descriptors):
            os.close(descriptor)
        self._descriptors = ()


def check_unused(file: Path) -> None:
    """Raise LedgerError where an adapter runs on this file."""
    os.close(_locked(file, file))


def _locked(path: Path, ledger: Path) -> int:
    """Open and lock a file; return its descriptor."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    except OSError as error:
        raise LedgerError(
            f"cannot open {path} ({error.strerror}){_owner(path)}: the folder must exist, and both"
            " be writable"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise LedgerError(
            f"{ledger} is in use by another process ({path} is locked): stop that process, "
            "or give this one a `database` of its own"
        ) from error
    except OSError as error:
        os.close(descriptor)
        raise LedgerError(
            f"{path} cannot be locked ({error.strerror}): put the ledger on a disk of this machine"
        ) from error
    return descriptor


def _owner(path: Path) -> str:
    """Name the owner of a file that is another user's."""
    try:
        owner = path.stat().st_uid
    except OSError:
        return ""
    return f", it belongs to user {owner}" if owner != os.geteuid() else ""


def _make_private(file: Path) -> None:
    """Take others' rights from the ledger and its log: leads are personal."""
    for path in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        try:
            if path.stat().st_mode & 0o777 != _PRIVATE:
                path.chmod(_PRIVATE)
        except OSError:  # not there, or not ours to change
            continue
