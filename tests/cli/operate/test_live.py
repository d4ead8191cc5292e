"""Promises of the commands beside a running adapter and a `mock-agent`, all real processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.cli.shop import ADA, BEN, Shop
from tests.harness.adapter_process import ROOT, AdapterProcess, free_port, until_answers
from tests.harness.in_process import API_KEY, API_SECRET

ADMIN = "an-admin-token-of-the-street"


@dataclass(frozen=True, kw_only=True, slots=True)
class Street:
    """A shop, its adapter and its agent."""

    shop: Shop
    adapter: AdapterProcess
    mock: AdapterProcess
    rings_url: str

    def rung(self) -> list[str]:
        """Return the phones that rang."""
        return [ring["phone"] for ring in httpx.get(self.rings_url, trust_env=False).json()]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Run both processes for the tests of this file."""
    folder: Path = tmp_path_factory.mktemp("street")
    public, admin, agent = free_port(), free_port(), free_port()
    environ = {
        "AGENT_URL": f"http://127.0.0.1:{agent}/api/click-to-call",
        "MOCK_API_KEY": API_KEY,
        "MOCK_API_SECRET": API_SECRET,
        "ADAPTER_ADMIN_TOKEN": ADMIN,
    }
    shop = Shop(folder=folder, environ=environ)
    shop.write(settings=f"listen: 127.0.0.1:{public}\nadmin_listen: 127.0.0.1:{admin}\n")
    script = shop.file("script.yaml", f'phones:\n  "{BEN}": [drop]\n')
    command = ("mock-agent", "--listen", f"127.0.0.1:{agent}", "--script", script)
    with (
        AdapterProcess(folder, *command, environ=environ) as mock,
        AdapterProcess(folder, environ=environ) as adapter,
    ):
        until_answers(f"http://127.0.0.1:{agent}")
        adapter.event("ready")
        rings_url = f"http://127.0.0.1:{agent}/rings"
        yield Street(shop=shop, adapter=adapter, mock=mock, rings_url=rings_url)
        mock.signal(signal.SIGINT)
        assert mock.ended() == 0
        adapter.signal(signal.SIGINT)
        assert adapter.ended() == 0
        assert all(text not in adapter.stderr for text in (ADA, BEN, API_KEY, ADMIN))


WAIT = ("--header", "Prefer: wait=10")


def test_send_rings_through_the_running_adapter(street: Street) -> None:
    """Its token is added; status 0 where a call is under way or has rung, else 1."""
    lead = street.shop.file("ada.json", {"phone": ADA, "name": "Ada"})
    (call,) = street.shop.json("send", "crm", lead, *WAIT)["calls"]
    assert (call["state"], call["http_status"]) == ("rung", 200)
    assert ADA in street.rung()
    shown = street.shop.run("send", "crm", lead, status=1).stdout
    assert shown.startswith("200 OK\n")
    assert "duplicate" in shown
    assert "422" in street.shop.run("send", "crm", "-", stdin=b"{}", status=1).stdout
    wrong = street.shop.run(
        "send", "crm", lead, "--header", "X-Webhook-Token: wrong", "--query", "a=1", status=1
    )
    assert wrong.stdout.startswith("401 ")


def test_send_says_where_nobody_answers(street: Street) -> None:
    """The URL without its query, which may hold a token."""
    url = ("--url", "http://127.0.0.1:9", "--query", "token=abcdefgh")
    shown = street.shop.run("send", "crm", "-", *url, stdin=b"{}", status=2).output
    assert "no adapter answers at http://127.0.0.1:9/hooks/crm" in shown
    assert "abcdefgh" not in shown


def test_an_uncertain_call_is_replayed_beside_the_adapter(street: Street) -> None:
    """Listed, shown, replayed with a warning, and rung by the process that runs."""
    lead = street.shop.file("ben.json", {"phone": BEN, "name": "Ben"})
    (call,) = street.shop.json("send", "crm", lead, *WAIT)["calls"]
    assert call["state"] == "uncertain"
    result = street.shop.run("calls", "replay", call["id"])
    assert "may have rung before" in result.stderr
    assert BEN in street.shop.run("calls").stdout
    webhook = street.shop.json("calls", "show", call["id"])["webhook"]
    assert street.shop.json("webhooks", "show", webhook)["calls"][0]["id"] == call["id"]


def test_pause_holds_new_leads_until_resume(street: Street) -> None:
    """Through the running adapter, at once."""
    assert street.shop.json("pause", "sales")["agents"]["sales"]["state"] == "paused"
    lead = street.shop.file("cleo.json", {"phone": "+12025550167", "name": "Cleo"})
    (call,) = street.shop.json("send", "crm", lead)["calls"]
    assert (call["state"], call["reason"]) == ("held", "agent_paused")
    assert street.shop.json("resume", "--all")["agents"]["sales"]["state"] == "live"
    assert street.shop.json("calls", "show", call["id"])["state"] != "held"


def test_another_admin_token_is_told(street: Street) -> None:
    """Status 2, and what is wrong, without either token."""
    stranger = Shop(folder=street.shop.folder, environ=dict(street.shop.environ))
    stranger.environ["ADAPTER_ADMIN_TOKEN"] = "another-token"
    shown = stranger.run("calls", status=2).output
    assert "admin_token" in shown
    assert "another-token" not in shown
    assert ADMIN not in shown


class Stranger(BaseHTTPRequestHandler):
    """Some other program's web page."""

    def do_GET(self) -> None:
        """Answer HTML."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>It works</h1>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def test_another_program_on_the_admin_port_is_told(shop: Shop) -> None:
    """The command ends with status 2 and names the setting to look at."""
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        shop.write(settings=f"listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:{port}\n")
        for command in (["calls"], ["pause", "--all"]):
            assert "is no adapter" in shop.run(*command, status=2).output
        server.shutdown()


def test_the_ready_line_names_both_listeners(street: Street) -> None:
    """A supervisor learns the addresses and the process from one JSON line."""
    ready = street.adapter.event("ready")
    assert ready["pid"] == street.adapter.pid
    assert json.dumps(ready).count("http://127.0.0.1:") == 2


LOADED = """\
import sys
from adapter.cli import main
main(sys.argv[1:], standalone_mode=False)
print("LOADED", *sorted(name for name in sys.modules if "." not in name))
"""
SERVER_AND_LEDGER = {
    "sqlalchemy",
    "alembic",
    "aiohttp",
    "starlette",
    "uvicorn",
    "prometheus_client",
}
MAPPINGS_AND_AGENTS = {"jsonpath_ng", "phonenumbers", "holidays"}
BROKEN_AGENT = "agents: {sales: {endpoint: nowhere, colour: blue}}\n"


def run_mending(street: Street, folder: Path, command: list[str]) -> tuple[str, str, set[str]]:
    """Run a command by a copy of the settings whose agent and mapping are being mended.

    Returns what it printed, to either side, and the libraries that it loaded.
    """
    settings = (street.shop.folder / "adapter.yaml").read_text("utf-8").partition("agents:")[0]
    (folder / "adapter.yaml").write_text(settings + BROKEN_AGENT, "utf-8")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "crm.yaml").write_text("auth: {tokn: x}\n", "utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **street.shop.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    shown, _, loaded = ended.stdout.rpartition("LOADED ")
    return shown, ended.stderr, set(loaded.split())


@pytest.mark.parametrize(
    "command",
    [
        ["calls", "list"],
        ["webhooks", "list"],
        ["status"],
        ["capture"],
        ["forget", "+12025550199"],
        ["block", "--list"],
    ],
    ids=" ".join,
)
def test_a_command_loads_what_it_needs(street: Street, tmp_path: Path, command: list[str]) -> None:
    """Beside a running adapter: neither the ledger nor a server, and no mapping is read."""
    _, told, loaded = run_mending(street, tmp_path, command)
    assert told == ""
    assert not SERVER_AND_LEDGER & loaded
    if command[0] != "block":  # which reads the numbers that it is given
        assert not MAPPINGS_AND_AGENTS & loaded


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_the_brake_works_while_anything_is_mended(
    street: Street, tmp_path: Path, command: str
) -> None:
    """Neither a broken mapping nor a broken agent matters where the adapter itself is running."""
    try:
        shown, told, loaded = run_mending(street, tmp_path, [command, "--all"])
    finally:
        street.shop.run("resume", "--all")
    assert {"pause": "paused", "resume": "live"}[command] in shown
    assert told == ""
    assert not (SERVER_AND_LEDGER | MAPPINGS_AND_AGENTS) & loaded
