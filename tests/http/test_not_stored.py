"""What is not stored: the sender is told, and must try again (the last row of contract §5)."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from adapter.intake.pipeline import Pipeline
from tests.harness.in_process import CRM, TOKEN, Running, run
from tests.harness.machine_limits import full_disk

LEAD = {"phone": "+12025550123", "name": "Ada"}
MAPPINGS = {
    "crm": CRM,
    "parked": CRM + "enabled: false\n",
    "greeter": CRM + "handshake: {ping: {path: $.ping, exists: true}}\n",
}


def _check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document = dict(answer.json())
    assert (document["status"], document["type"]) == (status, "about:blank")
    assert document["title"]
    assert "webhook" not in document
    return document


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/hooks/crm", 401),
        ("POST", "/hooks/crm/a-guess", 401),
        ("POST", "/hooks/crm?token=a-guess", 401),
        ("POST", "/hooks/nobody", 404),
        ("POST", "/hooks/CRM", 404),
        ("POST", "/hooks/", 404),
        ("POST", "/hooks", 404),
        ("POST", "/", 404),
        ("POST", "/api/calls", 404),
        ("GET", "/metrics", 404),
        ("GET", "/hooks/crm", 405),
        ("GET", "/hooks/greeter", 405),
        ("PUT", "/hooks/crm", 405),
        ("PATCH", "/hooks/crm", 405),
        ("DELETE", "/hooks/crm", 405),
        ("TRACE", "/hooks/crm", 405),
        ("POST", "/healthz", 405),
        ("POST", "/hooks/parked", 503),
        ("GET", "/hooks/parked", 503),
    ],
)
def test_a_request_that_is_not_taken_says_why(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    """The status tells a machine, problem+json a person; the ledger stays empty."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.request(method, path, json=LEAD)
        _check_problem(answer, status)
        assert ("allow" in answer.headers) == (status == 405)
        assert ("retry-after" in answer.headers) == (status == 503)
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings=MAPPINGS, has_engine=False)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"purpose": "preview"},
    ],
)
def test_a_browser_that_looks_ahead_rings_nobody(tmp_path: Path, headers: dict[str, str]) -> None:
    """A prefetching request stores nothing, even with the token and by GET."""

    async def play(adapter: Running) -> None:
        query = {"token": "a-token-of-the-crm", "phone": LEAD["phone"]}
        answer = await adapter.public.get("/hooks/crm", params=query, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["cache-control"] == "no-store"
        posted = await adapter.post("crm", LEAD, headers=headers)
        assert posted.status_code == 204
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings={"crm": CRM + "methods: [GET]\n"}, has_engine=False)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_question_about_the_url_rings_nobody(tmp_path: Path, method: str) -> None:
    """HEAD and OPTIONS are answered without a body, and store nothing."""

    async def play(adapter: Running) -> None:
        url = "/hooks/crm?token=a-token-of-the-crm&phone=%2B12025550123"
        answer = await adapter.public.request(method, url)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert answer.headers["cache-control"] == "no-store"
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings={"crm": CRM + "methods: [GET]\n"}, has_engine=False)


async def _dribble(piece: bytes, pieces: int) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield piece


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b" " * 1025, {}),
        (gzip.compress(b" " * 1025, mtime=0), {"content-encoding": "gzip"}),
        (gzip.compress(b" " * 500_000, mtime=0), {"content-encoding": "gzip"}),
        (
            gzip.compress(b" " * 900, mtime=0) + gzip.compress(b" " * 900, mtime=0),
            {"content-encoding": "gzip"},
        ),
        (_dribble(b" " * 100, 11), {}),
    ],
    ids=["plain", "gzip", "bomb", "two-members", "chunked"],
)
def test_a_body_over_the_limit_is_not_taken(
    tmp_path: Path, body: Any, headers: dict[str, str]
) -> None:
    """`max_body` counts raw and decoded bytes; 413, and nothing is stored."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", content=body, headers=headers)
        _check_problem(answer, 413)
        assert await adapter.webhooks() == []

    run(tmp_path, play, settings="max_body: 1KiB", has_engine=False)


def test_a_body_at_the_limit_is_taken(tmp_path: Path) -> None:
    """Exactly `max_body` bytes are not too many."""

    async def play(adapter: Running) -> None:
        body = b'{"phone": "+12025550123"}'.ljust(1024)
        assert (await adapter.post("crm", content=body)).status_code == 202

    run(tmp_path, play, settings="max_body: 1KiB", has_engine=False)


def test_past_max_pending_senders_are_asked_to_wait(tmp_path: Path) -> None:
    """429 with Retry-After, until a call has ended; who is not authenticated learns nothing."""

    async def play(adapter: Running) -> None:
        for phone in ("+12025550123", "+12025550124"):
            assert (await adapter.post("crm", {"phone": phone})).status_code == 202
        late = await adapter.post("crm", {"phone": "+12025550125"})
        _check_problem(late, 429)
        assert int(late.headers["retry-after"]) > 0
        _check_problem(await adapter.post("crm", LEAD, token="a-guess"), 401)
        assert len(await adapter.webhooks()) == 2

    run(tmp_path, play, settings="max_pending: 2", has_engine=False)


@pytest.mark.parametrize("path", ["/hooks/parked", "/hooks/crm"])
def test_hubspot_is_not_told_when_to_come_back(tmp_path: Path, path: str) -> None:
    """It reads Retry-After in milliseconds, others in seconds: 30 would be no pause at all."""
    agent = "HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebhooksExecutorDaemon-executor"

    async def play(adapter: Running) -> None:
        assert (await adapter.post("crm", {"phone": "+12025550123"})).status_code == 202
        request: dict[str, Any] = {"json": LEAD, "params": {"token": TOKEN}}
        for headers in ({"user-agent": agent}, {"user-agent": "Typeform Webhooks"}):
            answer = await adapter.public.post(path, headers=headers, **request)
            assert answer.status_code in {429, 503}
            assert ("retry-after" in answer.headers) == (headers["user-agent"] != agent)

    run(tmp_path, play, mappings=MAPPINGS, settings="max_pending: 1", has_engine=False)


def test_a_ledger_that_cannot_write_acknowledges_nothing(tmp_path: Path) -> None:
    """On a full disk every sender gets 503 with Retry-After; its retry is taken afterwards."""

    async def play(adapter: Running) -> None:
        with full_disk():
            answer = await adapter.post("crm", LEAD)
        _check_problem(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert await adapter.webhooks() == []
        retried = await adapter.post("crm", LEAD)
        assert retried.status_code == 202, retried.text

    run(tmp_path, play, has_engine=False)


def test_a_slow_body_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """A sender that stops in the middle of its body gets 408, and nothing is stored."""

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"phone":'
        await asyncio.Event().wait()

    async def play(adapter: Running) -> None:
        app = adapter.adapter.public_app()
        pipeline = app.routes[0].endpoint.__self__  # type: ignore[attr-defined]  # a bound method's
        assert isinstance(pipeline, Pipeline)
        hasty = replace(pipeline, body_timeout_s=0.05)
        app.router.routes = [Route("/hooks/{source}", hasty.hook, methods=["POST"])]
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            answer = await client.post(f"/hooks/crm?token={TOKEN}", content=stalled())
        _check_problem(answer, 408)
        assert await adapter.webhooks() == []

    run(tmp_path, play, has_engine=False)
