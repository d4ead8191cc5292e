"""Log lines that hide people and secrets, and the metrics: all that operators see.

A log line names a webhook, a call, an agent, a state and a reason. It never holds a phone, a
variable or a token: nobody logs them, and the formatter removes what a library might let slip.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from adapter.agent import Secret
from adapter.model import State

# A run of eight or more digits, however it is spaced, with or without a plus: a phone, perhaps.
_PHONE = r"\+?\d(?:[ ().\-/\u00a0]{0,3}\d){7,}"
# What may have such a run inside and must stay readable: our ids, and the addresses in URLs.
_ID = r"\b0(?=[0-9]*[A-Z])[0-9A-HJKMNP-TV-Z]{25}\b"
_ADDRESS = r"(?<=://)\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
_KEPT_OR_PHONE = re.compile(f"(?P<kept>{_ID}|{_ADDRESS})|{_PHONE}")
_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S+")  # a library's; ours holds no more than a host
_SHORTEST_SECRET = 4  # hiding shorter ones would blank ordinary words

LIBRARY_MESSAGE = "library_message"  # the event of whatever a library says
_SHORTEST_WORD = 12  # one of several in a secret; shorter ones are `Bearer` and the like

logger = logging.getLogger("adapter")


def secrets_in(value: object) -> Iterator[Secret]:
    """Yield every secret inside dataclasses, mappings and sequences, however deep."""
    if isinstance(value, Secret):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from secrets_in(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secrets_in(item)
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from secrets_in(item)


class LineStream(Protocol):
    """A stream that log lines are written to."""

    def write(self, line: str, /) -> object:
        """Write one."""
        ...

    def flush(self) -> None:
        """Let it out."""
        ...

    def isatty(self) -> bool:
        """Tell whether a person looks at it."""
        ...


class Redactor:
    """Replaces every known secret and everything that looks like a phone by `***`."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._texts: frozenset[str] = frozenset()
        self._secrets: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Hide these too from now on: a reload may bring new ones, and old ones are still told."""
        whole = {secret.reveal() for secret in secrets}
        # `Bearer TOKEN` is one secret, and so is the token alone.
        words = {word for text in whole for word in text.split() if len(word) >= _SHORTEST_WORD}
        plain = {text for text in whole if len(text) >= _SHORTEST_SECRET} | words
        self._texts |= plain | {quote(text, safe="") for text in plain}  # as it stands in a URL
        longest_first = sorted(self._texts, key=len, reverse=True)
        if longest_first:
            self._secrets = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """Return `text` as it may be shown."""
        if self._secrets is not None:
            text = self._secrets.sub("***", text)
        return _KEPT_OR_PHONE.sub(lambda found: found["kept"] or "***", text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """The content of a log record, with every text redacted; `fields` hold JSON's types alone."""

    at: datetime
    level: str
    event: str
    fields: Mapping[str, Any]
    traceback: str

    @classmethod
    def from_record(cls, record: logging.LogRecord, redact: Callable[[str], str]) -> Self:
        """Read a record; what a library says is a field of the one event that stands for all."""
        error = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        if record.name == logger.name:
            event, found = record.getMessage(), getattr(record, "fields", {})
        else:
            message = _URL.sub("***", record.getMessage())
            event, found = LIBRARY_MESSAGE, {"library": record.name, "message": message}
            error = _URL.sub("***", error)
        return cls(
            at=datetime.fromtimestamp(record.created, UTC),
            level=record.levelname.lower(),
            event=redact(event),
            fields=_shown(found, redact),
            traceback=redact(error),
        )


def _shown(value: Any, redact: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): _shown(v, redact) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(each, redact) for each in value]
    return redact(str(value))


class LineFormatter(logging.Formatter):
    """For programs: one JSON object a line: time, level, event, then the event's own fields."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; its message, traceback and fields pass the redactor."""
        line = Line.from_record(record, self._redact)
        written = {
            "time": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": line.level,
            "event": line.event,
            **line.fields,
        }
        if line.traceback:
            written["traceback"] = line.traceback
        try:
            return orjson.dumps(written).decode()
        except TypeError:  # half a surrogate pair, or an integer past 64 bits
            return json.dumps(written)


class TerminalFormatter(LineFormatter):
    """For a person: local time, the event, then its fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; nothing in it can move the cursor or start another line."""
        line = Line.from_record(record, self._redact)
        parts = [f"{line.at.astimezone():%H:%M:%S}"]
        if record.levelno > logging.INFO:
            parts.append(line.level.upper())
        parts.append(line.event if line.event.isprintable() else repr(line.event))
        parts += [f"{k}={_word(v)}" for k, v in line.fields.items() if v is not None]
        traceback = [
            each if each.isprintable() else repr(each) for each in line.traceback.split("\n")
        ]
        return "\n".join([" ".join(parts), *(traceback if line.traceback else [])])


def _word(value: Any) -> str:
    """Return a value as one word, or quoted."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() and text and " " not in text else json.dumps(value)


def start_logging(
    redact: Callable[[str], str], *, stream: LineStream | None = None, quiet: bool = False
) -> None:
    """Send every logger's lines, the libraries' too, through a redacting formatter.

    A terminal gets lines for a person to read, anything else gets JSON.
    """
    stream = stream or sys.stderr
    lines = logging.StreamHandler(stream)
    lines.setFormatter((TerminalFormatter if stream.isatty() else LineFormatter)(redact))
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(logging.WARNING)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)


def log_crashes() -> None:
    """Log what nobody catches, in any thread, and warnings: printed raw they might hold a person.

    For a process of our own alone: it replaces the interpreter's hooks.
    """
    sys.excepthook = _log_crash
    sys.unraisablehook = lambda crash: log_event(
        "not_raised", level=logging.ERROR, caught=crash.exc_value
    )
    threading.excepthook = lambda crash: _log_crash(
        crash.exc_type, crash.exc_value or crash.exc_type(), crash.exc_traceback
    )
    logging.captureWarnings(True)


def _log_crash(_: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log_event("crashed", level=logging.CRITICAL, caught=error.with_traceback(trace))


def log_event(
    event: str,
    *,
    level: int = logging.INFO,
    caught: BaseException | None = None,
    **fields: object,
) -> None:
    """Log one named event; `fields` hold ids, states, reasons and counts, never a person.

    What was `caught` is shown with its traceback.
    """
    if logger.isEnabledFor(level):
        # Not `logger.log`: it walks the stack for a file and a line that nobody is shown.
        error = (type(caught), caught, caught.__traceback__) if caught is not None else None
        extra = {"fields": fields}
        logger.handle(logger.makeRecord(logger.name, level, "", 0, event, (), error, extra=extra))


class _DroppedLines(Collector):
    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    def collect(self) -> Iterator[Metric]:
        """Count anew whenever somebody asks."""
        yield CounterMetricFamily(
            "adapter_log_lines_dropped", "Log lines that nobody read in time", self._count()
        )


class Metrics:
    """The program's figures; labels are names from the configuration, states and reasons."""

    def __init__(self, dropped_lines: Callable[[], int] = lambda: 0) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_DroppedLines(dropped_lines))
        self.webhooks = self._counter("webhooks", "Answers to webhooks", "source", "status")
        self.calls = self._counter("calls", "Calls stored at intake", "source", "state", "reason")
        self.attempts = self._counter("attempts", "Attempts ended", "agent", "outcome", "code")
        self.failed_proofs = self._counter(
            "failed_proofs", "Requests that proved nothing", "source"
        )
        self.lookups = self._counter("lookups", "Look-ups ended", "source", "outcome")
        self.intake_s = self._histogram("intake_seconds", "From request to answer")
        self.attempt_s = self._histogram("attempt_seconds", "From first byte to outcome", "agent")
        self.ring_s = self._histogram("time_to_ring_seconds", "From lead stored to sent", "agent")
        self.by_state = Gauge(
            "adapter_calls_now", "Calls in each state", ["state"], registry=self.registry
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"adapter_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"adapter_{name}", text, labels, registry=self.registry)

    def show_states(self, counts: Mapping[State, int]) -> None:
        """Set the gauge of calls by state, zeros included."""
        for state in State:
            self.by_state.labels(state.value).set(counts.get(state, 0))
