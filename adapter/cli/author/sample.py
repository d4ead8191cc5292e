"""A captured request in the forms that people have it: a raw body, a HAR file, a curl command."""

import base64
import binascii
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import click

from adapter.admin.trial_request import build_request
from adapter.authoring.drafting.draft import TOKENS
from adapter.authoring.key_words import words
from adapter.cli.author.curl import CURL, read_curl
from adapter.cli.client import connected_by
from adapter.cli.options import fail
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
    har = _har(text) if text is not None else None
    if har is not None:
        return _build_request(_har_entry(har), content_type)
    return _build_request({"body": content}, content_type)


def check_is_a_document(request: Request) -> None:
    """End with status 2 where a request has nothing that could be a lead."""
    fields = [name for name, _ in parse_qsl(request.query) if words(name) not in TOKENS]
    if not request.body.strip() and not fields:
        fail("error: expected a captured request, and the body is empty: capture one with a lead")
    media_type = read_media_type(request.header("content-type")).name
    is_no_form = media_type == _FORM and b"=" not in request.body
    if request.has_document_in_body and (is_no_form or _HTML.match(request.body)):
        fail("error: this is no JSON, form or XML: what is it? Say so with --content-type")


def unread_remedy(request: Request) -> str:
    """Return what to say of a body that could not be read."""
    content_type = request.header("content-type") or "application/json"
    if _decoded(request.body) is None and read_media_type(content_type).charset is None:
        return f'say its charset, as in --content-type "{content_type}; charset=latin-1"'
    return "say what it is with --content-type"


def _stored_request(webhook: Mapping[str, Any], content_type: str) -> Request:
    """Return the request of a stored webhook, as the admin API tells it."""
    encoded = webhook.get("body_base64")
    body = base64.b64decode(encoded) if encoded else webhook["body"].encode()
    parts = {name: webhook[name] for name in ("method", "query")}
    return _build_request(parts | {"headers": dict(webhook["headers"]), "body": body}, content_type)


def _build_request(parts: Mapping[str, Any], content_type: str) -> Request:
    headers = {
        name.lower(): str(value)
        for name, value in (parts.get("headers") or {}).items()
        if HEADER_NAME.fullmatch(name) and name.lower() not in _TRANSPORT
    }
    body = parts.get("body") or b""
    kind = content_type or headers.get("content-type", "")
    if body and not kind:
        kind = guess_content_type(body)
    return build_request(
        method=str(parts.get("method") or "POST").upper(),
        query=str(parts.get("query") or ""),
        headers=headers,
        content_type=kind,
        body=body,
    )


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _har(text: str) -> list[Any] | None:
    """Return a HAR file's entries; None for any other text."""
    if '"entries"' not in text or not text.lstrip().startswith("{"):
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return None
    log = content.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    return entries if isinstance(entries, list) else None


def _har_entry(entries: list[Any]) -> dict[str, Any]:
    """Return the first POST with a body, and say which it was where there are several."""
    posts = [
        (number, entry["request"])
        for number, entry in enumerate(entries, 1)
        if isinstance(entry, dict) and isinstance(entry.get("request"), dict)
        if str(entry["request"].get("method")).upper() == "POST" and _har_body(entry["request"])
    ]
    if not posts:
        fail("error: expected a HAR file with a POST that has a body, found none in it")
    number, request = posts[0]
    if len(posts) > 1:
        host = urlsplit(str(request.get("url"))).netloc
        click.echo(
            f"{len(posts)} requests of this HAR file are a POST with a body; took entry {number},"
            f" to {host}",
            err=True,
        )
    headers = {
        str(each.get("name")): each.get("value", "")
        for each in request.get("headers") or []
        if isinstance(each, dict)
    }
    return {
        "method": "POST",
        "query": urlsplit(str(request.get("url") or "")).query,
        "headers": headers | _har_type(request, headers),
        "body": _har_body(request),
    }


def _har_body(request: Mapping[str, Any]) -> bytes:
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return b""
    text = posted.get("text")
    if isinstance(text, str) and text:
        if posted.get("encoding") == "base64":
            return _from_base64(text)
        return text.encode("utf-8", "replace")
    return urlencode(_har_fields(posted)).encode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        fail("error: the HAR file says that the body is base64, and it is not")


def _har_fields(posted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a form; files are left out."""
    return [
        (str(each["name"]), str(each.get("value", "")))
        for each in posted.get("params") or []
        if isinstance(each, dict) and "name" in each and "fileName" not in each
    ]


def _har_type(request: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the body's type where the headers lack it, or the body was made of fields here."""
    posted = request["postData"]
    if not posted.get("text"):
        return {"content-type": _FORM}
    if any(name.lower() == "content-type" for name in headers) or not posted.get("mimeType"):
        return {}
    return {"content-type": str(posted["mimeType"])}


def read_payload(file: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; ends with status 2 on failure."""
    if file == "-":
        if sys.stdin.isatty():
            click.echo("reading from standard input, up to Ctrl-D on a line of its own", err=True)
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
