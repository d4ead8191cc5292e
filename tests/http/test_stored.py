"""Promises about answers to what was stored: contract §5's first four rows."""

import gzip
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.in_process import CRM, TOKEN, HandClock, Running, run

LEAD = {"phone": "+12025550123", "name": "Ada"}
ACK = "<Ack>true</Ack>"
GUARDED = CRM + "when: {path: $.test, exists: false, reason: is_test}\n"
MANY = CRM + "each: $.leads\n"
ACKED = CRM + "respond: salesforce_ack\n"
EXACT = CRM + 'respond: {status: 200, body: "thanks", content_type: text/plain}\n'
STATUS_ONLY = CRM + "respond: {status: 200}\n"
MAPPINGS = {
    "crm": CRM,
    "guarded": GUARDED,
    "many": MANY,
    "acked": ACKED,
    "exact": EXACT,
    "status-only": STATUS_ONLY,
}


def _check_stored(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    document = dict(answer.json())
    assert document["webhook"]
    is_problem = status >= 400
    wanted = "application/problem+json" if is_problem else "application/json"
    assert answer.headers["content-type"] == wanted
    if is_problem:
        assert (document["status"], document["type"]) == (status, "about:blank")
        assert document["title"]
    return document


@pytest.mark.parametrize(
    ("source", "document", "status", "states"),
    [
        ("crm", LEAD, 202, [("waiting", "new")]),
        ("crm", {"name": "Ada"}, 422, [("refused", "phone_missing")]),
        ("crm", {"phone": "12"}, 422, [("refused", "phone_invalid")]),
        ("crm", {"phone": "+19005550123"}, 422, [("refused", "phone_not_allowed")]),
        ("crm", [], 422, [("refused", "phone_missing")]),
        ("guarded", LEAD | {"test": True}, 200, [("ignored", "is_test")]),
        ("many", {"leads": []}, 422, []),
        ("many", {"leads": [LEAD, {}]}, 202, [("waiting", "new"), ("refused", "phone_missing")]),
        ("many", {"leads": [{}, {}]}, 422, [("refused", "phone_missing")] * 2),
        ("many", {"leads": [LEAD, LEAD]}, 202, [("waiting", "new"), ("ignored", "duplicate")]),
    ],
)
def test_the_answer_tells_what_became_of_each_call(
    tmp_path: Path, source: str, document: Any, status: int, states: list[tuple[str, str]]
) -> None:
    """Status and body follow the calls' states, and the ledger says the same."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post(source, document)
        told = _check_stored(answer, status)
        assert [(call["state"], call["reason"]) for call in told["calls"]] == states
        kept = {call["id"]: (call["state"], call["reason"]) for call in await adapter.calls()}
        assert kept == {c["id"]: (c["state"], c["reason"]) for c in told["calls"]}
        assert [webhook["id"] for webhook in await adapter.webhooks()] == [told["webhook"]]

    run(tmp_path, play, mappings=MAPPINGS, now=HandClock(), has_engine=False)


UNREADABLE = [
    (b"{", {}, 400, "malformed_body"),
    (b'{"phone": 1e999}', {}, 400, "malformed_body"),
    (b"\xff\xfe\xfd", {}, 400, "malformed_body"),
    (b"<a>", {"content-type": "text/xml"}, 400, "malformed_body"),
    (b"x", {"content-type": "multipart/form-data"}, 400, "malformed_body"),
    (b"\x1f\x8b{}", {"content-encoding": "gzip"}, 400, "malformed_body"),
    (gzip.compress(b"{}", mtime=0)[:-4], {"content-encoding": "gzip"}, 400, "malformed_body"),
    (b"a,b", {"content-type": "text/csv"}, 415, "unsupported_media_type"),
    (b"{}", {"content-encoding": "br"}, 415, "unsupported_media_type"),
    (b"{", {"content-type": "application/json; charset=x"}, 400, "malformed_body"),
]


@pytest.mark.parametrize(("body", "headers", "status", "reason"), UNREADABLE)
def test_what_cannot_be_read_is_kept_as_it_came(
    tmp_path: Path, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    """An authenticated sender's unreadable body is stored, byte for byte, for a replay."""

    async def play(adapter: Running) -> None:
        sent = {"content-type": "application/json"} | headers
        answer = await adapter.post("crm", content=body, headers=sent)
        told = _check_stored(answer, status)
        assert told["reason"] == reason
        webhook = await adapter.adapter.ledger.reads.webhook(told["webhook"])
        assert webhook is not None
        assert (webhook[0].body, webhook[0].state, webhook[0].reason) == (body, "refused", reason)

    run(tmp_path, play, now=HandClock(), has_engine=False)


def test_a_webhook_can_be_replayed_once_its_mapping_reads_it(tmp_path: Path) -> None:
    """A refused call rings after the mapping was mended; so does a body that was unreadable."""
    kept: list[str] = []

    async def post(adapter: Running) -> None:
        answer = await adapter.post("crm", {"telephone": "+12025550123", "name": "Ada"})
        kept.append(_check_stored(answer, 422)["webhook"])
        broken = b"data={&phone=%2B12025550124"
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await adapter.post("form", content=broken, headers=form)
        kept.append(_check_stored(answer, 400)["webhook"])

    async def replay(adapter: Running) -> None:
        for webhook in kept:
            answer = await adapter.order(f"/api/webhooks/{webhook}/replay")
            assert answer.status_code == 200, answer.text
        await adapter.mock.wait_for_rings(2)
        assert {r.phone for r in adapter.mock.rings} == {"+12025550123", "+12025550124"}

    old = {"crm": CRM, "form": CRM + "decode: {json: [$.data]}\n"}
    mended = {"crm": CRM.replace("$.phone", "$.telephone"), "form": CRM}
    run(tmp_path, post, mappings=old)
    run(tmp_path, replay, mappings=mended)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"content-encoding": "br"}, "gzip, deflate"),
        ({"content-encoding": "zstd"}, "gzip, deflate"),
        ({"content-encoding": "gzip", "content-type": "text/csv"}, None),
    ],
)
def test_a_coding_that_is_not_read_is_told_and_stays_known(
    tmp_path: Path, headers: dict[str, str], told: str | None
) -> None:
    """RFC 9110's 415: the codings to use, if that was it; a replay does not take it for plain."""
    body = b'{"phone": "+12025550123"}' if told else b"a,b"

    async def play(adapter: Running) -> None:
        sent = {"content-type": "application/json"} | headers
        answer = await adapter.post("crm", content=body, headers=sent)
        _check_stored(answer, 415)
        assert answer.headers.get("accept-encoding") == told
        webhook = answer.json()["webhook"]
        stored = (await adapter.admin.get(f"/api/webhooks/{webhook}")).json()["headers"]
        kept = [value for name, value in stored if name == "content-encoding"]
        assert kept == ([headers["content-encoding"]] if told else [])
        again = await adapter.order(f"/api/webhooks/{webhook}/replay")
        assert again.status_code == 200
        (row,) = await adapter.webhooks()
        assert row["reason"] == "unsupported_media_type"
        assert await adapter.calls() == []

    run(tmp_path, play, has_engine=False)


@pytest.mark.parametrize("body", [b'{"phone": "+12025550123"}', b"{}", b"{"])
def test_a_sender_that_wants_an_acknowledgement_gets_it_for_whatever_is_stored(
    tmp_path: Path, body: bytes
) -> None:
    """`respond` overrides 202, 422 and 400 alike."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("acked", content=body)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert ACK in answer.text
        assert answer.headers["cache-control"] == "no-store"
        exact = await adapter.post("exact", content=body)
        assert (exact.status_code, exact.text) == (200, "thanks")
        told = await adapter.post("status-only", content=body)
        assert told.status_code == 200
        assert told.json()["webhook"]
        assert len(await adapter.webhooks()) == 3

    run(tmp_path, play, mappings=MAPPINGS, now=HandClock(), has_engine=False)


def test_an_acknowledgement_is_never_given_for_what_is_not_stored(tmp_path: Path) -> None:
    """Without proof, or too large, `respond` overrides nothing: the sender must try again."""

    async def play(adapter: Running) -> None:
        refused = await adapter.post("acked", LEAD, token="a-guess")
        large = await adapter.post("acked", content=b" " * 2000)
        assert [refused.status_code, large.status_code] == [401, 413]
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings=MAPPINGS, settings="max_body: 1KiB", has_engine=False)


def test_a_compressed_body_is_read(tmp_path: Path) -> None:
    """`Content-Encoding: gzip` is undone before anything else."""

    async def play(adapter: Running) -> None:
        body = gzip.compress(b'{"phone": "+12025550123", "name": "Ada"}')
        answer = await adapter.post("crm", content=body, headers={"content-encoding": "gzip"})
        assert _check_stored(answer, 202)["calls"][0]["state"] == "waiting"

    run(tmp_path, play, now=HandClock(), has_engine=False)


def test_a_get_rings_where_the_mapping_says_so(tmp_path: Path) -> None:
    """With `methods: [GET]` the query is the document, less the token."""

    async def play(adapter: Running) -> None:
        query = {"token": TOKEN, "phone": "+12025550123", "name": "Ada Example"}
        answer = await adapter.public.get("/hooks/tracker", params=query)
        told = _check_stored(answer, 202)
        (call,) = await adapter.calls()
        assert call["variables"] == {"name": "Ada Example"}
        webhook = (await adapter.admin.get(f"/api/webhooks/{told['webhook']}")).json()
        assert (webhook["method"], "token" in webhook["query"]) == ("GET", False)

    mappings = {"tracker": CRM + "methods: [GET]\n"}
    run(tmp_path, play, mappings=mappings, now=HandClock(), has_engine=False)
