"""Captures: webhooks of sources without a mapping, which never ring. Frozen, like 0001."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = {
    "captures": """
        name TEXT PRIMARY KEY NOT NULL,
        digest TEXT NOT NULL,
        until BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        webhooks INTEGER NOT NULL
    """,
}
# Whatever writes to the file: no call that is to ring comes of a captured webhook. A guard may
# have the reason `captured` too, but what it turned away has calls already.
TRIGGER = """
    CREATE TRIGGER calls_captured BEFORE INSERT ON calls
    WHEN NEW.state NOT IN ('refused', 'ignored')
        AND EXISTS (
            SELECT 1 FROM webhooks
            WHERE id = NEW.webhook AND state = 'ignored' AND reason = 'captured'
        )
        AND NOT EXISTS (SELECT 1 FROM calls WHERE webhook = NEW.webhook)
    BEGIN
        SELECT RAISE(ABORT, 'captured');
    END
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns}) WITHOUT ROWID")
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER calls_captured")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
