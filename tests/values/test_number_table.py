"""The world's numbers, written as people write them: none comes out as another."""

from tests.tables.number_table import PAGE, with_tables, wrong_numbers
from tests.tables.number_ways import WAYS, Outcome, example_numbers, outcome


def test_no_example_number_comes_out_as_another() -> None:
    """Of no country, in none of ten ways."""
    another = [
        (way, one.region)
        for one in example_numbers()
        for way, write in WAYS.items()
        if outcome(write(one), one)[0] is Outcome.ANOTHER
    ]
    assert not another


def test_the_page_says_what_is() -> None:
    """The tables of docs/numbers.md, made anew, are the same."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page


def test_no_random_number_comes_out_as_another() -> None:
    """But for those that the rules decide on purpose; `make soak` draws a hundred times as many."""
    assert not wrong_numbers(4, seed=20)
