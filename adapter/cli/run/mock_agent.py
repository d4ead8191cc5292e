"""`adapter mock-agent`."""

import asyncio
from pathlib import Path

import click

from adapter.cli.options import errors_reported, fail, unread_config_option
from adapter.cli.terminal import say
from adapter.mock_agent.agent import MockAgent, Ring
from adapter.mock_agent.script import Script, load_script
from adapter.service.signals import on_signals


@click.command()
@click.option("--listen", default="127.0.0.1:9090", show_default=True, help="HOST:PORT")
@click.option(
    "--script",
    "script_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML list of answers: ctc:007, 503, drop, {status: 429, headers: {Retry-After: 2}} …",
)
@click.option("--api-key", default="mock-key", show_default=True, envvar="MOCK_API_KEY")
@click.option("--secret", default="mock-secret", show_default=True, envvar="MOCK_API_SECRET")
@unread_config_option
def command(listen: str, script_path: Path | None, api_key: str, secret: str) -> None:
    """Stand in for VoiceB on this machine: verify signatures, answer by script, ring nobody."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        fail(f"error: --listen wants HOST:PORT, found {listen!r}")
    with errors_reported():
        script = load_script(script_path) if script_path else Script()
    try:
        asyncio.run(_serve(api_key, secret, script, host.strip("[]"), int(port)))
    except OSError as error:
        fail(f"error: cannot listen on {listen}: {error.strerror}")
    say("stopped")


async def _serve(api_key: str, secret: str, script: Script, host: str, port: int) -> None:
    async with MockAgent(api_key, secret, script=script, host=host, port=port) as agent:
        say(f"mock agent at {agent.url} (GET /rings shows what rang); Ctrl-C ends it")
        agent.on_request = _print_request
        stop = asyncio.Event()
        # Also where a shell started us in the background, and so with SIGINT ignored.
        with on_signals(stop):
            await stop.wait()


def _print_request(ring: Ring) -> None:
    say(f"{ring.at:%H:%M:%S}  {ring.answered}  {ring.phone}  {dict(ring.variables)}")
