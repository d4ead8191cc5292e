"""Small pieces: ids, moments and the tally."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from adapter.clock import ID_ALPHABET, Ids
from adapter.ledger.rows import Json, Moment, whole_ms
from adapter.ledger.writer import Tally
from adapter.model import State
from tests.harness.ledger import Clock

DIALECT = SQLiteDialect_pysqlite()
MOMENTS = st.integers(-(2**41), 2**43).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@given(st.lists(st.integers(-5, 5), max_size=30))
def test_ids_sort_in_the_order_of_their_making(steps: list[int]) -> None:
    """Whatever the clock does, each id is greater than the one before."""
    clock = Clock()
    ids = Ids(clock)
    made = [ids.new()]
    for step in steps:
        clock.advance(timedelta(milliseconds=step))
        made.append(ids.new())
    assert made == sorted(set(made))
    assert all(len(each) == 26 and set(each) <= set(ID_ALPHABET) for each in made)


def test_an_id_begins_with_its_time() -> None:
    """Ids of several processes sort by their clocks; the ULID specification's own example."""
    assert Ids(lambda: datetime.fromtimestamp(1469918176.385, UTC)).new()[:10] == "01ARYZ6S41"


@given(MOMENTS)
def test_moments_come_back_to_the_millisecond(moment: datetime) -> None:
    """What is read back is what was stored, rounded down, and in UTC."""
    column = Moment()
    stored = column.process_bind_param(moment, DIALECT)
    assert column.process_result_value(stored, DIALECT) == whole_ms(moment)
    assert timedelta(0) <= moment - whole_ms(moment) < timedelta(milliseconds=1)


@given(st.dictionaries(st.text(), st.text()))
def test_json_comes_back_as_it_was(value: dict[str, str]) -> None:
    """Any text survives."""
    column = Json()
    assert column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT) == value


def test_nothing_is_nothing() -> None:
    """Null stays null."""
    assert Json().process_result_value(None, DIALECT) is None
    assert Moment().process_bind_param(None, DIALECT) is None


def test_a_tally_counts_only_pending_as_pending() -> None:
    """What has ended is counted, but nobody waits for it; no agent is no agent."""
    tally = Tally({("sales", State.HELD): 2, (None, State.REFUSED): 3})
    tally.apply({("sales", State.HELD): -1, ("sales", State.RUNG): 1})
    assert tally.pending == 1
    assert tally.by_state()[State.REFUSED] == 3
    assert tally.by_agent() == {"sales": dict.fromkeys(State, 0) | {State.HELD: 1, State.RUNG: 1}}
