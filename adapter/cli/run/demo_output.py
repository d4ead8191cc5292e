"""The output of the demo: two lines a webhook, and no scrolling on a terminal of 24 lines."""

from collections.abc import Iterable

from adapter.cli.output import COLOURS, console, plain
from adapter.cli.terminal import say
from adapter.mock_agent.agent import MockAgent
from adapter.model import Call, State


def print_start(agent_url: str, url: str) -> None:
    """Say what runs where."""
    console().print(
        "[bold]adapter demo[/]  nothing leaves this machine, nobody is called\n"
        f"  CRM  ─►  adapter [cyan]{url}[/]  ─►  mock agent [cyan]{agent_url}[/]\n"
    )


def print_webhook(number: int, source: str, title: str, status: int) -> None:
    """Print a webhook and its answer's status."""
    colour = "green" if status < 300 else "red"
    console().print(f" {number} [bold]{source:<11}[/]{title:<33}[{colour}]{status}[/]")
    if status == 401:
        console().print("     [dim]not authenticated: nothing stored, nothing rung[/]")


def print_calls(calls: Iterable[Call], agent: MockAgent) -> None:
    """Print what became of each call."""
    for call in calls:
        who = " ".join(v for n, v in call.variables.items() if n in ("name", "last_name"))
        colour = COLOURS[call.state.value]
        end = f"[{colour}]{call.state.value}[/]"
        if call.state is State.RUNG:
            proof = f"signature {_signature(call, agent)}… verified"
        else:
            proof, end = "", f"{end} {plain(call.reason)}"
        console().print(f"     → {call.phone or '-':<14}{plain(who):<14}{proof:<30}{end}")


def print_end(agent: MockAgent) -> None:
    """Sum up, and show the last call as it was sent."""
    phones = {ring.phone for ring in agent.rings}
    last = agent.rings[-1]
    console().print(
        f"\n [bold]{len(phones)} phones rang, each once[/]: "
        f"{len(agent.rings)} rings, {len(agent.requests)} signed requests, all verified. "
        "The last one:"
    )
    say(f" {last.body.decode()}")


def print_invitation(curl: str) -> None:
    """Say how to try it by hand."""
    console().print("\n The adapter runs on. Ring a phone yourself, twice (Ctrl-C ends it):")
    say(f"   {curl}")


def _signature(call: Call, agent: MockAgent) -> str:
    """Return the start of the signature that the mock agent verified for this call."""
    sent = (r for r in agent.requests if (call.phone or "-").encode() in r.body)
    return next((r.headers["signature"][:8] for r in sent), "?")
