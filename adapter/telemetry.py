"""What operators may see: log lines that hide people and secrets, and the metrics.

A log line names a webhook, a call, an agent, a state and a reason. It never holds a phone, a
variable or a token: nobody logs them, and the formatter removes what a library might let slip.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from adapter.agent import Secret
from adapter.model import State

# A run of eight or more digits, however it is spaced, with or without a plus: a phone, perhaps.
# Ids are ULIDs and times are ISO; neither has such a run without letters or colons inside.
_PHONE = re.compile(r"\+?\d(?:[ ().\-]?\d){7,}")
_SHORTEST_SECRET = 4  # hiding shorter ones would blank ordinary words

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


class Redactor:
    """Replaces every known secret and everything that looks like a phone by `***`."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        texts = {s.reveal() for s in secrets if len(s.reveal()) >= _SHORTEST_SECRET}
        longest_first = sorted(texts, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if texts else None

    def __call__(self, text: str) -> str:
        """Return `text` as it may be shown."""
        if self._secrets is not None:
            text = self._secrets.sub("***", text)
        return _PHONE.sub("***", text)


class LineFormatter(logging.Formatter):
    """One JSON object a line: time, level, event, then the event's own fields."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; its message, traceback and text fields pass the redactor."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": self._redact(record.getMessage()),
        }
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        line |= {k: self._redact(v) if isinstance(v, str) else v for k, v in fields.items()}
        if record.exc_info:
            line["traceback"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def start_logging(
    redact: Callable[[str], str], *, stream: TextIO | None = None, quiet: bool = False
) -> None:
    """Send every logger's lines, the libraries' too, through the redacting formatter."""
    lines = logging.StreamHandler(stream or sys.stderr)
    lines.setFormatter(LineFormatter(redact))
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(logging.WARNING)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)


def log_event(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one named event; `fields` hold ids, states, reasons and counts, never a person."""
    logger.log(level, event, extra={"fields": fields})


class Metrics:
    """The program's figures; labels are names from the configuration, states and reasons."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = self._counter("webhooks", "Answers to webhooks", "source", "status")
        self.calls = self._counter("calls", "Calls stored at intake", "source", "state", "reason")
        self.attempts = self._counter("attempts", "Attempts ended", "agent", "outcome", "code")
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
