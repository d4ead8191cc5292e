"""Promises about logs: one shape for every logger, and in no line a person or a secret."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from adapter.agent import Secret
from adapter.telemetry import Redactor, log_event, secrets_in, start_logging

SECRET = "s3cret/of the agent"
CALL_ID = "01K3Z9Q12345678901234ABCDE"


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """Leave the loggers as they were."""
    root, ours = logging.getLogger(), logging.getLogger("adapter")
    found = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = found


@pytest.fixture
def pipe() -> io.StringIO:
    """Return a stream that logging writes to from now on."""
    stream = io.StringIO()
    start_logging(Redactor([Secret(SECRET)]), stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return what was logged, as a program reads it."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "+12025550123",
        "12025550123",
        "+1 (202) 555-0123",
        "+1 202-555-0123",
        "0491 570 156",
        "06.12.34.56.78",
        "202/555/0123",
        "+44\u00a07700\u00a0900\u00a0123",
        "tel:+12025550123;ext=1",
        "phone=%2B12025550123&x=1",
        'b\'{"phone":"+12025550123"}\'',
        "\\n+12025550123",
        "x12025550123y",
        "٠١٢٣٤٥٦٧٨٩",
        SECRET,
        f"GET /hooks/crm?token={SECRET} HTTP/1.1",
        "GET /hooks/crm?token=s3cret%2Fof%20the%20agent HTTP/1.1",
    ],
)
def test_phones_and_secrets_are_blanked(text: str) -> None:
    """However they are written, none of their digits or letters come through."""
    shown = Redactor([Secret(SECRET)])(f"before {text} after")
    assert "***" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    for part in ("5550123", "555-0123", "570 156", "900", "34.56", "555/0123", "s3cret", "٣٤"):
        assert part not in shown


@pytest.mark.parametrize(
    "text",
    [
        CALL_ID,
        f"call {CALL_ID}.",
        "http://192.168.100.200:8080",
        "http://[2001:db8::1]:8080",
        "ctc:008 after 15.0 s, attempt 3 of 12",
        "http_status=503 pid=1234567",
        "the disk is full (SQLITE_FULL)",
    ],
)
def test_what_an_operator_needs_stays_readable(text: str) -> None:
    """Ids, addresses, codes and counts are no phones."""
    assert Redactor([])(text) == text


def test_short_secrets_do_not_blank_ordinary_words() -> None:
    """A secret of a few letters would blank half of the log, so it is left alone."""
    assert Redactor([Secret("ok")])("ok: token") == "ok: token"


def test_secrets_are_found_however_deep() -> None:
    """In maps, lists and dataclasses inside one another."""
    deep = {"a": [Secret("one"), ({"b": frozenset([Secret("two")])},)], "c": "no secret"}
    assert {each.reveal() for each in secrets_in(deep)} == {"one", "two"}


def test_a_line_is_one_json_object(pipe: io.StringIO) -> None:
    """Time, level and event first, then the fields; texts redacted, numbers as they are."""
    log_event("attempt_ended", call=CALL_ID, number=2, code=None, note="to +12025550123")
    (line,) = lines(pipe)
    assert list(line)[:3] == ["time", "level", "event"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["event"], line["call"]) == ("info", "attempt_ended", CALL_ID)
    assert (line["number"], line["code"], line["note"]) == (2, None, "to ***")


def test_fields_of_any_type_are_redacted(pipe: io.StringIO) -> None:
    """Neither an exception nor a nested list carries a person past the redactor."""
    log_event("odd", error=ValueError("+12025550123"), many=[{"x": "+12025550123"}], raw=SECRET)
    (line,) = lines(pipe)
    assert (line["error"], line["many"], line["raw"]) == ("***", [{"x": "***"}], "***")


@pytest.mark.parametrize(
    "name", ["uvicorn.error", "asyncio", "python_multipart.multipart", "sqlalchemy.engine", "x.y"]
)
def test_libraries_log_through_the_redactor(pipe: io.StringIO, name: str) -> None:
    """Any logger's line, arguments and traceback come out redacted, each on one line."""
    error = RuntimeError(f"cannot ring +12025550123\nwith {SECRET} at https://crm.example/a?b=c")
    extra = {"fields": {"a": 1}}
    says = "bad %s at http://agent.example:8080/ring?key=k, and so on"
    logging.getLogger(name).error(says, "+12025550123", exc_info=error, extra=extra)
    (line,) = lines(pipe)
    assert (line["level"], line["event"], line["library"]) == ("error", "library_message", name)
    assert line["message"] == "bad *** at *** and so on"
    assert "RuntimeError: cannot ring ***\nwith *** at ***" in line["traceback"]
    assert set(line) == {"time", "level", "event", "library", "message", "traceback"}
    for part in ("5550123", "example"):
        assert part not in pipe.getvalue()


def test_chatter_of_libraries_stays_out(pipe: io.StringIO) -> None:
    """Below a warning, only our own events are logged; when quiet, not even those."""
    logging.getLogger("uvicorn.access").info('"GET /hooks/crm?token=abcdefgh"')
    logging.getLogger("asyncio").debug("Using selector")
    log_event("ready")
    assert [line["event"] for line in lines(pipe)] == ["ready"]
    start_logging(Redactor([]), stream=pipe, quiet=True)
    log_event("ready")
    assert len(lines(pipe)) == 1


def test_a_task_that_nobody_awaits_is_logged_redacted(pipe: io.StringIO) -> None:
    """What asyncio says of a lost exception passes the redactor, too."""

    async def lose() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "lost", "exception": ValueError("+12025550123")}
        )

    asyncio.run(lose())
    (line,) = lines(pipe)
    assert "ValueError: ***" in line["traceback"]


def test_a_terminal_gets_lines_for_a_person() -> None:
    """Local time, the event and its fields; nothing in it moves the cursor; still redacted."""
    screen = Terminal()
    start_logging(Redactor([Secret(SECRET)]), stream=screen)
    log_event("ready", webhooks="http://127.0.0.1:8080", nothing=None, why="two words", count=3)
    log_event("odd\x1b[2J", level=logging.WARNING, to="+12025550123", what="\x1b]0;x\x07")
    ready, odd = screen.getvalue().splitlines()
    assert ready[2] == ready[5] == ":"
    assert ready[8:] == ' ready webhooks=http://127.0.0.1:8080 why="two words" count=3'
    assert odd[8:] == r""" WARNING 'odd\x1b[2J' to=*** what="\u001b]0;x\u0007\"""".replace(
        '\\"', '"'
    )


def test_a_terminal_gets_tracebacks_line_by_line() -> None:
    """A traceback stands below its event, as a programmer expects, redacted."""
    screen = Terminal()
    start_logging(Redactor([]), stream=screen)
    error = RuntimeError("to +12025550123\x07")
    logging.getLogger("adapter").error("bug", exc_info=error)
    first, last = screen.getvalue().splitlines()
    assert first.endswith(" ERROR bug")
    assert last == r"'RuntimeError: to ***\x07'"


CRASH = """
import sys, threading, warnings
from adapter.telemetry import Redactor, log_crashes, start_logging
start_logging(Redactor([]))
log_crashes()
warnings.warn("to +12025550123")
class Unmourned:
    def __del__(self):
        raise ValueError("at its end: +12025550123")
Unmourned()
def die():
    raise ValueError("in a thread: +12025550123")
thread = threading.Thread(target=die)
thread.start()
thread.join()
raise ValueError("at last: +12025550123")
"""


def test_crashes_are_logged_redacted() -> None:
    """What nobody catches, in any thread, and warnings end as lines; the status is not 0."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    warned, unmourned, thread, last = [json.loads(line) for line in done.stderr.splitlines()]
    assert (warned["level"], warned["event"]) == ("warning", "library_message")
    assert warned["library"] == "py.warnings"
    assert "UserWarning: to ***" in warned["message"]
    assert unmourned["event"] == "not_raised"
    assert "at its end: ***" in unmourned["traceback"]
    assert (thread["event"], last["event"]) == ("crashed", "crashed")
    assert "in a thread: ***" in thread["traceback"]
    assert "at last: ***" in last["traceback"]
    assert "5550123" not in thread["traceback"].splitlines()[-1]


def test_a_line_may_say_what_utf_8_cannot_hold(pipe: io.StringIO) -> None:
    """Half a surrogate pair, as a library may quote one, loses no line."""
    log_event("odd", text="half \ud83d", number=2**70)
    assert lines(pipe)[0]["text"] == "half \ud83d"
