"""Promises of the console's entrance: no stranger comes in, no stranger's page writes."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from adapter.admin.console.sessions import LASTS, MOST_FAILURES
from adapter.mock_agent.script import script_of
from tests.harness.in_process import HandClock, Running, run

ADMIN = "a-token-of-the-operators"
OFF_LOOPBACK = f"listen: 127.0.0.1:0\nadmin_listen: 0.0.0.0:0\nadmin_token: {ADMIN}\n"
OWN = {"sec-fetch-site": "same-origin"}
PAGES = ("/", "/search?q=crm", "/calls", "/calls/x", "/calls.csv", "/webhooks", "/webhooks/x")


async def log_in(adapter: Running, token: str = ADMIN) -> httpx.Response:
    """Send the form of the log-in, as its page does."""
    return await adapter.admin.post("/log-in", data={"token": token}, headers=OWN)


def test_a_stranger_sees_the_log_in_alone(tmp_path: Path) -> None:
    """Off loopback every page leads to the log-in, and a part of one lets the whole page go."""

    async def play(adapter: Running) -> None:
        for page in PAGES:
            answer = await adapter.admin.get(page)
            assert (answer.status_code, answer.headers["location"]) == (303, "/log-in"), page
        part = await adapter.admin.get("/", headers={"hx-request": "true"})
        assert (part.status_code, part.headers["hx-redirect"]) == (401, "/log-in")
        write = await adapter.admin.post("/calls/x", data={"do": "replay"}, headers=OWN)
        assert write.status_code == 401
        assert (await adapter.admin.get("/log-in")).status_code == 200

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False)


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_gets(tmp_path: Path) -> None:
    """HttpOnly, SameSite=Strict and Secure; with it the pages open, after log-out they do not."""

    async def play(adapter: Running) -> None:
        cookie = (await log_in(adapter)).headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Secure", "Path=/"} <= set(cookie.split("; "))
        session = {"cookie": cookie.partition(";")[0]}
        assert ADMIN not in cookie
        assert (await adapter.admin.get("/calls", headers=session)).status_code == 200
        await adapter.admin.post("/log-out", headers=OWN | session)
        answer = await adapter.admin.get("/calls", headers=session)
        assert answer.headers["location"] == "/log-in"

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False)


def test_a_session_ends_by_itself(tmp_path: Path) -> None:
    """After twelve hours, though the cookie is the same; and a forged one never begins."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        cookie = (await log_in(adapter)).headers["set-cookie"].partition(";")[0]

        async def opens(session: str) -> bool:
            answer = await adapter.admin.get("/calls", headers={"cookie": session})
            return answer.status_code == 200

        assert not await opens(cookie.replace("=1", "=2"))
        assert not await opens(cookie[:-1] + ("0" if cookie[-1] != "0" else "1"))
        clock.advance(LASTS - timedelta(seconds=1))
        assert await opens(cookie)
        clock.advance(timedelta(seconds=1))
        assert not await opens(cookie)

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False, now=clock)


def test_who_guesses_has_to_wait(tmp_path: Path) -> None:
    """After five wrong tokens even the right one is not looked at for a minute."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        for _ in range(MOST_FAILURES):
            wrong = await log_in(adapter, "a-token-of-nobody")
            assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        answer = await log_in(adapter)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "61")
        clock.advance(timedelta(minutes=1))
        assert (await log_in(adapter)).status_code == 303

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False, now=clock)


def test_a_browser_that_keeps_no_cookie_is_told_why(tmp_path: Path) -> None:
    """Off loopback a session needs HTTPS: the page says so, and does not just ask again."""

    async def play(adapter: Running) -> None:
        where = (await log_in(adapter)).headers["location"]
        adapter.admin.cookies.clear()
        lost = (await adapter.admin.get(where)).headers["location"]
        assert "HTTPS" in (await adapter.admin.get(lost)).text

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False)


def test_the_token_itself_opens_the_pages_too(tmp_path: Path) -> None:
    """As it does the API; another one does not."""

    async def play(adapter: Running) -> None:
        for token, status in ((ADMIN, 200), (ADMIN + "x", 303)):
            headers = {"authorization": f"Bearer {token}"}
            assert (await adapter.admin.get("/calls", headers=headers)).status_code == status

    run(tmp_path, play, settings=OFF_LOOPBACK, has_engine=False)


FOREIGN: tuple[dict[str, str], ...] = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_page_of_another_site_writes(tmp_path: Path, headers: dict[str, str]) -> None:
    """On loopback nobody logs in, so this check alone stands before every action."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", {"phone": "+12025550123", "name": "Ada"})
        call = await adapter.settled(answer.json()["calls"][0]["id"])
        path = f"/calls/{call['id']}"
        for form in ({"do": "replay"}, {"do": "resolve", "as": "rung"}, {"show": "1"}):
            refused = await adapter.admin.post(path, data=form, headers=headers)
            assert refused.status_code == 403
            assert "0123" not in refused.text
        for page in ("/log-in", "/log-out"):
            assert (await adapter.admin.post(page, headers=headers)).status_code == 403
        assert await adapter.call(call["id"]) == call

    run(tmp_path, play, script=script_of("drop"))


@pytest.mark.parametrize("headers", [OWN, {"origin": "http://localhost"}], ids=str)
def test_the_consoles_own_pages_write(tmp_path: Path, headers: dict[str, str]) -> None:
    """A browser says that the page is ours by Sec-Fetch-Site, an old one by Origin."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", {"phone": "+12025550123", "name": "Ada"})
        call = await adapter.settled(answer.json()["calls"][0]["id"])
        form = {"do": "resolve", "as": "not_rung"}
        done = await adapter.admin.post(f"/calls/{call['id']}", data=form, headers=headers)
        assert done.status_code == 303
        assert (await adapter.call(call["id"]))["reason"] == "resolved_not_rung"

    run(tmp_path, play, script=script_of("drop"))


def test_every_answer_forbids_scripts_frames_and_guesses(tmp_path: Path) -> None:
    """Pages, problems, files and redirects alike: no inline script, no frame, no other host."""

    async def play(adapter: Running) -> None:
        pages = ("/", "/calls", "/calls/none", "/log-in", "/static/console.css", "/static/none")
        answers = [await adapter.admin.get(page) for page in pages]
        answers.append(await adapter.admin.post("/log-out", headers=OWN))
        for answer in answers:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "access-control-allow-origin" not in answer.headers
        assert all("no-store" in answer.headers["cache-control"] for answer in answers[:4])

    run(tmp_path, play, has_engine=False)


def test_a_form_is_read_within_bounds(tmp_path: Path) -> None:
    """What no page of ours sends is refused, and not read to its end."""

    async def play(adapter: Running) -> None:
        for content, kind, status in (
            (b"a=" + b"b" * 70_000, "application/x-www-form-urlencoded", 413),
            (b"&".join([b"a=b"] * 200), "application/x-www-form-urlencoded", 413),
            (b"{}", "application/json", 415),
        ):
            headers = OWN | {"content-type": kind}
            answer = await adapter.admin.post("/search?q=x", content=content, headers=headers)
            assert answer.status_code == status

    run(tmp_path, play, has_engine=False)
