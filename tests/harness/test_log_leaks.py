"""The suite's own check of log lines: what counts as a phone or a secret in one, and what not."""

import logging

import pytest

from tests.harness.log_leaks import Heard


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("rang +12025550123", True),
        ("rang 2025550123.", True),
        ("rang (202) 555-0123", True),
        ("phone=%2B12025550123&x=1", True),
        ("{'phone': '+61491570156'}", True),
        ("to 0491 570 156", True),
        ("+44 20 7946 0000", True),
        ("+34612345678 and 612345678", True),
        ("Bearer a-token-of-ours", True),
        ("call 01KE3Z12025550123ABCDEFGHJ ended", True),  # rather too strict than deaf
        ("took 0.12025550123 s", False),
        ("912025550123456789", False),
        ("port 34612, pid 12345", False),
        ("hush", False),
    ],
)
def test_a_line_that_tells(text: str, is_told: bool) -> None:
    """Phones of fiction in any spacing, and every secret that a configuration held."""
    heard = Heard()
    heard.secret("a-token-of-ours")
    heard.secret("hush")
    heard.line(text)
    assert bool(heard.leaks()) is is_told
    assert not heard.leaks()


def test_every_part_of_a_record_is_read() -> None:
    """The message, its arguments, its fields, and the errors behind the error; not a client's."""

    def told(name: str = "adapter", **rest: object) -> bool:
        heard = Heard()
        heard.record(logging.makeLogRecord({"name": name, **rest}))
        return bool(heard.leaks())

    cause = ValueError("+12025550123")
    error = RuntimeError("it failed")
    error.__cause__ = cause
    assert told(msg="rang +12025550123")
    assert told(msg="rang %s", args=("+12025550123",))
    assert told(msg="rang", fields={"deep": ["+12025550123"]})
    assert told(msg="failed", exc_info=(RuntimeError, error, None))
    assert not told(msg="rang", fields={"count": 12})
    assert not told(name="httpx", msg="POST /+12025550123")
