"""The desk that each test of the file itself works at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.ledger import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a ledger on a new file, made by the migrations, and close it."""
    made = Desk(tmp_path / "adapter.db", is_migrated=True)
    yield made
    made.ledger.close()
