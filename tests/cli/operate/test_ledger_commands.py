"""Promises of the commands about calls where no adapter runs: they open the ledger themselves."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from adapter.clock import utc_now
from adapter.ledger.ledger import Ledger
from adapter.mock_agent.script import script_of
from tests.cli.shop import ADA, BEN, Shop
from tests.harness.in_process import TOKEN, Running, run


def leave(folder: Path, *documents: dict[str, Any], **setup: Any) -> None:
    """Leave a ledger in which these leads were taken and have ended."""

    async def play(adapter: Running) -> None:
        for document in documents:
            answer = await adapter.post("crm", document)
            for call in answer.json()["calls"]:
                if setup.get("has_engine", True):
                    await adapter.settled(call["id"])

    run(folder, play, **setup)


def test_calls_are_listed_and_shown(shop: Shop) -> None:
    """As a table for people, as JSON for programs; filters and pages as in the API."""
    leave(shop.folder, {"phone": ADA, "name": "Ada"}, {"phone": BEN}, {"name": "Nobody"})
    page = shop.json("calls")
    assert [call["state"] for call in page["calls"]] == ["refused", "rung", "rung"]
    first = shop.json("calls", "list", "--limit", "1")
    assert shop.json("calls", "list", "--cursor", first["next"])["calls"] == page["calls"][1:]
    how = ("--state", "rung", "--source", "crm", "--agent", "sales", "--limit", "1")
    (more,) = [each for each in shop.run("calls", *how).stdout.splitlines() if "more: " in each]
    assert "--state rung --source crm --agent sales --limit 1 --cursor " in more
    assert shop.json(*shlex.split(more)[2:])["calls"] == [page["calls"][2]]
    table = shop.run("calls", "--state", "rung", "--source", "crm", "--agent", "sales").stdout
    assert ADA in table
    assert "phone_missing" not in table
    (call,) = shop.json("calls", "--phone", ADA)["calls"]
    assert shop.json("calls", "--phone", "(202) 555-0123")["calls"] == [call]
    (webhook,) = shop.json("webhooks", "--phone", ADA[2:])["webhooks"]
    assert webhook["id"] == call["webhook"]
    refused = shop.run("calls", "--phone", "20255", status=2).output
    assert "6 digits or more. Write it as +12025550123." in refused
    assert "20255" not in refused.replace("+12025550123", "")
    assert shop.json("calls", "show", call["id"])["attempts"][0]["outcome"] == "rung"
    shown = shop.run("calls", "show", call["id"]).stdout
    assert "name=Ada" in shown
    assert shop.run("calls", "--reason", "no_such_reason").stdout == "none\n"


def test_webhooks_are_listed_shown_and_replayed(shop: Shop) -> None:
    """After its mapping is mended, a refused webhook is replayed, and waits for `serve`."""
    leave(shop.folder, {"tel": ADA})
    (webhook,) = shop.json("webhooks", "--state", "refused")["webhooks"]
    assert webhook["reason"] == "phone_missing"
    assert "phone_missing" in shop.run("webhooks").stdout
    assert shop.json("webhooks", "show", webhook["id"])["body"] == f'{{"tel":"{ADA}"}}'
    assert "phone_missing" in shop.run("webhooks", "show", webhook["id"]).stdout
    refused = shop.json("webhooks", "replay", webhook["id"])["webhooks"][0]["calls"]
    assert refused[0]["state"] == "refused"
    shop.write({"crm": (shop.folder / "mappings/crm.yaml").read_text().replace("$.phone", "$.tel")})
    assert "waiting" in shop.run("webhooks", "replay", webhook["id"]).stdout
    assert [call["phone"] for call in shop.json("calls", "--state", "waiting")["calls"]] == [ADA]


ID = "01J" + "0" * 23
REACHING = [
    "status",
    "calls",
    f"calls replay {ID}",
    f"webhooks replay {ID}",
    "pause --all",
    f"block {ADA}",
    f"forget {ADA}",
    "capture zoo",
    "backup copy.db",
    "restore copy.db",
    f"try crm {ID}",
    f"new zoo --from {ID}",
]


@pytest.mark.parametrize("words", REACHING)
def test_what_stands_for_an_unset_variable_is_no_ledger(shop: Shop, words: str) -> None:
    """To pause in a new one would seem to have worked; the variable is named, nothing is made."""
    settings = (shop.folder / "adapter.yaml").read_text()
    mine = re.sub(r"(?m)^database: .*$", "database: sqlite:///${LEDGER}", settings)
    shop.file("adapter.yaml", f"admin_token: ${{ADMIN}}\n{mine}")
    before = sorted(shop.folder.rglob("*"))
    told = shop.run(*words.split(), status=2).output
    assert "error: ADMIN, LEDGER are unset" in told
    shop.environ["ADMIN"] = "a-token-of-the-admins"
    assert "error: LEDGER is unset" in shop.run(*words.split(), status=2).output
    assert sorted(shop.folder.rglob("*")) == before


def test_a_replay_with_an_unset_variable_is_refused_and_names_it(shop: Shop) -> None:
    """What stands for it would be spoken to a person; an unset token matters to no replay."""
    leave(shop.folder, {"tel": ADA})
    (webhook,) = shop.json("webhooks")["webhooks"]
    mended = (shop.folder / "mappings/crm.yaml").read_text().replace("$.phone", "$.tel")
    needy = mended.replace("$.name", "'${GREETING}'").replace(TOKEN, "'${CRM_TOKEN}'")
    shop.write({"crm": needy})
    refused = shop.run("webhooks", "replay", webhook["id"], status=2).output
    assert "needs GREETING: set it here, then replay" in refused
    assert shop.json("calls")["calls"][0]["state"] == "refused"
    shop.environ = {**shop.environ, "GREETING": "hello"}
    assert "waiting" in shop.run("webhooks", "replay", webhook["id"]).stdout
    assert shop.json("calls")["calls"][0]["variables"] == {"name": "hello"}


def test_the_next_page_of_webhooks_keeps_its_filters(shop: Shop) -> None:
    """The line that is printed gives it."""
    leave(shop.folder, {"tel": ADA}, {"phone": ADA}, {"tel": BEN}, has_engine=False)
    shown = shop.run("webhooks", "--reason", "phone_missing", "--limit", "1").stdout
    more = shown.splitlines()[-1]
    assert more.startswith("more: adapter webhooks list --reason phone_missing --limit 1 --cursor ")
    (last,) = shop.json(*shlex.split(more)[2:])["webhooks"]
    assert shop.json("webhooks", "show", last["id"])["body"] == f'{{"tel":"{ADA}"}}'
    assert "more: " not in shop.run(*shlex.split(more)[2:]).stdout


def test_an_uncertain_call_is_resolved_and_replayed_with_a_warning(shop: Shop) -> None:
    """A person's word is stored; a replay of what may have rung says so on standard error."""
    leave(shop.folder, {"phone": ADA}, {"phone": BEN}, script=script_of("drop", "drop"))
    ben, ada = (call["id"] for call in shop.json("calls", "--state", "uncertain")["calls"])
    assert shop.json("calls", "resolve", ada, "--not-rung")["state"] == "failed"
    assert "not_rung" in shop.run("calls", "list", "--state", "failed").stdout
    assert "Not possible now" in shop.run("calls", "resolve", ada, "--rung", status=2).output
    result = shop.run("calls", "replay", ada, ben)
    assert f"warning: {ben} may have rung before" in result.stderr
    assert "waiting" in result.stdout


def test_pause_and_resume_without_an_adapter(shop: Shop) -> None:
    """The brake works on the ledger, and is there when `serve` starts."""
    leave(shop.folder, {"phone": ADA}, has_engine=False)
    assert shop.json("pause", "sales")["agents"]["sales"]["state"] == "paused"
    (call,) = shop.json("calls")["calls"]
    assert (call["state"], call["reason"]) == ("held", "agent_paused")
    assert "live" in shop.run("resume", "--all").stdout
    assert shop.json("calls")["calls"][0]["state"] == "waiting"
    assert shop.json("pause", "--all")["agents"]["sales"]["state"] == "paused"


def test_a_ledger_in_use_is_not_opened(shop: Shop) -> None:
    """The command says that no adapter answers and that a process has the ledger."""
    ledger = Ledger.open(f"sqlite:///{shop.folder / 'adapter.db'}", now=utc_now)
    try:
        for command in (["calls"], ["pause", "--all"], ["webhooks"]):
            shown = shop.run(*command, status=2).output
            assert "no adapter answers at http://127.0.0.1:" in shown
            assert "in use by another process" in shown
        assert "in use by another process" in shop.run("migrate", status=2).output
        assert "in use by another process" in shop.run("serve", status=2).output
    finally:
        ledger.close()
