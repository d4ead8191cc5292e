"""A HAR file, as browsers save it, → its first POST with a body."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from adapter.cli.author.captured import Captured, split_url
from adapter.cli.options import fail
from adapter.cli.terminal import say

_FORM = "application/x-www-form-urlencoded"


def har_entries(text: str) -> list[Any] | None:
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


def first_post(entries: list[Any]) -> Captured:
    """Return the first POST with a body, and say which it was where there are several."""
    posts = [
        (number, entry["request"])
        for number, entry in enumerate(entries, 1)
        if isinstance(entry, dict) and isinstance(entry.get("request"), dict)
        if str(entry["request"].get("method")).upper() == "POST" and _body(entry["request"])
    ]
    if not posts:
        fail("error: expected a HAR file with a POST that has a body, found none in it")
    number, request = posts[0]
    if len(posts) > 1:
        host, _ = split_url(str(request.get("url")))
        say(
            f"{len(posts)} requests of this HAR file are a POST with a body; took entry {number},"
            f" to {host}",
            err=True,
        )
    headers = {
        str(header.get("name")): str(header.get("value", ""))
        for header in request.get("headers") or []
        if isinstance(header, dict)
    }
    _, query = split_url(str(request.get("url") or ""))
    return Captured(
        query=query,
        headers=headers | _content_type(request, headers),
        body=_body(request),
    )


def _body(request: Mapping[str, Any]) -> bytes:
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return b""
    text = posted.get("text")
    if isinstance(text, str) and text:
        if posted.get("encoding") == "base64":
            return _from_base64(text)
        return text.encode("utf-8", "replace")
    return urlencode(_form_fields(posted)).encode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        fail("error: the HAR file says that the body is base64, and it is not")


def _form_fields(posted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a form; files are left out."""
    return [
        (str(field["name"]), str(field.get("value", "")))
        for field in posted.get("params") or []
        if isinstance(field, dict) and "name" in field and "fileName" not in field
    ]


def _content_type(request: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the body's type where the headers lack it, or the body was made of fields here."""
    posted = request["postData"]
    if not posted.get("text"):
        return {"content-type": _FORM}
    if any(name.lower() == "content-type" for name in headers) or not posted.get("mimeType"):
        return {}
    return {"content-type": str(posted["mimeType"])}
