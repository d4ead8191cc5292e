"""`python -m bench`: everything measured in one run, on this machine, loopback only.

Rates differ from machine to machine and with what else it does; the ratios are what to read.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import clients, mappings, relay, writers
from bench.contestants import ADAPTER, SERVICE
from bench.load import LoadError
from bench.node_runtime import NodeMissingError, install
from bench.programs import StartError
from bench.tables import print_column, print_grid, print_rounds

_MICRO_S = 1.0  # for each figure of the small benchmarks


def _relay(asked: argparse.Namespace) -> None:
    install()
    size = relay.Size(leads=asked.leads, warm_up=min(300, asked.leads), rounds=asked.rounds)
    print(
        f"Leads relayed: {size.leads} HubSpot webhooks a round, {size.rounds} rounds each in turns,"
        f" {size.connections} connections.\n"
        f"{ADAPTER.name}: authenticated, mapped, deduplicated, stored (SQLite, synchronous=FULL)"
        f" before the answer, rung after it.\n"
        f"{SERVICE.name}: express, one signed POST, then the answer; nothing is stored.\n"
    )
    print_rounds(relay.measure([ADAPTER, SERVICE], size))


def _clients(asked: argparse.Namespace) -> None:
    print_grid("calls/s by client", "connections", clients.measure(_MICRO_S * asked.scale))


def _writers(asked: argparse.Namespace) -> None:
    rates = writers.measure(_MICRO_S * asked.scale)
    print_column("commits by the ledger's writer", "webhooks/s", rates)


def _mappings(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="adapter-bench-") as folder:
        times = mappings.measure(Path(folder), _MICRO_S * asked.scale)
    print_column("decoding and mapping a HubSpot webhook", "µs", times)


PARTS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "relay": _relay,
    "clients": _clients,
    "writers": _writers,
    "mappings": _mappings,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; return 1 where something did not run."""
    asked = _asked(arguments)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}\n")
    try:
        for part in asked.only or PARTS:
            PARTS[part](asked)
            print()
    except (NodeMissingError, StartError, LoadError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part (repeatable)")
    parser.add_argument("--leads", type=int, default=3000, help="leads a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds each (%(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="time for the small parts")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
