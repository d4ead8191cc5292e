"""A disk that forgets what was not fsynced, under the real `adapter`.

`python -m tests.crash.forgetful serve` is `adapter serve` whose SQLite keeps, in `durable/` beside
each of its files, the bytes that a power cut would leave: a write gets there when SQLite has had
it synced, and not before. `lose_power` then puts that disk in the place of the files.

SQLite reaches files through a table of functions (its VFS). This wraps the table's write,
truncate, sync and delete by ctypes, so that it needs no compiler and no privilege, and no line of
the adapter knows of it. While a file `<ledger>.stall` exists, syncing waits, and says so by a file
`<ledger>.stalled`.
"""

import _sqlite3
import ctypes
import os
import random
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

SECTOR_BYTES = 512
_OK = 0
_KEPT = 0x100 | 0x800 | 0x80000  # a database, its rollback journal, its write-ahead log
_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
# Names go as addresses: SQLite keeps them, and finds more behind them than the name.
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = ctypes.CFUNCTYPE(_I, _P, _P, _I)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)


class _Vfs(ctypes.Structure):
    """The head of sqlite3_vfs, and the rest of it as it is."""

    _fields_: ClassVar = [
        ("version", _I),
        ("file_bytes", _I),
        ("longest_path", _I),
        ("next", _P),
        ("name", ctypes.c_char_p),
        ("own", _P),
        ("open", _P),
        ("delete", _P),
        ("others", _P * 14),
    ]


class _Methods(ctypes.Structure):
    """The head of sqlite3_io_methods, and the rest of it as it is."""

    _fields_: ClassVar = [
        ("version", _I),
        ("close", _P),
        ("read", _P),
        ("write", _P),
        ("truncate", _P),
        ("sync", _P),
        ("others", _P * 13),
    ]


class _File(ctypes.Structure):
    _fields_: ClassVar = [("methods", ctypes.POINTER(_Methods))]


class ForgetfulDisk:
    """What is written and not yet synced, by path; lives as long as its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsynced: dict[Path, list[Callable[[int], object]]] = defaultdict(list)

    def opened(self, path: Path) -> None:
        """Begin to keep a file as it is on the disk now."""
        durable = durable_of(path)
        durable.parent.mkdir(exist_ok=True)
        with self._lock:
            if not durable.exists():
                shutil.copyfile(path, durable)

    def written(self, path: Path, body: bytes, offset: int) -> None:
        """Note a write."""
        with self._lock:
            self._unsynced[path].append(lambda fd: os.pwrite(fd, body, offset))

    def truncated(self, path: Path, size: int) -> None:
        """Note that a file was cut to a size."""
        with self._lock:
            self._unsynced[path].append(lambda fd: os.ftruncate(fd, size))

    def synced(self, path: Path) -> None:
        """Make all that was noted durable."""
        with self._lock:
            fd = os.open(durable_of(path), os.O_RDWR | os.O_CREAT, 0o600)
            for change in self._unsynced.pop(path, []):
                change(fd)
            os.close(fd)

    def deleted(self, path: Path) -> None:
        """Forget a file; a file system's own log keeps its directory in order."""
        with self._lock:
            self._unsynced.pop(path, None)
            durable_of(path).unlink(missing_ok=True)


def durable_of(path: Path) -> Path:
    """Return where the durable bytes of a file are kept."""
    return path.parent / "durable" / path.name


def lose_power(ledger: Path, chance: random.Random | None = None) -> None:
    """Leave of a dead process's files what a power cut would.

    All that was synced stays. Of what was not, nothing stays, or, with `chance`, some sectors.
    """
    for path in (ledger, *_beside(ledger, "-wal", "-journal")):
        durable = durable_of(path)
        if not durable.exists():
            path.unlink(missing_ok=True)
            continue
        kept = durable.read_bytes()
        if chance is not None and path.exists():
            kept = _mixed(kept, path.read_bytes(), chance)
        path.write_bytes(kept)
        durable.write_bytes(kept)
    for path in _beside(ledger, "-shm"):
        path.unlink(missing_ok=True)


def _beside(ledger: Path, *endings: str) -> list[Path]:
    return [ledger.with_name(ledger.name + ending) for ending in endings]


def _mixed(durable: bytes, written: bytes, chance: random.Random) -> bytes:
    size = chance.choice((len(durable), max(len(durable), len(written))))
    sectors = (
        chance.choice((durable, written))[at : at + SECTOR_BYTES]
        for at in range(0, size, SECTOR_BYTES)
    )
    padded = (sector.ljust(SECTOR_BYTES, b"\0") for sector in sectors)
    return b"".join(padded)[:size]


def sqlite_library() -> Any:
    """Return the SQLite that Python's sqlite3 uses; OSError or AttributeError if it hides it."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    library.sqlite3_vfs_register.argtypes = [ctypes.POINTER(_Vfs), _I]
    return library


class Interposition:
    """The wrapped functions; must live as long as SQLite may call them."""

    def __init__(self, disk: ForgetfulDisk) -> None:
        self._disk = disk
        self._paths: dict[int, Path] = {}
        self._wrapped: dict[int, _Methods] = {}
        self._alive: list[Any] = []
        library = sqlite_library()
        self._original = library.sqlite3_vfs_find(None).contents
        self._vfs = _Vfs.from_buffer_copy(self._original)
        self._vfs.name = b"forgetful"
        self._vfs.open = self._callback(_OPEN, self._open)
        self._vfs.delete = self._callback(_DELETE, self._delete)
        library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)

    def _callback(self, kind: Any, function: Callable[..., int]) -> int | None:
        callback = kind(function)
        self._alive.append(callback)
        return ctypes.cast(callback, _P).value

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        status: int = _OPEN(self._original.open)(vfs, name, file, flags, out)
        if status == _OK and name is not None and flags & _KEPT:
            path = _path_at(name)
            self._paths[file] = path
            self._disk.opened(path)
            opened = _File.from_address(file)
            opened.methods = ctypes.pointer(self._methods(opened.methods))
        return status

    def _delete(self, vfs: int, name: int, is_dir_synced: int) -> int:
        self._disk.deleted(_path_at(name))
        status: int = _DELETE(self._original.delete)(vfs, name, is_dir_synced)
        return status

    def _methods(self, of_file: Any) -> _Methods:
        address = ctypes.addressof(of_file.contents)
        if address not in self._wrapped:
            self._wrapped[address] = self._wrap(of_file.contents)
        return self._wrapped[address]

    def _wrap(self, original: _Methods) -> _Methods:
        write, truncate = _WRITE(original.write), _TRUNCATE(original.truncate)
        sync = _SYNC(original.sync)

        def on_write(file: int, body: int, size: int, offset: int) -> int:
            self._disk.written(self._paths[file], ctypes.string_at(body, size), offset)
            return int(write(file, body, size, offset))

        def on_truncate(file: int, size: int) -> int:
            self._disk.truncated(self._paths[file], size)
            return int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            _stall(self._paths[file])
            status = int(sync(file, flags))
            if status == _OK:
                self._disk.synced(self._paths[file])
            return status

        wrapped = _Methods.from_buffer_copy(original)
        wrapped.write = self._callback(_WRITE, on_write)
        wrapped.truncate = self._callback(_TRUNCATE, on_truncate)
        wrapped.sync = self._callback(_SYNC, on_sync)
        return wrapped


def _path_at(address: int) -> Path:
    return Path(os.fsdecode(ctypes.string_at(address)))


def _stall(path: Path) -> None:
    ledger = path.with_name(path.name.removesuffix("-wal").removesuffix("-journal"))
    stall, stalled = _beside(ledger, ".stall", ".stalled")
    while stall.exists():
        stalled.touch()
        time.sleep(0.01)


def main() -> None:
    """Run the adapter's command line on such a disk."""
    from adapter.cli import main as adapter_main  # noqa: PLC0415 - tests import this file too

    interposition = Interposition(ForgetfulDisk())
    try:
        adapter_main()
    finally:
        del interposition  # not before: SQLite calls it until the end


if __name__ == "__main__":
    main()
