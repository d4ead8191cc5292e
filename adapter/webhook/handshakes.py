"""Set-up challenges: answered before auth, storing and ringing nothing (contract §4)."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from adapter.agent import Secret
from adapter.errors import AdapterError, IntakeError
from adapter.values.header_names import HEADER_NAME, HEADER_VALUE
from adapter.webhook.answers import PLAIN_TEXT, Answer, json_answer, problem_answer
from adapter.webhook.auth.shared_secrets import check_secrets, is_known, secret_bytes
from adapter.webhook.formats.form import form_fields
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request, wire_bytes

MAX_ECHO_CHARACTERS = 1_024
NOSNIFF = ("x-content-type-options", "nosniff")  # an echo must never run as a page
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # RFC 9562 §4

_WORD = re.compile(r"[A-Za-z0-9_=-]{1,64}")


class Handshake(Protocol):
    """One sender's way to ask whether somebody is there."""

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return the answer, or None if the request is no handshake; never raises IntakeError."""


class Holds(Protocol):
    """The part of a guard that a ping needs; mapping's guards have it."""

    def holds(self, view: Any, /) -> bool:
        """Whether the condition holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MetaHandshake:
    """Meta's verification: a GET with `hub.mode=subscribe`, a token, and a challenge to echo."""

    verify_token: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.verify_token, "meta")

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return the challenge, or 401 for a wrong token."""
        fields = _query_fields(request) if request.method == "GET" else {}
        if fields.get("hub.mode") != "subscribe":
            return None
        token = fields.get("hub.verify_token", "")
        if not is_known(token.encode(), self.verify_token):
            detail = "expected the `verify_token` of this source in `hub.verify_token`"
            return problem_answer(401, "Not authenticated", detail)
        return _echo(fields.get("hub.challenge", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedInHandshake:
    """LinkedIn's validation: a GET with a UUID, answered with its HMAC (first of the secrets).

    Nothing but a UUID is signed. LinkedIn signs a webhook with the same secret, over `hmacsha256=`
    and its body: whoever could have any text signed here could sign a lead.
    Source: LinkedIn's "Webhook Validation".
    """

    client_secret: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.client_secret, "linkedin")

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return the code with its HMAC as JSON, or 400 for a code that is no UUID."""
        fields = _query_fields(request) if request.method == "GET" else {}
        code = fields.get("challengeCode")
        if code is None:
            return None
        if not _UUID.fullmatch(code):
            detail = "expected a UUID in `challengeCode`, found another text"
            return problem_answer(400, "No challenge to answer", detail)
        proof = hmac.new(secret_bytes(self.client_secret[0]), code.encode(), "sha256").hexdigest()
        return json_answer({"challengeCode": code, "challengeResponse": proof}, NOSNIFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoomHandshake:
    """Zoom's validation: a body with a `plainToken`, answered with its HMAC (first of the secrets).

    Nothing but a short word is signed. Zoom signs a webhook with the same secret, over `v0:`, a
    time and its body: whoever could have any text signed here could sign a lead.
    Source: Zoom's "Validate your webhook endpoint".
    """

    secret: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.secret, "zoom")

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return the token with its HMAC as JSON, or 400 for a token that is no word."""
        try:
            found = document()
        except AdapterError:
            return None
        if not isinstance(found, dict) or found.get("event") != "endpoint.url_validation":
            return None
        payload = found.get("payload")
        token = payload.get("plainToken") if isinstance(payload, dict) else None
        if not isinstance(token, str) or not _WORD.fullmatch(token):
            detail = "expected letters and digits in `payload.plainToken`, found another text"
            return problem_answer(400, "No challenge to answer", detail)
        proof = hmac.new(secret_bytes(self.secret[0]), token.encode(), "sha256").hexdigest()
        return json_answer({"plainToken": token, "encryptedToken": proof}, NOSNIFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoHandshake:
    """A challenge inside the document, echoed as text; with a `key`, as JSON under that key."""

    path: PathLike
    key: str | None = None

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return the first match of the path, if it is a text or an integer."""
        try:
            found = self.path.find(document())
        except AdapterError:
            return None
        if not found or isinstance(found[0], bool) or not isinstance(found[0], str | int):
            return None
        if self.key is not None and _is_short(str(found[0])):
            return json_answer({self.key: found[0]}, NOSNIFF)
        return _echo(str(found[0]))


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoHeaderHandshake:
    """A challenge in a header, sent back in the same header (Asana's and Keap's way)."""

    name: str

    def __post_init__(self) -> None:
        if not HEADER_NAME.fullmatch(self.name):
            raise ValueError(f"echo_header: expected a header's name, found {self.name!r}")

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return an empty body under the header, or 400 for a value that no header may have."""
        value = request.header(self.name)
        if value is None:
            return None
        if len(value) > MAX_ECHO_CHARACTERS or not HEADER_VALUE.fullmatch(value):
            return _no_challenge()
        return Answer(status=200, content_type=PLAIN_TEXT, headers=((self.name, value), NOSNIFF))


@dataclass(frozen=True, kw_only=True, slots=True)
class PingHandshake:
    """A delivery that only tests the URL, known by a guard."""

    guard: Holds

    def answer(
        self, request: Request, *, document: Callable[[], Any], view: Callable[[], Any]
    ) -> Answer | None:
        """Return an empty 200 if the guard holds."""
        try:
            is_ping = self.guard.holds(view())
        except AdapterError:
            return None
        if not is_ping:
            return None
        return Answer(status=200, content_type=PLAIN_TEXT, headers=(NOSNIFF,))


def _query_fields(request: Request) -> dict[str, str]:
    try:
        return dict(form_fields(wire_bytes(request.query), None))
    except IntakeError:
        return {}


def _is_short(challenge: str) -> bool:
    return 0 < len(challenge) <= MAX_ECHO_CHARACTERS


def _echo(challenge: str) -> Answer:
    if not _is_short(challenge):
        return _no_challenge()
    return Answer(status=200, body=challenge.encode(), content_type=PLAIN_TEXT, headers=(NOSNIFF,))


def _no_challenge() -> Answer:
    detail = f"expected a challenge of 1 to {MAX_ECHO_CHARACTERS} characters, found another"
    return problem_answer(400, "No challenge to echo", detail)
