"""One process a ledger: an advisory lock beside the file, which the kernel drops with us."""

import fcntl
import os
from pathlib import Path
from typing import Self

from adapter.errors import LedgerError


class FileLock:
    """An exclusive `flock` on `<ledger>.lock`; it ends with the process, however that dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, file: Path) -> Self:
        """Lock the ledger, or raise LedgerError: another process has it, or no such folder."""
        path = file.with_name(file.name + ".lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(
                f"cannot create {path} ({error.strerror}): the folder must exist and be writable"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise LedgerError(
                f"{file} is in use by another process ({path} is locked): stop that process, "
                "or give this one a `database` of its own"
            ) from error
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock up; the lock file stays, because removing it would race. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
