"""A person's browser: a real headless Chromium before an adapter that listens.

Whatever no page of ours may do fails the test: a script's error, a breach of the policy, a dialog,
a request to another host.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.harness.chromium import WANTED, chromium_path

AXE = Path(__file__).parent / "axe" / "axe.min.js"
GRAVE = ("serious", "critical")


@dataclass(kw_only=True)  # playwright marks what it was given a method of
class Person:
    """Somebody at a browser; `faults` are what the pages did that they may not."""

    browser: Browser
    url: str
    faults: list[str]

    async def page(
        self, *, theme: Any = "light", width: int = 1280, has_javascript: bool = True
    ) -> Page:
        """Return a page in a context of its own, at the console's first page."""
        context = await self.browser.new_context(
            base_url=self.url,
            color_scheme=theme,
            java_script_enabled=has_javascript,
            viewport={"width": width, "height": 900},
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("request", self._requested)
        await page.goto("/")
        return page

    def _heard(self, kind: str, text: str) -> None:
        # A problem page is a problem page: Chromium calls its status an error of its own.
        if kind == "error" and "status of" not in text:
            self.faults.append(text)

    def _requested(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.url).netloc:
            self.faults.append(f"asked {host}")


@asynccontextmanager
async def browsing(url: str) -> AsyncIterator[Person]:
    """Open a browser until the block ends; skips where there is none, and fails in CI."""
    path = await asyncio.to_thread(chromium_path)
    if path is None:
        pytest.fail(WANTED) if os.environ.get("CI") else pytest.skip(WANTED)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        person = Person(browser=browser, url=url, faults=[])
        try:
            yield person
        finally:
            await browser.close()
    assert person.faults == []


async def findings(page: Page) -> list[str]:
    """Return what axe finds grave on a page, each with the elements it is about."""
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
    ]
