"""A changed configuration is taken up while leads arrive; a broken one changes nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.app import Adapter, Addresses
from adapter.clock import utc_now
from adapter.compiler.load import load_strict
from adapter.compiler.watch import ConfigFiles, marks
from adapter.ledger.ledger import Ledger
from adapter.mock_agent.agent import MockAgent
from adapter.service.signals import on_signals
from tests.harness.adapter_process import AdapterProcess

PATIENCE_S = 15
TOKEN = "a-long-enough-token"
MAPPING = """\
auth: {{token: a-long-enough-token}}
agent: {agent}
phone: $.phone
variables: {{greeting: "{greeting}"}}
"""
SETTINGS = """\
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
database: sqlite:///{folder}/adapter.db
cooldown: 0
agents:
  sales: {{endpoint: "{url}", api_key: "{key}", secret: the-secret}}
"""


class Reloaded:
    """A running adapter whose files a test may change."""

    def __init__(self, folder: Path, mock: MockAgent, addresses: Addresses) -> None:
        self.folder = folder
        self.mock = mock
        self._addresses = addresses

    def write(self, *, greeting: str = "hello", agent: str = "sales", key: str = "the-key") -> None:
        """Write both files."""
        write(self.folder, self.mock.url, greeting=greeting, agent=agent, key=key)

    async def status(self) -> dict[str, Any]:
        """Return `/api/status`."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return dict((await client.get(f"{self._addresses.admin}/api/status")).json())

    async def until(self, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the status once it is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so(status := await self.status()):  # noqa: ASYNC110 - asks over HTTP
                await asyncio.sleep(0.05)
        return status

    async def post(self, phone: str, source: str = "crm") -> dict[str, Any]:
        """Post a lead and return the call, ended."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
            answer = await client.post(
                f"{self._addresses.public}/hooks/{source}",
                json={"phone": phone},
                headers={"x-webhook-token": TOKEN, "prefer": "wait=5"},
            )
        return dict(answer.json()["calls"][0])

    async def capture(self, source: str) -> str:
        """Open a capture and return its URL's path."""
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"{self._addresses.admin}/api/captures"
            opened = (await client.post(url, json={"source": source})).json()
        return httpx.URL(opened["url"]).path

    async def knock(self, path: str) -> int:
        """Post a lead without any proof but the path; return the status."""
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"{self._addresses.public}{path}"
            return (await client.post(url, json={"phone": "+12025550118"})).status_code


def write(folder: Path, url: str, *, greeting: str, agent: str, key: str) -> None:
    """Write adapter.yaml and one mapping, each by renaming a finished file over the old one."""
    (folder / "mappings").mkdir(exist_ok=True)
    texts = {
        folder / "adapter.yaml": SETTINGS.format(folder=folder, url=url, key=key),
        folder / "mappings" / "crm.yaml": MAPPING.format(agent=agent, greeting=greeting),
    }
    for path, text in texts.items():
        new = path.with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(path)


@asynccontextmanager
async def reloading(folder: Path, *, key: str = "the-key") -> AsyncIterator[Reloaded]:
    """Run an adapter that watches its files."""
    async with MockAgent("the-key", "the-secret") as mock:
        write(folder, mock.url, greeting="hello", agent="sales", key=key)
        path = folder / "adapter.yaml"
        ledger = Ledger.open(f"sqlite:///{folder}/adapter.db", now=utc_now)
        stop: asyncio.Event = asyncio.Event()
        ready: asyncio.Queue[Addresses] = asyncio.Queue()
        source = ConfigFiles(settings=path, environ={})
        adapter = Adapter(load_strict(path, {}), ledger, source=source)
        with on_signals(stop, None, adapter.reloading.ask):
            serving = asyncio.create_task(adapter.run(stop, ready.put_nowait))
            try:
                addresses = await asyncio.wait_for(ready.get(), PATIENCE_S)
                yield Reloaded(folder, mock, addresses)
            finally:
                stop.set()
                await asyncio.wait_for(serving, PATIENCE_S)
                ledger.close()


def play(folder: Path, scenario: Callable[[Reloaded], Awaitable[None]], **how: str) -> None:
    """Run a scenario against an adapter that watches its files."""

    async def run() -> None:
        async with reloading(folder, **how) as adapter:
            await scenario(adapter)

    asyncio.run(run())


def test_a_changed_mapping_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    """The next lead is mapped by the new file."""

    async def scenario(adapter: Reloaded) -> None:
        loaded_at = (await adapter.status())["config"]["loaded_at"]
        assert (await adapter.post("+12025550110"))["state"] == "rung"
        adapter.write(greeting="welcome")
        await adapter.until(lambda status: status["config"]["loaded_at"] != loaded_at)
        assert (await adapter.post("+12025550111"))["state"] == "rung"
        greetings = [ring.variables["greeting"] for ring in adapter.mock.rings]
        assert greetings == ["hello", "welcome"]

    play(tmp_path, scenario)


def test_a_broken_configuration_is_refused_and_shown_and_the_old_goes_on(tmp_path: Path) -> None:
    """Every problem stands in the status until the files are sound again."""

    async def scenario(adapter: Reloaded) -> None:
        adapter.write(agent="slaes")
        status = await adapter.until(lambda status: bool(status["config"]["refused"]))
        assert "slaes" in status["config"]["refused"][0]
        assert (await adapter.post("+12025550112"))["state"] == "rung"
        adapter.write()
        await adapter.until(lambda status: status["config"]["refused"] is None)

    play(tmp_path, scenario)


def test_new_credentials_cure_a_halted_agent(tmp_path: Path) -> None:
    """The call that was held for them rings."""

    async def scenario(adapter: Reloaded) -> None:
        held = await adapter.post("+12025550113")
        assert (held["state"], held["reason"]) == ("held", "agent_halted")
        adapter.write(key="the-key")
        await adapter.mock.wait_for_rings(1, timeout_s=PATIENCE_S)
        assert (await adapter.status())["agents"]["sales"]["state"] == "live"

    play(tmp_path, scenario, key="a-wrong-key")


def test_a_new_source_and_a_new_agent_need_no_restart(tmp_path: Path) -> None:
    """What a file adds is there; what it takes away holds its calls."""

    async def scenario(adapter: Reloaded) -> None:
        settings = SETTINGS.format(folder=adapter.folder, url=adapter.mock.url, key="the-key")
        agent = settings.splitlines()[-1].replace("sales:", "support:")
        (adapter.folder / "adapter.yaml").write_text(settings + agent + "\n", "utf-8")
        added = MAPPING.format(agent="support", greeting="help")
        (adapter.folder / "mappings" / "desk.yaml").write_text(added, "utf-8")
        await adapter.until(lambda status: "support" in status["agents"])
        await adapter.until(lambda status: "desk" in status["sources"])
        assert (await adapter.post("+12025550114", "desk"))["agent"] == "support"
        assert adapter.mock.rings[-1].variables["greeting"] == "help"
        (adapter.folder / "mappings" / "desk.yaml").unlink()
        adapter.write()
        await adapter.until(lambda status: "support" not in status["agents"])

    play(tmp_path, scenario)


def test_sighup_reloads_at_once(tmp_path: Path) -> None:
    """Without any change on disk, too."""

    async def scenario(adapter: Reloaded) -> None:
        loaded_at = (await adapter.status())["config"]["loaded_at"]
        os.kill(os.getpid(), signal.SIGHUP)
        await adapter.until(lambda status: status["config"]["loaded_at"] != loaded_at)

    play(tmp_path, scenario)


def test_an_emptied_secret_opens_nothing_while_running(tmp_path: Path) -> None:
    """A blank token file is refused and the old token counts on, also where its path is padded."""
    write(tmp_path, "http://127.0.0.1:9/call", greeting="hello", agent="sales", key="the-key")
    secret = tmp_path / "token"
    secret.write_text("the-first-admin-token\r\n")
    with AdapterProcess(tmp_path, environ={"ADAPTER_ADMIN_TOKEN_FILE": f"{secret}\r"}) as adapter:

        def status(token: str) -> int:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            url = f"{adapter.admin}/api/status"
            return httpx.get(url, headers=headers, trust_env=False).status_code

        assert (status(""), status("the-first-admin-token")) == (401, 200)
        secret.write_text(" \r\n")
        assert (
            "ADMIN_TOKEN_FILE names is empty" in adapter.event("configuration_refused")["problem"]
        )
        assert (status(""), status("the-first-admin-token")) == (401, 200)
        secret.write_text("the-second-admin-token")
        adapter.event("configuration_reloaded")
        assert (status(""), status("the-first-admin-token")) == (401, 401)
        assert status("the-second-admin-token") == 200


def test_a_changed_listener_asks_for_a_restart(tmp_path: Path) -> None:
    """The rest of the new file is taken up, and the status names what was not."""

    async def scenario(adapter: Reloaded) -> None:
        text = SETTINGS.format(folder=adapter.folder, url=adapter.mock.url, key="the-key")
        path = adapter.folder / "adapter.yaml"
        path.write_text(text.replace("listen: 127.0.0.1:0", "listen: 127.0.0.2:0", 1), "utf-8")
        status = await adapter.until(lambda status: bool(status["config"]["restart_needed"]))
        assert status["config"]["restart_needed"] == ["listen"]
        assert (await adapter.post("+12025550115"))["state"] == "rung"

    play(tmp_path, scenario)


def test_a_swapped_configmap_is_a_change(tmp_path: Path) -> None:
    """Kubernetes swaps the folder's symlink; the files keep their names, sizes and times."""
    for version in ("v1", "v2"):
        folder = tmp_path / version
        folder.mkdir()
        (folder / "adapter.yaml").write_text("agents: {}\n", "utf-8")
        os.utime(folder / "adapter.yaml", (1, 1))
    mount = tmp_path / "..data"
    mount.symlink_to("v1")
    settings = tmp_path / "..data" / "adapter.yaml"
    before = marks(settings, [], {})
    new = tmp_path / "..data_tmp"
    new.symlink_to("v2")
    new.replace(mount)
    assert marks(settings, [], {}) != before


def test_a_swapped_configmap_is_taken_up(tmp_path: Path) -> None:
    """The mapping is a link to a link to a folder; swapping the middle one changes what rings."""

    async def scenario(adapter: Reloaded) -> None:
        mount = adapter.folder / "mappings"
        for version, greeting in (("..v1", "hello"), ("..v2", "howdy")):
            (mount / version).mkdir()
            file = mount / version / "crm.yaml"
            file.write_text(MAPPING.format(agent="sales", greeting=greeting), "utf-8")
            os.utime(file, (1, 1))
        loaded_at = (await adapter.status())["config"]["loaded_at"]
        for link, target in (("..data", "..v1"), ("crm.new", "..data/crm.yaml")):
            (mount / link).symlink_to(target)
        (mount / "crm.new").replace(mount / "crm.yaml")
        status = await adapter.until(lambda status: status["config"]["loaded_at"] != loaded_at)
        (mount / "..data_tmp").symlink_to("..v2")
        (mount / "..data_tmp").replace(mount / "..data")
        loaded_at = status["config"]["loaded_at"]
        await adapter.until(lambda status: status["config"]["loaded_at"] != loaded_at)
        assert (await adapter.post("+12025550116"))["state"] == "rung"
        assert adapter.mock.rings[-1].variables["greeting"] == "howdy"

    play(tmp_path, scenario)


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_any_change_on_disk_shows(tmp_path: Path, change: str) -> None:
    """A file edited in place, added to a folder, or taken away."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    one, two = folder / "one.yaml", folder / "two.yaml"
    one.write_text("a", "utf-8")
    two.write_text("b", "utf-8")
    files = [str(folder), str(one), str(two)]
    before = marks(tmp_path / "adapter.yaml", files, {})
    if change == "remove":
        two.unlink()
    else:
        (one if change == "edit" else folder / "three.yaml").write_text("other", "utf-8")
    assert marks(tmp_path / "adapter.yaml", files, {}) != before


def test_a_new_mapping_ends_the_capture_of_its_name(tmp_path: Path) -> None:
    """Its own `auth` decides from the moment that it is taken up, and the URL is a stranger's."""

    async def scenario(adapter: Reloaded) -> None:
        path = await adapter.capture("desk")
        assert await adapter.knock(path) == 200
        added = MAPPING.format(agent="sales", greeting="help")
        (adapter.folder / "mappings" / "desk.yaml").write_text(added, "utf-8")
        status = await adapter.until(lambda status: "desk" in status["sources"])
        assert status["captures"] == []
        assert await adapter.knock(path) == 401
        assert (await adapter.post("+12025550117", "desk"))["state"] == "rung"

    play(tmp_path, scenario)
