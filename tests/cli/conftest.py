"""A shop for each test, and loggers left as they were."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a shop with one source, `crm`, and no adapter that runs."""
    made = Shop(folder=tmp_path)
    made.write()
    return made


@pytest.fixture(autouse=True)
def _hooks() -> Iterator[None]:
    """Undo what `serve` and `demo` do to a process that is theirs."""
    root, ours = logging.getLogger(), logging.getLogger("adapter")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
