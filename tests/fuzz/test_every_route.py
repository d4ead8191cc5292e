"""Every route of both listeners under arbitrary requests: an answer of the contract, never a 500.

Whatever is sent, memory stays bounded, and no log line, not even one for debugging, tells a secret
or a phone.
"""

import asyncio
import gc
import logging
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fuzz.requests import BODIES, CONTENT_TYPES, DOCUMENTS, HEADERS, MAX_BODY, PHONE, QUERIES
from tests.harness.effort import examples
from tests.harness.in_process import API_KEY, API_SECRET, CRM, TOKEN, Running, run, running

HOOKS = "/hooks/{source}"
PUBLIC_ANSWERS = {200, 202, 204, 400, 401, 404, 405, 413, 415, 422}
ADMIN_ANSWERS = {200, 400, 401, 403, 404, 405, 409, 413, 415}
METHODS = st.sampled_from(
    ["POST", "POST", "POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"]
)
MAPPINGS = {
    "crm": CRM + "timezone: $.tz\noccurred_at: $.at\ndedupe: {key: [$.name]}\n",
    "many": CRM + "each: $.leads[*]\nmethods: [GET, POST]\nwhen: [{path: $.name, matches: a+$}]\n",
    "got": CRM + "each: $.leads[*]\nmethods: [GET]\noccurred_at: $.at\n",
    "deep": CRM + "decode: {json: [$.raw], xml: [$.name, \"$['data.xml']\"]}\n",
    "echo": CRM + "handshake: {echo: $.challenge}\n",
    "ping": CRM + "handshake: {ping: {path: $.name, exists: true}}\n",
    "open": 'auth: {none: "a test"}\nagent: sales\nphone: {path: $.phone, region: US}\n'
    'variables: {"*": $.leads, name: {template: "{$.name} {$.note}"}}\n',
    "keyed": "auth: {body: {path: $.key, value: a-body-secret}}\nagent: sales\nphone: $.phone\n",
    "signed": "auth: {hmac: {header: x-webhook-signature, secret: a-signing-secret}}\n"
    "agent: sales\nphone: $.phone\n",
    "parked": CRM + "enabled: false\n",
}
STRANGE_NAMES = "nobody crm%00 crm/ %2e%2e %00 * %f0 sales"
SECRETS = [API_KEY, API_SECRET, TOKEN, "a-body-secret", "a-signing-secret"]
REQUESTS = st.fixed_dictionaries(
    {
        "method": METHODS,
        "query": QUERIES,
        "headers": HEADERS,
        "content_type": CONTENT_TYPES,
        "content": BODIES,
        "segment": st.one_of(
            st.sampled_from([*MAPPINGS, *STRANGE_NAMES.split()]),
            st.text(max_size=6),
        ),
        "is_trusted": st.booleans(),
    }
)
LARGE = 64 * 1024
FUZZED = settings(
    max_examples=examples(250),
    deadline=None,
    database=None,
    derandomize=True,  # the same requests everywhere, so that none fails by luck
    suppress_health_check=list(HealthCheck),
)


def paths_of(app: Starlette) -> list[str]:
    """Return every path that an app serves, so that a new route is fuzzed from its first day."""
    return [route.path for route in app.routes if isinstance(route, Route)]


def _filled(path: str, segment: str) -> str:
    return re.sub(r"\{[^}]*\}", lambda _: httpx.QueryParams({"x": segment}).__str__()[2:], path)


async def _send(client: httpx.AsyncClient, path: str, one: dict[str, Any]) -> httpx.Response:
    headers = [(name, value.encode("latin-1")) for name, value in one["headers"].items()]
    headers.append(("content-type", one["content_type"].encode("latin-1")))
    if one["is_trusted"]:
        headers.append(("x-webhook-token", TOKEN.encode()))
    request = client.build_request(
        one["method"],
        f"{_filled(path, one['segment'])}?{one['query']}",
        content=one["content"],
        headers=[(name.encode(), value) for name, value in headers],
    )
    return await client.send(request)


def _fuzz(
    folder: Path, play: Callable[[asyncio.Runner, Running], None], *, has_engine: bool = False
) -> None:
    with asyncio.Runner() as runner:
        context = running(
            folder,
            mappings=MAPPINGS,
            settings=f"max_body: {MAX_BODY}\nmax_pending: 1000000",
            has_engine=has_engine,
        )
        adapter = runner.run(context.__aenter__())
        try:
            play(runner, adapter)
        finally:
            runner.run(context.__aexit__(None, None, None))


def test_every_public_route(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Any method, query, header, content type and body: a status of the table, never cached.

    The engine rings meanwhile what was taken, and no log line tells a secret or the phone.
    """
    caplog.set_level(logging.DEBUG)

    def play(runner: asyncio.Runner, adapter: Running) -> None:
        paths = paths_of(adapter.adapter.public_app())
        assert {HOOKS, "/healthz", "/readyz"} <= set(paths)

        @settings(FUZZED, max_examples=examples(400))
        @given(path=st.sampled_from([*paths, HOOKS, HOOKS]), one=REQUESTS)
        def send(path: str, one: dict[str, Any]) -> None:
            one["headers"].pop("prefer", None)  # waiting is asked for elsewhere
            answer = runner.run(_send(adapter.public, path, one))
            unready = {503} if path == "/readyz" or one["segment"] == "parked" else set()
            assert answer.status_code in PUBLIC_ANSWERS | unready, answer.text
            is_refused_by_routing = answer.status_code == 405 and path != HOOKS
            assert is_refused_by_routing or answer.headers["cache-control"] == "no-store"

        send()

    _fuzz(tmp_path, play, has_engine=True)
    # The client of this test is not the adapter's.
    records = [record for record in caplog.records if record.name != "httpx"]
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in records)
    assert "webhook_answered" in told
    for text in [*SECRETS, PHONE, PHONE.removeprefix("+"), PHONE.removeprefix("+1")]:
        assert text not in told


def test_every_admin_route(tmp_path: Path) -> None:
    """Any request to the admin API, over a ledger that has calls: its own status, never 500."""

    def play(runner: asyncio.Runner, adapter: Running) -> None:
        known = runner.run(adapter.post("crm", {"phone": PHONE, "name": "Ada"})).json()
        ids = [known["webhook"], known["calls"][0]["id"], "crm", "sales", "*"]
        paths = paths_of(adapter.adapter.admin_app())
        assert {"/api/forget", "/api/blocked", "/api/try", "/api/status"} <= set(paths)

        @FUZZED
        @given(
            path=st.sampled_from(paths),
            one=REQUESTS,
            segment=st.sampled_from([*ids, None]),
            document=st.one_of(st.none(), DOCUMENTS),
        )
        def send(path: str, one: dict[str, Any], segment: str | None, document: Any) -> None:
            one["segment"] = segment or one["segment"]
            if document is not None:  # past the content type's check, most of the time
                one["content_type"] = "application/json"
            answer = runner.run(_send(adapter.admin, path, one))
            assert answer.status_code in ADMIN_ANSWERS, (path, answer.text)
            if answer.status_code >= 400:
                told = answer.headers["content-type"].partition(";")[0]
                is_page = told == "text/html" and not path.startswith("/api/")
                assert is_page or told == "application/problem+json", (path, told)

        send()
        assert runner.run(adapter.admin.get("/api/status")).status_code == 200
        assert runner.run(adapter.admin.get("/api/status/")).status_code == 404  # and no 307

    _fuzz(tmp_path, play)


SHAPES = {
    "/api/try": st.fixed_dictionaries(
        {"source": st.sampled_from(list(MAPPINGS))},
        optional={
            "body": st.one_of(BODIES.map(lambda body: body.decode("latin-1")), DOCUMENTS),
            "body_base64": st.one_of(st.text(max_size=12), DOCUMENTS),
            "content_type": st.one_of(CONTENT_TYPES, DOCUMENTS),
            "headers": st.one_of(HEADERS, DOCUMENTS),
            "query": st.one_of(QUERIES, DOCUMENTS),
            "method": st.one_of(METHODS, DOCUMENTS),
        },
    ),
    "/api/blocked": st.fixed_dictionaries(
        {},
        optional={
            "phone": st.one_of(st.just(PHONE), DOCUMENTS),
            "phones": st.one_of(st.lists(st.sampled_from([PHONE, "x", ""])), DOCUMENTS),
            "note": st.one_of(st.text(max_size=20), DOCUMENTS),
        },
    ),
    "/api/captures": st.fixed_dictionaries(
        {},
        optional={
            "source": st.one_of(st.sampled_from(["shop", "crm", "", "Shop"]), DOCUMENTS),
            "for": st.one_of(st.sampled_from(["1h", "0", "25h", "9" * 9 + "w", "-1s"]), DOCUMENTS),
        },
    ),
    "/api/forget": st.fixed_dictionaries(
        {}, optional={"phone": st.one_of(st.sampled_from([PHONE, "+1", "٣"]), DOCUMENTS)}
    ),
}


def test_what_the_admin_api_reads(tmp_path: Path) -> None:
    """Bodies that are nearly right get deeper than others, and find no 500 there either."""

    def play(runner: asyncio.Runner, adapter: Running) -> None:
        @FUZZED
        @given(data=st.data())
        def send(data: st.DataObject) -> None:
            path = data.draw(st.sampled_from(list(SHAPES)))
            document = data.draw(SHAPES[path])
            answer = runner.run(adapter.order(path, document))
            assert answer.status_code in ADMIN_ANSWERS, (path, answer.text)

        send()

    _fuzz(tmp_path, play)


def _remembered() -> int:
    """Return the bytes in use, less what nobody refers to any more."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_hundreds_of_hostile_requests_leave_no_memory_behind(tmp_path: Path) -> None:
    """Strangers' sources, tokens and headers are not remembered: no label, no cache grows."""

    async def knock(adapter: Running, number: int) -> None:
        name = f"stranger-{number}"
        answer = await adapter.post(name, {name: name}, token=name)
        assert answer.status_code == 404
        wrong = await adapter.post(
            "crm", {name: "x" * 200}, token=name, headers={f"x-{name}": name}
        )
        assert wrong.status_code == 401
        assert (await adapter.admin.get(f"/api/{name}?{name}=1")).status_code == 404

    async def knocks(adapter: Running, start: int, count: int) -> None:
        for number in range(start, start + count):
            await knock(adapter, number)

    def play(runner: asyncio.Runner, adapter: Running) -> None:
        logging.getLogger("adapter").setLevel(logging.CRITICAL)  # pytest keeps every record
        runner.run(knocks(adapter, 0, 50))
        tracemalloc.start()
        try:
            runner.run(knocks(adapter, 100, 50))
            before = _remembered()
            runner.run(knocks(adapter, 200, 200))
            after = _remembered()
        finally:
            tracemalloc.stop()
        assert "stranger-" not in runner.run(adapter.admin.get("/metrics")).text
        assert after - before < 100 * 1024  # a label each would be three KiB each

    _fuzz(tmp_path, play)


def test_a_hostile_body_costs_little_memory(tmp_path: Path) -> None:
    """Bodies at the limit, built to swell, stay within a small multiple of it."""
    swelling = [
        ("application/json", b"[" + b"{}," * (LARGE // 3 - 1) + b"{}]"),
        ("application/json", b"[" * LARGE),
        ("application/x-www-form-urlencoded", b"a[]=&" * (LARGE // 5)),
        ("application/x-www-form-urlencoded", b"a" + b"[b]" * (LARGE // 3 - 1)),
        ("multipart/form-data; boundary=b", b"--b\r\n" * (LARGE // 5)),
        ("text/xml", b"<a>" + b"<b/>" * (LARGE // 4 - 2) + b"</a>"),
        ("text/xml", b"<a>" * (LARGE // 3)),
    ]

    async def play(adapter: Running) -> None:
        tracemalloc.start()
        try:
            for content_type, body in swelling:
                assert len(body) <= LARGE
                tracemalloc.reset_peak()
                before, _ = tracemalloc.get_traced_memory()
                headers = {"content-type": content_type}
                answer = await adapter.post("crm", content=body, headers=headers)
                _, peak = tracemalloc.get_traced_memory()
                assert answer.status_code in (400, 422)
                assert peak - before < 100 * LARGE, content_type
        finally:
            tracemalloc.stop()

    run(tmp_path, play, mappings=MAPPINGS, settings=f"max_body: {LARGE}", has_engine=False)
