"""Promises of the admin API about sources, blocked numbers and people who are forgotten."""

from pathlib import Path
from typing import Any

import pytest

from tests.harness.in_process import Running, run

ADA, BEN, CLEO = "+12025550123", "+12025550145", "+12025550167"
WRONG = [
    ("POST", "/api/blocked", {}, "Send {"),
    ("POST", "/api/blocked", {"phones": "+12025550123"}, "Send {"),
    ("POST", "/api/blocked", {"phones": [7]}, "Send {"),
    ("POST", "/api/blocked", {"phone": "2025550123"}, "number 1: "),
    ("POST", "/api/blocked", {"phones": [ADA, "x", "", "1", "2"]}, "and 1 more"),
    ("POST", "/api/blocked", {"phone": ADA, "note": 7}, "`note`"),
    ("DELETE", "/api/blocked", {"phone": "nobody"}, "number 1: "),
    ("POST", "/api/forget", {}, "`phone`"),
    ("POST", "/api/forget", {"phone": "2025550123"}, "`phone`"),
    ("POST", "/api/forget", {"phone": ["+12025550123"]}, "`phone`"),
]


def lead(phone: str) -> dict[str, str]:
    """Return a lead as the CRM posts it."""
    return {"phone": phone, "name": "Ada"}


@pytest.mark.parametrize(("method", "path", "content", "said"), WRONG)
def test_what_is_asked_wrongly_is_named(
    tmp_path: Path, method: str, path: str, content: dict[str, Any], said: str
) -> None:
    """400, the place and the way out, never the number; nothing is changed."""

    async def play(adapter: Running) -> None:
        answer = await adapter.admin.request(method, path, json=content)
        assert answer.status_code == 400, answer.text
        assert said in answer.json()["detail"]
        assert "2025550123" not in answer.json()["detail"].replace("+12025550123", "")
        assert (await adapter.admin.get("/api/blocked")).json() == {"blocked": [], "next": None}

    run(tmp_path, play, has_engine=False)


def test_numbers_are_blocked_many_at_once_and_listed_in_pages(tmp_path: Path) -> None:
    """However they are written; over a thousand take another request."""

    async def play(adapter: Running) -> None:
        written = ["+1 (202) 555-0145", CLEO, "0012025550123"]
        answer = await adapter.order("/api/blocked", {"phones": written, "note": "a list"})
        assert answer.json() == {"phones": [BEN, CLEO, ADA], "added": 3, "calls": 0}
        first = (await adapter.admin.get("/api/blocked?limit=2")).json()
        assert [row["phone"] for row in first["blocked"]] == [ADA, BEN]
        assert first["blocked"][0].keys() == {"phone", "created_at", "note"}
        rest = await adapter.admin.get(f"/api/blocked?limit=2&cursor={first['next']}")
        assert [row["phone"] for row in rest.json()["blocked"]] == [CLEO]
        removed = await adapter.admin.request("DELETE", "/api/blocked", json={"phones": [ADA, BEN]})
        assert removed.json() == {"phones": [ADA, BEN], "removed": 2}
        assert (await adapter.order("/api/blocked", {"phones": [ADA] * 1001})).status_code == 413

    run(tmp_path, play, has_engine=False)


def test_an_erased_webhook_is_not_replayed(tmp_path: Path) -> None:
    """There is nothing to map: it says why, and the call stays as it is."""

    async def play(adapter: Running) -> None:
        answer = (await adapter.post("crm", lead(ADA))).json()
        await adapter.order("/api/blocked", {"phone": ADA})
        forgotten = await adapter.order("/api/forget", {"phone": "+1 202 555 0123"})
        assert forgotten.json() == {"calls": 1, "webhooks": 1}
        call_id = answer["calls"][0]["id"]
        for path in (f"/api/calls/{call_id}/replay", f"/api/webhooks/{answer['webhook']}/replay"):
            refused = await adapter.order(path)
            assert refused.status_code == 409
            assert "erased" in refused.json()["detail"]
        call = await adapter.call(call_id)
        assert (call["state"], call["phone"], call["variables"]) == ("ignored", None, {})

    run(tmp_path, play, has_engine=False)


def test_a_number_that_nobody_has_is_forgotten_from_the_raw_text(tmp_path: Path) -> None:
    """It could not be rung, and is somebody's slip of the pen all the same."""

    async def play(adapter: Running) -> None:
        assert (await adapter.post("crm", lead("+999 123 456 789"))).status_code == 422
        forgotten = await adapter.order("/api/forget", {"phone": "+999 123 456 789"})
        assert forgotten.json() == {"calls": 1, "webhooks": 1}
        assert b"123 456" not in adapter.stored_bytes()

    run(tmp_path, play, has_engine=False)


def test_sources_are_paused_by_name_or_all(tmp_path: Path) -> None:
    """The status shows it; one that is not there is 404, with the names that are."""

    async def play(adapter: Running) -> None:
        paused = (await adapter.order("/api/sources/*/pause")).json()
        shown = {"state": "paused", "denied_by": None, "probe_at": None, "enabled": True}
        assert paused["sources"]["crm"] == shown
        call = (await adapter.post("crm", lead(ADA))).json()["calls"][0]
        assert (call["state"], call["reason"]) == ("held", "source_burst")
        assert (await adapter.call(call["id"]))["detail"] == "paused"
        resumed = (await adapter.order("/api/sources/crm/resume")).json()
        assert resumed["sources"]["crm"]["state"] == "live"
        assert (await adapter.call(call["id"]))["state"] == "waiting"
        unknown = await adapter.order("/api/sources/nobody/pause")
        assert unknown.status_code == 404
        assert "crm" in unknown.json()["detail"]

    run(tmp_path, play, has_engine=False)
