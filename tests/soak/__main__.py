"""`make soak`: storms for as long as you like, on real processes and sockets of this machine.

Where the seed is odd, each kill is a power cut; every next storm has the next seed.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.soak.storm import Plan, weather_storm

STORM_S = 300.0  # each storm has a ledger of its own
CALM_S = 60.0


def main() -> int:
    """Let storms blow one after the other; return 1 as soon as a promise was broken."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves no process behind either
    left_s = options.minutes * 60
    for seed in count(options.seed):
        storm_s = min(left_s, STORM_S)
        plan = Plan(seed=seed, storm_s=storm_s, calm_s=CALM_S, has_power_cuts=seed % 2 == 1)
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            report = asyncio.run(weather_storm(Path(folder), plan))
        print(report, end="\n\n", flush=True)  # noqa: T201 - its whole purpose
        if report.findings:
            return 1
        left_s -= storm_s
        if left_s <= 0:
            break
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: 10)")
    parser.add_argument(
        "--seed",
        type=int,
        default=random.SystemRandom().randrange(1_000_000),
        help="repeats the answers and blows of a storm; drawn by chance by default, and printed",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
