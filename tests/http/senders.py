"""What a sender is to these tests; the senders themselves are in the files beside this one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.harness.in_process import TOKEN
from tests.harness.proofs import Headers

AT_S = 1_772_442_000  # the hand clock's moment
PUBLIC_URL = "https://hooks.example.com"
KEY = "a-key-of-the-sender"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
Prove = Callable[[bytes], Headers]
Write = Callable[[Any], bytes]
BOUNDARY = "------------------------A1b2C3d4E5f6"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """A sender's auth and mapping, one request, and the call or reason that it must give."""

    name: str
    auth: str
    rules: str
    body: bytes
    content_type: str = JSON
    prove: Prove = lambda _: {}
    query: str = ""
    expected: Mapping[str, Any]

    @property
    def mapping(self) -> str:
        """The mapping file."""
        return f"auth: {self.auth}\nagent: sales\n{self.rules}"


def json_body(document: Any) -> bytes:
    """Return a JSON body, in UTF-8 as it is."""
    return json.dumps(document, ensure_ascii=False).encode()


def form_body(fields: Mapping[str, str]) -> bytes:
    """Return an urlencoded body."""
    return urlencode(fields).encode()


def multipart_body(fields: Mapping[str, str]) -> bytes:
    """Return a multipart body of text fields."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def rings(phone: str, **variables: str) -> dict[str, Any]:
    """Return what a call that goes out must show."""
    return {"state": "waiting", "phone": phone, "variables": variables}


def rings_not(state: str, reason: str) -> dict[str, Any]:
    """Return what a call that does not go out must show."""
    return {"state": state, "reason": reason}


BY_TOKEN = f"{{token: {TOKEN}}}"
TOKEN_QUERY = f"token={TOKEN}"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
