"""A voice agent as a value: where it is, how to sign for it, when it may ring. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

PHONE = "phone"  # the timezone of hours that follow the number's own zones


_MINUTE_MS = 60_000


class Secret:
    """Text that no log line, message or repr may show; `reveal` is the one way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Mode(StrEnum):
    """The mode of an agent: its calls leave, stay, or all ring a tester's phone."""

    LIVE = "live"
    DRY_RUN = "dry_run"
    REDIRECT = "redirect"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A part of a day, in minutes since midnight on the callee's clock; `end` is excluded."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Holidays:
    """The country of public holidays: an ISO country, and a subdivision of it or ""."""

    country: str
    subdivision: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallingHours:
    """The hours of an agent: spans by weekday (Monday is 0); a day that is missing is closed.

    `timezone` is an IANA name, or "phone" for the zones of the number; `fallback` is the zone
    for numbers of which none is known, or "" to refuse them.
    """

    week: Mapping[int, tuple[Span, ...]]
    timezone: str = PHONE
    fallback: str = ""
    holidays: Holidays | None = None

    @property
    def day_zone(self) -> tzinfo:
        """The zone in which the agent's days are counted: its own, its fallback, or UTC."""
        name = self.fallback if self.timezone == PHONE else self.timezone
        return ZoneInfo(name) if name else UTC


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """The pace of an agent at this moment: seconds between two claims, claims a day.

    `day` names the day that is counted; the next one begins at `next_day`, set where there is a
    limit.
    """

    min_gap_s: float = 0.0
    max_per_day: int | None = None
    day: str = ""
    next_day: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """A voice agent: endpoint, credentials, limits. `fingerprint` changes with what can halt it.

    `countries` are the ISO codes where it may ring; empty is anywhere. None is no limit.
    """

    name: str
    endpoint: str
    api_key: Secret
    secret: Secret
    variables: tuple[str, ...] = ()
    mode: Mode = Mode.LIVE
    redirect_to: str = ""
    timeout_s: float = 15.0
    max_concurrent: int = 5
    not_rung: frozenset[str] = frozenset({"ctc:002", "ctc:007", "ctc:008", "429", "503"})
    countries: frozenset[str] = frozenset()
    hours: CallingHours | None = None
    max_per_minute: int | None = None
    max_per_day: int | None = None
    fingerprint: str = ""

    def pace(self, now: datetime) -> Pace:
        """Return the least gap between two claims, and how many the agent's present day allows.

        A minute's calls are spread over it, so that no pause is made up for by a burst.
        """
        per_minute = self.max_per_minute
        # Whole milliseconds, as the ledger keeps time, and never a call too many.
        min_gap_s = ceil(_MINUTE_MS / per_minute) / 1000 if per_minute else 0.0
        if self.max_per_day is None:
            return Pace(min_gap_s=min_gap_s)
        zone = self.hours.day_zone if self.hours is not None else UTC
        day = now.astimezone(zone).date()
        next_day = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        return Pace(
            min_gap_s=min_gap_s,
            max_per_day=self.max_per_day,
            day=day.isoformat(),
            next_day=next_day,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentSwitch:
    """The durable switch of an agent: paused by a person, or halted by an answer.

    `halted_by` is the ctc code or HTTP status ("ctc:003", "401"); `fingerprint` is the
    configuration that was halted; a probe is due at `probe_at`. While `full_until` is ahead it has
    rung as often as a day allows.
    """

    name: str
    is_paused: bool = False
    halted_by: str = ""
    fingerprint: str = ""
    halted_at: datetime | None = None
    probe_at: datetime | None = None
    full_until: datetime | None = None


# A call to one costs a multiple: an agent rings it only where its `countries` has the code.
SATELLITE_CODES = ("+870", "+881", "+882", "+883")


def satellite_code(e164: str) -> str:
    """Return the code of a satellite's number, such as +881; "" for all others."""
    return next((code for code in SATELLITE_CODES if e164.startswith(code)), "")
