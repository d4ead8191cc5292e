"""Promises whatever is sent: an answer of the table, never a crash, never a secret in a log."""

import asyncio
import logging
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.in_process import API_KEY, API_SECRET, CRM, TOKEN, Running, run, running

ANSWERS = {200, 202, 204, 400, 401, 404, 405, 413, 415, 422}
PHONE = "+12025550123"
MAX_BODY = 64 * 1024
MAPPINGS = {
    "crm": CRM,
    "many": CRM + "each: $.leads[*]\nmethods: [GET]\noccurred_at: $.at\n",
    "deep": CRM + "decode: {json: [$.raw], xml: [\"$['data.xml']\"]}\n",
    "keyed": "auth: {body: {path: $.key, value: a-body-secret}}\nagent: sales\nphone: $.phone\n",
    "echo": CRM + "handshake: {echo: $.challenge}\n",
    "parked": CRM + "enabled: false\n",
}
SECRETS = [API_KEY, API_SECRET, TOKEN, "a-body-secret"]
CONTENT_TYPES = [
    "application/json",
    "application/vnd.api+json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=iso-8859-1",
    "multipart/form-data; boundary=b",
    "text/xml",
    "application/xml; charset=big5",
    "text/plain",
    "image/png",
    "",
    ";",
]


def _json_bytes(document: Any) -> bytes:
    return httpx.Request("POST", "http://x", json=_finite(document)).content


def _finite(document: Any) -> Any:
    """Return the document with what JSON cannot say as text."""
    if isinstance(document, dict):
        return {key: _finite(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_finite(value) for value in document]
    return repr(document) if isinstance(document, float) else document


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just(PHONE)
)
KEYS = st.sampled_from(["phone", "name", "leads", "raw", "data.xml", "key", "challenge", "at", ""])
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
PIECES = st.sampled_from(
    [
        *[b"phone=", b"%2B12025550123", b"&", b"[", b"]", b"%ff", b"{", b"}", b'"', b":", b"\0"],
        *[b"--b\r\n", b"\r\n\r\n", b"--b--", b'Content-Disposition: form-data; name="phone"'],
        *[
            b"<a>",
            b"</a>",
            b"<!DOCTYPE a [",
            b"<!ENTITY",
            b"&#x0;",
            b"\xff\xfe",
            b"1e400",
            b"\\ud800",
        ],
    ]
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(PIECES, max_size=30).map(b"".join),
    DOCUMENTS.map(_json_bytes),
)
REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "HEAD"]),
        "source": st.sampled_from([*MAPPINGS, "nobody", "%2e%2e", "crm%00", "crm/"]),
        "query": st.sampled_from(["", "a[b]=1", "token=x", "leads[0][phone]=%2B12025550123", "%"]),
        "content": BODIES,
        "content_type": st.sampled_from(CONTENT_TYPES),
        "encoding": st.sampled_from([None, None, None, "gzip", "br", "identity"]),
        "is_proven": st.booleans(),
    }
)


async def _send(adapter: Running, one: dict[str, Any]) -> httpx.Response:
    headers = {"content-type": one["content_type"]}
    if one["encoding"]:
        headers["content-encoding"] = one["encoding"]
    if one["is_proven"]:
        headers["x-webhook-token"] = TOKEN
    url = f"/hooks/{one['source']}?{one['query']}"
    return await adapter.public.request(one["method"], url, content=one["content"], headers=headers)


def test_any_request_gets_an_answer_of_the_table(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No exception leaves the apps, no 500 is answered, and no log line tells a secret."""
    caplog.set_level(logging.DEBUG)
    with asyncio.Runner() as runner:
        context = running(tmp_path, mappings=MAPPINGS, settings=f"max_body: {MAX_BODY}")
        adapter = runner.run(context.__aenter__())
        try:

            @settings(
                max_examples=150,
                deadline=None,
                database=None,
                derandomize=True,  # the same requests everywhere, so that none fails by luck
                suppress_health_check=list(HealthCheck),
            )
            @given(one=REQUESTS)
            def send(one: dict[str, Any]) -> None:
                answer = runner.run(_send(adapter, one))
                parked = {503} if one["source"] == "parked" else set()
                assert answer.status_code in ANSWERS | parked, answer.text
                assert answer.headers["cache-control"] == "no-store"

            send()
        finally:
            runner.run(context.__aexit__(None, None, None))
    # The client of this test is not the adapter's.
    records = [record for record in caplog.records if record.name != "httpx"]
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in records)
    assert "webhook_answered" in told
    for text in [*SECRETS, PHONE, PHONE.removeprefix("+"), PHONE.removeprefix("+1")]:
        assert text not in told


def test_a_hostile_body_costs_little_memory(tmp_path: Path) -> None:
    """Bodies at the limit, built to swell, stay within a small multiple of it."""
    swelling = [
        ("application/json", b"[" + b"{}," * (MAX_BODY // 3 - 1) + b"{}]"),
        ("application/json", b"[" * MAX_BODY),
        ("application/x-www-form-urlencoded", b"a[]=&" * (MAX_BODY // 5)),
        ("application/x-www-form-urlencoded", b"a" + b"[b]" * (MAX_BODY // 3 - 1)),
        ("multipart/form-data; boundary=b", b"--b\r\n" * (MAX_BODY // 5)),
        ("text/xml", b"<a>" + b"<b/>" * (MAX_BODY // 4 - 2) + b"</a>"),
        ("text/xml", b"<a>" * (MAX_BODY // 3)),
    ]

    async def play(adapter: Running) -> None:
        tracemalloc.start()
        try:
            for content_type, body in swelling:
                assert len(body) <= MAX_BODY
                tracemalloc.reset_peak()
                before, _ = tracemalloc.get_traced_memory()
                headers = {"content-type": content_type}
                answer = await adapter.post("crm", content=body, headers=headers)
                _, peak = tracemalloc.get_traced_memory()
                assert answer.status_code in (400, 422)
                assert peak - before < 100 * MAX_BODY, content_type
        finally:
            tracemalloc.stop()

    run(tmp_path, play, mappings=MAPPINGS, settings=f"max_body: {MAX_BODY}", has_engine=False)
