"""A whole run: every contestant in turns, then its misfortunes, then the small parts."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import clients, commands, machine, mappings, rings, writers
from bench.calm import measure as calm_of
from bench.contestants import Contestant
from bench.load import LoadError
from bench.packages import MissingError
from bench.relay import Size, run_round
from bench.results import Entry, Results

Pairs = Sequence[tuple[Contestant, Entry]]


def run(
    contestants: Sequence[Contestant], size: Size, *, calm: int, unlucky: int, small_s: float
) -> Results:
    """Measure all of them; who cannot run is told of with the reason, and the others go on.

    `calm` leads come one at a time; `unlucky` leads meet each misfortune; `small_s`
    seconds go to each figure of the small parts.
    """
    where = machine.describe()
    entries = [(contestant, _entry(contestant)) for contestant in contestants]
    _relay(entries, size)
    _calm_and_misfortunes(entries, calm, unlucky)
    small = _small(small_s) if small_s else {}
    where |= {
        "load after": machine.load(),
        "leads": f"{size.leads} cold, as many warm, {size.rounds} rounds in turns,"
        f" {size.connections} connections; a slow contestant gets fewer leads",
    }
    by_name = {contestant.name: entry for contestant, entry in entries}
    return Results(where=where, entries=by_name, small=small)


def _entry(contestant: Contestant) -> Entry:
    entry = Entry(about=contestant.about)
    try:
        entry.versions = dict(contestant.install())
    except MissingError as error:
        entry.missing = str(error)
    return entry


def _relay(entries: Pairs, size: Size) -> None:
    """Run the rounds in turns (A B, B A, …), so that a drift strikes all alike."""
    for number in range(size.rounds):
        for contestant, entry in entries[:: -1 if number % 2 else 1]:
            if not entry.missing:
                _say(f"round {number + 1} of {size.rounds}: {contestant.name}")
                try:
                    entry.rounds.append(asyncio.run(run_round(contestant, size)))
                except LoadError as error:
                    entry.missing = _failed(error)


def _calm_and_misfortunes(entries: Pairs, calm: int, unlucky: int) -> None:
    for contestant, entry in entries:
        if not entry.missing:
            _say(f"calm and misfortunes: {contestant.name}")
            try:
                entry.calm = calm_of(contestant, calm)
                entry.rings = rings.measure(contestant, unlucky)
            except LoadError as error:
                entry.missing = _failed(error)


def _failed(error: LoadError) -> str:
    return f"it failed: {' '.join(str(error).split())}"


def _small(seconds: float) -> dict[str, dict[str, float]]:
    _say("small parts: clients, commands, the ledger's writer, mappings")
    with tempfile.TemporaryDirectory(prefix="adapter-bench-") as folder:
        return {
            **_clients(seconds),
            "webhooks/s committed by the ledger's writer": writers.measure(seconds),
            "CPU ms of a command, imports and all": commands.measure(1 + int(4 * seconds)),
            "µs to decode and map a HubSpot webhook": mappings.measure(Path(folder), seconds),
        }


def _clients(seconds: float) -> dict[str, dict[str, float]]:
    rates = clients.measure(seconds)
    return {
        f"calls/s by client, connections: {connections}": {
            client: rates[client][connections] for client in rates
        }
        for connections in clients.CONNECTIONS
    }


def _say(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)
