"""The schema, as queries see it; `migrations/` makes it, and a test shows that the two agree."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)

from adapter.ledger.rows import Json, Moment
from adapter.model import State, WebhookState

metadata = MetaData()


def _one_of(column: str, words: type[State] | type[WebhookState]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})")


webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("method", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _one_of("state", WebhookState),
    Index("webhooks_received", "received_at"),
    Index("webhooks_source", "source", "received_at"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("webhook", Text, ForeignKey("webhooks.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("agent", Text),
    Column("phone", Text),
    # The spelling of the phone that counts, of two that one number may have.
    Column("person", Text),
    Column("variables", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("duplicate_of", Text),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),
    Column("occurred_at", Moment, nullable=False),
    Column("uncounted_ms", Integer, nullable=False),
    Column("held_at", Moment),
    # Since when it has waited for its agent's hours; the time until it is due does not count.
    Column("shut_at", Moment),
    # When it last rang, or may have; and before the attempt under way, to go back to.
    Column("rang_at", Moment),
    Column("rang_before", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("timezone", Text, nullable=False),
    # How often its record was asked for; null for a call that needs no look-up, or none any more.
    Column("lookups", Integer),
    _one_of("state", State),
    # A waiting call without a time would never be claimed: lost.
    CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)"),
    CheckConstraint("(state = 'held') = (held_at IS NOT NULL)"),
    Index("calls_webhook", "webhook", "position", unique=True),
    Index("calls_state", "state"),
    Index("calls_source", "source"),
    Index("calls_person", "person", "rang_at"),
    # Two small indexes rather than one: fresh calls go before retries, each in order of time. What
    # has to be looked up first is in neither.
    Index(
        "calls_fresh",
        "agent",
        "due_at",
        sqlite_where=literal_column("state = 'waiting' AND attempts = 0 AND lookups IS NULL"),
    ),
    Index(
        "calls_retry",
        "agent",
        "due_at",
        sqlite_where=literal_column("state = 'waiting' AND attempts > 0 AND lookups IS NULL"),
    ),
    Index(
        "calls_lookup",
        "source",
        "due_at",
        sqlite_where=literal_column("state = 'waiting' AND lookups IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    Column("call", Text, ForeignKey("calls.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", Text),
    Column("http_status", Integer),
    Column("code", Text),
    # The fence: a call has at most one attempt under way, whatever the code does.
    Index(
        "attempts_live",
        "call",
        unique=True,
        sqlite_where=literal_column("ended_at IS NULL"),
    ),
    sqlite_with_rowid=False,
)

# No foreign key to the call: a key lives as long as its window, which may outlast retention.
dedupe_keys = Table(
    "dedupe_keys",
    metadata,
    Column("source", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("call", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Index("dedupe_keys_call", "call"),
    Index("dedupe_keys_until", "until"),
    sqlite_with_rowid=False,
)

# The ledger's own key, under which `numbers` are hashed.
number_key = Table(
    "number_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    CheckConstraint("id = 1"),
)

# What a webhook is found by, and which of its calls; a position below 0 is none's.
numbers = Table(
    "numbers",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("webhook", Text, ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Index("numbers_webhook", "webhook"),
    sqlite_with_rowid=False,
)

agents = Table(
    "agents",
    metadata,
    Column("name", Text, primary_key=True),
    Column("is_known", Boolean(create_constraint=False), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("is_paused", Boolean(create_constraint=False), nullable=False),
    Column("halted_by", Text, nullable=False),
    Column("halted_fingerprint", Text, nullable=False),
    Column("halted_at", Moment),
    Column("probe_at", Moment),
    # The claims of a day, for max_per_day, and the last one, for max_per_minute.
    Column("day", Text, nullable=False),
    Column("day_count", Integer, nullable=False),
    Column("day_began_at", Moment),
    Column("full_until", Moment),
    Column("last_claimed_at", Moment),
    sqlite_with_rowid=False,
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("is_paused", Boolean(create_constraint=False), nullable=False),
    Column("is_burst", Boolean(create_constraint=False), nullable=False),
    # A person has let it go on: what came before is no part of the next burst.
    Column("counted_from", Moment),
    # Of its look-ups: the configuration, the status that denied them and whose that was.
    Column("fingerprint", Text, nullable=False),
    Column("denied_by", Text, nullable=False),
    Column("denied_fingerprint", Text, nullable=False),
    Column("probe_at", Moment),
    Column("well_at", Moment),
    sqlite_with_rowid=False,
)

blocked = Table(
    "blocked",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    Column("person", Text, nullable=False),
    Index("blocked_person", "person", unique=True),
    sqlite_with_rowid=False,
)

captures = Table(
    "captures",
    metadata,
    Column("name", Text, primary_key=True),
    # The SHA-256 of the token, in hex: the token itself is nowhere.
    Column("digest", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    # A count of its own: neither retention nor a clock that was set makes room for more.
    Column("webhooks", Integer, nullable=False),
    sqlite_with_rowid=False,
)

legal_moves = Table(
    "legal_moves",
    metadata,
    Column("old", Text, primary_key=True),
    Column("new", Text, primary_key=True),
    sqlite_with_rowid=False,
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    CheckConstraint("id = 1"),
)
