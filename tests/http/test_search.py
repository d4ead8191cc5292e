"""Promises of the search: whoever wrote is found by the number, and forget finds the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.in_process import CRM, TOKEN, Running, run

ADA, BEN = "+12025550123", "+12025550145"
US = CRM.replace("phone: $.phone", "phone: {path: $.phone, region: US}")
GUARDED = f"{US}when: [{{path: $.kind, equals: lead}}]\n"
TWO = CRM.replace("phone: $.phone", "phone: {paths: [$.mobile, $.phone], region: US}")
BATCH = f"{US}each: $.leads\n"
SPELLINGS = [
    *("+1 (202) 555-0123", "202.555.0123", "1 202 555 0123", "0012025550123", "+1 +1 202 5550123"),
    *("\uff12\uff10\uff12 \uff15\uff15\uff15 \uff10\uff11\uff12\uff13", "tel:+1-202-555-0123"),
    *("202\u2013555\u20130123", "'2025550123", "+1%202025550123", "(202)~555~0123"),
]


async def found(adapter: Running, phone: str) -> set[str]:
    """Return the ids of the webhooks that a number finds."""
    answer = await adapter.admin.get("/api/webhooks", params={"phone": phone})
    assert answer.status_code == 200, answer.text
    return {webhook["id"] for webhook in answer.json()["webhooks"]}


async def forgotten(adapter: Running, phone: str = ADA) -> int:
    """Forget a number; return how many webhooks were erased."""
    answer = await adapter.order("/api/forget", {"phone": phone})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["webhooks"])


@pytest.mark.parametrize("written", SPELLINGS)
@pytest.mark.parametrize("kind", ["lead", "other"])
def test_every_spelling_is_found_and_forgotten(tmp_path: Path, written: str, kind: str) -> None:
    """Also where a guard turned the lead away, so that no call was made for it."""

    async def play(adapter: Running) -> None:
        lead = {"phone": written, "name": "Ada", "kind": kind}
        webhook = (await adapter.post("crm", lead)).json()["webhook"]
        await adapter.post("crm", {"phone": BEN, "name": "Ben", "kind": kind})
        (call,) = await adapter.calls(phone=ADA)
        assert call["webhook"] == webhook
        for spelling in (ADA, "(202) 555-0123", "001 202 555 0123"):
            assert await found(adapter, spelling) == {webhook}
        assert await forgotten(adapter) == 1
        assert await found(adapter, ADA) == set()
        assert len(await adapter.calls(phone=BEN)) == 1

    run(tmp_path, play, mappings={"crm": GUARDED}, has_engine=False)


UNREADABLE = [
    (CRM, "202 555 0123", ADA),  # no region, so nobody knows whose it is
    (CRM, "202 555 0123", "202-555-0123"),
    (US, "+1 202 555 012", "+1202555012"),  # a digit is lost
    (US, "202-555-0123 ext. 5", ADA),
    (US, "202-555-0123x5", ADA),
    (US.replace("US", "DE"), "49 7755 91155", "+49775591155"),  # it may be two
    (US.replace("US", "DE"), "030 23125678/79", "+493023125678"),
]


@pytest.mark.parametrize(("mapping", "written", "asked"), UNREADABLE)
def test_what_was_refused_as_no_number_is_found(
    tmp_path: Path, mapping: str, written: str, asked: str
) -> None:
    """By its digits: whether she was called is never answered with none when she wrote."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", {"phone": written, "name": "Ada"})
        assert answer.status_code == 422, answer.text
        assert await found(adapter, asked) == {answer.json()["webhook"]}
        (call,) = await adapter.calls(phone=asked)
        assert call["phone"] is None
        if asked.startswith("+"):
            assert await forgotten(adapter, asked) == 1

    run(tmp_path, play, mappings={"crm": mapping}, has_engine=False)


def test_a_lead_without_a_number_where_the_mapping_looks_is_found(tmp_path: Path) -> None:
    """All that may be a number counts then: the mapping, not the sender, may be wrong."""

    async def play(adapter: Running) -> None:
        lead = {"tel": "202-555-0123", "note": "or +1 202 555 0145, after 2026-03-02"}
        webhook = (await adapter.post("crm", lead)).json()["webhook"]
        broken = await adapter.post(
            "crm", content=b'{"phone": "+12025550123', headers={"content-type": "application/json"}
        )
        assert broken.json()["reason"] == "malformed_body"
        webhooks = {webhook, broken.json()["webhook"]}
        assert await found(adapter, ADA) == webhooks
        assert await found(adapter, BEN) == {webhook}
        assert await forgotten(adapter) == 2
        assert await found(adapter, BEN) == set()

    run(tmp_path, play, mappings={"crm": US}, has_engine=False)


def test_every_number_where_the_mapping_looks_is_found(tmp_path: Path) -> None:
    """Of two paths the second is not rung, and is the lead's all the same."""

    async def play(adapter: Running) -> None:
        lead = {"mobile": "202 555 0123", "phone": "202 555 0145", "name": "Ada"}
        webhook = (await adapter.post("crm", lead)).json()["webhook"]
        assert await found(adapter, ADA) == await found(adapter, BEN) == {webhook}
        assert await forgotten(adapter, BEN) == 1
        assert await found(adapter, ADA) == set()

    run(tmp_path, play, mappings={"crm": TWO}, has_engine=False)


def test_a_lead_that_a_guard_ignored_is_found_by_what_transforms_make(tmp_path: Path) -> None:
    """The number is the one that would have been rung."""

    async def play(adapter: Running) -> None:
        lead = {"phone": "2025550123 ext 99", "name": "Ada", "kind": "other"}
        webhook = (await adapter.post("crm", lead)).json()["webhook"]
        assert await found(adapter, "+12025550123") == {webhook}
        assert await found(adapter, "202555012399") == set()

    transform = 'transform: {replace: [" ext.*", ""]}}'
    mapping = GUARDED.replace("region: US}", f"region: US, {transform}")
    run(tmp_path, play, mappings={"crm": mapping}, has_engine=False)


def test_of_many_in_a_webhook_each_is_found_alone(tmp_path: Path) -> None:
    """The webhook has several hashes, and forgetting one of them leaves the others their calls."""

    async def play(adapter: Running) -> None:
        leads = {"leads": [{"phone": ADA, "name": "Ada"}, {"phone": BEN, "name": "Ben"}]}
        webhook = (await adapter.post("crm", leads)).json()["webhook"]
        assert await found(adapter, ADA) == await found(adapter, BEN) == {webhook}
        assert [call["phone"] for call in await adapter.calls(phone=ADA)] == [ADA]
        assert await forgotten(adapter) == 1
        assert await found(adapter, ADA) == set()
        assert [call["phone"] for call in await adapter.calls(phone=BEN)] == [BEN]

    run(tmp_path, play, mappings={"crm": BATCH}, has_engine=False)


ENCODED: dict[str, tuple[str, bytes]] = {
    "json escapes": ("application/json", b'{"phone": "\\u002b\\u0031\\u00320\\u00325550123"}'),
    "percent": ("application/x-www-form-urlencoded", b"phone=%2B1%32%30%32%35%35%35%30%31%32%33"),
    "utf-32": ("application/json", json.dumps({"phone": ADA}).encode("utf-32")),
    "xml": ("application/xml", b"<lead><phone>+1&#50;&#48;25550123</phone></lead>"),
    "arabic digits": (
        "application/json",
        '{"phone": "+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663"}'.encode(),
    ),
}


@pytest.mark.parametrize(("content_type", "body"), ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize("is_captured", [False, True])
def test_a_number_is_found_in_bodies_as_they_are_decoded(
    tmp_path: Path, content_type: str, body: bytes, is_captured: bool
) -> None:
    """Stored by a mapping or by a capture, whatever encodes it."""

    async def play(adapter: Running) -> None:
        headers = {"content-type": content_type}
        if is_captured:
            opened = await adapter.order("/api/captures", {"source": "shop", "for": "1h"})
            await adapter.public.post(opened.json()["url"], content=body, headers=headers)
        else:
            headers |= {"x-webhook-token": TOKEN}
            await adapter.public.post("/hooks/crm", content=body, headers=headers)
        (webhook,) = await adapter.webhooks()
        assert await found(adapter, ADA) == {webhook["id"]}
        # Its hashes may be gone or have never been: the text is looked through all the same.
        assert await forgotten(adapter) == 1
        whole: dict[str, Any] = (await adapter.admin.get(f"/api/webhooks/{webhook['id']}")).json()
        assert (whole["body"], whole["headers"]) == ("", [])

    run(tmp_path, play, mappings={"crm": US}, has_engine=False)


def test_what_another_field_says_is_forgotten_as_decoded(tmp_path: Path) -> None:
    """Ben's call is not hers, and stays; what the webhook says of her goes."""

    async def play(adapter: Running) -> None:
        content = b'{"phone": "+12025550145", "note": "or \\u0032\\u0030\\u0032 555 0123"}'
        headers = {"content-type": "application/json"}
        answer = await adapter.post("crm", content=content, headers=headers)
        assert await forgotten(adapter) == 1
        (call,) = await adapter.calls(phone=BEN)
        assert call["id"] == answer.json()["calls"][0]["id"]

    run(tmp_path, play, mappings={"crm": US}, has_engine=False)


@pytest.mark.parametrize("written", ["99012025550123", "00 21 1 202 555 0123", "8~10 12025550123"])
def test_what_nobody_could_read_is_forgotten_as_it_is_found(tmp_path: Path, written: str) -> None:
    """The exit code of a country that a capture does not know."""

    async def play(adapter: Running) -> None:
        opened = await adapter.order("/api/captures", {"source": "shop", "for": "1h"})
        await adapter.public.post(opened.json()["url"], json={"phone": written})
        (webhook,) = await adapter.webhooks()
        assert await found(adapter, ADA) == {webhook["id"]}
        assert await forgotten(adapter) == 1

    run(tmp_path, play, mappings={"crm": US}, has_engine=False)


def test_a_search_needs_digits(tmp_path: Path) -> None:
    """Fewer than six would be anybody's."""

    async def play(adapter: Running) -> None:
        for path in ("calls", "webhooks"):
            answer = await adapter.admin.get(f"/api/{path}", params={"phone": "555-01"})
            assert answer.status_code == 400
            assert "6 digits" in answer.json()["detail"]

    run(tmp_path, play, has_engine=False)
