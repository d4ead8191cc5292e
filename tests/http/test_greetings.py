"""Promises about set-up challenges: answered before auth, and nothing is stored or rung."""

import hmac
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.in_process import CRM, Running, run

MAPPINGS = {
    "meta": CRM + "handshake: {meta: {verify_token: our-verify-token}}\n",
    "linkedin": CRM + "handshake: {linkedin: {client_secret: our-client-secret}}\n",
    "zoom": CRM + "handshake: {zoom: {secret: our-zoom-secret}}\n",
    "echo-json": CRM + "handshake: {echo_json: $.challenge}\n",
    "echo": CRM + "handshake: {echo: $.challenge}\n",
    "echo-header": CRM + "handshake: {echo_header: X-Hook-Secret}\n",
    "ping": CRM + "handshake: {ping: {path: $.webhook_id, exists: true}}\n",
    "get-ping": CRM + "handshake: {ping: {path: $.type, exists: false}}\n",
}
META = {
    "hub.mode": "subscribe",
    "hub.challenge": "1158201444",
    "hub.verify_token": "our-verify-token",
}
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
PROOF = hmac.new(b"our-client-secret", CODE.encode(), "sha256").hexdigest()
ASKED = {"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}}
FORGING = {"event": "endpoint.url_validation", "payload": {"plainToken": "v0:1:{}"}}
ZOOM_PROOF = hmac.new(b"our-zoom-secret", b"abc", "sha256").hexdigest()
ZOOM = f'{{"plainToken":"abc","encryptedToken":"{ZOOM_PROOF}"}}'
PAGE = "<script>alert(1)</script>"
GREETINGS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/hooks/meta", {"params": META}, 200, "1158201444"),
    ("GET", "/hooks/meta", {"params": META | {"hub.verify_token": "a-guess"}}, 401, ""),
    ("GET", "/hooks/meta", {"params": META | {"hub.challenge": ""}}, 400, ""),
    ("GET", "/hooks/meta", {"params": META | {"hub.challenge": "1" * 1025}}, 400, ""),
    ("GET", "/hooks/meta", {}, 405, ""),
    (
        "GET",
        "/hooks/linkedin",
        {"params": {"challengeCode": CODE}},
        200,
        f'{{"challengeCode":"{CODE}","challengeResponse":"{PROOF}"}}',
    ),
    ("GET", "/hooks/linkedin", {"params": {"challengeCode": "hmacsha256={}"}}, 400, ""),
    ("GET", "/hooks/linkedin", {}, 405, ""),
    ("POST", "/hooks/linkedin", {"params": {"challengeCode": CODE}}, 401, ""),
    (
        "POST",
        "/hooks/zoom",
        {"json": ASKED},
        200,
        ZOOM,
    ),
    ("POST", "/hooks/zoom", {"json": FORGING}, 400, ""),
    ("POST", "/hooks/zoom", {"json": {"event": "meeting.started"}}, 401, ""),
    ("POST", "/hooks/echo-json", {"json": {"challenge": "abc"}}, 200, '{"challenge":"abc"}'),
    ("POST", "/hooks/echo-json", {"json": {"challenge": 7}}, 200, '{"challenge":7}'),
    ("POST", "/hooks/echo-json", {"json": {"challenge": PAGE}}, 200, f'{{"challenge":"{PAGE}"}}'),
    ("POST", "/hooks/echo-json", {"json": {"challenge": "x" * 1025}}, 400, ""),
    ("POST", "/hooks/echo-json", {"json": {"event": {"challenge": "abc"}}}, 401, ""),
    ("POST", "/hooks/echo", {"json": {"challenge": "abc"}}, 200, "abc"),
    ("POST", "/hooks/echo", {"json": {"challenge": 7}}, 200, "7"),
    ("POST", "/hooks/echo", {"json": {"challenge": PAGE}}, 200, PAGE),
    ("POST", "/hooks/echo", {"json": {"challenge": "x" * 1025}}, 400, ""),
    ("POST", "/hooks/echo", {"json": {"challenge": {"a": 1}}}, 401, ""),
    ("POST", "/hooks/echo", {"json": {}}, 401, ""),
    ("POST", "/hooks/echo", {"content": b"{"}, 401, ""),
    ("GET", "/hooks/echo", {"params": {"challenge": PAGE}}, 200, PAGE),
    ("POST", "/hooks/echo-header", {"headers": {"X-Hook-Secret": "s1"}}, 200, ""),
    ("POST", "/hooks/echo-header", {"headers": {"X-Hook-Secret": "s" * 1025}}, 400, ""),
    ("POST", "/hooks/echo-header", {}, 401, ""),
    ("POST", "/hooks/ping", {"data": {"webhook_id": "7"}}, 200, ""),
    ("POST", "/hooks/ping", {"json": {"id": "7"}}, 401, ""),
    ("GET", "/hooks/get-ping", {}, 200, ""),
    ("GET", "/hooks/get-ping", {"params": {"type": "x"}}, 405, ""),
]


def _check_harmless(answer: httpx.Response) -> None:
    """Check that a browser would never run the echo as a page."""
    assert answer.headers["content-type"] in ("text/plain; charset=utf-8", "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("method", "path", "request_parts", "status", "text"), GREETINGS)
def test_a_challenge_is_answered_without_proof(
    tmp_path: Path,
    method: str,
    path: str,
    request_parts: dict[str, Any],
    status: int,
    text: str,
) -> None:
    """The echo is text that no browser runs; what is no challenge must prove itself."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.request(method, path, **request_parts)
        assert answer.status_code == status, answer.text
        assert answer.headers["cache-control"] == "no-store"
        if status == 200:
            _check_harmless(answer)
            assert answer.text == text
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings=MAPPINGS, has_engine=False)


def test_a_challenge_in_a_header_comes_back_in_it(tmp_path: Path) -> None:
    """Under the same name, and only if a header may hold it."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post("/hooks/echo-header", headers={"X-Hook-Secret": "s1"})
        assert answer.headers["x-hook-secret"] == "s1"
        odd = await adapter.public.post(
            "/hooks/echo-header", headers=[(b"x-hook-secret", "é".encode())]
        )
        assert odd.status_code == 400
        assert "x-hook-secret" not in odd.headers

    run(tmp_path, play, mappings=MAPPINGS, has_engine=False)


def test_a_lead_beside_a_challenge_still_needs_its_proof(tmp_path: Path) -> None:
    """A source with a handshake takes leads as ever."""

    async def play(adapter: Running) -> None:
        for source in MAPPINGS:
            lead = {"phone": "+12025550123", "type": "lead"}
            assert (await adapter.post(source, lead)).status_code == 202, source
            assert (await adapter.post(source, lead, token=None)).status_code == 401, source

    run(tmp_path, play, mappings=MAPPINGS, has_engine=False)
