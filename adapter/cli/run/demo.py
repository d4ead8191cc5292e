"""`adapter demo`: the whole way of six webhooks in one screen, on loopback, ringing nobody."""

import asyncio
import secrets
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from adapter.app import Adapter, Addresses
from adapter.cli.options import unread_config_option
from adapter.cli.run.demo_output import (
    print_calls,
    print_end,
    print_invitation,
    print_start,
    print_webhook,
)
from adapter.cli.run.shipped import shipped_mappings
from adapter.clock import utc_now
from adapter.compiler.load import load_strict
from adapter.config.config import Config
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import WebhookFilter
from adapter.mock_agent.agent import MockAgent
from adapter.model import Call
from adapter.service.signals import on_signals
from adapter.telemetry import Redactor, secrets_in, start_logging

_WAIT_S = 10  # for each call to end; loopback needs milliseconds

_SETTINGS = """\
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
database: sqlite:///{folder}/demo.db
mappings: {mappings}
sources: [hubspot, pardot, salesforce, generic]
agents:
  sales: {{endpoint: "{endpoint}", api_key: "${{SALES_API_KEY}}", secret: "${{SALES_API_SECRET}}"}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One webhook of the show: a shipped example of a source, and with which token it comes."""

    source: str
    example: int
    title: str
    has_right_token: bool = True


STEPS = (
    Step(source="hubspot", example=0, title="workflow, a new lead"),
    Step(source="pardot", example=0, title="form handler, national number"),
    Step(source="salesforce", example=2, title="outbound message, two leads"),
    Step(source="hubspot", example=0, title="the same once more: a retry"),
    Step(source="pardot", example=4, title="a number nobody can have"),
    Step(source="hubspot", example=0, title="a stranger, wrong token", has_right_token=False),
)


@click.command()
@unread_config_option
def command() -> None:
    """See it work: mock agent, adapter and shipped examples, end to end, on this machine only."""
    asyncio.run(_demo())


async def _demo() -> None:
    environ = {name: secrets.token_hex(12) for name in ("SALES_API_KEY", "SALES_API_SECRET")}
    tokens = {name: secrets.token_hex(8) for name in ("hubspot", "pardot", "salesforce", "generic")}
    environ |= {f"{name.upper()}_TOKEN": token for name, token in tokens.items()}
    with tempfile.TemporaryDirectory(prefix="adapter-demo-") as folder:
        async with MockAgent(environ["SALES_API_KEY"], environ["SALES_API_SECRET"]) as agent:
            config = _write_config(Path(folder), agent.url, environ)
            start_logging(Redactor(secrets_in(config)), quiet=True)
            ledger = Ledger.open(config.database, now=utc_now)
            try:
                await _run(config, ledger, agent, tokens)
            finally:
                ledger.close()


def _write_config(folder: Path, endpoint: str, environ: dict[str, str]) -> Config:
    path = folder / "adapter.yaml"
    settings = _SETTINGS.format(folder=folder, mappings=shipped_mappings(), endpoint=endpoint)
    path.write_text(settings, encoding="utf-8")
    return load_strict(path, environ)


async def _run(config: Config, ledger: Ledger, agent: MockAgent, tokens: dict[str, str]) -> None:
    """Start the adapter, show the steps, and stay while somebody watches."""
    stop = asyncio.Event()
    ready: asyncio.Queue[Addresses] = asyncio.Queue()
    with on_signals(stop):
        adapter = asyncio.create_task(Adapter(config, ledger).run(stop, ready.put_nowait))
        adapter.add_done_callback(lambda _: stop.set())
        async with asyncio.timeout(_WAIT_S):
            url = (await ready.get()).public
        await _show_steps(config, ledger, agent, url, tokens)
        if sys.stdin.isatty() and sys.stdout.isatty():
            print_invitation(_curl_command(url, tokens["generic"]))
            await stop.wait()
        stop.set()
        await adapter


async def _show_steps(
    config: Config, ledger: Ledger, agent: MockAgent, url: str, tokens: dict[str, str]
) -> None:
    print_start(agent.url, url)
    printed: set[str] = set()
    for number, step in enumerate(STEPS, 1):
        status = await _post_webhook(step, config, url, tokens)
        print_webhook(number, step.source, step.title, status)
        print_calls(await _new_calls(ledger, printed), agent)
    print_end(agent)


async def _post_webhook(step: Step, config: Config, url: str, tokens: dict[str, str]) -> int:
    """Post one webhook as its CRM would; return the status of the answer."""
    request = config.sources[step.source].examples[step.example].request
    token = tokens[step.source] if step.has_right_token else "wrong"
    headers = [*request.headers, ("x-webhook-token", token), ("prefer", f"wait={_WAIT_S}")]
    async with httpx.AsyncClient(trust_env=False, timeout=_WAIT_S + 5) as client:
        answer = await client.post(
            f"{url}/hooks/{step.source}", content=request.body, headers=headers
        )
    return answer.status_code


async def _new_calls(ledger: Ledger, printed: set[str]) -> tuple[Call, ...]:
    """Return the calls of the newest webhook, unless it has been shown: then none was stored."""
    (newest,), _ = await ledger.reads.webhooks(WebhookFilter(), limit=1)
    found = await ledger.reads.webhook(newest.id) if newest.id not in printed else None
    printed.add(newest.id)
    return found[1] if found else ()


def _curl_command(url: str, token: str) -> str:
    body = '{"phone": "+12025550145", "variables": {"name": "You"}}'
    return (
        f"curl {url}/hooks/generic -H {shlex.quote(f'X-Webhook-Token: {token}')} "
        f"-H 'Content-Type: application/json' -d {shlex.quote(body)}"  # --json is too new
    )
