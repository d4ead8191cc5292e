"""Promises of a capture: who has its URL is stored, nobody else finds it, and nothing rings."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.config.config import Config
from adapter.ledger.calls.captures import MOST_WEBHOOKS
from tests.harness.in_process import HandClock, Running, run
from tests.harness.log_leaks import HEARD

LEAD = {"phone": "+12025550123", "name": "Ada"}
GUESS = "A" * 32


async def opened(adapter: Running, name: str = "shop", span: str = "1h") -> str:
    """Open a capture and return the path to send to; from now on no log line may hold the token."""
    answer = await adapter.order("/api/captures", {"source": name, "for": span})
    assert answer.status_code == 200, answer.text
    url = httpx.URL(answer.json()["url"])
    HEARD.secret(url.path.rpartition("/")[2])
    return url.path


async def stored(adapter: Running) -> dict[str, Any]:
    """Return the one webhook that there is, in full."""
    (row,) = await adapter.webhooks()
    return dict((await adapter.admin.get(f"/api/webhooks/{row['id']}")).json())


def seen(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return all that a sender sees of an answer, but when it was given."""
    headers = [pair for pair in answer.headers.multi_items() if pair[0] != "date"]
    return answer.status_code, answer.content, headers


def test_what_the_url_gets_is_stored_and_rings_nobody(tmp_path: Path) -> None:
    """Over real sockets, with an agent that would ring: a webhook, no call, and it may be seen."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        answer = await adapter.public.post(path, json=LEAD, headers={"prefer": "wait=10"})
        (row,) = await adapter.webhooks()
        assert (answer.status_code, answer.json()) == (200, {"webhook": row["id"], "calls": []})
        assert (row["source"], row["state"], row["reason"]) == ("shop", "ignored", "captured")
        assert (await stored(adapter))["body"] == '{"phone":"+12025550123","name":"Ada"}'
        await adapter.quiet()
        assert await adapter.calls() == []
        assert adapter.mock.rings == []
        shown = (await adapter.admin.get("/metrics")).text
        assert 'adapter_webhooks_total{source="captured",status="200"} 1.0' in shown

    run(tmp_path, play, is_listening=True)


def test_the_url_is_the_one_that_senders_reach(tmp_path: Path) -> None:
    """Below `public_url`, or the listener's own address."""

    async def told(adapter: Running) -> None:
        answer = await adapter.order("/api/captures", {"source": "shop"})
        assert answer.json()["url"].startswith("https://hooks.example.com/in/hooks/shop/")

    async def own(adapter: Running) -> None:
        assert adapter.addresses is not None
        answer = await adapter.order("/api/captures", {"source": "shop"})
        assert answer.json()["url"].startswith(f"{adapter.addresses.public}/hooks/shop/")

    run(tmp_path, told, settings="public_url: https://hooks.example.com/in", has_engine=False)
    run(tmp_path, own, is_listening=True)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "OPTIONS"])
def test_nobody_finds_out_that_a_capture_is_open(tmp_path: Path, method: str) -> None:
    """Without its token, all of a name's paths answer as those of a name that nobody knows."""

    async def play(adapter: Running) -> None:
        token = (await opened(adapter)).rpartition("/")[2]
        await opened(adapter, "other")
        ends = ("", "/", f"/{GUESS}", f"/{token[:-1]}", f"/{token}/a", f"?token={token}", "?token=")
        for end in ends:
            found = await adapter.public.request(method, f"/hooks/shop{end}", content=b"{}")
            nobody = await adapter.public.request(method, f"/hooks/nobody{end}", content=b"{}")
            assert seen(found) == seen(nobody), end
            assert found.status_code == 404
        another = await adapter.public.request(method, f"/hooks/other/{token}", content=b"{}")
        assert another.status_code == 404
        assert await adapter.webhooks() == []

    run(tmp_path, play, is_listening=True)


def test_a_capture_ends_at_its_time(tmp_path: Path) -> None:
    """From then on its URL is a stranger's, and it is listed no more."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        path = await opened(adapter, span="90m")
        clock.advance(timedelta(minutes=90) - timedelta(milliseconds=1))
        assert (await adapter.public.post(path, json=LEAD)).status_code == 200
        clock.advance(timedelta(milliseconds=1))
        late = await adapter.public.post(path, json=LEAD)
        assert seen(late) == seen(await adapter.public.post(f"/hooks/nobody/{GUESS}", json=LEAD))
        assert (await adapter.admin.get("/api/captures")).json() == {"captures": []}
        assert len(await adapter.webhooks()) == 1

    run(tmp_path, play, now=clock, has_engine=False)


def test_a_capture_may_end_while_a_body_comes(tmp_path: Path) -> None:
    """What is not stored by then is not stored."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        path = await opened(adapter)

        async def slowly() -> Any:
            yield b"{"
            clock.advance(timedelta(hours=1))
            yield b"}"

        assert (await adapter.public.post(path, content=slowly())).status_code == 404
        assert await adapter.webhooks() == []

    run(tmp_path, play, now=clock, has_engine=False)


def test_a_new_capture_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """Its URL is another; and a person may close it before its time."""

    async def play(adapter: Running) -> None:
        first, second = await opened(adapter), await opened(adapter)
        assert (await adapter.public.post(first, json=LEAD)).status_code == 404
        assert (await adapter.public.post(second, json=LEAD)).status_code == 200
        closed = await adapter.admin.request("DELETE", "/api/captures", json={"source": "shop"})
        assert closed.json() == {"source": "shop", "closed": True}
        assert (await adapter.public.post(second, json=LEAD)).status_code == 404

    run(tmp_path, play, has_engine=False)


def test_a_capture_outlives_a_restart(tmp_path: Path) -> None:
    """It is in the ledger, and not the token: no byte on disk and no log line has that."""
    paths: list[str] = []

    async def before(adapter: Running) -> None:
        paths.append(await opened(adapter))
        token = paths[0].rpartition("/")[2]
        headers = {"referer": f"http://localhost{paths[0]}", "x-original-url": paths[0]}
        body = {"callback": f"http://localhost{paths[0]}"}
        answer = await adapter.public.post(f"{paths[0]}?t={token}", json=body, headers=headers)
        assert answer.status_code == 200

    async def after(adapter: Running) -> None:
        assert (await adapter.public.post(paths[0], json=LEAD)).status_code == 200
        assert len(await adapter.webhooks()) == 2
        assert paths[0].rpartition("/")[2].encode() not in adapter.stored_bytes()

    run(tmp_path, before, has_engine=False)
    run(tmp_path, after, is_listening=True)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_question_about_the_url_stores_nothing(tmp_path: Path, method: str) -> None:
    """Senders that look first find somebody there."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.request(method, await opened(adapter))
        assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert await adapter.webhooks() == []

    run(tmp_path, play, has_engine=False)


def test_a_prefetch_and_other_methods_store_nothing(tmp_path: Path) -> None:
    """A chat that previews the URL uses none of its room."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        ahead = await adapter.public.get(path, headers={"sec-purpose": "prefetch"})
        assert ahead.status_code == 204
        for method in ("PUT", "PATCH", "DELETE"):
            answer = await adapter.public.request(method, path)
            assert answer.status_code == 405
            assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert await adapter.webhooks() == []

    run(tmp_path, play, has_engine=False)


BODIES = [
    (b"\xff\x00 no text at all", {"content-type": "application/octet-stream"}),
    (b"{", {"content-type": "application/json"}),
    (b"", {}),
    (b"\x1f\x8b broken", {"content-encoding": "gzip"}),
    (b"deflated, perhaps", {"content-encoding": "deflate"}),
]


@pytest.mark.parametrize(("body", "headers"), BODIES)
def test_what_cannot_be_read_is_stored_too(
    tmp_path: Path, body: bytes, headers: dict[str, str]
) -> None:
    """It is looked at before anybody maps it."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(await opened(adapter), content=body, headers=headers)
        assert answer.status_code == 200
        found = await adapter.adapter.ledger.reads.webhook(answer.json()["webhook"])
        assert found is not None
        assert found[0].body == body
        assert headers.items() <= dict(found[0].headers).items()

    run(tmp_path, play, has_engine=False)


def test_a_gzipped_body_and_a_get_are_stored_as_sent(tmp_path: Path) -> None:
    """Decoded, with what else came; of credentials the scheme alone."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        headers = {"content-encoding": "gzip", "authorization": "Basic YWRhOnB3", "cookie": "a=b"}
        await adapter.public.post(path, content=gzip.compress(b"a=1", mtime=0), headers=headers)
        webhook = await stored(adapter)
        kept = dict(webhook["headers"])
        assert (webhook["body"], kept["authorization"]) == ("a=1", "Basic ***")
        assert not {"cookie", "content-encoding"} & kept.keys()
        got = await adapter.public.get(f"{path}?phone=%2B12025550123&token=theirs")
        shown = (await adapter.admin.get(f"/api/webhooks/{got.json()['webhook']}")).json()
        assert (shown["method"], shown["query"]) == ("GET", "phone=%2B12025550123&token=theirs")

    run(tmp_path, play, has_engine=False)


def test_an_open_url_cannot_fill_the_disk(tmp_path: Path) -> None:
    """Bodies up to `max_body`, and a hundred of them; then 429 until a person opens another."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        large = await adapter.public.post(path, content=b" " * 1025)
        assert large.status_code == 413
        for _ in range(MOST_WEBHOOKS):
            assert (await adapter.public.post(path, content=b" " * 1024)).status_code == 200
        full = await adapter.public.post(path, json=LEAD)
        assert (full.status_code, full.json()["title"]) == (429, "Capture full")
        assert full.headers["content-type"] == "application/problem+json"
        (row,) = (await adapter.admin.get("/api/captures")).json()["captures"]
        assert row["webhooks"] == MOST_WEBHOOKS
        again = await opened(adapter)
        assert (await adapter.public.post(again, json=LEAD)).status_code == 200

    run(tmp_path, play, settings="max_body: 1KiB", has_engine=False)


def test_max_pending_is_no_matter_of_a_capture(tmp_path: Path) -> None:
    """What never rings waits for nobody."""

    async def play(adapter: Running) -> None:
        assert (await adapter.post("crm", LEAD)).status_code == 202
        assert (await adapter.post("crm", LEAD)).status_code == 429
        assert (await adapter.public.post(await opened(adapter), json=LEAD)).status_code == 200

    run(tmp_path, play, settings="max_pending: 1", has_engine=False)


def test_set_up_challenges_are_answered_and_stored(tmp_path: Path) -> None:
    """Else some senders send nothing more."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        monday = await adapter.public.post(path, json={"challenge": "3eZbrw1a"})
        assert (monday.status_code, monday.json()) == (200, {"challenge": "3eZbrw1a"})
        assert monday.headers["x-content-type-options"] == "nosniff"
        assert (await stored(adapter))["body"] == '{"challenge":"3eZbrw1a"}'
        token = path.rpartition("/")[2]
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158"}
        meta = await adapter.public.get(path, params=query)
        assert (meta.text, meta.headers["content-type"]) == ("1158", "text/plain; charset=utf-8")
        assert token.encode() not in adapter.stored_bytes()

    run(tmp_path, play, has_engine=False)


def _mapped(config: Config) -> Config:
    return replace(config, sources={**config.sources, "shop": config.sources["crm"]})


def _off(config: Config) -> Config:
    return replace(config, off=("shop",))


@pytest.mark.parametrize(("change", "status"), [(_mapped, 401), (_off, 404)])
def test_a_mapping_wins_at_once(
    tmp_path: Path, change: Callable[[Config], Config], status: int
) -> None:
    """From the moment that there is one of this name, its own `auth` decides, on or off."""

    async def play(adapter: Running) -> None:
        path = await opened(adapter)
        adapter.adapter.current.config = change(adapter.adapter.current.config)
        assert (await adapter.public.post(path, json=LEAD)).status_code == status
        assert (await adapter.admin.get("/api/captures")).json() == {"captures": []}
        assert await adapter.webhooks() == []

    run(tmp_path, play, has_engine=False)


def test_what_was_captured_never_rings_though_its_mapping_is_there(tmp_path: Path) -> None:
    """A replay is refused, before and after, and says what to do instead."""

    async def replayed(adapter: Running, webhook: str) -> None:
        refused = await adapter.order(f"/api/webhooks/{webhook}/replay")
        assert refused.status_code == 409
        assert f"`adapter send shop {webhook}`" in refused.json()["detail"]
        await adapter.quiet()
        assert await adapter.calls() == []
        assert adapter.mock.rings == []

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(await opened(adapter), json=LEAD)
        await replayed(adapter, answer.json()["webhook"])
        adapter.adapter.current.config = _mapped(adapter.adapter.current.config)
        await replayed(adapter, answer.json()["webhook"])

    run(tmp_path, play)
