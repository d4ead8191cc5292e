"""The first schema. Frozen: it says what was then, so it imports nothing of the program."""

from alembic import op

revision = "0001"
down_revision = None

LEGAL_MOVES = {
    "waiting": ("sending", "held", "ignored", "refused", "failed"),
    "held": ("waiting", "ignored", "refused"),
    "sending": ("rung", "waiting", "held", "failed", "uncertain"),
    "uncertain": ("rung", "failed", "waiting"),
    "rung": ("waiting",),
    "failed": ("waiting",),
    "refused": ("waiting",),
    "ignored": ("waiting",),
}

SCHEMA = (
    """
    CREATE TABLE webhooks (
        id TEXT PRIMARY KEY NOT NULL,
        source TEXT NOT NULL,
        received_at BIGINT NOT NULL,
        method TEXT NOT NULL,
        query TEXT NOT NULL,
        headers TEXT NOT NULL,
        body BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('mapped', 'refused', 'ignored')),
        reason TEXT NOT NULL
    )
    """,
    "CREATE INDEX webhooks_received ON webhooks (received_at)",
    """
    CREATE TABLE calls (
        id TEXT PRIMARY KEY NOT NULL,
        webhook TEXT NOT NULL REFERENCES webhooks (id),
        position INTEGER NOT NULL,
        source TEXT NOT NULL,
        agent TEXT,
        phone TEXT,
        variables TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN (
            'waiting', 'held', 'sending', 'uncertain', 'rung', 'failed', 'refused', 'ignored'
        )),
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        duplicate_of TEXT,
        attempts INTEGER NOT NULL,
        due_at BIGINT,
        occurred_at BIGINT NOT NULL,
        uncounted_ms INTEGER NOT NULL,
        held_at BIGINT,
        rang_at BIGINT,
        rang_before BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
        CHECK ((state = 'held') = (held_at IS NOT NULL))
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX calls_webhook ON calls (webhook, position)",
    "CREATE INDEX calls_state ON calls (state)",
    "CREATE INDEX calls_source ON calls (source)",
    "CREATE INDEX calls_phone ON calls (phone, rang_at)",
    """
    CREATE INDEX calls_fresh ON calls (agent, due_at)
        WHERE state = 'waiting' AND attempts = 0
    """,
    """
    CREATE INDEX calls_retry ON calls (agent, due_at)
        WHERE state = 'waiting' AND attempts > 0
    """,
    """
    CREATE TABLE attempts (
        call TEXT NOT NULL REFERENCES calls (id),
        number INTEGER NOT NULL,
        started_at BIGINT NOT NULL,
        ended_at BIGINT,
        outcome TEXT,
        http_status INTEGER,
        code TEXT,
        PRIMARY KEY (call, number)
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX attempts_live ON attempts (call) WHERE ended_at IS NULL",
    """
    CREATE TABLE dedupe_keys (
        source TEXT NOT NULL,
        digest TEXT NOT NULL,
        call TEXT NOT NULL,
        until BIGINT NOT NULL,
        PRIMARY KEY (source, digest)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX dedupe_keys_call ON dedupe_keys (call)",
    "CREATE INDEX dedupe_keys_until ON dedupe_keys (until)",
    """
    CREATE TABLE agents (
        name TEXT PRIMARY KEY NOT NULL,
        is_known BOOLEAN NOT NULL,
        fingerprint TEXT NOT NULL,
        is_paused BOOLEAN NOT NULL,
        halted_by TEXT NOT NULL,
        halted_fingerprint TEXT NOT NULL,
        halted_at BIGINT,
        probe_at BIGINT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE legal_moves (
        old TEXT NOT NULL,
        new TEXT NOT NULL,
        PRIMARY KEY (old, new)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE pulse (id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), at BIGINT NOT NULL)",
    # The same table as in the program: whatever writes to the file, an illegal move fails.
    """
    CREATE TRIGGER calls_move BEFORE UPDATE OF state ON calls
    WHEN NEW.state <> OLD.state AND NOT EXISTS (
        SELECT 1 FROM legal_moves WHERE old = OLD.state AND new = NEW.state
    )
    BEGIN
        SELECT RAISE(ABORT, 'illegal move');
    END
    """,
)
TABLES = (
    "attempts",
    "calls",
    "webhooks",
    "dedupe_keys",
    "agents",
    "legal_moves",
    "pulse",
)


def upgrade() -> None:
    for statement in SCHEMA:
        op.execute(statement)
    for old, targets in LEGAL_MOVES.items():
        for new in targets:
            op.execute(f"INSERT INTO legal_moves VALUES ('{old}', '{new}')")  # noqa: S608 - words of this file


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
