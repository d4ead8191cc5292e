"""Promises of `adapter status`: what is in force, and what of a changed configuration is not."""

from pathlib import Path

from tests.cli.operate.test_ledger_commands import leave
from tests.cli.shop import ADA, Shop
from tests.harness.adapter_process import AdapterProcess, free_port
from tests.harness.in_process import CRM


def test_it_is_short_and_whole(shop: Shop) -> None:
    """Version, calls by state, agents, sources, open captures; where no adapter runs, too."""
    leave(shop.folder, {"phone": ADA}, {"name": "Nobody"}, has_engine=False)
    shop.run("pause", "sales")
    shop.run("capture", "shop")
    shown = shop.run("status").stdout
    assert ", not running\n" in shown
    assert "calls         held 1, refused 1\n" in shown
    assert "pending       1 of at most 100000\n" in shown
    for row in (("sales", "paused", "live", "0"), ("crm", "live", "True")):
        assert any(line.split() == list(row) for line in shown.splitlines()), shown
    assert "shop" in shown
    assert "configuration" not in shown
    status = shop.json("status")
    assert status.keys() >= {"version", "config", "agents", "sources", "captures", "calls"}


def test_an_adapter_without_sources_says_so(shop: Shop) -> None:
    """A fresh one that only captures: `sources: []`."""
    shop.write({"crm": CRM}, settings="sources: []\n")
    shown = shop.run("status").stdout
    assert "no source is on" in shown
    assert "calls         none" in shown


def swap(path: Path, text: str) -> None:
    """Put a file in place of another at once, so that no half of it is read."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def test_a_refused_configuration_is_told(shop: Shop) -> None:
    """With its problems and status 1; and what only a restart takes up."""
    public, admin = free_port(), free_port()
    settings = f"listen: 127.0.0.1:{public}\nadmin_listen: 127.0.0.1:{admin}\n"
    shop.write(settings=settings)
    with AdapterProcess(shop.folder, environ=shop.environ) as adapter:
        adapter.event("ready")
        shown = shop.run("status").stdout
        assert ", running\nconfiguration in force since 2" in shown
        assert "refused" not in shown
        swap(shop.folder / "mappings" / "crm.yaml", f"{CRM}colour: blue\n")
        adapter.event("configuration_refused")
        shown = shop.run("status", status=1).stdout
        assert "a changed configuration was refused, and the old one goes on:\n" in shown
        assert "crm.yaml:5:1: colour: unknown key" in shown
        whole = (shop.folder / "adapter.yaml").read_text()
        swap(shop.folder / "adapter.yaml", whole.replace(str(public), str(free_port())))
        swap(shop.folder / "mappings" / "crm.yaml", CRM)
        adapter.event("configuration_reloaded")
        assert "restart       needed for listen\n" in shop.run("status").stdout
