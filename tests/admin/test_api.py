"""Promises of the admin API: what it lists, what it changes, what it refuses."""

import base64
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapter.mock_agent.script import Script, Scripted, script_of
from tests.harness.in_process import API_KEY, CRM, TOKEN, HandClock, Running, run

ADA, BEN, CLEO = "+12025550123", "+12025550145", "+12025550167"
CALL_KEYS = {
    *("id", "webhook", "source", "agent", "phone", "variables", "state", "reason"),
    *("duplicate_of", "attempts", "due_at", "created_at", "updated_at"),
}
ATTEMPT_KEYS = {"number", "started_at", "ended_at", "outcome", "http_status", "code"}
BATCH = CRM + "each: $[*]\n"


def lead(phone: str, name: str = "Ada") -> dict[str, str]:
    """Return a lead as the CRM posts it."""
    return {"phone": phone, "name": name}


async def stored(adapter: Running, document: Any, source: str = "crm") -> dict[str, Any]:
    """Post a webhook and return its first call, as the answer has it."""
    return dict((await adapter.post(source, document)).json()["calls"][0])


def test_a_page_of_calls_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    """Each row has exactly the contract's keys, and one call has its attempts in full."""

    async def play(adapter: Running) -> None:
        call_id = (await stored(adapter, lead(ADA)))["id"]
        await adapter.settled(call_id)
        page = (await adapter.admin.get("/api/calls")).json()
        assert page.keys() == {"calls", "next"}
        (row,) = page["calls"]
        assert row.keys() == CALL_KEYS
        assert (row["attempts"], row["variables"]) == (1, {"name": "Ada"})
        assert row["created_at"].endswith("Z")
        assert len(row["created_at"]) == len("2026-03-02T09:00:00.000Z")
        whole = await adapter.call(call_id)
        assert whole.keys() >= CALL_KEYS
        (attempt,) = whole["attempts"]
        assert attempt.keys() == ATTEMPT_KEYS
        assert (attempt["number"], attempt["outcome"], attempt["http_status"]) == (1, "rung", 200)

    run(tmp_path, play)


def test_pages_follow_one_another_newest_first(tmp_path: Path) -> None:
    """Cursors lead through all rows once, also while new ones come."""

    async def play(adapter: Running) -> None:
        for number in range(7):
            await adapter.post("crm", lead(f"+120255501{number:02}"))
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
            page = (await adapter.admin.get("/api/calls", params=params)).json()
            seen += [row["id"] for row in page["calls"]]
            cursor = page["next"]
            if len(seen) == 3:
                await adapter.post("crm", lead("+12025550199"))
        assert len(seen) == len(set(seen)) == 7
        assert seen == sorted(seen, reverse=True)
        hooks = (await adapter.admin.get("/api/webhooks?limit=8")).json()
        assert (len(hooks["webhooks"]), hooks["next"]) == (8, None)
        assert hooks["webhooks"][0].keys() == {"id", "source", "state", "reason", "received_at"}

    run(tmp_path, play, has_engine=False)


FILTERS = [
    ("state=waiting", {ADA, BEN}),
    ("state=refused", {None}),
    ("state=ignored&reason=duplicate", {ADA}),
    ("source=other", {BEN}),
    ("agent=sales&state=waiting&source=crm", {ADA}),
    ("agent=nobody", set()),
    (f"phone=%2B{ADA[1:]}", {ADA}),
    (f"phone={ADA}", {ADA}),  # an unescaped plus, which a query string reads as a space
    (f"phone={ADA}&state=waiting", {ADA}),
    ("phone=%2B1+202-555-0145", {BEN}),
    ("phone=%2B2025550187", set()),  # given out nowhere, and well-formed
    ("reason=phone_missing", {None}),
    ("since=2026-03-02T09:00:00Z", {ADA, BEN, None}),
    ("since=2026-03-02T09:00:00.001Z", set()),
    ("since=2026-03-02T10:30:00%2B01:00", set()),
    ("since=1772442000", {ADA, BEN, None}),
]


def test_filters_narrow_the_list(tmp_path: Path) -> None:
    """Every filter of the contract, alone and together."""

    async def play(adapter: Running) -> None:
        await adapter.post("crm", lead(ADA))
        await adapter.post("crm", lead(ADA))
        await adapter.post("other", lead(BEN))
        await adapter.post("crm", {"name": "Nobody"})
        for query, phones in FILTERS:
            answer = await adapter.admin.get(f"/api/calls?{query}")
            assert answer.status_code == 200, query
            assert {call["phone"] for call in answer.json()["calls"]} == phones, query
        for query, count in (
            ("state=refused", 1),
            ("state=mapped&source=crm", 1),
            ("state=ignored", 1),
            ("reason=phone_missing", 1),
            ("since=2027-01-01", 0),
        ):
            answer = await adapter.admin.get(f"/api/webhooks?{query}")
            assert len(answer.json()["webhooks"]) == count, query

    mappings = {"crm": CRM, "other": CRM}
    run(tmp_path, play, mappings=mappings, now=HandClock(), has_engine=False)


REFUSED = [
    ("GET", "/api/calls?state=rang", 400, "waiting, held"),
    ("GET", "/api/webhooks?state=rung", 400, "mapped, refused, ignored"),
    ("GET", "/api/webhooks?phone=20255", 400, "6 digits or more. Write it as +12025550123."),
    ("GET", "/api/calls?phone=", 400, "Write it as +12025550123."),
    ("GET", "/api/calls?limit=0", 400, "1 to 500"),
    ("GET", "/api/calls?limit=501", 400, "1 to 500"),
    ("GET", "/api/calls?limit=many", 400, "1 to 500"),
    ("GET", "/api/calls?since=yesterday", 400, "RFC 3339"),
    ("GET", "/api/calls?cursor=page-2", 400, "`next`"),
    ("GET", "/api/webhooks?cursor='--", 400, "`next`"),
    ("GET", "/api/calls/none", 404, "no such call"),
    ("POST", "/api/calls/none/replay", 404, "no such call"),
    ("POST", "/api/calls/none/resolve", 400, '{"as": "rung"}'),
    ("GET", "/api/webhooks/none", 404, "no such webhook"),
    ("POST", "/api/webhooks/none/replay", 404, "no such webhook"),
    ("POST", "/api/agents/none/pause", 404, "there are: sales"),
    ("POST", "/api/agents/none/resume", 404, "there are: sales"),
    ("POST", "/api/try", 404, "there are: crm"),
    ("GET", "/api/nothing", 404, ""),
    ("POST", "/api/calls", 405, ""),
    ("GET", "/api/calls/none/replay", 405, ""),
    ("DELETE", "/api/status", 405, ""),
]


def test_refusals_say_what_is_expected(tmp_path: Path) -> None:
    """A bad request is a problem document that names the way out, never a 500."""

    async def play(adapter: Running) -> None:
        for method, path, status, hint in REFUSED:
            body: dict[str, str] | None = {} if method == "POST" else None
            answer = await adapter.admin.request(method, path, json=body)
            assert answer.status_code == status, path
            assert answer.headers["content-type"] == "application/problem+json", path
            assert answer.headers["cache-control"] == "no-store", path
            assert hint in answer.json().get("detail", ""), path
            assert ("allow" in answer.headers) == (status == 405), path

    run(tmp_path, play, has_engine=False)


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"[" * 100_000, b"\xff", b"null"])
def test_a_body_that_is_no_json_object_is_refused(tmp_path: Path, body: bytes) -> None:
    """Whatever the bytes, the answer is a 400."""

    async def play(adapter: Running) -> None:
        answer = await adapter.admin.post(
            "/api/try", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400

    run(tmp_path, play, has_engine=False)


def test_a_body_past_4_mib_is_refused(tmp_path: Path) -> None:
    """The admin API's memory is bounded, too."""

    async def play(adapter: Running) -> None:
        answer = await adapter.admin.post(
            "/api/try", content=b" " * (5 << 20), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413

    run(tmp_path, play, has_engine=False)


def test_pause_holds_and_resume_lets_go(tmp_path: Path) -> None:
    """Paused, an agent's calls are held at once and as they come; resumed, they ring."""

    async def play(adapter: Running) -> None:
        for name in ("*", "sales"):
            status = (await adapter.order(f"/api/agents/{name}/pause")).json()
            assert {agent["state"] for agent in status["agents"].values()} >= {"paused"}
        call = await stored(adapter, lead(ADA))
        assert (call["state"], call["reason"]) == ("held", "agent_paused")
        assert (await adapter.order("/api/agents/support/resume")).status_code == 200
        assert (await adapter.call(call["id"]))["state"] == "held"
        status = (await adapter.order("/api/agents/*/resume")).json()
        assert {agent["state"] for agent in status["agents"].values()} == {"live"}
        assert (await adapter.settled(call["id"]))["state"] == "rung"

    agents = """\
agents:
  sales: &one {endpoint: "${AGENT_URL}", api_key: key-of-the-mock, secret: secret-of-the-mock}
  support: {endpoint: "${AGENT_URL}", api_key: key-of-the-mock, secret: secret-of-the-mock}
"""
    run(tmp_path, play, agents=agents)


def test_resume_cures_a_halted_agent(tmp_path: Path) -> None:
    """A halt is shown with its code and next probe; a person's resume ends it."""

    async def play(adapter: Running) -> None:
        call = await stored(adapter, lead(ADA))
        held = await adapter.settled(call["id"], "held")
        assert (held["reason"], held["detail"]) == ("agent_halted", "ctc:004")
        agent = (await adapter.admin.get("/api/status")).json()["agents"]["sales"]
        assert (agent["state"], agent["halted_by"]) == ("halted", "ctc:004")
        assert agent["probe_at"].endswith("Z")
        await adapter.order("/api/agents/sales/resume")
        assert (await adapter.settled(call["id"]))["state"] == "rung"

    run(tmp_path, play, script=script_of("ctc:004"))


def test_an_uncertain_call_is_resolved_once(tmp_path: Path) -> None:
    """A person's word ends it, either way; a second word is a conflict."""

    async def play(adapter: Running) -> None:
        for phone, word, state in ((ADA, "rung", "rung"), (BEN, "not_rung", "failed")):
            call_id = (await stored(adapter, lead(phone)))["id"]
            await adapter.settled(call_id, "uncertain")
            assert (await adapter.order(f"/api/calls/{call_id}/resolve", {"as": 1})).is_error
            resolved = await adapter.order(f"/api/calls/{call_id}/resolve", {"as": word})
            assert resolved.json()["state"] == state
            assert resolved.json()["reason"] == f"resolved_{word}"
            again = await adapter.order(f"/api/calls/{call_id}/resolve", {"as": word})
            assert (again.status_code, state in again.json()["detail"]) == (409, True)

    run(tmp_path, play, script=script_of("drop", "drop"))


def test_a_replay_says_when_the_phone_may_have_rung(tmp_path: Path) -> None:
    """Replaying keeps the id, rings again, and warns where that may be the second time."""

    async def play(adapter: Running) -> None:
        for phone, state, warns in ((ADA, "failed", False), (BEN, "uncertain", True)):
            call_id = (await stored(adapter, lead(phone)))["id"]
            await adapter.settled(call_id, state)
            replayed = (await adapter.order(f"/api/calls/{call_id}/replay")).json()
            assert (replayed["id"], replayed["state"]) == (call_id, "waiting")
            assert (replayed["may_have_rung"], replayed["conflict"]) == (warns, None)
            call = await adapter.settled(call_id)
            assert (call["state"], len(call["attempts"])) == ("rung", 2)

    script = Script(phones={BEN: script_of("drop").default}, default=script_of(400).default)
    run(tmp_path, play, script=script)


def test_a_replay_is_refused_where_the_state_or_another_call_forbids_it(tmp_path: Path) -> None:
    """A waiting call cannot be replayed, nor a duplicate of one that still counts."""

    async def play(adapter: Running) -> None:
        first = (await stored(adapter, lead(ADA)))["id"]
        answer = await adapter.order(f"/api/calls/{first}/replay")
        assert (answer.status_code, "has not ended" in answer.json()["detail"]) == (409, True)
        second = await stored(adapter, lead(ADA))
        assert second["duplicate_of"] == first
        answer = await adapter.order(f"/api/calls/{second['id']}/replay")
        assert (answer.status_code, first in answer.json()["detail"]) == (409, True)
        assert (await adapter.call(second["id"]))["state"] == "ignored"

    run(tmp_path, play, has_engine=False)


def test_a_webhook_is_replayed_whole_after_its_mapping_is_mended(tmp_path: Path) -> None:
    """Refused calls go out; the one that has rung stays, and its conflict says so."""

    async def send(adapter: Running) -> None:
        answer = await adapter.post("batch", [lead(ADA), lead("202 555 0145"), {"tel": CLEO}])
        assert answer.status_code == 202
        await adapter.settled(answer.json()["calls"][0]["id"], "rung")

    async def mend(adapter: Running) -> None:
        (webhook,) = await adapter.webhooks()
        answer = await adapter.order(f"/api/webhooks/{webhook['id']}/replay")
        assert answer.status_code == 200
        told = answer.json()["calls"]
        assert [call["may_have_rung"] for call in told] == [True, False, False]
        assert [bool(call["conflict"]) for call in told] == [True, False, False]
        for call in told:
            await adapter.settled(call["id"])
        whole = (await adapter.admin.get(f"/api/webhooks/{webhook['id']}")).json()
        assert [call["phone"] for call in whole["calls"]] == [ADA, BEN, CLEO]
        assert [call["state"] for call in whole["calls"]] == ["rung", "rung", "rung"]
        assert [ring.phone for ring in adapter.mock.rings] == [BEN, CLEO]
        again = await adapter.order(f"/api/webhooks/{webhook['id']}/replay")
        assert (again.status_code, "is rung" in again.json()["detail"]) == (409, True)

    run(tmp_path, send, mappings={"batch": BATCH})
    mended = BATCH.replace("phone: $.phone", "phone: {paths: [$.phone, $.tel], region: US}")
    run(tmp_path, mend, mappings={"batch": mended})


def test_a_call_whose_source_or_item_is_gone_is_not_replayed(tmp_path: Path) -> None:
    """A conflict names what is missing; nothing changes."""

    async def send(adapter: Running) -> None:
        await adapter.post("old", [lead(""), lead("")])
        await adapter.post("batch", [lead(""), lead("")])

    async def ask(adapter: Running) -> None:
        for source, why in (("old", "no mapping any more"), ("batch", "fewer calls")):
            call = next(row for row in await adapter.calls(source=source))
            answer = await adapter.order(f"/api/calls/{call['id']}/replay")
            assert (answer.status_code, why in answer.json()["detail"]) == (409, True), source

    run(tmp_path, send, mappings={"batch": BATCH, "old": BATCH})
    (tmp_path / "mappings" / "old.yaml").unlink()
    run(tmp_path, ask, mappings={"batch": CRM + "each: $[0]\n"})


def test_a_webhook_is_shown_as_it_was_stored(tmp_path: Path) -> None:
    """Text bodies as text, others as base64; without what proved the sender."""

    async def play(adapter: Running) -> None:
        for body, key in ((b'{"phone":"x"}', "body"), (b"\xff\xfe{", "body_base64")):
            answer = await adapter.public.post(
                "/hooks/crm?form=7",
                content=body,
                headers={"x-webhook-token": TOKEN, "content-type": "application/json"},
            )
            shown = (await adapter.admin.get(f"/api/webhooks/{answer.json()['webhook']}")).json()
            wanted = body.decode() if key == "body" else base64.b64encode(body).decode()
            assert (shown[key], shown["query"], shown["method"]) == (wanted, "form=7", "POST")
            assert TOKEN not in str(shown)

    run(tmp_path, play, has_engine=False)


def test_try_shows_what_would_ring_and_stores_nothing(tmp_path: Path) -> None:
    """The same as `adapter try`: the body to the byte, the signature, a masked key."""

    async def play(adapter: Running) -> None:
        body = '{"phone": "+1 202-555-0123", "name": "Zoë \\u201cQ\\u201d"}'
        wish = {"source": "crm", "body": body, "content_type": "application/json"}
        shown = (await adapter.order("/api/try", wish)).json()
        (call,) = shown["calls"]
        assert (call["state"], call["agent"], call["phone"]) == ("waiting", "sales", ADA)
        assert call["body"] == '{"phone":"+12025550123","variables":{"name":"Zoë “Q”"}}'
        assert API_KEY not in str(shown)
        bytes_wish = {"source": "crm", "body_base64": base64.b64encode(body.encode()).decode()}
        headers = {"headers": {"Content-Type": "application/json"}}
        assert (await adapter.order("/api/try", bytes_wish | headers)).json() == shown
        wrongs: tuple[dict[str, Any], ...] = (
            {"body": 1},
            {"headers": []},
            {"headers": {"a": 1}},
            {"body_base64": "!"},
        )
        for wrong in wrongs:
            assert (await adapter.order("/api/try", wish | wrong)).status_code == 400, wrong
        assert await adapter.webhooks() == []

    run(tmp_path, play, has_engine=False)


def test_status_counts_calls_and_attempts_under_way(tmp_path: Path) -> None:
    """Agents, sources, a count for each state, and what is in flight right now."""

    async def play(adapter: Running) -> None:
        await adapter.post("crm", lead(ADA))
        await adapter.post("crm", {})
        await adapter.mock.wait_for_rings(1)
        status = (await adapter.admin.get("/api/status")).json()
        assert status["agents"]["sales"]["in_flight"] == 1
        assert status["agents"]["sales"]["mode"] == "live"
        assert status["sources"] == {
            "crm": {"state": "live", "enabled": True},
            "parked": {"state": "live", "enabled": False},
        }
        assert (status["calls"]["sending"], status["calls"]["refused"]) == (1, 1)
        assert status["pending"] == 1

    mappings = {"crm": CRM, "parked": CRM + "enabled: false\n"}
    run(tmp_path, play, mappings=mappings, script=Script(default=(Scripted(delay_s=0.5),)))


def test_metrics_parse_and_name_nobody(tmp_path: Path) -> None:
    """Prometheus reads them; no label holds a phone, a variable or a secret."""

    async def play(adapter: Running) -> None:
        call = await stored(adapter, lead(ADA))
        await adapter.settled(call["id"])
        await adapter.post("crm", lead(ADA))
        await adapter.post("crm", {}, token="wrong")
        await adapter.post("no-such-source-but-a-long-one", {})
        answer = await adapter.admin.get("/metrics")
        families = {f.name: f for f in text_string_to_metric_families(answer.text)}
        now = {s.labels["state"]: s.value for s in families["adapter_calls_now"].samples}
        assert (now["rung"], now["ignored"], now["held"]) == (1, 1, 0)
        answered = {
            (s.labels["source"], s.labels["status"]): s.value
            for s in families["adapter_webhooks"].samples
            if s.name.endswith("_total")
        }
        assert answered == {
            ("crm", "202"): 1,
            ("crm", "200"): 1,
            ("crm", "401"): 1,
            ("unknown", "404"): 1,
        }
        attempts = [s for s in families["adapter_attempts"].samples if s.name.endswith("_total")]
        assert [(s.labels["outcome"], s.value) for s in attempts] == [("rung", 1)]
        for text in (ADA, ADA[1:], "Ada", TOKEN, API_KEY, "no-such-source"):
            assert text not in answer.text

    run(tmp_path, play)
