"""A captured request in the forms that people have it: a raw body, a HAR file, a curl command."""

import base64
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from adapter.admin.trial_request import build_request
from adapter.authoring.drafting.read.vocabulary import QUERY_TOKENS
from adapter.authoring.key_words import words
from adapter.cli.author.captured import Captured
from adapter.cli.author.curl import CURL, read_curl
from adapter.cli.author.har import first_post, har_entries
from adapter.cli.client import connected_by
from adapter.cli.options import fail
from adapter.cli.terminal import say
from adapter.clock import ID_ALPHABET, ID_LENGTH
from adapter.config.config import Config
from adapter.values.header_names import HEADER_NAME
from adapter.webhook.formats.media_type import guess_content_type, read_media_type
from adapter.webhook.request import Request

_WEBHOOK_ID = re.compile(f"[{ID_ALPHABET}]{{{ID_LENGTH}}}")
_HTML = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"
# The body stands here decoded and whole; browsers write HTTP/2's own fields too.
_TRANSPORT = frozenset({"content-encoding", "content-length", "transfer-encoding", "host"})


def read_sample(file: str, content_type: str, config: Config) -> Request:
    """Return the request that a file holds, standard input (`-`), or the webhook with this id.

    Ends with status 2 where there is none.
    """
    if _WEBHOOK_ID.fullmatch(file) and not Path(file).exists():
        with connected_by(config) as client:
            return _stored_request(client.get(f"/api/webhooks/{file}"), content_type)
    content = read_payload(file)
    text = _decoded(content)
    if text is not None and CURL.match(text):
        folder = Path.cwd() if file == "-" else Path(file).parent
        return _build_request(read_curl(text, folder), content_type)
    entries = har_entries(text) if text is not None else None
    if entries is not None:
        return _build_request(first_post(entries), content_type)
    return _build_request(Captured(body=content), content_type)


def check_is_a_document(request: Request) -> None:
    """End with status 2 where a request has nothing that could be a lead."""
    fields = [name for name, _ in parse_qsl(request.query) if words(name) not in QUERY_TOKENS]
    if not request.body.strip() and not fields:
        fail("error: expected a captured request, and the body is empty: capture one with a lead")
    media_type = read_media_type(request.header("content-type")).name
    is_no_form = media_type == _FORM and b"=" not in request.body
    if request.has_document_in_body and (is_no_form or _HTML.match(request.body)):
        fail("error: this is no JSON, form or XML: say with --content-type what it is")


def _stored_request(webhook: Mapping[str, Any], content_type: str) -> Request:
    """Return the request of a stored webhook, as the admin API gives it."""
    encoded = webhook.get("body_base64")
    captured = Captured(
        method=webhook["method"],
        query=webhook["query"],
        headers=dict(webhook["headers"]),
        body=base64.b64decode(encoded) if encoded else webhook["body"].encode(),
    )
    return _build_request(captured, content_type)


def _build_request(captured: Captured, content_type: str) -> Request:
    headers = {
        name.lower(): value
        for name, value in captured.headers.items()
        if HEADER_NAME.fullmatch(name) and name.lower() not in _TRANSPORT
    }
    media_type = content_type or headers.get("content-type", "")
    if captured.body and not media_type:
        media_type = guess_content_type(captured.body)
    return build_request(
        method=captured.method.upper(),
        query=captured.query,
        headers=headers,
        content_type=media_type,
        body=captured.body,
    )


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def read_payload(file: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; ends with status 2 on failure."""
    if file == "-":
        if sys.stdin.isatty():
            say("reading from standard input, up to Ctrl-D on a line of its own", err=True)
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        fail(f"error: cannot read {file}: {error.strerror}")


def parse_headers(headers: tuple[str, ...]) -> dict[str, str]:
    """Return `Name: value` options as a map with lower-case names."""
    pairs = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            fail(f"error: --header wants `Name: value`, found {name.strip()!r} without a colon")
        pairs[name.strip().lower()] = value.strip()
    return pairs
