"""The gates between an accepted call and its ring, as a table. Pure.

Each gate looks at one lead and either lets it pass or says what becomes of it; the first that is
closed decides. Those that need no history of rings are asked at intake too, so that the sender
hears at once what the ledger will say; all of them are asked in every commit that claims a call.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapter.agent import Agent, Mode, satellite_code
from adapter.config.config import Current
from adapter.model import Call, Facts, Freshness, MappedCall, Move, Reason, State
from adapter.policy.hours import open_s, opening, spread_s, zone_choices

ASK_THE_CLOCK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbering:
    """Facts about E.164 numbers: the ISO region ("" for none), and the possible time zones."""

    region_of: Callable[[str], str]
    zones_of: Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """The settings that hold for every lead at this moment, besides its agent.

    While the clock is not sure no lead expires, and no agent with calling hours rings.
    """

    now: datetime
    freshness: Freshness
    numbering: Numbering
    is_clock_sure: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Gates:
    """The gates under the configuration in force, as all who ask them share them."""

    current: Current
    numbering: Numbering
    is_clock_sure: Callable[[], bool] = lambda: True

    def situation(self, now: datetime) -> Situation:
        """Return what holds for every lead at this moment."""
        return Situation(
            now=now,
            freshness=self.current.config.freshness,
            numbering=self.numbering,
            is_clock_sure=self.is_clock_sure(),
        )

    def gated(
        self, call: MappedCall, key: str, now: datetime, *, uncounted_s: float = 0.0
    ) -> MappedCall:
        """Return a call that has just been mapped as it is to be stored.

        Asked at intake and after a look-up; see `decide_at_intake`. Without an agent that is on,
        there is no gate to ask.
        """
        agent = self.current.config.agents.get(call.agent or "")
        if agent is None:
            return call
        return decide_at_intake(
            call, key=key, agent=agent, situation=self.situation(now), uncounted_s=uncounted_s
        )


def decide_ring(call: Call, *, facts: Facts, agent: Agent, situation: Situation) -> Move:
    """Return the move of a due call: to `sending`, or to where the first closed gate sends it."""
    lead = _Lead(
        phone=call.phone,
        timezone=call.timezone,
        occurred_at=call.occurred_at,
        uncounted_s=call.uncounted_s,
        key=call.id,
        facts=facts,
        agent=agent,
        situation=situation,
    )
    return _first_closed(_AT_CLAIM, lead) or Move(state=State.SENDING, reason=call.reason)


def decide_at_intake(  # noqa: PLR0913 - a call and the facts that its gates ask for
    mapped: MappedCall,
    *,
    key: str,
    agent: Agent,
    situation: Situation,
    is_blocked: bool = False,
    uncounted_s: float = 0.0,
) -> MappedCall:
    """Return a mapped call as it is to be stored; `key` tells it from all others (see `spread_s`).

    One that is to wait for its hours has the `due_at` of their opening. One that needs a look-up
    has no number to ask about, but may be too old; `uncounted_s` are the seconds that it was held.
    """
    if mapped.state is not State.WAITING:
        return mapped
    lead = _Lead(
        phone=mapped.phone,
        timezone=mapped.timezone,
        occurred_at=mapped.occurred_at or situation.now,
        uncounted_s=uncounted_s,
        key=key,
        facts=Facts(is_blocked=is_blocked),
        agent=agent,
        situation=situation,
    )
    gates = (_too_old,) if mapped.is_before_lookup else _AT_INTAKE
    move = _first_closed(gates, lead)
    if move is None:
        return mapped
    return replace(
        mapped, state=move.state, reason=move.reason, due_at=move.due_at, detail=move.detail
    )


def decide_lookup(call: Call, situation: Situation) -> Move | None:
    """Return the end of a call that is too old to be looked up; None where it may be."""
    if not situation.is_clock_sure or not is_expired(
        occurred_at=call.occurred_at,
        uncounted_s=call.uncounted_s,
        freshness=situation.freshness,
        now=situation.now,
    ):
        return None
    if call.lookups:
        return Move(state=State.FAILED, reason=Reason.LOOKUP_FAILED, detail=call.detail)
    return _ignored(Reason.EXPIRED)


def refuse_country(phone: str, agent: Agent, region_of: Callable[[str], str]) -> Move | None:
    """Return the refusal of a number whose country the agent does not ring; None where it may.

    A satellite's number is rung only where the agent's `countries` has its code.
    """
    allowed = agent.countries
    satellite = satellite_code(phone)
    if satellite:
        return None if satellite in allowed else _dear(satellite)
    region = region_of(phone) if allowed else ""
    if not allowed or region in allowed:
        return None
    found = f"the number's country is {region}" if region else "the number belongs to no country"
    detail = f"{found}; the agent rings {', '.join(sorted(allowed))}"
    return Move(state=State.REFUSED, reason=Reason.COUNTRY_NOT_ALLOWED, detail=detail)


def _dear(satellite: str) -> Move:
    detail = f"{satellite} is a satellite's code; the agent's `countries` does not have it"
    return Move(state=State.REFUSED, reason=Reason.PHONE_NOT_ALLOWED, detail=detail)


def is_expired(
    *, occurred_at: datetime, uncounted_s: float, freshness: Freshness, now: datetime
) -> bool:
    """Tell whether a lead is too old to ring; `uncounted_s` are the seconds that do not count."""
    age = now - occurred_at
    counted = age - timedelta(seconds=uncounted_s)
    return counted > freshness.expires_after or age > freshness.max_age


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lead:
    """All that a gate may look at."""

    phone: str | None
    timezone: str
    occurred_at: datetime
    uncounted_s: float
    key: str
    facts: Facts
    agent: Agent
    situation: Situation


def _first_closed(gates: tuple["_Gate", ...], lead: _Lead) -> Move | None:
    return next((move for gate in gates if (move := gate(lead)) is not None), None)


def _without_phone(lead: _Lead) -> Move | None:
    return None if lead.phone else Move(state=State.REFUSED, reason=Reason.PHONE_MISSING)


def _blocked(lead: _Lead) -> Move | None:
    return _ignored(Reason.BLOCKED) if lead.facts.is_blocked else None


def _wrong_country(lead: _Lead) -> Move | None:
    return refuse_country(lead.phone or "", lead.agent, lead.situation.numbering.region_of)


def _too_old(lead: _Lead) -> Move | None:
    situation = lead.situation
    is_old = is_expired(
        occurred_at=lead.occurred_at,
        uncounted_s=lead.uncounted_s,
        freshness=situation.freshness,
        now=situation.now,
    )
    return _ignored(Reason.EXPIRED) if is_old and situation.is_clock_sure else None


def _just_rung(lead: _Lead) -> Move | None:
    return _ignored(Reason.COOLDOWN) if lead.facts.last_rung_at is not None else None


def _outside_hours(lead: _Lead) -> Move | None:
    hours, now = lead.agent.hours, lead.situation.now
    if hours is None:
        return None
    choices = zone_choices(
        hours,
        phone=lead.phone or "",
        timezone=lead.timezone,
        zones_of=lead.situation.numbering.zones_of,
    )
    if not choices:
        return _no_hours("no time zone is known for this number")
    if not lead.situation.is_clock_sure:
        return _at_opening(now + ASK_THE_CLOCK_AGAIN)
    for zones in choices:
        at = opening(hours, zones, now)
        if at == now:
            return None
        if at is not None:
            wait_s = spread_s(lead.key, open_s(hours, zones, at))
            return _at_opening(at + timedelta(seconds=wait_s))
    return _no_hours("the hours are never open in all time zones that this number may be in")


def _dry_run(lead: _Lead) -> Move | None:
    return _ignored(Reason.DRY_RUN) if lead.agent.mode is Mode.DRY_RUN else None


def _ignored(reason: Reason) -> Move:
    return Move(state=State.IGNORED, reason=reason)


def _at_opening(due_at: datetime) -> Move:
    return Move(state=State.WAITING, reason=Reason.OUTSIDE_HOURS, due_at=due_at)


def _no_hours(why: str) -> Move:
    detail = f"{why}, and the agent has no fallback_timezone"
    return Move(state=State.REFUSED, reason=Reason.PHONE_NOT_ALLOWED, detail=detail)


_Gate = Callable[[_Lead], Move | None]
_AT_INTAKE: tuple[_Gate, ...] = (_without_phone, _blocked, _wrong_country, _too_old, _outside_hours)
_AT_CLAIM: tuple[_Gate, ...] = (
    _without_phone,
    _blocked,
    _wrong_country,
    _too_old,
    _just_rung,
    _outside_hours,
    _dry_run,
)
