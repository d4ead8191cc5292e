"""The wall clock is believed while it goes with the steady one."""

from datetime import UTC, datetime, timedelta

import pytest

from adapter.clock import ID_LENGTH, ClockWatch, Ids, WatchedClock, first_id, jitter

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def watch_after(*steps: tuple[float, float]) -> ClockWatch:
    """Return a watch after steps of (seconds on the wall, seconds on the steady clock)."""
    watch, wall, steady_s = ClockWatch(START, 1000.0), START, 1000.0
    for wall_s, real_s in steps:
        wall, steady_s = wall + timedelta(seconds=wall_s), steady_s + real_s
        watch.observe(wall, steady_s)
    return watch


@pytest.mark.parametrize(
    ("steps", "is_sure"),
    [
        ([], True),
        ([(5, 5)] * 100, True),
        ([(65, 5)], True),  # a minute's difference is none
        ([(66.5, 5)], False),
        ([(-56.5, 5)], False),
        ([(7200, 5), (5, 5)], False),
        ([(7200, 5), (-7190, 5)], True),  # it came back
        ([(7200, 5), *[(5, 5)] * 121], True),  # it stood by its new time for ten minutes
        ([(7200, 5), *[(5, 5)] * 119], False),
        ([(7200, 5), *[(5, 5)] * 100, (3600, 5), *[(5, 5)] * 100], False),  # jumped again
        ([(5.4, 5)] * 5000, True),  # slow drift is no jump
        ([(28800, 28800)], True),  # eight hours of sleep, which both clocks count
    ],
)
def test_doubt_begins_and_ends(steps: list[tuple[float, float]], is_sure: bool) -> None:
    """In doubt after a jump of over a minute, sure again when it is back or has settled."""
    assert watch_after(*steps).is_sure is is_sure


def test_who_must_know_is_told_when_doubt_begins_and_ends() -> None:
    """Once each, however often somebody asks."""
    wall, told = [START], list[bool]()
    clock = WatchedClock(on_change=told.append, wall=lambda: wall[0], steady=lambda: 1000.0)
    assert clock.is_sure()
    wall[0] += timedelta(hours=2)
    assert [clock.is_sure(), clock.is_sure()] == [False, False]
    wall[0] -= timedelta(hours=2)
    assert [clock.is_sure(), clock.is_sure()] == [True, True]
    assert told == [False, True]


def test_jitter_is_a_share_of_a_whole() -> None:
    """From 0 up to 1."""
    assert all(0 <= jitter() < 1 for _ in range(100))


def test_the_first_id_of_a_moment_parts_what_came_before_and_after() -> None:
    """An id made then or later is not less, one made a millisecond before is."""
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    first = first_id(moment)
    assert len(first) == ID_LENGTH
    assert Ids(lambda: moment).new() >= first
    assert Ids(lambda: moment - timedelta(milliseconds=1)).new() < first
