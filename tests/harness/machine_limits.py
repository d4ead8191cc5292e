"""What a machine may run out of, taken from a process and given back."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited(pid: int, kind: int, limit: int) -> Iterator[None]:
    """Take something away from a running process, and give it back."""
    before = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (limit, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, kind, before)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this very process grow, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
