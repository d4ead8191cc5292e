"""Persons: a number's two spellings are one, and each is found by its hash. Frozen, like 0001."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = (
    ("calls", "person", "TEXT"),
    ("blocked", "person", "TEXT NOT NULL DEFAULT ''"),
)
TABLES = (
    # Its own key: the hashes of one ledger tell nothing of another's.
    """
    CREATE TABLE number_key (
        id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
        secret BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE numbers (
        hash BLOB NOT NULL,
        webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        PRIMARY KEY (hash, webhook, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX numbers_webhook ON numbers (webhook)",
)
ONE_PERSON = (
    (re.compile(r"\+549(\d{10})"), r"+54\1"),
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    (re.compile(r"\+55(\d\d)([689]\d{7})"), r"+55\g<1>9\2"),
)
FILL = (
    "UPDATE calls SET person = person_of(phone) WHERE phone IS NOT NULL",
    "UPDATE blocked SET person = person_of(phone)",
    # Both spellings of one person may be blocked: one block is enough, the older.
    """
    DELETE FROM blocked WHERE EXISTS (
        SELECT 1 FROM blocked AS other WHERE other.person = blocked.person
            AND (other.created_at, other.phone) < (blocked.created_at, blocked.phone)
    )
    """,
    """
    INSERT INTO numbers SELECT hash_of(person), webhook, position FROM calls
    WHERE person IS NOT NULL ORDER BY 1, 2, 3
    """,
    "DROP INDEX calls_phone",
    "CREATE INDEX calls_person ON calls (person, rang_at)",
    "CREATE UNIQUE INDEX blocked_person ON blocked (person)",
)


def person_of(phone: str) -> str:
    for spelling, counting in ONE_PERSON:
        if spelling.fullmatch(phone):
            return spelling.sub(counting, phone)
    return phone


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for statement in TABLES:
        op.execute(statement)
    key = secrets.token_bytes(32)
    op.execute(f"INSERT INTO number_key VALUES (1, x'{key.hex()}')")  # noqa: S608 - hex

    def hash_of(person: str) -> bytes:
        return hmac.digest(key, person.encode(), hashlib.sha256)[:16]

    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function("person_of", 1, person_of, deterministic=True)
    driver.create_function("hash_of", 1, hash_of, deterministic=True)
    for statement in FILL:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX calls_person")
    op.execute("DROP INDEX blocked_person")
    op.execute("CREATE INDEX calls_phone ON calls (phone, rang_at)")
    for table in ("numbers", "number_key"):
        op.execute(f"DROP TABLE {table}")
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
