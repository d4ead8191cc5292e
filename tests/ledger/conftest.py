"""The desk that each test works at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.ledger import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a ledger on a new file, and close it."""
    made = Desk(tmp_path / "adapter.db")
    yield made
    made.ledger.close()
