"""An empty ledger to copy: most tests want a new one, and few want to watch its migrations."""

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from adapter.ledger.ledger import Ledger


def put_empty_ledger(file: Path) -> None:
    """Put an empty ledger, of the newest schema, where no file is yet."""
    if not file.exists():
        file.write_bytes(_empty_ledger())


@cache
def _empty_ledger() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "adapter.db"
        Ledger.open(f"sqlite:///{file}", now=lambda: datetime.now(UTC)).close()
        return file.read_bytes()
