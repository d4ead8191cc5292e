"""`Prefer: wait` is read as RFC 7240 writes it, and nothing else makes us wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.intake.waiting import wait_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 0),
        (["wait=10"], 10),
        (["WAIT = 10"], 10),
        (['wait="10"'], 10),
        (["respond-async, wait=5"], 5),
        (["respond-async", "wait=5"], 5),
        (["wait=5; foo=bar"], 5),
        (["wait=5, wait=7"], 5),
        (["wait=soon, wait=7"], 7),
        (["wait=0"], 0),
        (["wait=60"], 60),
        (["wait=61"], 60),
        (["wait=999999999"], 60),
        (["wait=9999999999999999"], 0),
        (["wait=-1"], 0),
        (["wait=1.5"], 0),
        (["wait"], 0),
        (["await=10"], 0),
        (['wait="10'], 0),
        (["return=minimal; wait=10"], 0),
    ],
)
def test_wait(headers: list[str], seconds: float) -> None:
    """The table of preferences and their seconds."""
    assert wait_s(headers) == seconds


@given(header=st.text())
def test_the_wait_is_bounded(header: str) -> None:
    """No header makes us wait for longer than a minute."""
    assert 0 <= wait_s([header, f"wait={header}"]) <= 60
