"""`python -m bench`: everything measured in one run, on this machine, loopback only.

Rates differ from machine to machine and with what else it does; the ratios, taken round by round
with the contestants in turns, are what to read, and CPU per lead before rates.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import plot, report
from bench.contestants import ADAPTER
from bench.peers import CONTESTANTS
from bench.relay import Size
from bench.results import Results
from bench.run import run

_FULL = {
    "leads": 3000,
    "rounds": 3,
    "calm": 100,
    "unlucky": 32,
    "small": 0.5,
    "into": report.LATEST.parent,
}
_QUICK_ONLY = [key for key in CONTESTANTS if key != "n8n"]  # whose start alone takes long
_QUICK = {
    "only": _QUICK_ONLY,
    "leads": 300,
    "rounds": 1,
    "calm": 20,
    "unlucky": 12,
    "small": 0.05,
    "into": None,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; return 1 where the adapter itself did not run."""
    asked = _asked(arguments)
    contestants = [CONTESTANTS[key] for key in asked.only or CONTESTANTS]
    size = Size(leads=asked.leads, rounds=asked.rounds)
    results = run(contestants, size, calm=asked.calm, unlucky=asked.unlucky, small_s=asked.small)
    print(report.report(results))
    if asked.into:
        _keep(results, asked.into)
    return 1 if ADAPTER.name in results.entries and results.entries[ADAPTER.name].missing else 0


def _keep(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / report.LATEST.name)
    plot.draw(results).save(folder / plot.NAME)
    if folder == report.LATEST.parent:
        report.write(results)
    print(f"kept in {folder}", file=sys.stderr)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="two minutes, without n8n; keeps nothing"
    )
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, help="these alone")
    parser.add_argument("--leads", type=int, help="leads cold, and as many warm (%(default)s)")
    parser.add_argument("--rounds", type=int, help="rounds for each (%(default)s)")
    parser.add_argument("--calm", type=int, help="leads one at a time (%(default)s)")
    parser.add_argument("--unlucky", type=int, help="leads of each misfortune (%(default)s)")
    parser.add_argument("--small", type=float, help="seconds for each small figure (%(default)s)")
    parser.add_argument("--into", type=Path, help="where JSON and plot go (%(default)s)")
    parser.set_defaults(**_FULL)
    if parser.parse_args(arguments).quick:
        parser.set_defaults(**_QUICK)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it started is ended too
    sys.exit(main())
