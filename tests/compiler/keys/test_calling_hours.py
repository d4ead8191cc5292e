"""An agent's calling hours, from file to value."""

import pytest

from adapter.agent import CallingHours, Holidays, Span
from tests.harness.project import SETTINGS, Project

OFFICE = (Span(start=540, end=1200),)


def _settings(calling_hours: str) -> str:
    return f"{SETTINGS}    calling_hours: {calling_hours}\n"


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        (
            '{mon-fri: "09:00-20:00"}',
            CallingHours(week=dict.fromkeys(range(5), OFFICE)),
        ),
        (
            "{'mon,wed': 09:00-20:00, timezone: phone, fallback_timezone: Europe/Madrid}",
            CallingHours(week={0: OFFICE, 2: OFFICE}, fallback="Europe/Madrid"),
        ),
        (
            '{sat: ["10:00-14:00"], sun: [], timezone: Europe/Madrid, holidays: ES-MD}',
            CallingHours(
                week={5: (Span(start=600, end=840),), 6: ()},
                timezone="Europe/Madrid",
                holidays=Holidays(country="ES", subdivision="MD"),
            ),
        ),
        (
            "{mon: 09:00-20:00, timezone: '${UNSET:-}', holidays: '${UNSET:-}'}",
            CallingHours(week={0: OFFICE}),
        ),
        (
            "{mon: 09:00-20:00, timezone: null, fallback_timezone: null, holidays: NO}",
            CallingHours(week={0: OFFICE}, holidays=Holidays(country="NO")),
        ),
        ("null", None),
    ],
)
def test_hours_are_compiled(project: Project, written: str, hours: CallingHours | None) -> None:
    """Days, zones and holidays arrive as a value; what is empty is as if it were not there."""
    assert project.config(_settings(written)).agents["sales"].hours == hours


MISTAKES = [
    ("{}", "calling_hours: expected days such as mon, mon-fri or tue,thu; without any the"),
    ("{timezone: phone}", "calling_hours: expected days such as mon"),
    ("{mon: [], tue: []}", "calling_hours: expected days such as mon"),
    ("09:00-20:00", "calling_hours: expected a map of keys, found '09:00-20:00'"),
    ("{mno-fri: 09:00-20:00}", "calling_hours.mno-fri: expected days such as mon, mon-fri or"),
    ("{monday: 09:00-20:00}", "calling_hours.monday: expected days such as mon, mon-fri or tu"),
    (
        "{mon: 09:00-20:00, time_zone: UTC}",
        "calling_hours.time_zone: unknown key (did you mean 'timezone'?)",
    ),
    ("{mon: 9-20}", 'calling_hours.mon: expected hours such as "09:00-20:00", or'),
    ("{mon: 20:00-09:00}", "calling_hours.mon: expected an end after the beginning: past mid"),
    ("{mon: 09:00-10:00, mon-fri: 09:00-20:00}", "calling_hours.mon-fri: mon stands here twic"),
    ("{'mon,mon': 09:00-10:00}", "calling_hours.mon,mon: mon stands here twice: keep one"),
    (
        "{mon: 09:00-20:00, timezone: Europe/Madird}",
        "calling_hours.timezone: expected phone or an IANA time zone such as Europe/Madrid (di",
    ),
    (
        "{mon: 09:00-20:00, timezone: 2}",
        "calling_hours.timezone: expected phone or an IANA time zone such as Europe/Madrid, f",
    ),
    (
        "{mon: 09:00-20:00, fallback_timezone: phone}",
        "calling_hours.fallback_timezone: expected an IANA time zone such as Europe/Madrid",
    ),
    (
        "{mon: 09:00-20:00, holidays: Spain}",
        "calling_hours.holidays: expected a country whose holidays are known, such as ES, or a"
        " part of one, such as ES-MD (did you mean ES?), found 'Spain'",
    ),
    ("{mon: 09:00-20:00, holidays: ZZ}", "calling_hours.holidays: expected a country whose"),
    ("{mon: 09:00-20:00, holidays: true}", "calling_hours.holidays: expected a country whose"),
    (
        "{mon: 09:00-20:00, holidays: US-CAL}",
        "calling_hours.holidays: expected a part of US (did you mean 'CA'?), found 'US-CAL'",
    ),
    ("{mon: 09:00-20:00, holidays: GB-XX}", "calling_hours.holidays: expected a part of GB (t"),
]


@pytest.mark.parametrize(("written", "expected"), MISTAKES, ids=[each for each, _ in MISTAKES])
def test_bad_hours_are_problems(project: Project, written: str, expected: str) -> None:
    """Each mistake is one problem at its place."""
    (problem,) = project.problems(_settings(written))
    place, _, message = problem.partition(": ")
    assert place.startswith("6:")
    assert message.startswith(f"agents.sales.{expected}")


def test_every_mistake_is_told_at_once(project: Project) -> None:
    """A bad day hides no bad zone."""
    problems = project.problems(_settings("{mon: noon, timezone: Mars, holidays: Moon}"))
    assert len(problems) == 3


def test_unset_hours_are_one_warning(project: Project) -> None:
    """`adapter check` says which variables are missing, and makes no second fault of them."""
    text = "{mon: '${A}', timezone: '${B}', holidays: '${C}'}"
    loaded = project.load(_settings(text), is_lenient=True)
    assert len(loaded.problems) == 3
    assert all(problem.is_warning for problem in loaded.problems)
