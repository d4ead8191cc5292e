"""Promises of what the console's pages are made of: masks, times, needs, a chart, a file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapter.admin.console.chart import HEIGHT, WIDTH, chart_of
from adapter.admin.console.exports import plain_cell
from adapter.admin.console.needs import needs_of
from adapter.admin.console.search import is_phone, verdict
from adapter.admin.console.times import TimeSpan, read_time
from adapter.admin.console.webhooks import masked, raw_of, shortened
from adapter.admin.console.wording import ago, phone, span, value
from adapter.errors import IntakeError
from tests.harness.in_process import Running, run

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PHONES = [
    ("+12025550123", "+1 202 555 01••", "+1 202 555 0123"),
    ("+34600000123", "+34 600 000 1••", "+34 600 000 123"),
    ("+4930123456", "+4 930 123 4••", "+4 930 123 456"),
    (None, "no phone", "no phone"),
]


@pytest.mark.parametrize(("e164", "hidden", "shown"), PHONES)
def test_a_phone_keeps_its_last_digits_to_itself(e164: str, hidden: str, shown: str) -> None:
    """Enough to tell two apart, too little to ring."""
    assert (phone(e164, is_shown=False), phone(e164, is_shown=True)) == (hidden, shown)


def test_a_value_tells_whether_it_is_there_and_no_more() -> None:
    """Short and long ones look alike."""
    assert {value("Ada", is_shown=False), value("Ada Lovelace", is_shown=False)} == {"A•••"}
    assert value("", is_shown=False) == ""
    assert value("Ada", is_shown=True) == "Ada"
    document = {"name": "Ada", "ids": [12025550123, None, True, {"x": 1.5}]}
    assert masked(document) == {"name": "A•••", "ids": ["1•••", None, True, {"x": "1•••"}]}


TIMES = [
    ("", TimeSpan()),
    ("2h", TimeSpan(since="2026-03-02T07:30:00.000Z")),
    (
        "today",
        TimeSpan(since="2026-03-02T00:00:00.000Z", until="2026-03-03T00:00:00.000Z"),
    ),
    (
        "2026-02-28",
        TimeSpan(since="2026-02-28T00:00:00.000Z", until="2026-03-01T00:00:00.000Z"),
    ),
    (
        "2026-02-27..2026-02-28",
        TimeSpan(since="2026-02-27T00:00:00.000Z", until="2026-03-01T00:00:00.000Z"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), TIMES)
def test_a_time_is_a_length_a_day_or_days(text: str, expected: TimeSpan) -> None:
    """The last day is whole."""
    assert read_time(text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "9999-12-31", "2", "999999999d"])
def test_what_is_no_time_is_told_so(text: str) -> None:
    """With how to write one."""
    with pytest.raises(IntakeError, match="2026-03-02"):
        read_time(text, NOW)


LENGTHS = [(0.014, "14 ms"), (1.4, "1 s"), (59, "59 s"), (90, "2 min"), (7200, "2 h"), (2e5, "2 d")]


@pytest.mark.parametrize(("seconds", "text"), LENGTHS)
def test_a_length_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    """As people say it."""
    assert span(seconds) == text


def test_a_time_is_told_from_now() -> None:
    """Before and after it; nothing of what never was."""
    assert ago("2026-03-02T09:00:00.000Z", NOW) == "30 min ago"
    assert ago("2026-03-02T10:30:00.000Z", NOW) == "in 1 h"
    assert ago(None, NOW) == ""


VERDICTS = [
    (["ignored", "rung"], "Rung once"),
    (["rung", "rung", "uncertain"], "Rung 2 times"),
    (["ignored", "uncertain"], "It may have rung: a person must find out"),
    (["ignored", "held"], "Not rung yet: it is held"),
    (["ignored"], "Not rung: it was turned away"),
    ([], "Nothing came with this number"),
]


@pytest.mark.parametrize(("states", "sentence"), VERDICTS)
def test_was_she_called_is_answered_in_a_sentence(states: list[str], sentence: str) -> None:
    """What rang counts before what is in doubt, and that before all else."""
    assert verdict([{"state": state} for state in states], []) == sentence


def test_a_number_is_known_by_its_digits_at_once() -> None:
    """However it is spaced; a name with digits is none, nor is a run that no pattern may walk."""
    for text in ("+1 202 555 0123", "(202) 555.0123", "٠٢٠٢٥٥٥٠١٢٣"):
        assert is_phone(text)
    for text in ("12345", "crm-2025550123", "0" * 50_000 + "X", ""):
        assert not is_phone(text)


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    """A phone stays one."""
    for text in ("=1+1", "+cmd|'/c'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"):
        assert plain_cell(text) == f"'{text}"
    for text in ("+12025550123", "Ada", "", "a=b"):
        assert plain_cell(text) == text


def test_a_raw_request_is_text_whatever_its_bytes() -> None:
    """What is no UTF-8 is escaped, and a long one is cut with its length told."""
    webhook = {"method": "POST", "source": "crm", "query": "a=b", "headers": [["x-a", "1"]]}
    assert raw_of({**webhook, "body_base64": "/w=="}) == "POST /hooks/crm?a=b\nx-a: 1\n\n\\xff"
    assert shortened("x" * 100_007).endswith("… and 7 characters more")


def hour(number: int, p50_s: float, p95_s: float) -> dict[str, Any]:
    """Return an hour of the API's day."""
    return {"hour": f"2026-03-02T{number:02}:00:00.000Z", "rung": 9, "p50_s": p50_s, "p95_s": p95_s}


def test_the_chart_stays_within_its_frame() -> None:
    """From nothing at all to a week, on a scale that the longest chooses."""
    assert chart_of([]) is None
    for longest, top in ((0.0, "1 s"), (0.5, "1 s"), (55.0, "1 min"), (604_800.0, "100 h")):
        chart = chart_of([hour(0, 0.0, 0.01), hour(23, 0.2, longest)])
        assert chart is not None
        assert chart.lengths[-1][1] == top
        points = [point for line in chart.lines for point in line.points]
        assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in points)
        assert chart.lines[0].path.count(",") == 2


LIVE = {"state": "live"}
BOUNDED = {"has_calling_hours": True, "countries": ["US"], "max_per_day": 9}


def status_of(**changes: Any) -> dict[str, Any]:
    """Return a status of the API, in which all is well but for the changes."""
    well: dict[str, Any] = {
        "config": {},
        "calls": {"uncertain": 0},
        "agents": {"sales": LIVE | BOUNDED},
        "sources": {"crm": {"state": "live"}},
    }
    return well | changes


def day_of(*webhooks: tuple[str, str, int], held: str = "") -> dict[str, Any]:
    """Return a day of the API with these webhooks, and a call that is held for a reason."""
    call = {"source": "crm", "agent": "sales", "state": "held", "reason": held, "count": 1}
    rows = [
        {"source": "crm", "state": state, "reason": reason, "count": count}
        for state, reason, count in webhooks
    ]
    return {"calls": [call] if held else [], "webhooks": rows}


NEEDS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str], tuple[str, str] | None]] = [
    (
        "refused reload",
        status_of(config={"refused": ["adapter.yaml:1:1: x"], "restart_needed": []}),
        day_of(),
        ("configuration was refused", "Mend these problems"),
        None,
    ),
    (
        "restart",
        status_of(config={"refused": None, "restart_needed": ["listen"]}),
        day_of(),
        ("restart is needed", "change of listen"),
        None,
    ),
    (
        "doubt",
        status_of(calls={"uncertain": 2}),
        day_of(),
        ("2 calls may have rung", "whether it rang"),
        None,
    ),
    (
        "halted by a code",
        status_of(agents={"sales": BOUNDED | {"state": "halted", "halted_by": "ctc:006"}}),
        day_of(held="agent_halted"),
        ("halted by ctc:006", "the API secret is wrong. Mend the agent"),
        ("agent", "sales"),
    ),
    (
        "halted by a status",
        status_of(agents={"sales": BOUNDED | {"state": "halted", "halted_by": "401"}}),
        day_of(held="agent_halted"),
        ("halted by 401", "It answered 401."),
        ("agent", "sales"),
    ),
    (
        "paused",
        status_of(agents={"sales": BOUNDED | LIVE | {"state": "paused"}}),
        day_of(),
        ("sales is paused", "A person paused it."),
        ("agent", "sales"),
    ),
    (
        "full",
        status_of(agents={"sales": BOUNDED | LIVE | {"state": "full"}}),
        day_of(held="daily_limit"),
        ("rung its max_per_day", "1 call held for it"),
        ("agent", "sales"),
    ),
    (
        "missing",
        status_of(),
        day_of(held="agent_missing"),
        ("Agent sales is missing", "Put the agent back"),
        None,
    ),
    (
        "burst",
        status_of(sources={"crm": {"state": "burst"}}),
        day_of(),
        ("Source crm sent too many at once", "resume it"),
        ("source", "crm"),
    ),
    (
        "denied",
        status_of(sources={"crm": {"state": "denied"}}),
        day_of(),
        ("Source crm is denied its look-ups", "credentials"),
        ("source", "crm"),
    ),
    (
        "only refusals",
        status_of(),
        day_of(("refused", "phone_missing", 3), ("refused", "no_items", 1)),
        ("All webhooks of crm were refused today", "Most as phone_missing"),
        None,
    ),
    (
        "unbounded",
        status_of(agents={name: LIVE | BOUNDED | {"countries": None} for name in ("a", "b")}),
        day_of(),
        ("Agents a and b have no countries", "adapter.yaml"),
        None,
    ),
]


@pytest.mark.parametrize(
    ("status", "day", "said", "resumes"), [row[1:] for row in NEEDS], ids=[row[0] for row in NEEDS]
)
def test_what_needs_a_person_comes_with_its_cure(
    status: dict[str, Any],
    day: dict[str, Any],
    said: tuple[str, str],
    resumes: tuple[str, str] | None,
) -> None:
    """One need for one trouble: what it is, what to do, and a button where that is the cure."""
    (need,) = needs_of(status, day)
    assert said[0] in need.title
    assert said[1] in need.says
    assert need.resumes == resumes


def test_where_all_is_well_nobody_is_needed() -> None:
    """Also while some webhooks are refused, as long as others are not."""
    day = day_of(("refused", "phone_missing", 3), ("mapped", "", 1))
    assert needs_of(status_of(), day) == []


def test_the_day_counts_what_rang_and_how_soon(tmp_path: Path) -> None:
    """By source, agent, state and reason; webhooks too; and half of the rings, and 95 of 100."""

    async def play(adapter: Running) -> None:
        for phone_number in ("+12025550123", "+12025550145"):
            answer = await adapter.post("crm", {"phone": phone_number, "name": "Ada"})
            await adapter.settled(answer.json()["calls"][0]["id"])
        await adapter.post("crm", {"name": "Nobody"})
        today = (await adapter.admin.get("/api/today")).json()
        rows = {(row["state"], row["reason"]): row["count"] for row in today["calls"]}
        assert rows == {("rung", "accepted"): 2, ("refused", "phone_missing"): 1}
        came = {(row["state"], row["reason"]): row["count"] for row in today["webhooks"]}
        assert came == {("mapped", ""): 2, ("refused", "phone_missing"): 1}
        latency = today["received_to_rung"]
        assert latency["rung"] == 2
        assert 0 <= latency["p50_s"] <= latency["p95_s"]
        assert sum(each["rung"] for each in today["by_hour"]) == 2

    run(tmp_path, play)
