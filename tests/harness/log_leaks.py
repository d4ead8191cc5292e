"""All that loggers and started processes wrote, and whether it tells of a person or a secret.

Records are judged as they are made, before the formatter that hides things: nobody may rely on it.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

# Numbers that nobody owns, as the tests use them, in any spacing, with or without a country code.
_GAP = r"[ ().\-/]{0,3}"
_FICTION = (
    rf"(?:1{_GAP})?[2-9]\d\d{_GAP}555{_GAP}01\d\d",  # North America
    rf"(?:61|0)?{_GAP}491{_GAP}57\d{_GAP}\d{{3}}",  # Australia
    rf"(?:44|0)?{_GAP}(?:20{_GAP}7946|7700{_GAP}90){_GAP}\d{{4}}",  # United Kingdom
    rf"(?:34)?{_GAP}6(?:12345\d{{3}}|00000\d{{3}})",  # Spain reserves none: the contract's own
)
PHONE = re.compile(rf"(?<![\d.])\+?(?:{'|'.join(_FICTION)})(?!\d)")
SHORTEST_SECRET = 8  # shorter invented ones are ordinary words: "key", "hush"
# The client of a test writes down whom it called; nothing of the adapter goes through these.
NOT_OURS = frozenset({"httpx", "httpcore", "hypothesis", "concurrent.futures"})


class Heard:
    """Collects log records, lines of processes, and the secrets that configurations held."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self._records: list[logging.LogRecord] = []
        self._lines: list[str] = []

    def record(self, record: logging.LogRecord) -> None:
        """Remember a record; it is read later, when its maker has filled it in."""
        self._records.append(record)

    def line(self, text: str) -> None:
        """Remember what a process wrote."""
        self._lines.append(text)

    def secret(self, text: str) -> None:
        """Remember a secret that a log line must not hold from now on."""
        if len(text) >= SHORTEST_SECRET:
            self.secrets.add(text)

    def leaks(self) -> list[str]:
        """Return every text heard since the last time that tells a phone or a secret."""
        records = [r for r in self._records if str(r.name).partition(".")[0] not in NOT_OURS]
        texts = [*map(_told, records), *self._lines]
        self._records.clear()
        self._lines.clear()
        return [text for text in texts if PHONE.search(text) or self._has_secret(text)]

    def _has_secret(self, text: str) -> bool:
        return any(secret in text for secret in self.secrets)


def _told(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    parts = [record.name, record.getMessage(), str(getattr(record, "fields", ""))]
    return " ".join([*parts, *map(str, _chain(error))])


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def listening_factory(heard: Heard) -> Callable[..., logging.LogRecord]:
    """Return a factory of log records that notes each of them; a handler might be removed."""
    make = logging.getLogRecordFactory()

    def made(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        heard.record(record)
        return record

    return made


HEARD = Heard()
