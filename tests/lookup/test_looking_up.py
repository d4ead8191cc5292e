"""From a webhook that names a record to the call, with a vendor's API on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.clock import utc_now
from adapter.compiler.load import load_strict
from adapter.mapping.reading import RequestReading
from adapter.mapping.values import View
from adapter.workers.engine import LOOKUPS_AT_ONCE
from tests.harness.in_process import HandClock, Running, running
from tests.harness.vendor import TOKEN, Asked, Reply, Vendor, answer, guarded, vendor

ADA = {"phone": "+12025550123", "name": "Ada", "vip": False}
MAPPING = """\
auth: {token: a-token-of-the-crm}
agent: sales
lookup:
  url: "${VENDOR}/v1/leads/{$.id}?fields=all"
  headers: {Authorization: "Bearer ${API_TOKEN}"}
  timeout: 10s
when: [{path: $.lookup.vip, not_equals: true, reason: vip}]
phone: $.lookup.phone
variables: {name: $.lookup.name, form: $.form}
"""
KEYED = MAPPING + "dedupe: {key: $.id}\n"
LEAD = {"id": 77, "form": "f1"}
MINUTE = timedelta(minutes=1)
Scenario = Callable[[Running, Vendor], Awaitable[None]]


def play(
    folder: Path,
    scenario: Scenario,
    reply: Callable[[Asked], Reply],
    *,
    mapping: str = MAPPING,
    **setup: Any,
) -> None:
    """Play a scenario against an adapter whose one source asks a vendor that replies so."""

    async def played() -> None:
        async with asyncio.timeout(40), vendor(reply) as api:
            environ = {"VENDOR": api.url, "API_TOKEN": TOKEN}
            mappings = {"crm": mapping}
            async with running(folder, mappings=mappings, environ=environ, **setup) as adapter:
                await scenario(adapter, api)

    asyncio.run(played())


async def until(adapter: Running, call_id: str, reason: str, detail: str = "") -> dict[str, Any]:
    """Return a call once it has this reason and detail."""
    async with asyncio.timeout(20):
        while True:
            call = await adapter.call(call_id)
            if (call["reason"], call["detail"]) == (reason, detail):
                return call
            await asyncio.sleep(0.01)


async def post(adapter: Running, document: Any = LEAD, **more: Any) -> dict[str, Any]:
    """Post a webhook and return its one call as the sender sees it."""
    (call,) = (await adapter.post("crm", document, **more)).json()["calls"]
    return dict(call)


def test_a_record_is_fetched_and_rung(tmp_path: Path) -> None:
    """The sender has its answer before the vendor is asked; then the call is whole, and rings."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        stored = await adapter.post("crm", LEAD)
        assert stored.status_code == 202
        (call,) = stored.json()["calls"]
        assert (call["state"], call["reason"], call["agent"]) == ("waiting", "lookup", "sales")
        await adapter.mock.wait_for_rings(1)
        (ring,) = adapter.mock.rings
        assert (ring.phone, ring.variables) == (ADA["phone"], {"name": "Ada", "form": "f1"})
        settled = await adapter.settled(call["id"])
        assert (settled["state"], settled["phone"], settled["lookups"]) == (
            "rung",
            ADA["phone"],
            None,
        )
        (asked,) = api.asked
        assert asked.target == "/v1/leads/77?fields=all"
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["accept"] == "application/json"

    play(tmp_path, scenario, guarded(ADA))


def test_a_sender_can_wait_for_all_of_it(tmp_path: Path) -> None:
    """`Prefer: wait` waits for the look-up and the ring."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        call = await post(adapter, headers={"prefer": "wait=10"})
        assert (call["state"], call["http_status"]) == ("rung", 200)

    play(tmp_path, scenario, guarded(ADA))


@pytest.mark.parametrize(
    ("record", "state", "reason", "webhook"),
    [
        ({**ADA, "vip": True}, "ignored", "vip", "ignored"),
        ({**ADA, "phone": ""}, "refused", "phone_missing", "refused"),
        ({**ADA, "phone": "12"}, "refused", "phone_invalid", "refused"),
        ({**ADA, "name": {"a": 1}}, "refused", "not_a_scalar", "refused"),
        (None, "refused", "phone_missing", "refused"),
        ([], "refused", "phone_missing", "refused"),
    ],
)
def test_what_the_answer_decides(
    tmp_path: Path, record: Any, state: str, reason: str, webhook: str
) -> None:
    """A guard or a refusal after the look-up is the call's, and its webhook's."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        call = await post(adapter)
        settled = await adapter.settled(call["id"])
        assert (settled["state"], settled["reason"]) == (state, reason)
        (shown,) = await adapter.webhooks()
        assert (shown["state"], shown["reason"]) == (webhook, reason)
        assert adapter.mock.rings == []

    play(tmp_path, scenario, guarded(record))


REPLIES: dict[str, Reply] = {
    "http_500": answer({}, 500),
    "http_404": answer({}, 404),
    "http_204": answer(b"", 204),
    "http_429": answer({}, 429),
    "http_302": answer(b"", 302, headers="location: /elsewhere\r\n"),
    "malformed_answer": answer(b"<html>"),
    "answer_too_large": answer(b'"' + b"x" * 2000 + b'"'),
    "broken_connection": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
    "timeout": None,
}


@pytest.mark.parametrize("detail", REPLIES)
def test_whatever_is_no_answer_is_asked_for_again(tmp_path: Path, detail: str) -> None:
    """A GET rings nobody: the call waits, says why, and rings with the first answer."""
    clock = HandClock()

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        waiting = await until(adapter, call["id"], "lookup", detail)
        assert (waiting["state"], waiting["phone"], waiting["lookups"]) == ("waiting", None, 1)
        api.reply = guarded(ADA)
        clock.advance(6 * MINUTE)
        adapter.wake()
        await adapter.mock.wait_for_rings(1)
        assert {asked.target for asked in api.asked} == {"/v1/leads/77?fields=all"}
        assert len(api.asked) == 2

    play(
        tmp_path,
        scenario,
        lambda _: REPLIES[detail],
        mapping=MAPPING.replace("10s", "300ms") if detail == "timeout" else MAPPING,
        settings="max_body: 1KiB\nexpires_after: 24h\n",
        now=clock,
    )


def test_a_vendor_that_cannot_be_reached_is_asked_again(tmp_path: Path) -> None:
    """Also where nothing listens."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        call = await post(adapter)
        await until(adapter, call["id"], "lookup", "unreachable:refused")

    nobody = MAPPING.replace("${VENDOR}", "http://127.0.0.1:1")
    play(tmp_path, scenario, guarded(ADA), mapping=nobody)


def test_a_lead_that_grew_too_old_meanwhile_fails(tmp_path: Path) -> None:
    """It says what the last try showed, and its key is free for the sender's next webhook."""
    clock = HandClock()

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        await until(adapter, call["id"], "lookup", "http_503")
        clock.advance(timedelta(hours=25))
        adapter.wake()
        failed = await until(adapter, call["id"], "lookup_failed", "http_503")
        assert failed["state"] == "failed"
        api.reply = guarded(ADA)
        again = await post(adapter)
        assert "duplicate_of" not in again
        await adapter.mock.wait_for_rings(1)

    play(tmp_path, scenario, lambda _: answer({}, 503), mapping=KEYED, now=clock)


# As Meta's Graph says that a token has expired.
DENIED = {"error": {"code": 190}}
OWN_WORDS = MAPPING.replace(
    "  timeout: 10s\n",
    """\
  denied: {path: $.answer.error.code, equals: 190}
  gone: {path: $.status, equals: 410}
""",
)


def test_a_record_that_is_gone_is_not_asked_for_again(tmp_path: Path) -> None:
    """By the vendor's own words; the lead is failed at once, and told."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        failed = await adapter.settled(call["id"])
        assert (failed["state"], failed["reason"], failed["detail"]) == (
            "failed",
            "lookup_failed",
            "http_410",
        )
        assert len(api.asked) == 1

    play(tmp_path, scenario, lambda _: answer({}, 410), mapping=OWN_WORDS)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_denial_holds_the_source(tmp_path: Path, status: int) -> None:
    """The call, the others and those to come; a person, or the next try, lets them go."""
    clock = HandClock()

    async def scenario(adapter: Running, api: Vendor) -> None:
        first = await post(adapter)
        await until(adapter, first["id"], "lookup_denied", str(status))
        asked = len(api.asked)
        second = await post(adapter, {"id": 78, "form": "f2"})
        assert (second["state"], second["reason"]) == ("held", "lookup_denied")
        shown = (await adapter.admin.get("/api/status")).json()["sources"]["crm"]
        assert (shown["state"], shown["denied_by"]) == ("denied", str(status))
        await adapter.quiet()
        assert len(api.asked) == asked
        clock.advance(5 * MINUTE)
        adapter.wake()
        await api.wait_for(asked + 1)  # one is tried, the one that was not asked for yet
        tried = await until(adapter, second["id"], "lookup_denied", str(status))
        assert (tried["lookups"], (await adapter.call(first["id"]))["lookups"]) == (1, 1)
        api.reply = by_id
        await adapter.order("/api/sources/crm/resume")
        await adapter.mock.wait_for_rings(2)

    def by_id(asked: Asked) -> Reply:
        phone = "+12025550145" if "/78" in asked.target else ADA["phone"]
        return answer({**ADA, "phone": phone})

    play(tmp_path, scenario, lambda _: answer(DENIED, status), mapping=OWN_WORDS, now=clock)


def test_a_try_that_is_answered_ends_the_denial(tmp_path: Path) -> None:
    """Nobody has to do anything once the vendor lets us in again, even if that record is gone."""
    clock = HandClock()

    async def scenario(adapter: Running, api: Vendor) -> None:
        first = await post(adapter)
        await until(adapter, first["id"], "lookup_denied", "401")
        second = await post(adapter, {"id": 78, "form": "f2"})
        api.reply = lambda asked: answer({}, 404) if "/77" in asked.target else answer(ADA)
        clock.advance(5 * MINUTE)
        adapter.wake()
        await adapter.mock.wait_for_rings(1)
        assert (await adapter.settled(second["id"]))["state"] == "rung"
        await until(adapter, first["id"], "lookup", "http_404")

    play(tmp_path, scenario, lambda _: answer({}, 401), now=clock)


def test_a_retry_of_the_sender_is_a_duplicate_at_once(tmp_path: Path) -> None:
    """An explicit key is claimed at intake, before anybody was asked."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        first, again = await post(adapter), await post(adapter)
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])

    play(tmp_path, scenario, lambda _: None, mapping=KEYED)


def test_two_names_of_one_record_ring_once(tmp_path: Path) -> None:
    """The default key is known with the answer, and is claimed in the commit that takes it."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        calls = [await post(adapter, {"id": number, "form": "f"}) for number in (1, 2, 3)]
        settled = [await adapter.settled(call["id"], "rung", "ignored") for call in calls]
        assert sorted(each["reason"] for each in settled) == ["accepted", *["duplicate"] * 2]
        (rung,) = [each["id"] for each in settled if each["state"] == "rung"]
        assert {each["duplicate_of"] for each in settled} == {None, rung}
        assert len(adapter.mock.rings) == 1

    play(tmp_path, scenario, guarded(ADA))


def test_a_paused_source_asks_nobody(tmp_path: Path) -> None:
    """A flood must not become one at the vendor's."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await adapter.order("/api/sources/crm/pause")
        call = await post(adapter)
        assert (call["state"], call["reason"]) == ("held", "source_burst")
        await adapter.quiet()
        assert api.asked == []
        await adapter.order("/api/sources/crm/resume")
        await adapter.mock.wait_for_rings(1)

    play(tmp_path, scenario, guarded(ADA))


def test_a_paused_agent_keeps_nobody_from_looking_up(tmp_path: Path) -> None:
    """The call is held once it is whole, and rings when its agent may."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await adapter.order("/api/agents/sales/pause")
        call = await post(adapter)
        assert (call["state"], call["reason"]) == ("waiting", "lookup")
        held = await until(adapter, call["id"], "agent_paused")
        assert (held["state"], held["phone"]) == ("held", ADA["phone"])
        await adapter.order("/api/agents/sales/resume")
        await adapter.mock.wait_for_rings(1)
        assert len(api.asked) == 1

    play(tmp_path, scenario, guarded(ADA))


def test_a_blocked_number_is_known_with_the_answer(tmp_path: Path) -> None:
    """It is not rung."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        await adapter.order("/api/blocked", {"phone": ADA["phone"]})
        call = await post(adapter)
        assert (await adapter.settled(call["id"]))["reason"] == "blocked"
        assert adapter.mock.rings == []

    play(tmp_path, scenario, guarded(ADA))


def test_the_gates_are_asked_with_the_answer(tmp_path: Path) -> None:
    """A number in a country where the agent does not ring is refused."""

    async def scenario(adapter: Running, _: Vendor) -> None:
        call = await post(adapter)
        settled = await adapter.settled(call["id"])
        assert (settled["state"], settled["reason"]) == ("refused", "country_not_allowed")

    agents = (
        "agents:\n  sales: {endpoint: '${AGENT_URL}', api_key: key-of-the-mock,"
        " secret: secret-of-the-mock, countries: [ES]}\n"
    )
    play(tmp_path, scenario, guarded(ADA), agents=agents)


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    """The token goes to the host that the mapping names and to no other."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        async with vendor(guarded(ADA)) as other:
            moved = answer(b"", 307, headers=f"location: {other.url}/\r\n")
            api.reply = lambda _: moved
            call = await post(adapter)
            await until(adapter, call["id"], "lookup", "http_307")
            assert other.connections == 0

    play(tmp_path, scenario, guarded(ADA))


def test_no_cookie_is_kept(tmp_path: Path) -> None:
    """One person's look-up leaves nothing for the next."""
    cookie = answer(ADA, headers="set-cookie: session=1; path=/\r\n")

    async def scenario(adapter: Running, api: Vendor) -> None:
        for number in (1, 2):
            call = await post(adapter, {"id": number, "form": str(number)})
            await adapter.settled(call["id"], "rung", "ignored")
        assert [asked.headers.get("cookie") for asked in api.asked] == [None, None]

    play(tmp_path, scenario, lambda _: cookie)


def test_a_value_cannot_change_the_request(tmp_path: Path) -> None:
    """What goes over the wire is one path segment, whatever the webhook says."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await post(adapter, {"id": "../../admin?x=1#y /é\r\nevil: 1", "form": "f"})
        await api.wait_for(1)
        (asked,) = api.asked
        encoded = "..%2F..%2Fadmin%3Fx%3D1%23y%20%2F%C3%A9%20evil%3A%201"
        assert asked.target == f"/v1/leads/{encoded}?fields=all"
        assert "evil" not in asked.headers
        refused = await adapter.post("crm", {"id": "..", "form": "f"})
        assert refused.status_code == 422
        assert refused.json()["calls"][0]["reason"] == "phone_missing"

    play(tmp_path, scenario, guarded(ADA))


def test_a_replay_asks_again(tmp_path: Path) -> None:
    """The answer was not kept; the record as it is then counts."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        assert (await adapter.settled(call["id"]))["reason"] == "phone_missing"
        assert b"not a name" not in adapter.stored_bytes()
        api.reply = guarded(ADA)
        replayed = await adapter.order(f"/api/calls/{call['id']}/replay")
        assert replayed.json()["reason"] == "lookup"
        await adapter.mock.wait_for_rings(1)
        assert len(api.asked) == 2

    play(tmp_path, scenario, guarded({"name": "not a name"}))


def test_a_replay_of_what_rang_keeps_its_phone_for_the_cooldown(tmp_path: Path) -> None:
    """While the record is asked for, another call to that phone is still too soon."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        await adapter.settled(call["id"], "rung")
        api.reply = lambda _: None
        replayed = (await adapter.order(f"/api/calls/{call['id']}/replay")).json()
        assert (replayed["reason"], replayed["may_have_rung"]) == ("lookup", True)
        assert (await adapter.call(call["id"]))["phone"] == ADA["phone"]
        other = (await adapter.post("shop", {"phone": ADA["phone"]})).json()["calls"][0]
        assert (await adapter.settled(other["id"]))["reason"] == "cooldown"
        assert len(adapter.mock.rings) == 1

    async def with_shop() -> None:
        shop = "auth: {token: a-token-of-the-crm}\nagent: sales\nphone: $.phone\n"
        async with asyncio.timeout(40), vendor(guarded(ADA)) as api:
            environ = {"VENDOR": api.url, "API_TOKEN": TOKEN}
            mappings = {"crm": MAPPING, "shop": shop}
            async with running(tmp_path, mappings=mappings, environ=environ) as adapter:
                await scenario(adapter, api)

    asyncio.run(with_shop())


def test_several_look_ups_and_several_items(tmp_path: Path) -> None:
    """Each item has its own, in order; a lane makes a few at a time."""
    mapping = """\
auth: {token: a-token-of-the-crm}
agent: sales
each: $.deals
lookup:
  deal: {url: "${VENDOR}/deals/{$}"}
  person: {url: "${VENDOR}/persons/{$.lookup.deal.person}"}
phone: $.lookup.person.phone
variables: {deal: $, title: $.lookup.deal.title}
"""

    def reply(asked: Asked) -> Reply:
        _, kind, number = asked.target.split("/")
        if kind == "deals":
            return answer({"person": int(number) + 10, "title": f"Deal {number}"})
        return answer({"phone": f"+120255501{number}"})

    async def scenario(adapter: Running, api: Vendor) -> None:
        deals = list(range(20, 40))
        await adapter.post("crm", {"deals": deals})
        await adapter.mock.wait_for_rings(len(deals))
        rings = {ring.variables["deal"]: ring for ring in adapter.mock.rings}
        assert sorted(rings) == [str(deal) for deal in deals]
        for deal in deals:
            ring = rings[str(deal)]
            assert (ring.phone, ring.variables["title"]) == (
                f"+120255501{deal + 10}",
                f"Deal {deal}",
            )
        assert len(api.asked) == 2 * len(deals)
        assert api.connections <= 5

    play(tmp_path, scenario, reply, mapping=mapping)


def test_what_was_cut_off_is_asked_again_at_the_next_start(tmp_path: Path) -> None:
    """At once, not when the lease of a process that is gone would end."""

    async def first(adapter: Running, api: Vendor) -> None:
        await post(adapter)
        await api.wait_for(1)

    async def second(adapter: Running, api: Vendor) -> None:
        await adapter.mock.wait_for_rings(1)
        assert len(api.asked) == 1

    play(tmp_path, first, lambda _: None)
    play(tmp_path, second, guarded(ADA))


DATED = MAPPING + "occurred_at: $.at\n"


@pytest.mark.parametrize("order", ["pause", "denial"])
def test_time_held_makes_no_lead_older(tmp_path: Path, order: str) -> None:
    """Neither while it waits for its look-up, nor when its gates are asked with the answer."""
    clock = HandClock()

    async def scenario(adapter: Running, api: Vendor) -> None:
        if order == "pause":
            await adapter.order("/api/sources/crm/pause")
        call = await post(adapter, LEAD | {"at": clock.moment.isoformat()})
        if order == "denial":
            await until(adapter, call["id"], "lookup_denied", "401")
        api.reply = guarded(ADA)
        clock.advance(timedelta(hours=30))
        await adapter.order("/api/sources/crm/resume")
        await adapter.mock.wait_for_rings(1)

    play(tmp_path, scenario, lambda _: answer({}, 401), mapping=DATED, now=clock)


def test_a_forbidden_record_keeps_nobody_from_ringing(tmp_path: Path) -> None:
    """It holds its source until the next try, and from then on is asked for by itself."""
    clock = HandClock()

    def reply(asked: Asked) -> Reply:
        number = asked.target.split("/")[3].partition("?")[0]
        if number == "1":
            return answer({"error": "not yours"}, 403)
        return answer({**ADA, "phone": f"+120255501{number}"})

    async def scenario(adapter: Running, api: Vendor) -> None:
        forbidden = await post(adapter, {"id": 1, "form": "f"})
        await until(adapter, forbidden["id"], "lookup_denied", "403")
        for number in range(20, 26):
            await post(adapter, {"id": number, "form": "f"})
        clock.advance(5 * MINUTE)
        adapter.wake()
        await adapter.mock.wait_for_rings(6)
        await until(adapter, forbidden["id"], "lookup", "http_403")
        await post(adapter, {"id": 26, "form": "f"})
        await adapter.mock.wait_for_rings(7)

    play(tmp_path, scenario, reply, now=clock)


BATCH = """\
auth: {token: a-token-of-the-crm}
agent: sales
each: $.ids
lookup: {url: "${VENDOR}/leads/{$}"}
phone: $.lookup.phone
"""


def test_a_batch_is_not_decoded_for_each_of_its_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook of many ids is many look-ups, and one document."""
    decoded: list[RequestReading] = []
    views_of = RequestReading.views

    def views(reading: RequestReading) -> tuple[View, ...]:
        decoded.append(reading)
        return views_of(reading)

    async def scenario(adapter: Running, _: Vendor) -> None:
        await adapter.post("crm", {"ids": list(range(20, 60))})
        await adapter.mock.wait_for_rings(40)
        assert len(decoded) <= LOOKUPS_AT_ONCE

    monkeypatch.setattr(RequestReading, "views", views)
    play(
        tmp_path,
        scenario,
        lambda asked: answer({"phone": f"+120255501{asked.target.split('/')[2]}"}),
        mapping=BATCH,
    )


def test_a_webhook_that_no_longer_gives_a_call_refuses_it(tmp_path: Path) -> None:
    """Nobody was asked, so a denial stays; the record is `no_items`."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await adapter.order("/api/sources/crm/pause")
        calls = (await adapter.post("crm", {"ids": [1, 2]})).json()["calls"]
        mapping = adapter.folder / "mappings" / "crm.yaml"
        mapping.write_text(BATCH.replace("$.ids", "$.ids[0]"), "utf-8")
        environ = {"VENDOR": api.url, "AGENT_URL": adapter.mock.url, "API_TOKEN": TOKEN}
        adapter.adapter.current.config = load_strict(adapter.folder / "adapter.yaml", environ)
        await adapter.order("/api/sources/crm/resume")
        assert (await adapter.settled(calls[1]["id"]))["reason"] == "no_items"
        await adapter.mock.wait_for_rings(1)

    play(tmp_path, scenario, lambda _: answer({"phone": ADA["phone"]}), mapping=BATCH)


def test_a_source_that_is_gone_leaves_nothing_behind(tmp_path: Path) -> None:
    """Its calls are looked at until they are too old, and say why they wait."""
    clock = HandClock()

    async def scenario(adapter: Running, _: Vendor) -> None:
        await adapter.order("/api/sources/crm/pause")
        call = await post(adapter)
        config = adapter.adapter.current.config
        adapter.adapter.current.config = replace(config, sources={})
        await adapter.order("/api/sources/crm/resume")
        await until(adapter, call["id"], "lookup", "no_mapping")
        clock.advance(timedelta(hours=30))
        adapter.wake()
        assert (await adapter.settled(call["id"]))["reason"] == "lookup_failed"

    play(tmp_path, scenario, guarded(ADA), now=clock)


def test_a_mapping_that_needs_no_look_up_any_more_asks_nobody(tmp_path: Path) -> None:
    """What waits for one is mapped as the mapping is now."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await adapter.order("/api/sources/crm/pause")
        call = await post(adapter, LEAD | {"phone": ADA["phone"]})
        config = adapter.adapter.current.config
        plain = "auth: {token: a-token-of-the-crm}\nagent: sales\nphone: $.phone\n"
        (adapter.folder / "mappings" / "crm.yaml").write_text(plain, "utf-8")
        environ = {"VENDOR": api.url, "AGENT_URL": adapter.mock.url}
        now = load_strict(adapter.folder / "adapter.yaml", environ)
        adapter.adapter.current.config = replace(config, sources=now.sources)
        await adapter.order("/api/sources/crm/resume")
        assert (await adapter.settled(call["id"]))["state"] == "rung"
        assert api.asked == []

    play(tmp_path, scenario, guarded(ADA))


def test_a_token_since_replaced_tells_nothing_of_the_new_one(tmp_path: Path) -> None:
    """A call may be claimed under a new configuration, and asked for with the old one's token."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        await adapter.adapter.ledger.admin.reconcile_lookups({"crm": "the new one"}, utc_now())
        call = await post(adapter)
        await api.wait_for(1)
        late.set()
        await until(adapter, call["id"], "lookup", "http_401")

    late = asyncio.Event()

    async def played() -> None:
        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            api.asked.append(Asked(target="", headers={}))
            api.changed.set()
            await late.wait()
            writer.write(answer({}, 401))
            await writer.drain()
            writer.close()

        api = Vendor(reply=lambda _: None)
        server = await asyncio.start_server(slow, "127.0.0.1", 0)
        api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        environ = {"VENDOR": api.url, "API_TOKEN": "an-older-token-of-ours"}
        mappings = {"crm": MAPPING}
        async with server, running(tmp_path, mappings=mappings, environ=environ) as adapter:
            await scenario(adapter, api)

    asyncio.run(played())


def test_a_silent_vendor_keeps_no_program_from_ending(tmp_path: Path) -> None:
    """A look-up rings nobody: a stop cuts it at once, and the next start makes it."""

    async def scenario(adapter: Running, api: Vendor) -> None:
        call = await post(adapter)
        await api.wait_for(1)
        async with asyncio.timeout(5):  # the look-up would take 10 s
            assert await adapter.adapter.engine.drain(30) == 0
        assert (await adapter.call(call["id"]))["reason"] == "lookup"

    play(tmp_path, scenario, lambda _: None)
