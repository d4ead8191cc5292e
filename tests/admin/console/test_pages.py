"""Promises of the console's pages, read as their HTML."""

import html
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from adapter.mock_agent.script import script_of
from tests.harness.in_process import AGENTS, CRM, Running, run

ADA, BEN = "+12025550123", "+12025550145"
OWN = {"sec-fetch-site": "same-origin"}
GUARDED = CRM + "when: {path: $.stage, not_equals: customer, reason: already_a_customer}\n"
UNREACHABLE = "agents:\n  sales: {endpoint: 'http://127.0.0.1:9/', api_key: k1, secret: s1}\n"


async def read(adapter: Running, path: str, *, status: int = 200) -> str:
    """Return the words of a page's content."""
    answer = await adapter.admin.get(path, follow_redirects=True)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return words_of(answer.text)


def words_of(page: str) -> str:
    """Return the words between the tags of a page's content."""
    content = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", f"<main{content}")).split())


async def stored(adapter: Running, document: Any, **more: Any) -> dict[str, Any]:
    """Post a webhook and return its first call."""
    return dict((await adapter.post("crm", document, **more)).json()["calls"][0])


def test_who_wrote_is_found_though_no_call_was_made(tmp_path: Path) -> None:
    """What a guard turned away, what was refused, and that a person blocked the number."""

    async def play(adapter: Running) -> None:
        await stored(adapter, {"phone": ADA, "stage": "customer", "name": "Ada"})
        await stored(adapter, {"other": "202-555-0145", "name": "Ben"})
        found = await read(adapter, "/search?q=%28202%29+555-0123")
        assert "Not rung: it was turned away" in found
        assert "The mapping's guard already_a_customer turned it away." in found
        found = await read(adapter, "/search?q=202.555.0145")
        assert "Not rung: it cannot be called as it is" in found
        assert "The mapping found no phone in it." in found
        await adapter.order("/api/blocked", {"phone": ADA, "note": "asked us"})
        found = await read(adapter, "/search?q=2025550123")
        assert "is blocked since" in found
        assert "“asked us”" in found
        assert "blocked" not in await read(adapter, "/search?q=2025550145")
        assert "Nothing came with this number" in await read(adapter, "/search?q=2025550167")

    run(tmp_path, play, mappings={"crm": GUARDED}, has_engine=False)


def test_the_search_knows_ids_and_names(tmp_path: Path) -> None:
    """An id in any case leads to its page, a source or an agent to what is its own."""

    async def play(adapter: Running) -> None:
        call = await stored(adapter, {"phone": ADA, "name": "Ada"})
        (webhook,) = await adapter.webhooks()
        for an_id, place in ((call["id"], "/calls/"), (webhook["id"], "/webhooks/")):
            answer = await adapter.admin.get("/search", params={"q": an_id.lower()})
            assert answer.headers["location"] == f"{place}{an_id}"
        assert "Source crm" in await read(adapter, "/search?q=CRM")
        assert "Agent sales" in await read(adapter, "/search?q=Sales")
        assert "Nothing is called that" in await read(adapter, f"/search?q={'0' * 26}X")
        assert "Nothing is called that" in await read(adapter, "/search?q=nobody")
        assert "Write a phone as you have it" in await read(adapter, "/search")

    run(tmp_path, play, has_engine=False)


def test_a_call_that_waits_says_for_what_and_until_when(tmp_path: Path) -> None:
    """Also what stood in the way of the agent."""

    async def play(adapter: Running) -> None:
        call = await stored(adapter, {"phone": ADA, "name": "Ada"})
        while (await adapter.call(call["id"]))["reason"] != "retry":
            await adapter.quiet()
        page = await read(adapter, f"/calls/{call['id']}")
        assert "The agent could not be reached, or said that no phone rang" in page
        assert "Nobody listens at the agent's endpoint." in page
        assert "It is due" in page
        assert "it took" in page

    run(tmp_path, play, agents=UNREACHABLE)


def test_the_log_says_that_people_were_shown_and_not_whom(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The page's name alone: neither the id, nor what was searched."""

    async def play(adapter: Running) -> None:
        await stored(adapter, {"phone": ADA, "name": "Ada Lovelace"})
        answer = await adapter.admin.post("/search?q=2025550123", data={"show": "1"}, headers=OWN)
        assert "+1 202 555 0123" in answer.text
        assert "Lovelace" not in (await adapter.admin.get("/calls.csv")).text
        shown = await adapter.admin.post("/calls.csv", data={"show": "1"}, headers=OWN)
        assert "Lovelace" in shown.text
        assert shown.headers["content-disposition"] == 'attachment; filename="calls.csv"'

    with caplog.at_level(logging.INFO, "adapter"):
        run(tmp_path, play, has_engine=False)
    told = [record.__dict__["fields"] for record in caplog.records if record.msg == "people_shown"]
    assert told == [{"page": "/search"}, {"page": "/calls.csv"}]


def test_a_webhook_that_nobody_can_read_is_shown_with_its_problem(tmp_path: Path) -> None:
    """As it came beside why; one whose mapping is gone is decoded all the same."""

    async def play(adapter: Running) -> None:
        headers = {"content-type": "application/json"}
        await adapter.post("crm", None, content=b'{"phone": \xff', headers=headers)
        await adapter.post("crm", {"phone": ADA, "name": "Ada"})
        whole, broken = await adapter.webhooks()
        page = await read(adapter, f"/webhooks/{broken['id']}")
        assert "The body is not what its content type says." in page
        shown = await adapter.admin.post(
            f"/webhooks/{broken['id']}", data={"show": "1"}, headers=OWN
        )
        assert '{"phone": \\xff' in words_of(shown.text)
        config = adapter.adapter.current.config
        object.__setattr__(config, "sources", {})
        assert '"phone": "+•••"' in await read(adapter, f"/webhooks/{whole['id']}")
        (call,) = await adapter.calls(state="waiting")
        assert "nothing today" in await read(adapter, f"/calls/{call['id']}")

    run(tmp_path, play, has_engine=False)


def test_a_fault_is_told_as_a_page(tmp_path: Path) -> None:
    """What is not there, what cannot be now, and a filter that is none."""

    async def play(adapter: Running) -> None:
        assert "no such call" in await read(adapter, "/calls/none", status=404)
        assert "no such webhook" in await read(adapter, "/webhooks/none", status=404)
        assert "`state` is one of waiting" in await read(adapter, "/calls?state=rang", status=400)
        assert "`state` is one of" in await read(adapter, "/calls.csv?state=rang", status=400)
        assert "6 digits or more" in await read(adapter, "/calls?phone=12", status=400)
        call = await stored(adapter, {"phone": ADA, "name": "Ada"})
        path = f"/calls/{call['id']}"
        answer = await adapter.admin.post(path, data={"do": "replay"}, headers=OWN)
        assert answer.status_code == 409
        form = {"kind": "..", "name": "x"}
        assert (await adapter.admin.post("/", data=form, headers=OWN)).status_code == 400

    run(tmp_path, play, has_engine=False)


def test_an_adapter_without_an_engine_or_agents_at_work_has_its_page(tmp_path: Path) -> None:
    """Nothing has come, no agent was ever asked: the page says so."""

    async def play(adapter: Running) -> None:
        page = await read(adapter, "/")
        assert "Nothing. No call is in doubt, and nothing stands still." in page
        assert "Nothing rang today." in page
        assert "Agent sales has no calling hours, countries or max_per_day" in page

    run(tmp_path, play, agents=AGENTS, has_engine=False)


def test_a_stopped_source_goes_on_by_a_button(tmp_path: Path) -> None:
    """As an agent does."""

    async def play(adapter: Running) -> None:
        await adapter.order("/api/sources/crm/pause")
        assert "Source crm is paused" in await read(adapter, "/")
        form = {"kind": "source", "name": "crm"}
        done = await adapter.admin.post("/", data=form, headers=OWN)
        assert done.headers["location"] == "/?done=1"
        assert "is paused" not in await read(adapter, "/?done=1")

    run(tmp_path, play, has_engine=False)


def test_an_attempt_tells_its_code(tmp_path: Path) -> None:
    """With what it means."""

    async def play(adapter: Running) -> None:
        call = await stored(adapter, {"phone": ADA, "name": "Ada"})
        await adapter.settled(call["id"], "held")
        page = await read(adapter, f"/calls/{call['id']}")
        assert "The agent is disabled at its vendor." in page

    run(tmp_path, play, script=script_of("ctc:004"))
