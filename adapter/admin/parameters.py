"""The parameters of a request to the admin API, checked; and the JSON that answers it."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from adapter.errors import IntakeError, MappingError
from adapter.model import State, WebhookState
from adapter.values.moments import read_moment
from adapter.values.number_search import search_terms
from adapter.values.phone_numbers import MIN_DIGITS, read_phone
from adapter.values.units import read_duration

AnyState = TypeVar("AnyState", State, WebhookState)
NO_STORE = {"cache-control": "no-store"}
_MOST_ROWS = 500
_LONGEST_NOTE = 1000
_MOST_BYTES = 4 * 1024 * 1024
_CURSOR = re.compile(r"[0-9A-Z]{26}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def json_answer(content: dict[str, Any]) -> JSONResponse:
    """Return JSON that nobody keeps."""
    return JSONResponse(content, headers=NO_STORE)


async def json_object(http: HttpRequest) -> dict[str, Any]:
    """Return the body as a JSON object; an empty body is an empty one."""
    body = b""
    async for chunk in http.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise IntakeError(413, "Too large", "At most 4 MiB.")
    try:
        content = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise bad_request("The body is not JSON.") from None
    if not isinstance(content, dict):
        raise bad_request("The body must be a JSON object.")
    return content


def bad_request(detail: str) -> IntakeError:
    """Return the error of somebody who asked wrongly."""
    return IntakeError(400, "Bad request", detail)


def limit_of(text: str | None) -> int:
    """Return how many rows are asked for."""
    try:
        limit = int(text or "50")
    except ValueError:
        limit = 0
    if not 1 <= limit <= _MOST_ROWS:
        raise bad_request(f"`limit` is a number from 1 to {_MOST_ROWS}.")
    return limit


def cursor_of(text: str | None) -> str | None:
    """Return a cursor, which is an id."""
    if text is not None and not _CURSOR.fullmatch(text):
        raise bad_request("`cursor` is what the last page gave as `next`.")
    return text


def numbers_of(text: str | None) -> tuple[str, ...] | None:
    """Return what a phone is found by; a bare `+` in a query string arrives as a space."""
    if text is None:
        return None
    terms = search_terms(f"+{text[1:]}" if text.startswith(" ") else text)
    if not terms:
        raise bad_request(f"`phone` has {MIN_DIGITS} digits or more. Write it as +12025550123.")
    return terms


def states_of(texts: Sequence[str], states: type[AnyState]) -> tuple[AnyState, ...]:
    """Return the states of these names: several parameters, or one with commas."""
    try:
        return tuple(states(name) for text in texts for name in text.split(","))
    except ValueError:
        names = ", ".join(state.value for state in states)
        raise bad_request(f"`state` is one of {names}, or several with commas.") from None


def moment_of(name: str, text: str | None, now: datetime) -> datetime | None:
    """Return a moment; a length of time counts back from now."""
    if text is None:
        return None
    moment = read_moment(text)
    try:
        return moment or now - read_duration(text)
    except (ValueError, OverflowError):
        raise bad_request(
            f"`{name}` is an RFC 3339 time, as 2026-01-31T09:00:00Z, or a length of time back "
            "from now, as 2h."
        ) from None


def phones_of(content: dict[str, Any]) -> list[str]:
    """Return `phone` or `phones` of a body in E.164; the error names places, never a number."""
    written = content["phones"] if "phones" in content else [content.get("phone")]
    if not isinstance(written, list) or not all(isinstance(text, str) for text in written):
        raise bad_request('Send {"phone": "+12025550123"} or {"phones": ["+12025550123", …]}.')
    phones, faults = list[str](), list[str]()
    for place, text in enumerate(written, 1):
        try:
            phones.append(read_phone(text, None))
        except MappingError as error:
            faults.append(f"number {place}: {error.detail}")
    if faults:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise bad_request(f"{'; '.join(faults[:3])}{more}. Write them as +12025550123.")
    return phones


def note_of(content: dict[str, Any]) -> str:
    """Return the `note` of a body, "" where there is none."""
    note = content.get("note", "")
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE:
        raise bad_request(f"`note` is a text of at most {_LONGEST_NOTE} characters.")
    return note


def person_phone_of(content: dict[str, Any]) -> str:
    """Return `phone` of a body in E.164, also if nobody gives out such a number (any more)."""
    text = content.get("phone")
    return _e164_of(text if isinstance(text, str) else "")


def _e164_of(text: str) -> str:
    try:
        return read_phone(text, None)
    except MappingError as error:
        bare = re.sub(r"[\s().\-/]", "", text)
        if _E164.fullmatch(bare):
            return bare
        raise bad_request(f"`phone`: {error.detail}. Write it as +12025550123.") from error
