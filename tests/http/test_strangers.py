"""Promises against strangers and odd bodies: tricks with paths, JSON, forms and XML get nowhere."""

from pathlib import Path

import pytest

from tests.harness.in_process import CRM, TOKEN, HandClock, Running, run

LEAD = b'{"phone": "+12025550123", "name": "Ada"}'
ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>'
    b"<a><phone>+12025550123</phone><name>&y;&y;&y;</name></a>"
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a><name>&x;</name></a>'
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 10_000 + b"--b--\r\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/x/..%2fhooks/crm", 404),
        ("//hooks/crm", 404),
        ("/hooks//crm", 202),  # as senders write it that join two slashes
        ("/hooks/crm%00", 404),
        ("/hooks/crm%0d%0aX: y", 404),
        ("/hooks/%63rm", 202),
        ("/hooks/crm/", 202),
        ("/hooks/.", 404),
        ("/hooks/..%2f..%2fadapter", 404),
        ("/hooks/" + "a" * 10_000, 404),
        ("/hooks/crm/" + "a" * 10_000, 202),
        ("/hooks/\uff43\uff52\uff4d", 404),
    ],
)
def test_a_path_means_one_source_or_none(tmp_path: Path, path: str, status: int) -> None:
    """Only the source's own path leads to it; nothing is redirected."""

    async def play(adapter: Running) -> None:
        headers = {"x-webhook-token": TOKEN}
        answer = await adapter.public.post(path, content=LEAD, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "location" not in answer.headers

    run(tmp_path, play, now=HandClock(), has_engine=False)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (JSON, b'{"phone": "1", "phone": "+12025550123"}', 202),  # the last one counts, as in Node
        (JSON, b'{"phone": "+12025550123", "n": -Infinity}', 202),
        (JSON, b'{"phone": "+12025550123", "n": 1e999999}', 400),
        (JSON, b'{"phone": "+12025550123", "n": ' + b"9" * 5000 + b"}", 400),
        (JSON, b'{"phone": ' + b"9" * 4000 + b"}", 422),
        (JSON, b'{"a":' * 100_000, 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b'{"__proto__": {"phone": "+12025550123"}}', 422),
        (JSON, b'{"phone": "+12025550123", "name": "\\u0000"}', 202),
        (JSON, b'"+12025550123"', 422),
        (JSON, b"null", 422),
        (JSON, b"\xef\xbb\xbf" + LEAD, 202),
        ("text/plain", LEAD, 202),
        (f'{JSON}; charset="utf-8"', LEAD, 202),
        (FORM, b"phone=%2B12025550123&a[99999999]=1", 202),
        (FORM, b"phone=%2B12025550123&a" + b"[b]" * 1000 + b"=1", 400),
        (FORM, b"&a=1" * 50_000, 400),
        (FORM, b"phone=%2B12025550123&phone[x]=1", 422),
        ("multipart/form-data; boundary=b", PARTS, 400),
        ("multipart/form-data; boundary=" + "b" * 5000, PARTS, 415),
        ("text/xml", ENTITIES, 400),
        ("text/xml", OUTSIDE, 400),
        ("text/xml", b"<a>" * 100_000, 400),
        ("text/xml", b'<?xml version="1.0" encoding="UTF-7"?><a/>', 422),
    ],
)
def test_a_body_that_is_a_trick_is_a_named_refusal(
    tmp_path: Path, content_type: str, body: bytes, status: int
) -> None:
    """It is read as its standard says, or stored as unreadable; it is never a crash."""

    async def play(adapter: Running) -> None:
        headers = {"content-type": content_type}
        answer = await adapter.post("crm", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.json()["webhook"]

    run(tmp_path, play, now=HandClock(), has_engine=False)


def test_a_handshake_reveals_nothing_and_a_wrong_token_reflects_nothing(tmp_path: Path) -> None:
    """No refusal repeats what a stranger sent."""

    async def play(adapter: Running) -> None:
        page = "<script>alert(1)</script>"
        for path in (f"/hooks/{page}", f"/hooks/crm/{page}", f"/hooks/crm?token={page}"):
            answer = await adapter.public.post(path, json={"challenge": page})
            assert answer.status_code in (401, 404)
            assert "script" not in answer.text

    run(tmp_path, play, mappings={"crm": CRM}, has_engine=False)
