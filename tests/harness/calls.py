"""A call as the ledger has it, for tests that ask what becomes of one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from adapter.model import Call, Reason, State


def stored_call(now: datetime, **changes: Any) -> Call:
    """Return a call that came in at `now` and is due, but for what a test says otherwise."""
    call = Call(
        id="c1",
        webhook="w1",
        position=0,
        source="hubspot",
        agent="sales",
        phone="+12025550123",
        variables={},
        state=State.WAITING,
        reason=Reason.NEW,
        duplicate_of=None,
        attempts=0,
        due_at=now,
        occurred_at=now,
        uncounted_s=0.0,
        created_at=now,
        updated_at=now,
    )
    return replace(call, **changes)
