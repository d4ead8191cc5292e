"""Promises about every command: `--help`, `--config`, `--json`, statuses and messages."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapter.cli import main
from tests.cli.shop import Shop
from tests.harness.adapter_process import taken_port
from tests.harness.in_process import CRM

COMMANDS = (
    *("serve", "check", "new", "try", "send", "calls", "webhooks", "pause", "resume"),
    *("mock-agent", "schema", "migrate", "demo", "capture", "status"),
)
WITH_JSON = [
    ["check"],
    ["try", "crm"],
    ["send", "crm", "x"],
    ["calls"],
    *(["calls", name] for name in ("list", "show", "replay", "resolve")),
    ["webhooks"],
    *(["webhooks", name] for name in ("list", "show", "replay")),
    ["pause"],
    ["resume"],
    ["capture"],
    ["status"],
    ["schema"],
]


def test_help_names_every_command() -> None:
    """`adapter --help` lists them all, with the exit statuses."""
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "Exit status" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """`--help` ends well and begins with a sentence; `-h` is the same."""
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert result.output == CliRunner().invoke(main, [name, "-h"]).output
    leaf = [name, "list"] if name in ("calls", "webhooks") else [name]
    assert "--config" in CliRunner().invoke(main, [*leaf, "--help"]).output


@pytest.mark.parametrize(
    ("typed", "meant"), [("chekc", "check"), ("mockagent", "mock-agent"), ("stauts", "status")]
)
def test_a_mistyped_command_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    """One letter wrong ends with status 2 and names the command that was meant."""
    result = CliRunner().invoke(main, [typed])
    assert result.exit_code == 2
    assert f"no command {typed!r}; did you mean {meant!r}?" in result.output


def test_a_command_like_no_other_is_refused_without_a_guess() -> None:
    """Nothing near is nothing to propose."""
    result = CliRunner().invoke(main, ["xyzzy"])
    assert result.exit_code == 2
    assert "'xyzzy'" in result.output
    assert "did you mean" not in result.output


@pytest.mark.parametrize("command", WITH_JSON, ids=" ".join)
def test_json_and_config_are_known_everywhere(command: list[str]) -> None:
    """Each command that prints data takes both options."""
    leaf = [*command, "list"] if command in (["calls"], ["webhooks"]) else command
    shown = CliRunner().invoke(main, [*leaf, "--help"]).output
    assert "--json" in shown
    assert "--config" in shown


# arguments, and what the message must say
MISTAKES = [
    (["nonsense"], "No such command"),
    (["calls", "nonsense"], "No such command"),
    (["new", "shop"], "Missing option '--from'"),
    (["new", "Shop", "--from", "-"], "lower-case letters"),
    (["new", "crm", "--from", "-"], "-o FILE"),
    (["try"], "Missing argument 'SOURCE'"),
    (["try", "nope"], "no source 'nope'; there are: crm"),
    (["try", "crm", "{missing}"], "No such file"),
    (["try", "crm", "{folder}"], "Is a directory"),
    (["try", "crm", "--header", "no colon"], "`Name: value`"),
    (["try", "crm", "--header", ": x"], "`Name: value`"),
    (["try", "crm", "--loud"], "No such option"),
    (["send", "nope", "{missing}"], "no source 'nope'; there are: crm"),
    (["send", "crm", "{missing}"], "No such file"),
    (["check", "{missing}"], "there is no "),
    (["calls", "show", "none"], "no such call"),
    (["calls", "show"], "Missing argument"),
    (["calls", "replay", "none"], "no such call"),
    (["calls", "resolve", "none"], "--rung or --not-rung"),
    (["calls", "resolve", "none", "--rung"], "no such call"),
    (["calls", "--state", "rang"], "one of waiting, held"),
    (["calls", "--since", "yesterday"], "RFC 3339"),
    (["calls", "--limit", "0"], "1<=x<=500"),
    (["calls", "--cursor", "2"], "`next`"),
    (["webhooks", "--state", "rung"], "mapped, refused, ignored"),
    (["webhooks", "show", "none"], "no such webhook"),
    (["webhooks", "replay", "none"], "no such webhook"),
    (["pause"], "name an agent, or say --all"),
    (["pause", "sales", "--all"], "name an agent, or say --all"),
    (["pause", "nope"], "no such agent; there are: sales"),
    (["resume", "nope"], "no such agent; there are: sales"),
    (["mock-agent", "--listen", "9090"], "HOST:PORT"),
    (["mock-agent", "--script", "{missing}"], "cannot be read"),
    (["mock-agent", "--listen", "{taken}"], "cannot listen on"),
]


def test_mistakes_end_with_status_2_and_a_way_out(shop: Shop) -> None:
    """No traceback, and a message that names what was expected."""
    with taken_port() as port:
        places = {
            "{missing}": str(shop.folder / "missing"),
            "{folder}": str(shop.folder),
            "{taken}": f"127.0.0.1:{port}",
        }
        for arguments, message in MISTAKES:
            filled = [places.get(argument, argument) for argument in arguments]
            result = shop.run(*filled, status=2, stdin=b"{}")
            assert message in result.output, arguments
            assert result.stdout == "", arguments


NEED_CONFIG = [
    ["serve"],
    ["check"],
    ["new", "shop", "--from", "-"],
    ["try", "crm"],
    ["send", "crm", "-"],
    ["calls"],
    ["webhooks"],
    ["pause", "--all"],
    ["resume", "--all"],
    ["capture"],
    ["status"],
    ["migrate"],
]


@pytest.mark.parametrize("command", NEED_CONFIG, ids=" ".join)
def test_a_missing_configuration_is_named(shop: Shop, command: list[str]) -> None:
    """Status 2, and how to name another."""
    result = shop.run(*command, status=2, config=str(shop.folder / "none.yaml"))
    assert "none.yaml" in result.output
    assert "--config FILE" in result.output
    assert "ADAPTER_CONFIG" in result.output


@pytest.mark.parametrize("command", [["serve"], ["migrate"]], ids=" ".join)
def test_what_rings_starts_with_no_problem_at_all(shop: Shop, command: list[str]) -> None:
    """Every problem of every file at once, with line and column; status 2."""
    shop.write({"crm": "auth: {tokn: x}\nagent: sales\nphone: $.a\n", "two": "phone: $.b\n"})
    shown = shop.run(*command, status=2, stdin=b"{}").output
    assert "crm.yaml:1:8: auth.tokn: unknown key (did you mean 'token'?)" in shown
    assert "two.yaml:1:1: auth: this key is missing" in shown
    assert "nothing was started" in shown


def test_an_unset_variable_stops_serve_and_names_it(shop: Shop) -> None:
    """`${AGENT_URL}` without a value is a problem, not an empty text."""
    shop.environ = {}
    assert "AGENT_URL" in shop.run("serve", status=2).output


def test_a_broken_mapping_does_not_stop_the_brake(shop: Shop) -> None:
    """While somebody mends a mapping, calls can be seen and agents paused; the problem is told."""
    shop.write({"crm": "auth: {tokn: x}\n"})
    assert shop.run("calls").stdout == "none\n"
    result = shop.run("pause", "sales")
    assert "paused" in result.stdout
    assert "did you mean 'token'?" in result.stderr


def test_blanks_around_the_configurations_path_are_left_out_and_told(shop: Shop) -> None:
    """As around every variable; a folder is no configuration."""
    environ = shop.environ | {"ADAPTER_CONFIG": f" {shop.folder / 'adapter.yaml'}\r"}
    result = CliRunner(env=environ).invoke(main, ["calls"])
    assert result.exit_code == 0, result.output
    assert "warning: ADAPTER_CONFIG has white space at its ends" in result.stderr
    told = CliRunner().invoke(main, ["calls", "--config", str(shop.folder)])
    assert told.exit_code == 2
    assert "is a folder: name a file" in told.output


def test_the_environment_names_the_configuration(shop: Shop) -> None:
    """ADAPTER_CONFIG stands for --config, which wins."""
    environ = shop.environ | {"ADAPTER_CONFIG": str(shop.folder / "adapter.yaml")}
    result = CliRunner(env=environ).invoke(main, ["calls", "--json"], catch_exceptions=False)
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"calls": [], "next": None})


def test_schema_is_json_schema_of_both_files(shop: Shop) -> None:
    """One document, a schema for each kind of file."""
    assert shop.json("schema").keys() >= {"adapter.yaml"}
    assert len(shop.json("schema")) == 2


@pytest.mark.parametrize("name", ["adapter.yaml", "mapping"])
def test_one_schema_alone_can_be_saved(shop: Shop, name: str) -> None:
    """`--for` prints what an editor reads."""
    assert shop.json("schema", "--for", name) == shop.json("schema")[name]


def test_a_source_that_is_off_is_told_so(shop: Shop) -> None:
    """Rather than that there is none; and where to turn it on, which is what is in force."""
    chosen = shop.file("chosen", "crm\n")
    for environ, settings, told in (
        ({}, "sources: [crm]\n", "`sources` in adapter.yaml"),
        ({"ADAPTER_SOURCES": ""}, "sources: [crm]\n", "`sources` in adapter.yaml"),
        ({"ADAPTER_SOURCES": "crm"}, "", "ADAPTER_SOURCES in the environment, which is in force"),
        ({"ADAPTER_SOURCES_FILE": chosen}, "", "the file that ADAPTER_SOURCES_FILE"),
    ):
        shop.environ = environ
        shop.write({"crm": CRM, "shop": CRM}, settings=settings)
        result = shop.run("try", "shop", shop.file("lead.json", {}), status=2)
        assert f"source 'shop' is off: add it to {told}" in result.output


def test_migrate_makes_a_ledger_of_today(shop: Shop) -> None:
    """On a new file and on one that is up to date; never beside a running process."""
    for _ in range(2):
        assert "up to date" in shop.run("migrate").stdout
    assert (shop.folder / "adapter.db").is_file()
    assert (shop.folder / "adapter.db").stat().st_mode & 0o077 == 0


def test_a_ledger_that_cannot_be_opened_is_named(shop: Shop, tmp_path: Path) -> None:
    """A file that is no database, and a folder that is not there."""
    (tmp_path / "adapter.db").write_bytes(b"no database at all, but long enough to be read" * 99)
    assert "no SQLite database" in shop.run("calls", status=2).output
    shop.environ["ADAPTER_DATABASE"] = "sqlite:////none/adapter.db"
    assert "the folder must exist" in shop.run("serve", status=2).output
