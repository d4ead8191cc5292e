"""Promises of the terminal: nothing from outside acts there, hides there, or forges a line."""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import click
import pytest

import adapter.cli
from adapter.cli import _COMMANDS, main
from adapter.cli.terminal import shell_word
from tests.cli.shop import ADA, Shop
from tests.harness.in_process import AGENTS, CRM

CLI = Path(adapter.cli.__file__).parent
# An escape sequence, a new title for the window, an erased screen by one C1 character, text that
# runs backwards, what has no width, markup and emoji of rich, a bell, and a forged line.
HOSTILE = (  # the markup first: what is long is shortened
    "[bold]bold[/bold] :warning: "
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202ebackwards\u2066 \u200bnone\U000e0041\u2028"
    " [/] [link=https://example.com]link[/link] \ud800\r\nFORGED line"
)
MARKUP = "[bold]bold[/bold]"

CALL = {
    "id": HOSTILE,
    "webhook": HOSTILE,
    "source": HOSTILE,
    "agent": HOSTILE,
    "phone": HOSTILE,
    "variables": {HOSTILE: HOSTILE},
    "state": HOSTILE,
    "reason": HOSTILE,
    "duplicate_of": HOSTILE,
    "attempts": [{"number": 1, "outcome": HOSTILE, "code": HOSTILE}],
    "due_at": HOSTILE,
    "conflict": HOSTILE,
    "may_have_rung": True,
    "created_at": HOSTILE,
}
WEBHOOK = {
    "id": HOSTILE,
    "state": HOSTILE,
    "reason": HOSTILE,
    "source": HOSTILE,
    "received_at": HOSTILE,
    "query": HOSTILE,
    "headers": [[HOSTILE, HOSTILE]],
    "body": HOSTILE,
    "calls": [CALL],
}
STATUS = {
    "version": HOSTILE,
    "config": {"loaded_at": HOSTILE, "refused": [HOSTILE], "restart_needed": [HOSTILE]},
    "agents": {HOSTILE: {"state": HOSTILE, "halted_by": HOSTILE, "mode": HOSTILE}},
    "sources": {HOSTILE: {"state": HOSTILE, "enabled": HOSTILE}},
    "captures": [{"source": HOSTILE, "until": HOSTILE, "webhooks": 1}],
    "calls": {HOSTILE: 1},
    "pending": HOSTILE,
    "max_pending": HOSTILE,
}
REPLAYED = CALL | {"conflict": None}
OPENED = {"url": HOSTILE, "source": HOSTILE, "until": HOSTILE}
# What another program answers on the admin port, by the beginning of the path.
ANSWERS: list[tuple[str, object]] = [
    ("GET /api/status", STATUS),
    ("GET /api/calls/", CALL),
    ("GET /api/calls", {"calls": [CALL], "next": HOSTILE}),
    ("POST /api/calls/replayed", REPLAYED),
    ("POST /api/calls/", CALL),
    ("GET /api/webhooks/", WEBHOOK),
    ("GET /api/webhooks", {"webhooks": [WEBHOOK], "next": HOSTILE}),
    ("POST /api/webhooks/", {"calls": [CALL, REPLAYED]}),
    ("POST /api/agents/", STATUS),
    ("POST /api/sources/refused", {"title": HOSTILE, "detail": HOSTILE}),
    ("POST /api/sources/", STATUS),
    ("GET /api/blocked", {"blocked": [{"phone": HOSTILE, "note": HOSTILE}], "next": None}),
    ("POST /api/blocked", {"added": 1, "calls": 1}),
    ("DELETE /api/blocked", {"removed": 1}),
    ("POST /api/forget", {"calls": 1, "webhooks": 1}),
    ("GET /api/captures", {"captures": [{"source": HOSTILE, "until": HOSTILE}]}),
    ("POST /api/captures", OPENED),
    ("DELETE /api/captures", {}),
    ("POST /hooks/", {"calls": [CALL]}),
]


class Answers(BaseHTTPRequestHandler):
    """Answers each request with what is hostile."""

    def answer(self) -> None:
        """Answer any method."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = f"{self.command} {self.path}"
        content = next(content for start, content in ANSWERS if asked.startswith(start))
        body = json.dumps(content).encode()
        if self.path == "/hooks/plain":
            body = HOSTILE.encode("utf-8", "replace")
        self.send_response(409 if "refused" in self.path else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - as http.server calls them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hostile(shop: Shop) -> Iterator[Shop]:
    """Return a shop at whose addresses something hostile answers."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True).start()
        port = server.server_port
        shop.write(
            {"crm": CRM, "plain": CRM},
            settings=f"listen: 127.0.0.1:{port}\nadmin_listen: localhost:{port}\n",
        )
        yield shop
        server.shutdown()


def check_shown(shown: str) -> None:
    """Check that an output holds nothing but what can be seen, in lines of our own."""
    assert all(sign.isprintable() or sign == "\n" for sign in shown), ascii(shown)
    assert not any(line.startswith("FORGED") for line in shown.split("\n")), shown


# Which commands show what the hostile program says, and with which status they end.
ASKED: dict[str, tuple[int, ...]] = {
    "status": (1,),
    "calls": (0,),
    "calls list": (0,),
    "calls show x": (0,),
    "calls replay x replayed": (0,),
    "calls resolve x --rung": (0,),
    "webhooks": (0,),
    "webhooks list": (0,),
    "webhooks show x": (0,),
    "webhooks replay x": (0,),
    "pause sales": (0,),
    "pause --source crm": (0,),
    "pause --source refused": (2,),
    "resume --all": (0,),
    f"block {ADA}": (0,),
    "block --list": (0,),
    f"unblock {ADA}": (0,),
    f"forget {ADA}": (0,),
    "capture": (0,),
    "capture x": (0,),
    "capture x --close": (0,),
    "send crm -": (0,),
    "send plain -": (0,),
}
# And which show files that somebody else may have written; the tests below run them.
FILES = {"check", "try", "new"}
# These show nothing from outside: what they print is ours, the operator's word, or a log.
OWN = {"serve", "demo", "mock-agent", "schema", "migrate", "backup", "restore", "health"}


def test_every_command_is_looked_at() -> None:
    """A new command has a row of its own."""
    asked = {words.split()[0] for words in ASKED}
    assert asked | FILES | OWN == set(_COMMANDS)
    for name in asked:
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            assert {f"{name} {part}" for part in command.commands} <= {
                " ".join(words.split()[:2]) for words in ASKED
            }


@pytest.mark.parametrize("words", ASKED)
def test_what_another_program_answers_stays_text(hostile: Shop, words: str) -> None:
    """In every field, on both outputs, as a table and as JSON."""
    (status,) = ASKED[words]
    result = hostile.run(*words.split(), status=status, stdin=b'{"phone": "+12025550123"}')
    check_shown(result.stdout)
    check_shown(result.stderr)
    if words not in (f"block {ADA}", f"unblock {ADA}", f"forget {ADA}", "capture x --close"):
        shown = re.sub(r"\s", "", result.output)
        assert MARKUP in shown
        assert ":warning:" in shown
    as_json = hostile.run(*words.split(), "--json", status=status, stdin=b"{}")
    check_shown(as_json.stdout)
    if status != 2:
        assert isinstance(json.loads(as_json.stdout), dict)


def test_json_reads_back_as_it_was(hostile: Shop) -> None:
    """The escapes are those of JSON."""
    assert hostile.json("calls", "show", "x") == CALL


LOST = CRM.replace("$.name", "$.nme").replace("$.phone", "$.phne")


@pytest.mark.parametrize("how", [(), ("--verbose",), ("--json",)])
def test_a_sample_that_is_tried_stays_text(shop: Shop, how: tuple[str, ...]) -> None:
    """Its values, its keys, and what stands near where a path leads nowhere."""
    shop.write({"crm": CRM, "lost": LOST})
    near = {f"phone{HOSTILE}": HOSTILE, f"name{HOSTILE}": {HOSTILE: HOSTILE}, HOSTILE: [HOSTILE]}
    sample = json.dumps({"phone": ADA, "name": HOSTILE, **near})
    for source, status in (("crm", 0), ("lost", 1)):
        told = shop.run("try", source, *how, stdin=sample, status=status)
        check_shown(told.stdout)
        check_shown(told.stderr)
        assert source == "lost" or MARKUP in told.stdout
    check_shown(shop.run("try", HOSTILE, stdin=sample, status=2).output)


def test_a_curl_command_is_the_same_to_a_shell(shop: Shop) -> None:
    """What cannot be seen is written as bytes, of which the shell makes the very body again."""
    sample = json.dumps({"phone": ADA, "name": f"it's {HOSTILE}"})
    told = shop.run("try", "crm", "--curl", stdin=sample).stdout
    check_shown(told)
    (call,) = shop.json("try", "crm", stdin=sample)["calls"]
    assert "\u202e" in call["body"]
    script = told.replace("curl -X POST", "printf '%s\\n'")
    words = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
    assert call["body"].encode() in words.split(b"\n")
    assert shell_word("plain \\ 'word'") == "'plain \\ '\"'\"'word'\"'\"''"


def _har(url: str, text: str) -> str:
    request = {"method": "POST", "url": url, "postData": {"mimeType": "text/json", "text": text}}
    return json.dumps({"log": {"entries": [{"request": request}, {"request": request}]}})


def test_a_draft_of_a_sample_stays_text(shop: Shop) -> None:
    """Printed or written, the mapping reads back; the report and the remark on a HAR file too."""
    sample = json.dumps({"phone": ADA, f"name{HOSTILE}": HOSTILE, "id": HOSTILE, HOSTILE: "1"})
    har = _har(f"https://{HOSTILE.replace('/', '')}/", sample)
    for name, content in (("sample.json", sample), ("page.har", har)):
        printed = shop.run("new", "two", "--from", shop.file(name, content), "-o", "-")
        check_shown(printed.stdout)
        check_shown(printed.stderr)
    told = shop.run("new", "two", "--from", shop.file("sample.json", sample))
    check_shown(told.stdout)
    check_shown((shop.folder / "mappings/two.yaml").read_text(encoding="utf-8"))
    shop.environ["TWO_TOKEN"] = "a-token-of-the-two"
    assert "1 of 1 examples pass" in shop.run("check").stdout
    lost = shop.run("new", "three", "--from", shop.file("lost.json", {HOSTILE: HOSTILE}), status=1)
    check_shown(lost.output)


def test_problems_of_files_stay_text(shop: Shop) -> None:
    """Unknown keys, wrong values, failing examples, and a name of a file or of an environment."""
    quoted = json.dumps(HOSTILE)
    failing = (
        f"{CRM}examples:\n  - name: {quoted}\n"
        f"    request: {{json: {{phone: '{ADA}', name: {quoted}}}}}\n"
        f"    calls: [{{agent: sales, phone: '{ADA}', variables: {{name: {quoted}}}}}]\n"
    )
    mapping = f"{failing}{quoted}: 1\nhandshake: {quoted}\nwhen: [{{path: {quoted}}}]\n"
    shop.write({"crm": mapping, "failing": failing}, agents=f"{AGENTS}    {quoted}: 1\n")
    for how in ((), ("--json",)):
        told = shop.run("check", *how, status=1)
        check_shown(told.stdout)
        check_shown(told.stderr)
        assert MARKUP in told.stdout
    shop.write({"crm": mapping, "failing": failing})
    told = shop.run("check", status=1)
    check_shown(told.stdout)
    assert "fails:" in told.stdout
    name = HOSTILE.replace("\ud800", "\udc80")  # as a byte that is no UTF-8 comes from a shell
    for words in (("check", name), ("calls",), ("backup", name)):
        check_shown(shop.run(*words, status=2, config=f"{shop.folder}/{name}").output)


_PRINTS = re.compile(
    r"\bclick\.s?echo\(|(?<![_\w.])print\(|\bstd(?:out|err)\.(?:buffer\.)?write|Console\("
)


def test_one_place_writes_to_the_terminal() -> None:
    """Everything is said through `cli/terminal.py`; tables, by rich, through `cli/output.py`."""
    writers = {
        path.relative_to(CLI).as_posix(): sorted(set(_PRINTS.findall(path.read_text("utf-8"))))
        for path in CLI.rglob("*.py")
    }
    assert {place: found for place, found in writers.items() if found} == {
        "terminal.py": ["click.echo("],
        "output.py": ["Console("],
    }
