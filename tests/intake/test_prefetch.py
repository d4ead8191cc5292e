"""What a browser fetches on a guess never rings anybody."""

from dataclasses import replace

import pytest

from adapter.intake.arrival import is_prefetch
from tests.harness.webhook_requests import post


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "Prefetch"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ],
)
def test_guesses(name: str, value: str) -> None:
    """Sec-Purpose, and the headers before it."""
    assert is_prefetch(replace(post(), headers=((name, value),)))


def test_real_requests() -> None:
    """No such header, another purpose, or the word elsewhere."""
    assert not is_prefetch(post())
    assert not is_prefetch(post(purpose="lead", x_note="prefetch"))
