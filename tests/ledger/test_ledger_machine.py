"""Any order of events: no call is lost, and none rings more often than a person asked for."""

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapter.errors import ConflictError
from adapter.model import HOLDS_KEYS, MAY_HAVE_RUNG, REPLAYABLE, Claim, Move, Outcome, State
from tests.ledger.desk import ADA, BEN, CLEO, FAILED, MINUTE, RUNG, UNCERTAIN, Desk, lead, refused

AGENTS = ("sales", "support")
ENDINGS = {
    Outcome.RUNG: RUNG,
    Outcome.REJECTED: FAILED,
    Outcome.PERHAPS: UNCERTAIN,
    Outcome.UNREACHABLE: None,
    Outcome.AGENT_FAULT: None,
}
MAY_RING = "outcome IS NULL OR outcome IN ('rung', 'perhaps')"


class Events(RuleBasedStateMachine):
    """A ledger, the claims in flight, and what was promised about each call."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.accepted: set[str] = set()
        self.claims: list[Claim] = []
        self.asked: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        """Open a new file."""
        self.desk = Desk(self.folder / "adapter.db")

    def teardown(self) -> None:
        """Close and remove the file."""
        self.desk.ledger.close()
        shutil.rmtree(self.folder)

    @rule(
        phone=st.sampled_from([ADA, BEN, CLEO]),
        key=st.sampled_from("abcd"),
        agent=st.sampled_from(AGENTS),
        repeats=st.sampled_from([None, "r1", "r2"]),
    )
    def accept(self, phone: str, key: str, agent: str, repeats: str | None) -> None:
        """Take in a webhook with a lead and something refused."""
        calls = (lead(phone, key=key, agent=agent), refused())
        accepted = self.desk.accept(*calls, idempotency=repeats)
        self.accepted |= {call.id for call in accepted.calls}

    @rule(agent=st.sampled_from(AGENTS), limit=st.integers(0, 3))
    def claim(self, agent: str, limit: int) -> None:
        """Ask for work, as a ringer does."""
        claims = self.desk.claim(agent=agent, limit=limit).claims
        assert len(claims) <= limit
        self.claims += claims

    @precondition(lambda self: self.claims)
    @rule(outcome=st.sampled_from(sorted(ENDINGS)))
    def settle(self, outcome: Outcome) -> None:
        """End the oldest attempt under way."""
        claim = self.claims.pop(0)
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
    @rule(data=st.data(), key=st.sampled_from("abcd"), is_refused=st.booleans())
    def replay(self, data: st.DataObject, key: str, is_refused: bool) -> None:
        """Ask for a call again, as a person does."""
        call = self.desk.call(data.draw(st.sampled_from(sorted(self.accepted))))
        mapped = refused() if is_refused else lead(key=key)
        try:
            replayed = self.desk.do(self.desk.ledger.replay(call.id, mapped, now=self.desk.clock()))
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
            self.desk.do(self.desk.ledger.resolve(call.id, rung, self.desk.clock()))
        except ConflictError:
            assert call.state is not State.UNCERTAIN

    @rule(agent=st.sampled_from(AGENTS), is_pause=st.booleans())
    def switch(self, agent: str, is_pause: bool) -> None:
        """Pause or resume an agent, as a person does."""
        ledger, now = self.desk.ledger, self.desk.clock()
        self.desk.do(ledger.pause(agent, now) if is_pause else ledger.resume(agent, now))

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
        holders = self.desk.sql(
            "SELECT state FROM dedupe_keys JOIN calls ON calls.id = dedupe_keys.call"
        )
        assert {state for (state,) in holders} <= HOLDS_KEYS
        stuck = self.desk.sql(
            "SELECT 1 FROM calls JOIN agents ON name = agent"
            " WHERE (state = 'waiting') AND (is_paused OR halted_by <> '')"
            " OR state = 'held' AND NOT is_paused AND halted_by = ''"
        )
        assert not stuck


TestEvents = Events.TestCase
TestEvents.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
