"""Bringing a ledger's schema up to date; Alembic is imported only when there is work for it."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from adapter.errors import LedgerError

HEAD = "0005"
SCRIPTS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """Return the schema's revision; None for a new file."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def ensure_schema(engine: Engine, *, is_upgrade_allowed: bool = True) -> None:
    """Upgrade the schema to HEAD if it is older, in one transaction.

    LedgerError: a newer adapter wrote it, or it is older and may not be upgraded here.
    """
    with engine.begin() as connection:
        found = revision(connection)
        if found == HEAD:
            return
        if not is_upgrade_allowed:
            raise LedgerError("the ledger's schema is not up to date: run `adapter migrate`")
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    # Its import costs 440 ms, which a start with nothing to upgrade should not pay.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above
    from alembic.util import CommandError  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerError(
            "the ledger's schema is unknown here: a newer adapter wrote it; run that version"
        ) from error
