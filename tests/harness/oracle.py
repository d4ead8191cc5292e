"""The oracle: what senders were told and what the agent saw, held against the ledger.

It knows nothing of how the adapter works, only what was promised. A finding is a promise broken,
in a sentence; no finding is the verdict that a test wants.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import CODES
from adapter.model import State

# contract §6: answers that prove that no phone rang. All else that was read by the agent may have.
NOT_RUNG_CODES = frozenset(CODES)
NOT_RUNG_STATUSES = frozenset({*range(300, 500), 503}) - {408}


# Sources whose webhooks name a record: of no other may a call ever be without its phone.
ASKING = frozenset({"names"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a sender was told of one lead: `calls` are the ids in the answer, if it had any."""

    phone: str
    webhook: str | None = None
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One POST that the agent read, and the label of its answer: a status, a code or an act."""

    phone: str
    answered: str

    @property
    def proves_silence(self) -> bool:
        """Tell whether this answer said that no phone rang."""
        if self.answered in NOT_RUNG_CODES:
            return True
        return self.answered.isdecimal() and int(self.answered) in NOT_RUNG_STATUSES

    @property
    def is_acceptance(self) -> bool:
        """Tell whether this answer said that the phone rings."""
        return self.answered.isdecimal() and 200 <= int(self.answered) < 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """All calls of the ledger, as `/api/calls` shows them, and the ids of its webhooks."""

    calls: Sequence[Mapping[str, Any]]
    webhooks: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything there is to judge by, taken while nothing moves."""

    told: Sequence[Told]
    seen: Sequence[Seen]
    books: Books


def seen_by(mock: MockAgent) -> tuple[Seen, ...]:
    """Return the POSTs that a mock agent read, in order."""
    return tuple(
        Seen(phone=document["phone"], answered=request.answered)
        for request in mock.requests
        if isinstance(document := request.document(), dict)
    )


async def read_books(admin: httpx.AsyncClient) -> Books:
    """Return what the ledger holds, read page by page."""
    webhooks = await _rows(admin, "webhooks")
    return Books(
        calls=await _rows(admin, "calls"), webhooks=frozenset(row["id"] for row in webhooks)
    )


def findings(evidence: Evidence) -> list[str]:
    """Return every promise that was broken, as a sentence each."""
    return [finding for law in _LAWS for finding in law(evidence)]


async def _rows(admin: httpx.AsyncClient, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    params = {"limit": "500"}
    while True:
        page = (await admin.get(f"/api/{table}", params=params)).raise_for_status().json()
        found += page[table]
        if page["next"] is None:
            return found
        params["cursor"] = page["next"]


def _by_phone(books: Books) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for call in books.calls:
        found[call["phone"]].append(call)
    return found


def _rings_once(evidence: Evidence) -> Iterator[str]:
    """Hold G2: at most one POST a lead after which its phone may ring."""
    rings = Counter(seen.phone for seen in evidence.seen if not seen.proves_silence)
    for phone, count in rings.items():
        if count > 1:
            answers = ", ".join(seen.answered for seen in evidence.seen if seen.phone == phone)
            yield f"{phone} may have rung {count} times (answers: {answers})"


def _loses_nothing(evidence: Evidence) -> Iterator[str]:
    """Hold G1: what was acknowledged is there, with a call that is more than a duplicate."""
    calls = {call["id"]: call for call in evidence.books.calls}
    nameless = _nameless(evidence.books)
    leads = {c["phone"] for c in evidence.books.calls if c["reason"] != "duplicate"}
    for told in evidence.told:
        if told.webhook is not None and told.webhook not in evidence.books.webhooks:
            yield f"webhook {told.webhook} was acknowledged and is gone"
        for call_id in told.calls:
            if call_id not in calls:
                yield f"call {call_id} was acknowledged and is gone"
            elif calls[call_id]["phone"] != told.phone and not _may_be_nameless(calls[call_id]):
                yield f"call {call_id} has become another lead's"
        if told.phone not in leads and not nameless & set(told.calls):
            yield f"{told.phone} was acknowledged, and there is no call for it"


def _is_before_lookup(call: Mapping[str, Any]) -> bool:
    reasons = ("lookup", "lookup_denied", "source_burst")
    is_asking = call["source"] in ASKING and call["reason"] in reasons
    return call["phone"] is None and is_asking


def _nameless(books: Books) -> frozenset[str]:
    """Return the calls whose record is not there yet, and those that say they are the same lead."""
    before = {call["id"] for call in books.calls if _is_before_lookup(call)}
    return frozenset(c["id"] for c in books.calls if {c["id"], c.get("duplicate_of")} & before)


def _may_be_nameless(call: Mapping[str, Any]) -> bool:
    """Tell whether a call need not have a phone: its record is not there yet, or is another's."""
    is_repeat = call["reason"] == "duplicate" and call["source"] in ASKING
    return call["phone"] is None and (_is_before_lookup(call) or is_repeat)


def _knows_one_state(evidence: Evidence) -> Iterator[str]:
    """Hold G5: each call is there once, in a state of the contract, with a reason."""
    counts = Counter(call["id"] for call in evidence.books.calls)
    yield from (f"call {call_id} is there twice" for call_id, n in counts.items() if n > 1)
    for call in evidence.books.calls:
        if call["state"] not in set(State) or not call["reason"]:
            yield f"call {call['id']} is {call['state']!r} because of {call['reason']!r}"
        elif call["state"] == State.SENDING:
            yield f"call {call['id']} was left `sending`"


def _claims_no_false_ring(evidence: Evidence) -> Iterator[str]:
    """Hold G5: a `rung` call was accepted by the agent."""
    accepted = {seen.phone for seen in evidence.seen if seen.is_acceptance}
    for call in evidence.books.calls:
        if call["state"] == State.RUNG and call["phone"] not in accepted:
            yield f"call {call['id']} is `rung`, and the agent never accepted it"


def _owns_up_to_rings(evidence: Evidence) -> Iterator[str]:
    """Hold G2: a phone that may have rung has a call that says so, and a fence for each POST."""
    posts = Counter(seen.phone for seen in evidence.seen)
    may_have_rung = {seen.phone for seen in evidence.seen if not seen.proves_silence}
    calls = _by_phone(evidence.books)
    for phone, count in posts.items():
        attempts = sum(call["attempts"] for call in calls.get(phone, []))
        if attempts < count:
            yield f"{phone} got {count} POSTs, and the ledger knows of {attempts}"
    for phone in may_have_rung:
        if not any(call["state"] in {State.RUNG, State.UNCERTAIN} for call in calls.get(phone, [])):
            yield f"{phone} may have rung, and no call says so"


_LAWS = (
    _rings_once,
    _loses_nothing,
    _knows_one_state,
    _claims_no_false_ring,
    _owns_up_to_rings,
)


def tally(calls: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """Return how many calls there are of each state and reason."""
    return Counter(f"{call['state']}/{call['reason']}" for call in calls)
