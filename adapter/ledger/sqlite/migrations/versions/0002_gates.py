"""What the gates need: limits, hours, sources' switches, blocked numbers. Frozen, like 0001."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Columns are added, never a table rebuilt: a ledger may be large, and this is instant.
COLUMNS = (
    ("calls", "timezone", "TEXT NOT NULL DEFAULT ''"),
    ("calls", "shut_at", "BIGINT"),
    ("agents", "day", "TEXT NOT NULL DEFAULT ''"),
    ("agents", "day_count", "INTEGER NOT NULL DEFAULT 0"),
    ("agents", "day_began_at", "BIGINT"),
    ("agents", "full_until", "BIGINT"),
    ("agents", "last_claimed_at", "BIGINT"),
)
TABLES = {
    "sources": """
        name TEXT PRIMARY KEY NOT NULL,
        is_paused BOOLEAN NOT NULL,
        is_burst BOOLEAN NOT NULL,
        counted_from BIGINT
    """,
    "blocked": """
        phone TEXT PRIMARY KEY NOT NULL,
        created_at BIGINT NOT NULL,
        note TEXT NOT NULL
    """,
}


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns}) WITHOUT ROWID")
    op.execute("CREATE INDEX webhooks_source ON webhooks (source, received_at)")


def downgrade() -> None:
    op.execute("DROP INDEX webhooks_source")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
