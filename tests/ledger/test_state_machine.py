"""Any order of events: no call is lost, and none rings more often than a person asked for."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapter.agent import Pace
from adapter.errors import ConflictError
from adapter.ledger.calls.lookup_claims import LookupRequest
from adapter.ledger.records import LookupClaim
from adapter.model import (
    HOLDS_KEYS,
    MAY_HAVE_RUNG,
    REPLAYABLE,
    Call,
    Claim,
    Facts,
    Move,
    Outcome,
    Reason,
    State,
)
from tests.harness.effort import examples
from tests.harness.ledger import (
    ADA,
    BEN,
    CLEO,
    FAILED,
    MINUTE,
    RUNG,
    UNCERTAIN,
    Desk,
    as_they_are,
    go,
    lead,
    nameless,
    refused,
)

AGENTS = ("sales", "support")
SOURCES = ("crm", "forms")
PHONES = (ADA, BEN, CLEO, "+12025550110", "+12025550111", "+12025550112")
# Shrinks to what lets calls ring, and is mostly that: else nothing would.
SELDOM = st.sampled_from([False, False, False, True])
# The limits of `sales` are of a day, which is an hour here; those of `support` of a minute.
A_DAY = 60 * MINUTE
PER_DAY = 2
GAP = 2 * MINUTE
ENDINGS = {
    Outcome.RUNG: RUNG,
    Outcome.REJECTED: FAILED,
    Outcome.PERHAPS: UNCERTAIN,
    Outcome.UNREACHABLE: None,
    Outcome.AGENT_FAULT: None,
}
BLOCKED = """
    WITH stopped AS (
        SELECT calls.*,
            coalesce(lookups IS NULL AND (is_known = 0 OR halted_by <> '' OR agents.is_paused
                OR full_until IS NOT NULL), 0) AS by_agent,
            coalesce(sources.is_paused OR is_burst, 0) AS by_source,
            coalesce(lookups IS NOT NULL AND denied_by <> '', 0) AS by_vendor
        FROM calls LEFT JOIN agents ON agents.name = agent
            LEFT JOIN sources ON sources.name = source
    )
    SELECT * FROM stopped
    WHERE state = 'waiting' AND (by_agent OR by_source)
    OR state = 'held' AND NOT by_agent AND NOT by_source AND NOT by_vendor
    OR state = 'held' AND (reason = 'source_burst') <> by_source
    OR state = 'held' AND (reason = 'lookup_denied') <> (by_vendor AND NOT by_source)
    OR state = 'waiting' AND (reason = 'lookup') <> (lookups IS NOT NULL)
    OR state = 'sending' AND (lookups IS NOT NULL OR phone IS NULL)
"""
# While a vendor denies, one call is tried, and the others are held.
TRIED = """
    SELECT 1 FROM calls JOIN sources ON sources.name = source
    WHERE state = 'waiting' AND lookups IS NOT NULL AND denied_by <> ''
    GROUP BY source HAVING count(*) > 1
"""
# Whoever was being rung when they were blocked may be left waiting or held by what that showed.
BLOCKED_YET_TO_RING = """
    SELECT 1 FROM calls JOIN blocked USING (phone) WHERE state IN ('waiting', 'held')
    AND NOT EXISTS (
        SELECT 1 FROM attempts WHERE call = calls.id AND ended_at >= blocked.created_at
    )
"""
TOO_OLD = Move(state=State.FAILED, reason=Reason.LOOKUP_FAILED)
MAY_RING = "outcome IS NULL OR outcome IN ('rung', 'perhaps')"


class Events(RuleBasedStateMachine):
    """A ledger, the claims in flight, and what was promised about each call."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.accepted: set[str] = set()
        self.claims: list[Claim] = []
        self.leases: list[LookupClaim] = []
        self.asked: Counter[str] = Counter()
        # When `sales` was claimed today for what rang or may have; when `support` was last.
        self.today: list[Claim] = []
        self.last_paced: Claim | None = None

    @initialize()
    def begin(self) -> None:
        """Open a new file."""
        self.desk = Desk(self.folder / "adapter.db")

    def teardown(self) -> None:
        """Close and remove the file."""
        self.desk.ledger.close()
        shutil.rmtree(self.folder)

    @rule(
        phone=st.sampled_from(PHONES),
        key=st.sampled_from("abcdefgh"),
        agent=st.sampled_from(AGENTS),
        source=st.sampled_from(SOURCES),
        burst=st.sampled_from([None, None, None, 5]),
        repeats=st.sampled_from([None, "r1", "r2"]),
    )
    def accept(
        self,
        phone: str,
        key: str,
        agent: str,
        source: str,
        burst: int | None,
        repeats: str | None,
    ) -> None:
        """Take in a webhook with a lead and something refused."""
        calls = (lead(phone, key=key, agent=agent), refused())
        accepted = self.desk.accept(*calls, source=source, burst=burst, idempotency=repeats)
        self.accepted |= {call.id for call in accepted.calls}

    @rule(
        key=st.sampled_from("abcdefgh"),
        agent=st.sampled_from([*AGENTS, None]),
        source=st.sampled_from(SOURCES),
    )
    def accept_name(self, key: str, agent: str | None, source: str) -> None:
        """Take in a webhook that only names a record."""
        accepted = self.desk.accept(nameless(key, agent), source=source)
        self.accepted |= {call.id for call in accepted.calls}

    @rule(source=st.sampled_from(SOURCES), limit=st.integers(0, 3), is_old=SELDOM)
    def look_up(self, source: str, limit: int, is_old: bool) -> None:
        """Ask for records to look up."""
        request = LookupRequest(
            source=source,
            limit=limit,
            now=self.desk.clock(),
            lease=2 * MINUTE,
            decide=lambda call: TOO_OLD if is_old and call.lookups else None,
        )
        claims = self.desk.do(self.desk.ledger.claim_lookups(request)).claims
        assert len(claims) <= limit
        self.leases += claims

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(),
        phone=st.sampled_from(PHONES),
        key=st.sampled_from("abcdefgh"),
        agent=st.sampled_from(AGENTS),
        is_refused=SELDOM,
    )
    def answer(  # the parts of an answer, each drawn
        self, data: st.DataObject, phone: str, key: str, agent: str, is_refused: bool
    ) -> None:
        """Bring a record, in time or too late."""
        claim = data.draw(st.sampled_from(self.leases))
        self.leases.remove(claim)
        mapped = refused() if is_refused else lead(phone, key=key, agent=agent)
        before = self.desk.call(claim.call.id)
        told = self.desk.do(self.desk.ledger.answer_lookup(claim, mapped, now=self.desk.clock()))
        is_in_time = before.state is State.WAITING and before.lookups == claim.call.lookups
        assert (told is not None) == is_in_time
        if told is None:
            assert self.desk.call(before.id) == before

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), is_denied=SELDOM, is_well=st.booleans())
    def miss(self, data: st.DataObject, is_denied: bool, is_well: bool) -> None:
        """Bring no record."""
        claim = data.draw(st.sampled_from(self.leases))
        self.leases.remove(claim)
        later = Move(
            state=State.WAITING,
            reason=Reason.LOOKUP,
            due_at=self.desk.clock() + MINUTE,
        )
        missed = self.desk.ledger.miss_lookup(
            claim,
            later,
            now=self.desk.clock(),
            denied_by="401" if is_denied else "",
            is_well=is_well and not is_denied,
        )
        self.desk.do(missed)

    def _day(self) -> int:
        return int(self.desk.clock().timestamp() // A_DAY.total_seconds())

    def _pace(self, agent: str) -> Pace:
        if agent == "support":
            return Pace(min_gap_s=GAP.total_seconds())
        began_at = self.desk.clock().timestamp() % A_DAY.total_seconds()
        next_day = self.desk.clock() + A_DAY - timedelta(seconds=began_at)
        return Pace(max_per_day=PER_DAY, day=str(self._day()), next_day=next_day)

    def _gates(self, closed: str | None) -> Callable[[Call, Facts], Move]:
        moves = {
            "expired": Move(state=State.IGNORED, reason=Reason.EXPIRED),
            "hours": Move(
                state=State.WAITING,
                reason=Reason.OUTSIDE_HOURS,
                due_at=self.desk.clock() + 5 * MINUTE,
            ),
        }
        return lambda call, facts: moves.get(closed or "") or go(call, facts)

    @rule(
        agent=st.sampled_from(AGENTS),
        limit=st.integers(0, 3),
        closed=st.sampled_from([None, None, None, None, None, "expired", "hours"]),
    )
    def claim(self, agent: str, limit: int, closed: str | None) -> None:
        """Ask for work, as a ringer does."""
        pace, decide = self._pace(agent), self._gates(closed)
        claims = self.desk.claim(agent=agent, limit=limit, pace=pace, decide=decide).claims
        assert len(claims) <= limit
        self.claims += claims
        self._check_pace(agent, claims)

    def _check_pace(self, agent: str, claims: Sequence[Claim]) -> None:
        if agent == "sales":
            began_at = self._day() * A_DAY.total_seconds()
            kept = [c for c in self.today if c.call.updated_at.timestamp() >= began_at]
            self.today = [*kept, *claims]
            assert len(self.today) <= PER_DAY
        elif claims:
            (claim,) = claims
            if self.last_paced is not None:
                assert claim.call.updated_at - self.last_paced.call.updated_at >= GAP
            self.last_paced = claim

    @precondition(lambda self: self.claims)
    @rule(outcome=st.sampled_from(sorted(ENDINGS)))
    def settle(self, outcome: Outcome) -> None:
        """End the oldest attempt under way."""
        claim = self.claims.pop(0)
        if outcome not in (Outcome.RUNG, Outcome.PERHAPS):
            self.today = [each for each in self.today if each is not claim]
        move: Move | None = ENDINGS[outcome]
        if outcome is Outcome.AGENT_FAULT:
            self.desk.halt(claim)
        else:
            later = self.desk.retry_at(self.desk.clock() + MINUTE)
            self.desk.settle(claim, outcome, move or later)

    @rule()
    def die(self) -> None:
        """End the process and begin another; nobody settles what was under way."""
        self.desk.reopen()
        assert self.desk.ledger.recovered == len(self.claims)
        self.claims = []

    @precondition(lambda self: self.accepted)
    @rule(
        data=st.data(),
        key=st.sampled_from("abcdefgh"),
        kind=st.sampled_from(["lead", "name", "refused"]),
    )
    def replay(self, data: st.DataObject, key: str, kind: str) -> None:
        """Ask for a call again, as a person does."""
        call = self.desk.call(data.draw(st.sampled_from(sorted(self.accepted))))
        mapped = {"lead": lead(key=key), "name": nameless(key), "refused": refused()}[kind]
        try:
            replayed = self.desk.do(
                self.desk.ledger.admin.replay(call.id, mapped, now=self.desk.clock())
            )
        except ConflictError:
            assert self.desk.call(call.id) == call
            return
        assert call.state in REPLAYABLE
        assert replayed.may_have_rung or call.state not in MAY_HAVE_RUNG
        self.asked[call.id] += 1

    @precondition(lambda self: self.accepted)
    @rule(data=st.data(), rung=st.booleans())
    def resolve(self, data: st.DataObject, rung: bool) -> None:
        """Say what became of a call, as a person does."""
        call = self.desk.call(data.draw(st.sampled_from(sorted(self.accepted))))
        try:
            self.desk.do(self.desk.ledger.admin.resolve(call.id, rung, self.desk.clock()))
        except ConflictError:
            assert call.state is not State.UNCERTAIN

    @rule(agent=st.sampled_from(AGENTS), is_pause=SELDOM)
    def switch(self, agent: str, is_pause: bool) -> None:
        """Pause or resume an agent, as a person does."""
        ledger, now = self.desk.ledger, self.desk.clock()
        found = self.desk.do(ledger.reads.switches()).get(agent)
        if not is_pause and found is not None and found.full_until is not None:
            self.today = []
        self.desk.do(
            ledger.admin.pause(agent, now) if is_pause else ledger.admin.resume(agent, now)
        )

    @rule(source=st.sampled_from(SOURCES), is_pause=SELDOM)
    def switch_source(self, source: str, is_pause: bool) -> None:
        """Pause or resume a source, as a person does."""
        ledger, now = self.desk.ledger, self.desk.clock()
        switch = ledger.admin.pause_source if is_pause else ledger.admin.resume_source
        self.desk.do(switch(source, now))

    @rule(
        agents=st.sampled_from([AGENTS, AGENTS, AGENTS[:1]]),
        fingerprint=st.sampled_from(["f1", "f2"]),
    )
    def reconcile(self, agents: Sequence[str], fingerprint: str) -> None:
        """Start with another configuration."""
        ledger, now = self.desk.ledger, self.desk.clock()
        self.desk.do(ledger.admin.reconcile(dict.fromkeys(agents, fingerprint), now))
        self.desk.do(ledger.admin.reconcile_lookups(dict.fromkeys(SOURCES, fingerprint), now))

    @rule(phone=st.sampled_from(PHONES), is_block=SELDOM)
    def block(self, phone: str, is_block: bool) -> None:
        """Block a number, or unblock it."""
        ledger, now = self.desk.ledger, self.desk.clock()
        self.desk.do(
            ledger.admin.block([phone], now) if is_block else ledger.admin.unblock([phone])
        )

    @rule(phone=st.sampled_from(PHONES))
    def forget(self, phone: str) -> None:
        """Erase a person, unless they are being rung."""
        before = {call_id: self.desk.call(call_id) for call_id in self.accepted}
        forget = self.desk.ledger.admin.forget(
            phone, self.desk.clock(), spellings=[phone[1:]], texts=as_they_are
        )
        try:
            self.desk.do(forget)
        except ConflictError:
            assert any(
                (call.state is State.SENDING and call.phone in (phone, None))
                or (call.is_before_lookup and call.state in (State.WAITING, State.HELD))
                for call in before.values()
            )
            return
        assert not self.desk.sql("SELECT 1 FROM calls WHERE phone = ?", phone)

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        """Let time pass, less than a window in all."""
        self.desk.clock.advance(timedelta(minutes=minutes))

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every accepted call is there, counted, and sending only while its claim is held."""
        if not hasattr(self, "desk"):
            return
        states = dict(self.desk.sql("SELECT id, state FROM calls"))
        assert set(states) == self.accepted
        counted = Counter(states.values())
        assert self.desk.ledger.tally.by_state() == {each: counted[each] for each in State}
        sending = {call_id for call_id, state in states.items() if state == State.SENDING}
        assert sending == {claim.call.id for claim in self.claims}

    @invariant()
    def nobody_is_rung_twice(self) -> None:
        """Each call rings once, and once more for each time that a person asked."""
        if not hasattr(self, "desk"):
            return
        rings = self.desk.sql(f"SELECT call, count(*) FROM attempts WHERE {MAY_RING} GROUP BY call")
        assert all(count <= 1 + self.asked[call_id] for call_id, count in rings)
        live = self.desk.sql("SELECT call FROM attempts WHERE ended_at IS NULL")
        assert sorted(call_id for (call_id,) in live) == sorted(
            claim.call.id for claim in self.claims
        )

    @invariant()
    def keys_and_switches_agree_with_calls(self) -> None:
        """Who holds a key may ring or has; who waits may."""
        if not hasattr(self, "desk"):
            return
        holders = self.desk.sql("SELECT call FROM dedupe_keys")
        calls = self.desk.sql("SELECT id, state, rang_at IS NOT NULL FROM calls")
        assert {each for (each,) in holders} == {
            call_id for call_id, state, has_rung in calls if State(state) in HOLDS_KEYS or has_rung
        }
        assert not self.desk.sql(BLOCKED)
        assert not self.desk.sql(TRIED)
        assert not self.desk.sql(BLOCKED_YET_TO_RING)

    @invariant()
    def no_phone_rings_twice_at_once(self) -> None:
        """Whoever asks for it."""
        if hasattr(self, "desk"):
            ringing = "SELECT 1 FROM calls WHERE state = 'sending' GROUP BY phone"
            assert not self.desk.sql(f"{ringing} HAVING count(*) > 1")


TestEvents = Events.TestCase
TestEvents.settings = settings(
    max_examples=examples(30),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
