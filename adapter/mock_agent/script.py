"""The answers of the mock agent, in order: a YAML script as values. Pure but for `load_script`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from adapter.errors import ConfigError, Problem
from adapter.values.header_names import HEADER_NAME

# VoiceB's documented errors (contract §3): code → status and text.
CODES: Mapping[str, tuple[int, str]] = {
    "ctc:001": (400, "Missing headers"),
    "ctc:002": (500, "Error fetching agent"),
    "ctc:003": (403, "Invalid API key"),
    "ctc:004": (400, "Agent is disabled"),
    "ctc:005": (400, "Agent not configured"),
    "ctc:006": (403, "Invalid signature"),
    "ctc:007": (400, "Call already in progress"),
    "ctc:008": (500, "Error initiating call"),
}
ACTS: Mapping[str, str] = {
    "drop": "reads the whole POST, then closes the connection",
    "reset": "reads the whole POST, then resets the connection",
    "hang": "reads the whole POST and never answers",
    "half": "closes the connection in the middle of the answer's headers",
    "garbage": "answers bytes that are not HTTP",
    "drip": "answers 200, one byte at a time",
}
ENTRY_KEYS = ("status", "body", "headers", "delay_s")
SCRIPT_KEYS = ("default", "phones")
ALLOWED = (
    f"{', '.join(CODES)}; a status from 200 to 599; {', '.join(ACTS)}; "
    f"or a map of {', '.join(ENTRY_KEYS)}"
)
_PHONE = re.compile(r"\+[0-9]{6,15}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scripted:
    """One answer. `act` is "" for an ordinary one, else a key of ACTS."""

    label: str = "200"
    act: str = ""
    status: int = 200
    body: str = '{"status":"ok"}'
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0

    @property
    def rings(self) -> bool:
        """Tell whether a real phone may ring: a 2xx, or any act, since the POST was read."""
        return bool(self.act) or 200 <= self.status < 300


ACCEPTED = Scripted()


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """The answers to come: for phones named in `phones` theirs, for all others `default`."""

    default: tuple[Scripted, ...] = ()
    phones: Mapping[str, tuple[Scripted, ...]] = field(default_factory=dict)

    def answer(self, phone: str, position: int) -> Scripted:
        """Return the answer at this position of the phone's list; past its end, 200."""
        answers = self.phones.get(phone, self.default)
        return answers[position] if position < len(answers) else ACCEPTED

    def list_key(self, phone: str) -> str:
        """Return which list serves this phone, "" being the default one: each is used in order."""
        return phone if phone in self.phones else ""


def answer_of_code(code: str) -> Scripted:
    """Return the documented answer for a ctc code."""
    status, message = CODES[code]
    body = f'{{"error":{{"code":"{code}","message":"{message}"}}}}'
    return Scripted(label=code, status=status, body=body)


def script_of(*entries: object) -> Script:
    """Return a script of entries as YAML would give them: `script_of("ctc:007", 503, "drop")`."""
    reading = _Reading(file="script")
    script = Script(default=reading.answers(list(entries), "", (1, 1)))
    reading.raise_problems()
    return script


def read_script(text: str, *, file: str = "script") -> Script:
    """Return the script in a YAML text; raise ConfigError with every problem and its line."""
    document = _read_yaml(text, file)
    reading = _Reading(file=file)
    script = reading.script(document)
    reading.raise_problems()
    return script


def load_script(path: Path) -> Script:
    """Return the script in this file; raise ConfigError where it is not readable or wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        message = "not UTF-8 text"
    else:
        return read_script(text, file=str(path))
    raise ConfigError([Problem(file=str(path), line=1, column=1, key="", message=message)])


def _read_yaml(text: str, file: str) -> object:
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"not readable as YAML: {error.problem}"
    except YAMLError:
        line, column, message = 1, 1, "not readable as YAML"
    raise ConfigError(
        [Problem(file=file, line=line, column=column, key="", message=message)]
    ) from None


Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    file: str
    problems: list[Problem] = field(default_factory=list)

    def raise_problems(self) -> None:
        if self.problems:
            raise ConfigError(self.problems)

    def add(self, place: Place, key: str, message: str) -> None:
        line, column = place
        self.problems.append(
            Problem(file=self.file, line=line, column=column, key=key, message=message)
        )

    def script(self, document: object) -> Script:
        if document is None:
            return Script()
        if not isinstance(document, dict):
            return Script(default=self.answers(document, "", (1, 1)))
        self.check_keys(document, SCRIPT_KEYS, "")
        default = self.answers(document.get("default", []), "default", _place(document, "default"))
        phones = document.get("phones", {})
        if not isinstance(phones, dict):
            self.add(_place(document, "phones"), "phones", "expected a map of phone to answers")
            phones = {}
        return Script(default=default, phones=dict(self.phones(phones)))

    def phones(self, phones: dict[Any, Any]) -> Sequence[tuple[str, tuple[Scripted, ...]]]:
        for phone in phones:
            if not isinstance(phone, str) or not _PHONE.fullmatch(phone):
                self.add(
                    _place(phones, phone), "phones", 'expected a quoted number, "+12025550123"'
                )
        return [
            (str(phone), self.answers(answers, "phones", _place(phones, phone)))
            for phone, answers in phones.items()
        ]

    def answers(self, entries: object, key: str, place: Place) -> tuple[Scripted, ...]:
        if not isinstance(entries, list):
            self.add(place, key, f"expected a list of answers, each one of: {ALLOWED}")
            return ()
        return tuple(
            self.answer(entry, f"{key}[{index}]", _place(entries, index, place))
            for index, entry in enumerate(entries)
        )

    def answer(self, entry: object, key: str, place: Place) -> Scripted:
        if isinstance(entry, dict):
            return self.map_answer(entry, key)
        if isinstance(entry, str) and entry in CODES:
            return answer_of_code(entry)
        if isinstance(entry, str) and entry in ACTS:
            return Scripted(label=entry, act=entry)
        if _is_status(entry):
            return Scripted(label=str(entry), status=entry)
        self.add(place, key, f"{entry!r} is no answer; expected one of: {ALLOWED}")
        return ACCEPTED

    def map_answer(self, entry: dict[Any, Any], key: str) -> Scripted:
        self.check_keys(entry, ENTRY_KEYS, key)
        status = entry.get("status", 200)
        body = entry.get("body", ACCEPTED.body)
        delay_s = entry.get("delay_s", 0.0)
        headers = entry.get("headers", {})
        checks = (
            ("status", _is_status(status), "a status from 200 to 599"),
            ("body", isinstance(body, str), "text; quote it"),
            ("delay_s", _is_delay(delay_s), "seconds, 0 or more"),
            ("headers", _is_headers(headers), "a map of header names to one-line texts"),
        )
        failed = [(name, expected) for name, is_right, expected in checks if not is_right]
        for name, expected in failed:
            self.add(_place(entry, name), f"{key}.{name}", f"expected {expected}")
        if failed:
            return ACCEPTED
        return Scripted(
            label=str(status),
            status=int(status),
            body=body,
            headers=tuple((str(name), str(value)) for name, value in headers.items()),
            delay_s=float(delay_s),
        )

    def check_keys(self, entry: dict[Any, Any], known: Sequence[str], key: str) -> None:
        for name in entry:
            if name not in known:
                message = f"unknown key; expected one of: {', '.join(known)}"
                self.add(_place(entry, name), f"{key}.{name}".lstrip("."), message)


def _is_status(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599


def _is_delay(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str)
        and HEADER_NAME.fullmatch(name)
        and isinstance(text, str | int | float)
        and str(text).isascii()
        and str(text).isprintable()
        for name, text in value.items()
    )


def _place(node: object, key: object, default: Place = (1, 1)) -> Place:
    # ruamel keeps (line, column) from zero; plain lists and dicts, as tests write them, have none
    if isinstance(node, CommentedMap) and key in node:
        line, column = node.lc.key(key)
    elif isinstance(node, CommentedSeq):
        line, column = node.lc.item(key)
    else:
        return default
    return line + 1, column + 1
