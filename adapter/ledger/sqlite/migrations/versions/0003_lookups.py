"""Look-ups: how often a call's record was asked for, and whether a source's are denied."""

from alembic import op

revision = "0003"
down_revision = "0002"

COLUMNS = (
    ("calls", "lookups", "INTEGER"),
    ("sources", "fingerprint", "TEXT NOT NULL DEFAULT ''"),
    ("sources", "denied_by", "TEXT NOT NULL DEFAULT ''"),
    ("sources", "denied_fingerprint", "TEXT NOT NULL DEFAULT ''"),
    ("sources", "probe_at", "BIGINT"),
    ("sources", "well_at", "BIGINT"),
)
# What may be rung is in the first two; what has to be looked up first, in the last alone.
INDEXES = (
    ("calls_fresh", "agent, due_at", "state = 'waiting' AND attempts = 0 AND lookups IS NULL"),
    ("calls_retry", "agent, due_at", "state = 'waiting' AND attempts > 0 AND lookups IS NULL"),
    ("calls_lookup", "source, due_at", "state = 'waiting' AND lookups IS NOT NULL"),
)
INDEXES_BEFORE = (
    ("calls_fresh", "agent, due_at", "state = 'waiting' AND attempts = 0"),
    ("calls_retry", "agent, due_at", "state = 'waiting' AND attempts > 0"),
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for name, _, _ in INDEXES_BEFORE:
        op.execute(f"DROP INDEX {name}")
    for name, columns, where in INDEXES:
        op.execute(f"CREATE INDEX {name} ON calls ({columns}) WHERE {where}")


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.execute(f"DROP INDEX {name}")
    for name, columns, where in INDEXES_BEFORE:
        op.execute(f"CREATE INDEX {name} ON calls ({columns}) WHERE {where}")
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
