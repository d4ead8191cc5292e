"""Promises about what a due call must pass before its attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapter.agent import Agent, CallingHours, Mode, Secret, Span
from adapter.model import Call, Facts, Freshness, MappedCall, Reason, State
from adapter.policy.gates import (
    Numbering,
    Situation,
    decide_at_intake,
    decide_lookup,
    decide_ring,
    is_expired,
)
from tests.harness.calls import stored_call

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FRESHNESS = Freshness(expires_after=timedelta(hours=24), max_age=timedelta(days=7))
AGENT = Agent(name="sales", endpoint="https://x.example", api_key=Secret("k"), secret=Secret("s"))
CALL = stored_call(NOW, phone="+34612345678", reason=Reason.BUSY)
OLD = replace(CALL, occurred_at=NOW - timedelta(days=2))
FREEPHONE = replace(CALL, phone="+80012345678")  # of no country
SATELLITE = replace(CALL, phone="+88216123456")
A_YEAR = timedelta(days=365)

REGIONS = {"+34612345678": "ES"}
ZONES = {"+34612345678": ("Atlantic/Canary", "Europe/Madrid")}
NUMBERING = Numbering(
    region_of=lambda phone: REGIONS.get(phone, ""), zones_of=lambda phone: ZONES.get(phone, ())
)
HERE = Situation(now=NOW, freshness=FRESHNESS, numbering=NUMBERING)
IN_DOUBT = replace(HERE, is_clock_sure=False)
FREE, BLOCKED = Facts(), Facts(is_blocked=True, last_rung_at=NOW)
JUST_RUNG = Facts(last_rung_at=NOW - timedelta(seconds=5))


def hours(start: int, end: int) -> CallingHours:
    """Return the same hours on every day."""
    return CallingHours(week=dict.fromkeys(range(7), (Span(start=start * 60, end=end * 60),)))


# NOW is 10:00 in the Canaries and 11:00 in Madrid.
CLOSED = hours(15, 20)
NO_COMMON_HOUR = CallingHours(week=dict.fromkeys(range(7), (Span(start=600, end=630),)))
DRY = replace(AGENT, mode=Mode.DRY_RUN)
SPANISH = replace(AGENT, countries=frozenset({"ES"}))
SKY = replace(AGENT, countries=frozenset({"ES", "+882"}))
FOREIGN = replace(AGENT, countries=frozenset({"FR", "PT"}), hours=CLOSED)
OPEN = replace(AGENT, hours=hours(9, 20))
SHUT = replace(AGENT, hours=CLOSED)
NEVER = replace(AGENT, hours=NO_COMMON_HOUR)


@pytest.mark.parametrize(
    ("age", "held", "expired"),
    [
        (timedelta(hours=24), timedelta(0), False),
        (timedelta(hours=24, seconds=1), timedelta(0), True),
        (timedelta(hours=30), timedelta(hours=6), False),
        (timedelta(hours=30, seconds=1), timedelta(hours=6), True),
        (timedelta(days=7), timedelta(days=6.5), False),
        (timedelta(days=7, seconds=1), timedelta(days=6.5), True),
        (timedelta(hours=-1), timedelta(0), False),
    ],
)
def test_a_lead_expires_by_counted_age_or_by_absolute_age(
    age: timedelta, held: timedelta, expired: bool
) -> None:
    """Time held does not count towards `expires_after`, but does towards `max_age`."""
    found = is_expired(
        occurred_at=NOW - age, uncounted_s=held.total_seconds(), freshness=FRESHNESS, now=NOW
    )
    assert found is expired


@pytest.mark.parametrize(
    ("call", "facts", "agent", "situation", "state", "reason"),
    [
        (CALL, FREE, AGENT, HERE, State.SENDING, Reason.BUSY),
        (CALL, FREE, replace(AGENT, mode=Mode.REDIRECT), HERE, State.SENDING, Reason.BUSY),
        (CALL, FREE, SPANISH, HERE, State.SENDING, Reason.BUSY),
        (CALL, FREE, OPEN, HERE, State.SENDING, Reason.BUSY),
        (CALL, FREE, DRY, HERE, State.IGNORED, Reason.DRY_RUN),
        (CALL, FREE, replace(DRY, hours=CLOSED), HERE, State.WAITING, Reason.OUTSIDE_HOURS),
        (CALL, JUST_RUNG, DRY, HERE, State.IGNORED, Reason.COOLDOWN),
        (CALL, JUST_RUNG, SHUT, HERE, State.IGNORED, Reason.COOLDOWN),
        (OLD, JUST_RUNG, SHUT, HERE, State.IGNORED, Reason.EXPIRED),
        (OLD, FREE, AGENT, IN_DOUBT, State.SENDING, Reason.BUSY),
        (CALL, FREE, AGENT, IN_DOUBT, State.SENDING, Reason.BUSY),
        (CALL, FREE, OPEN, IN_DOUBT, State.WAITING, Reason.OUTSIDE_HOURS),
        (OLD, JUST_RUNG, FOREIGN, HERE, State.REFUSED, Reason.COUNTRY_NOT_ALLOWED),
        (SATELLITE, FREE, AGENT, HERE, State.REFUSED, Reason.PHONE_NOT_ALLOWED),
        (SATELLITE, FREE, SPANISH, HERE, State.REFUSED, Reason.PHONE_NOT_ALLOWED),
        (SATELLITE, FREE, SKY, HERE, State.SENDING, Reason.BUSY),
        (
            replace(SATELLITE, phone="+881612345634"),
            FREE,
            SKY,
            HERE,
            State.REFUSED,
            Reason.PHONE_NOT_ALLOWED,
        ),
        (CALL, FREE, SKY, HERE, State.SENDING, Reason.BUSY),
        (FREEPHONE, FREE, SPANISH, HERE, State.REFUSED, Reason.COUNTRY_NOT_ALLOWED),
        (FREEPHONE, FREE, AGENT, HERE, State.SENDING, Reason.BUSY),
        (FREEPHONE, FREE, OPEN, HERE, State.REFUSED, Reason.PHONE_NOT_ALLOWED),
        (FREEPHONE, FREE, OPEN, IN_DOUBT, State.REFUSED, Reason.PHONE_NOT_ALLOWED),
        (CALL, BLOCKED, FOREIGN, HERE, State.IGNORED, Reason.BLOCKED),
        (replace(OLD, phone=None), BLOCKED, FOREIGN, HERE, State.REFUSED, Reason.PHONE_MISSING),
    ],
)
def test_the_first_closed_gate_decides(
    call: Call, facts: Facts, agent: Agent, situation: Situation, state: State, reason: str
) -> None:
    """Phone, block, country, age, cooldown, hours, dry run; then it is sent for its old reason."""
    move = decide_ring(call, facts=facts, agent=agent, situation=situation)
    assert (move.state, move.reason) == (state, reason)
    assert (move.due_at is None) is (state is not State.WAITING)


@pytest.mark.parametrize(
    ("call", "agent", "detail"),
    [
        (CALL, FOREIGN, "the number's country is ES; the agent rings FR, PT"),
        (SATELLITE, SPANISH, "+882 is a satellite's code; the agent's `countries` does not"),
        (FREEPHONE, SPANISH, "the number belongs to no country; the agent rings ES"),
        (FREEPHONE, OPEN, "no time zone is known for this number, and the agent has no fallback"),
        (CALL, NEVER, "the hours are never open in all time zones that this number may be in"),
    ],
)
def test_a_refusal_says_what_to_change(call: Call, agent: Agent, detail: str) -> None:
    """The operator reads which of his settings refused, and nothing of the person."""
    move = decide_ring(call, facts=FREE, agent=agent, situation=HERE)
    assert move.state is State.REFUSED
    assert move.detail.startswith(detail)
    assert "612" not in move.detail


def test_a_call_waits_for_the_opening_and_a_little_more() -> None:
    """After hours it is due within five minutes of the next opening, each call at its own time."""
    opens = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    due = [
        decide_ring(replace(CALL, id=f"c{n}"), facts=FREE, agent=SHUT, situation=HERE).due_at
        for n in range(50)
    ]
    assert all(at is not None and opens <= at < opens + timedelta(minutes=5) for at in due)
    assert len(set(due)) == 50


def test_once_it_is_due_it_rings() -> None:
    """A call that waited for its opening finds the hours open, whatever its spread was."""
    due_at = decide_ring(CALL, facts=FREE, agent=SHUT, situation=HERE).due_at
    assert due_at is not None
    move = decide_ring(CALL, facts=FREE, agent=SHUT, situation=replace(HERE, now=due_at))
    assert move.state is State.SENDING


def test_a_short_opening_rings_all_its_calls() -> None:
    """Hours of four minutes a day spread over one minute: nobody is left for the next day."""
    hours = CallingHours(week=dict.fromkeys(range(7), (Span(start=1000, end=1004),)))
    agent = replace(AGENT, hours=replace(hours, timezone="UTC"))
    opens = datetime(2026, 3, 2, 16, 40, tzinfo=UTC)
    for n in range(50):
        call = replace(CALL, id=f"c{n}")
        due_at = decide_ring(call, facts=FREE, agent=agent, situation=HERE).due_at
        assert due_at is not None
        assert opens <= due_at < opens + timedelta(minutes=1)


@pytest.mark.parametrize("call", [FREEPHONE, CALL])
def test_the_fallback_zone_decides_where_the_numbers_cannot(call: Call) -> None:
    """An unknown zone, and zones that have no common hour, are rung by the fallback's clock."""
    agent = replace(AGENT, hours=replace(NO_COMMON_HOUR, fallback="UTC"))
    move = decide_ring(call, facts=FREE, agent=agent, situation=HERE)
    assert move.state is State.SENDING


def test_the_mappings_zone_decides_before_the_numbers() -> None:
    """Who has moved and kept a number is rung by the clock of where the form says they are."""
    call = replace(CALL, timezone="America/New_York")
    move = decide_ring(call, facts=FREE, agent=OPEN, situation=HERE)
    assert (move.state, move.reason) == (State.WAITING, Reason.OUTSIDE_HOURS)


def test_a_doubtful_clock_is_asked_again_in_a_minute() -> None:
    """Nobody knows the hour: an agent with calling hours rings nobody, and loses nobody."""
    move = decide_ring(CALL, facts=FREE, agent=OPEN, situation=IN_DOUBT)
    assert move.due_at == NOW + timedelta(seconds=60)


MAPPED = MappedCall(
    state=State.WAITING,
    reason=Reason.NEW,
    agent="sales",
    phone="+34612345678",
    variables={"name": "Ana"},
    occurred_at=NOW,
)


@pytest.mark.parametrize(
    ("mapped", "agent", "is_blocked", "state", "reason"),
    [
        (MAPPED, OPEN, False, State.WAITING, Reason.NEW),
        (replace(MAPPED, occurred_at=None), AGENT, False, State.WAITING, Reason.NEW),
        (replace(MAPPED, occurred_at=NOW + A_YEAR), AGENT, False, State.WAITING, Reason.NEW),
        (MAPPED, DRY, False, State.WAITING, Reason.NEW),
        (MAPPED, SHUT, False, State.WAITING, Reason.OUTSIDE_HOURS),
        (replace(MAPPED, occurred_at=NOW - A_YEAR), SHUT, False, State.IGNORED, Reason.EXPIRED),
        (MAPPED, FOREIGN, False, State.REFUSED, Reason.COUNTRY_NOT_ALLOWED),
        (replace(MAPPED, phone="+80012345678"), OPEN, False, State.REFUSED, "phone_not_allowed"),
        (MAPPED, FOREIGN, True, State.IGNORED, Reason.BLOCKED),
        (replace(MAPPED, state=State.IGNORED), FOREIGN, True, State.IGNORED, Reason.NEW),
    ],
)
def test_intake_knows_at_once_what_needs_no_history(
    mapped: MappedCall, agent: Agent, is_blocked: bool, state: State, reason: str
) -> None:
    """The sender is told of block, country, age and hours; only a call that is to ring is asked."""
    found = decide_at_intake(mapped, key="w1:0", agent=agent, situation=HERE, is_blocked=is_blocked)
    assert (found.state, found.reason) == (state, reason)
    assert (found.due_at is not None) is (reason == Reason.OUTSIDE_HOURS)
    assert (found.phone, found.variables) == (mapped.phone, mapped.variables)


def test_an_old_lead_is_not_judged_by_a_doubtful_clock() -> None:
    """Expiry pauses at intake too while the clock is in doubt."""
    old = replace(MAPPED, occurred_at=NOW - A_YEAR)
    found = decide_at_intake(old, key="w1:0", agent=AGENT, situation=IN_DOUBT)
    assert found == old


@pytest.mark.parametrize(
    ("age", "lookups", "situation", "expected"),
    [
        (timedelta(hours=24), 3, HERE, None),
        (timedelta(hours=25), 3, HERE, (State.FAILED, Reason.LOOKUP_FAILED, "http_503")),
        (timedelta(hours=25), 0, HERE, (State.IGNORED, Reason.EXPIRED, "")),
        (timedelta(hours=25), 3, IN_DOUBT, None),
    ],
)
def test_a_look_up_is_made_until_its_lead_is_too_old(
    age: timedelta, lookups: int, situation: Situation, expected: tuple[State, str, str] | None
) -> None:
    """One that was asked for failed; one that never was is simply too old."""
    call = replace(CALL, phone=None, lookups=lookups, occurred_at=NOW - age, detail="http_503")
    move = decide_lookup(call, situation)
    assert (move and (move.state, move.reason, move.detail)) == expected


def test_before_its_look_up_a_call_has_no_number_to_ask_about() -> None:
    """Only its age is asked at intake."""
    early = MappedCall(state=State.WAITING, reason=Reason.LOOKUP, agent="sales")
    assert decide_at_intake(early, key="w1:0", agent=FOREIGN, situation=HERE) == early
    old = replace(early, occurred_at=NOW - timedelta(days=2))
    assert decide_at_intake(old, key="w1:0", agent=FOREIGN, situation=HERE).reason == "expired"


def test_time_held_is_given_to_the_gates_after_a_look_up() -> None:
    """What waited for a person is no older for it."""
    mapped = MappedCall(
        state=State.WAITING,
        reason=Reason.NEW,
        agent="sales",
        phone="+34612345678",
        occurred_at=NOW - timedelta(hours=30),
    )
    found = decide_at_intake(mapped, key="w1:0", agent=AGENT, situation=HERE, uncounted_s=7 * 3600)
    assert found == mapped
