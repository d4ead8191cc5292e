"""Forgetting a person: all that the ledger holds of a number is erased.

Promise: once this is committed and the file is written anew, no byte of it holds the number, nor
what came with it; the counts of calls and webhooks stay as they were.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select, update

from adapter.errors import ConflictError
from adapter.ledger.moves import BLOCKED, move_call
from adapter.ledger.numbers import drop_numbers, is_call_of, is_webhook_of
from adapter.ledger.records import Forgotten
from adapter.ledger.rows import AnyRow, call_at, webhook_of
from adapter.ledger.tables import calls, webhooks
from adapter.ledger.writer import Transaction
from adapter.model import State, Webhook

PAGE = 200
_YET_TO_END = (State.WAITING, State.HELD)
MIN_DIGITS = 6  # fewer would be found in any id

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_FIND = (
    select(webhooks).where(webhooks.c.id > bindparam("after")).order_by(webhooks.c.id).limit(PAGE)
)
_OWN = select(calls).where(calls.c.person == bindparam("person"))
_BESIDE = select(calls).where(calls.c.webhook.in_(_IDS))
_ERASE_CALLS = (
    update(calls)
    .where(calls.c.id.in_(_IDS))
    .values(
        phone=None,
        person=None,
        variables=bindparam("nothing", type_=calls.c.variables.type),
        detail="",
    )
)
_ERASE_WEBHOOKS = (
    update(webhooks)
    .where(webhooks.c.id.in_(_IDS))
    .values(query="", headers=bindparam("nothing", type_=webhooks.c.headers.type), body=b"")
)
# Between two digits: spaces and signs, as they are, percent-encoded, or escaped in JSON or XML.
_SIGN = rb"(?:[\s().\-/+~\\\xc2\xa0]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|&#?\w{1,6};)"
_BETWEEN = _SIGN + rb"{0,3}"
# The digits of a percent-encoded or escaped sign in front are none of the number's.
_START = rb"(?:(?<!\d)|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"
# A trunk prefix, or an exit code: with a carrier's two digits, in front of what is long enough that
# it is no end of another number.
_PREFIX = rb"(?:00|0|1|011)?"
_LONG_PREFIX = rb"(?:0(?:" + _BETWEEN + rb"\d){0,4}|8" + _BETWEEN + rb"10|1)?"
_LONG = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """A person to forget: by what their number is found, and how its digits look.

    `texts` gives all that a webhook says, as decoded, with ASCII digits and signs.
    """

    person: str
    terms: tuple[str, ...]
    pattern: re.Pattern[bytes]
    texts: Callable[[Webhook], Iterable[str]]

    def is_in(self, row: AnyRow) -> bool:
        """Whether a webhook's row holds the number, as it came or as it is decoded."""
        # UTF-16 has a zero byte beside each digit.
        raw = (row.query.encode(), _bytes_of(row.headers), row.body.replace(b"\0", b""))
        if any(map(self.pattern.search, raw)):
            return True
        texts = self.texts(webhook_of(row, row.body))
        return any(self.pattern.search(text.encode(errors="replace")) for text in texts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasing:
    """A person to forget, and the webhooks found so far: looked for up to the id `after`."""

    sought: Sought
    webhook_ids: tuple[str, ...]
    after: str


def pattern_of(spellings: Iterable[str]) -> re.Pattern[bytes]:
    """Return the expression that finds a number in raw text.

    `spellings` are its digits with and without the country; those of less than 6 are left out.
    """
    digits = {spelling for spelling in spellings if len(spelling) >= MIN_DIGITS}
    numbers = [
        (_LONG_PREFIX if len(number) >= _LONG else _PREFIX)
        + _BETWEEN
        + _BETWEEN.join(digit.encode() for digit in number)
        for number in sorted(digits)
    ]
    return re.compile(_START + rb"(?:" + rb"|".join(numbers) + rb")(?!\d)")


def find(connection: Connection, after: str, sought: Sought) -> tuple[list[str], str]:
    """Look through a page of webhooks after an id; return those that hold the number.

    With them the id to go on after: the same one at the end.
    """
    rows = connection.execute(_FIND, {"after": after}).all()
    found = [row.id for row in rows if sought.is_in(row)]
    return found, rows[-1].id if rows else after


def forget(transaction: Transaction, erasing: Erasing, now: datetime) -> Forgotten:
    """Erase the person's calls and webhooks."""
    connection = transaction.connection
    sought = erasing.sought
    own = [
        *connection.execute(_OWN, {"person": sought.person}),
        *connection.execute(select(calls).where(is_call_of(connection, sought.terms))),
    ]
    kept = connection.execute(select(webhooks.c.id).where(is_webhook_of(connection, sought.terms)))
    # Intake went on while we looked.
    late = _find_rest(connection, erasing)
    webhook_ids = {*erasing.webhook_ids, *late, *kept.scalars(), *(row.webhook for row in own)}
    beside = _beside(connection, webhook_ids)
    if any(row.lookups is not None and row.state in _YET_TO_END for row in beside):
        raise ConflictError(
            "a call of the same webhook waits for its look-up, for which the webhook is needed: "
            "ask again when that has ended; if its source is held, resume that first"
        )
    theirs = {row.id: row for row in own}
    theirs |= {row.id: row for row in beside if _is_theirs(row, sought.pattern)}
    if any(row.state == State.SENDING for row in theirs.values()):
        raise ConflictError("this number is being rung just now: ask again when that has ended")
    _end(transaction, theirs.values(), now)
    for ids in _pages(sorted(theirs)):
        connection.execute(_ERASE_CALLS, {"ids": ids, "nothing": {}})
    for ids in _pages(sorted(webhook_ids)):
        connection.execute(_ERASE_WEBHOOKS, {"ids": ids, "nothing": []})
    places = [(row.webhook, row.position) for row in theirs.values()]
    drop_numbers(transaction, sought.terms, webhook_ids, places)
    return Forgotten(calls=len(theirs), webhooks=len(webhook_ids))


def _find_rest(connection: Connection, erasing: Erasing) -> list[str]:
    after, last, found = "", erasing.after, list[str]()
    while last != after:
        after = last
        ids, last = find(connection, after, erasing.sought)
        found += ids
    return found


def _end(transaction: Transaction, theirs: Iterable[AnyRow], now: datetime) -> None:
    for row in theirs:
        if row.state in _YET_TO_END:
            move_call(transaction, call_at(row, now), BLOCKED, now)


def _is_theirs(call: AnyRow, pattern: re.Pattern[bytes]) -> bool:
    """Whether a call beside theirs is theirs too: it has no phone, or holds their number."""
    return call.phone is None or bool(
        pattern.search(_bytes_of(call.variables)) or pattern.search(call.detail.encode())
    )


def _bytes_of(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _beside(connection: Connection, webhook_ids: Iterable[str]) -> list[AnyRow]:
    return [
        row
        for ids in _pages(sorted(webhook_ids))
        for row in connection.execute(_BESIDE, {"ids": ids})
    ]


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]
