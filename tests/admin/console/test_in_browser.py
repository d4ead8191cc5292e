"""Promises of the console to a person at a real browser: found by role and text, as people find."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from adapter.mock_agent.script import script_of
from tests.harness.browser import Person, browsing, findings
from tests.harness.in_process import AGENTS, CRM, Running, running

ADA, BEN = "+12025550123", "+12025550145"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
HALTED = AGENTS + (
    "  support:\n    endpoint: ${AGENT_URL}\n    api_key: a-wrong-key-of-ours\n"
    "    secret: secret-of-support\n"
)
MAPPINGS = {
    "crm": CRM,
    "forms": CRM.replace("agent: sales", "agent: support"),
    "evil": CRM.replace("{name: $.name}", "{name: $.name, '*': $.more}"),
}
PATIENCE_S = 100.0
Play = Callable[[Running, Person], Awaitable[None]]
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # the driver's, as it ends


def at_browser(folder: Path, play: Play, **setup: Any) -> None:
    """Play a scenario with an adapter that listens and a person before it."""

    async def played() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            running(
                folder, is_listening=True, **{"mappings": MAPPINGS, "agents": HALTED} | setup
            ) as adapter,
        ):
            assert adapter.addresses is not None
            async with browsing(adapter.addresses.admin.replace("0.0.0.0", "127.0.0.1")) as person:
                await play(adapter, person)

    asyncio.run(played())


async def stored(adapter: Running, phone: str, *, source: str = "crm", **more: Any) -> str:
    """Post a lead, wait until its call is on its way no more, and return the call's id."""
    answer = await adapter.post(source, {"phone": phone, "name": "Ada Lovelace", **more})
    call = await adapter.settled(answer.json()["calls"][0]["id"])
    return str(call["id"])


async def press(page: Page, name: str) -> None:
    """Press the button of this name."""
    await page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("has_javascript", [True, False], ids=["script", "no-script"])
def test_was_she_called(tmp_path: Path, has_javascript: bool) -> None:
    """A phone as somebody has it, then its call, then its values in clear, which the log tells."""

    async def play(adapter: Running, person: Person) -> None:
        await stored(adapter, ADA)
        await adapter.post("crm", {"phone": ADA, "name": "Ada Lovelace"})
        page = await person.page(has_javascript=has_javascript)
        await page.get_by_role("searchbox").fill("(202) 555-0123")
        await press(page, "Search")
        await expect(page.get_by_role("heading", name="Rung once")).to_be_visible()
        await expect(page.get_by_text("The same lead came before")).to_be_visible()
        assert "0123" not in await page.locator("table").inner_text()
        await page.get_by_role("row", name="rung").get_by_role("link").first.click()
        await expect(page.get_by_text("The agent answered that it rings.").first).to_be_visible()
        assert "Lovelace" not in await page.content()
        await press(page, "Show phones and values")
        await expect(page.get_by_role("cell", name="Ada Lovelace")).to_be_visible()
        await expect(page.get_by_role("cell", name="$.name")).to_be_visible()
        await expect(page.get_by_role("heading", name="+1 202 555 0123")).to_be_visible()
        await page.get_by_role("link", name="Mask phones and values").click()
        assert "Lovelace" not in await page.content()

    at_browser(tmp_path, play)


def test_what_must_i_do(tmp_path: Path) -> None:
    """Now has what needs a person first: a call in doubt is resolved, a halted agent resumed."""

    async def play(adapter: Running, person: Person) -> None:
        in_doubt = await stored(adapter, ADA)
        await stored(adapter, BEN, source="forms")
        page = await person.page()
        await expect(page.get_by_role("heading", name="1 call may have rung")).to_be_visible()
        await expect(page.get_by_text("The agent's API key is wrong.")).to_be_visible()
        await page.get_by_text("Resume support…").click()
        await press(page, "Resume agent support")
        await expect(page.get_by_role("status")).to_have_text("Resumed.")
        await page.get_by_role("link", name="Resolve them").click()
        await page.get_by_role("row", name="uncertain").get_by_role("link").first.click()
        await page.get_by_label("Note (optional): who said so").fill("the agent's own log")
        await press(page, "It rang")
        await expect(page.get_by_role("status")).to_contain_text("what you found out is kept")
        await expect(page.get_by_text("“the agent's own log”")).to_be_visible()
        call = await adapter.call(in_doubt)
        assert (call["reason"], call["detail"]) == ("resolved_rung", "the agent's own log")

    at_browser(tmp_path, play, script=script_of("drop"))


@pytest.mark.parametrize("has_javascript", [True, False], ids=["script", "no-script"])
def test_each_action_says_what_it_will_do_and_does_it(tmp_path: Path, has_javascript: bool) -> None:
    """A replay warns before it rings again; a block and a forgetting are asked for once."""

    async def play(adapter: Running, person: Person) -> None:
        call_id = await stored(adapter, ADA)
        page = await person.page(has_javascript=has_javascript)
        await page.goto(f"/calls/{call_id}")
        await page.get_by_text("Replay…").click()
        await expect(page.get_by_text("may ring the same person again")).to_be_visible()
        await press(page, "Replay this call")
        await expect(page.get_by_role("status")).to_contain_text("Replayed")
        await adapter.mock.wait_for_rings(2)
        await adapter.settled(call_id)
        await page.get_by_text("Block this number…").click()
        await page.get_by_label("Note (optional)").fill("asked us to")
        await press(page, "Block +1 202 555 01••")
        await expect(page.get_by_role("status")).to_contain_text("Blocked")
        (blocked,) = (await adapter.admin.get("/api/blocked")).json()["blocked"]
        assert (blocked["phone"], blocked["note"]) == (ADA, "asked us to")
        await page.get_by_text("Forget this person…").click()
        await press(page, "Forget +1 202 555 01••")
        await expect(page.get_by_role("status")).to_contain_text("Forgotten")
        assert (await adapter.call(call_id))["phone"] is None

    at_browser(tmp_path, play, settings="cooldown: 0s\n")


def test_filters_stand_in_the_url_and_pages_follow(tmp_path: Path) -> None:
    """What is chosen is in the address, older calls are one link away, and a file has them all."""

    async def play(adapter: Running, person: Person) -> None:
        leads = [{"phone": f"+120255501{number:02}", "name": "Ada"} for number in range(60)]
        await adapter.order("/api/agents/*/pause")
        await adapter.post("crm", leads)
        page = await person.page()
        await page.goto("/calls")
        await page.get_by_label("waiting").check()
        await page.get_by_label("held").check()
        await page.get_by_label("Time").fill("2h")
        await press(page, "Filter")
        assert "state=waiting&state=held" in page.url
        await expect(page.get_by_label("held")).to_be_checked()
        assert await page.locator("tbody tr").count() == 50
        await page.get_by_role("link", name="Older calls").click()
        assert await page.locator("tbody tr").count() == 10
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Export as CSV, masked").click()
        text = (await (await download.value).path()).read_text("utf-8")
        assert text.count("\n") == 61
        assert "+1 202 555 01••" in text
        await page.get_by_label("Time").fill("the day before")
        await press(page, "Filter")
        await expect(page.get_by_role("alert")).to_contain_text("2026-03-02")

    batch = {"crm": CRM + "each: $[*]\n"}
    at_browser(tmp_path, play, mappings=batch, agents=AGENTS, settings="max_pending: 100\n")


def test_a_hostile_payload_is_text_everywhere(tmp_path: Path) -> None:
    """In every field that a sender chooses, on every page, masked and in clear."""

    async def play(adapter: Running, person: Person) -> None:
        more = {"note": EVIL, "Evil name": EVIL}
        call_id = await stored(adapter, ADA, source="evil", name=EVIL, more=more)
        hostile = {"x-evil": EVIL, "user-agent": EVIL}
        await adapter.post("evil", {"phone": EVIL, EVIL: EVIL}, headers=hostile)
        await adapter.post("evil", None, content=EVIL.encode(), headers=hostile)
        await adapter.order("/api/blocked", {"phone": BEN, "note": EVIL})
        page = await person.page()
        hooks = [f"/webhooks/{webhook['id']}" for webhook in await adapter.webhooks()]
        for path in ("/calls", f"/calls/{call_id}", "/webhooks", *hooks):
            await page.goto(path)
            if await page.get_by_role("button", name="Show phones and values").count():
                await page.get_by_role("button", name="Show phones and values").first.click()
            assert await page.locator("img, main script").count() == 0
        await page.goto(hooks[0])
        await page.get_by_role("button", name="Show phones and values").first.click()
        await expect(page.get_by_label("The request as it came")).to_contain_text(EVIL)
        for query in (EVIL, f"{EVIL}{EVIL}", "'; DROP TABLE calls; --"):
            await page.goto("/")
            await page.get_by_role("searchbox").fill(query)
            await press(page, "Search")
            await expect(page.get_by_text("Nothing is called that")).to_be_visible()
            assert await page.get_by_role("searchbox").input_value() == query

    at_browser(tmp_path, play)


async def every_page(adapter: Running) -> list[str]:
    """Store what fills every page, and return the paths of them all."""
    call_id = await stored(adapter, ADA)
    await stored(adapter, BEN, source="forms")
    await adapter.post("crm", {"name": "Nobody"})
    (webhook, *_) = await adapter.webhooks()
    return [
        *("/", "/search?q=202-555-0123", "/search?q=crm", "/search?q=nothing", "/search"),
        *("/calls", "/calls?state=held", f"/calls/{call_id}", "/calls/none", "/log-in"),
        *("/webhooks", "/webhooks?state=refused", f"/webhooks/{webhook['id']}"),
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_no_page_keeps_anybody_out(tmp_path: Path, theme: str, width: int) -> None:
    """Axe finds nothing serious, and nothing is wider than a phone's screen."""

    async def play(adapter: Running, person: Person) -> None:
        page = await person.page(theme=theme, width=width)
        for path in await every_page(adapter):
            await page.goto(path)
            assert await findings(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path

    at_browser(tmp_path, play, script=script_of("drop", 200))


def test_every_page_is_whole_without_javascript(tmp_path: Path) -> None:
    """With its heading, its way to all others, and no word that asks for scripts."""

    async def play(adapter: Running, person: Person) -> None:
        page = await person.page(has_javascript=False)
        for path in await every_page(adapter):
            await page.goto(path)
            assert await page.get_by_role("heading", level=1).count() == 1, path
            if path != "/log-in":
                await expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(3)

    at_browser(tmp_path, play, script=script_of("drop", 200))


def test_the_keyboard_alone_is_enough(tmp_path: Path) -> None:
    """From the skip link to the end of a doubt, with Tab, Enter and Space; focus is always seen."""

    async def play(adapter: Running, person: Person) -> None:
        call_id = await stored(adapter, ADA)
        page = await person.page()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.type(call_id)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/calls/{call_id}")
        for _ in range(40):
            await page.keyboard.press("Tab")
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            if await page.evaluate("document.activeElement.textContent") == "It did not ring":
                break
        await page.keyboard.press("Space")
        await expect(page.get_by_role("status")).to_contain_text("Resolved")
        assert (await adapter.call(call_id))["reason"] == "resolved_not_rung"

    at_browser(tmp_path, play, script=script_of("drop"))


def test_off_loopback_a_person_logs_in_and_out(tmp_path: Path) -> None:
    """A wrong token says so; the right one opens the pages until the log-out."""

    async def play(adapter: Running, person: Person) -> None:
        page = await person.page()
        await page.get_by_label("Admin token").fill("a-token-of-nobody")
        await press(page, "Log in")
        await expect(page.get_by_role("alert")).to_contain_text("not the token")
        await page.get_by_label("Admin token").fill("a-token-of-the-operators")
        await press(page, "Log in")
        await expect(page.get_by_role("heading", name="Needs a person")).to_be_visible()
        await press(page, "Log out")
        await page.goto("/calls")
        await expect(page.get_by_role("heading", name="Log in")).to_be_visible()

    settings = (
        "listen: 127.0.0.1:0\nadmin_listen: 0.0.0.0:0\nadmin_token: a-token-of-the-operators\n"
    )
    at_browser(tmp_path, play, settings=settings)
