"""The migrations of a file, run to a version of the test's choice."""

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config

from adapter.ledger.sqlite.dialect import write_engine
from adapter.ledger.sqlite.migrate import SCRIPTS


def migrate(file: Path, run: Callable[[Config, str], None], version: str) -> None:
    """Run `command.upgrade` or `command.downgrade` of Alembic over a file."""
    engine = write_engine(file)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        run(config, version)
    engine.dispose()
