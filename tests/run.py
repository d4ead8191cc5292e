"""`make test`: the whole suite in parallel, then the coverage that STYLE asks for."""

import subprocess
import sys

# Pure files are covered branch by branch; everything together to 95 %.
PURE = [
    "adapter/agent.py",
    "adapter/clock.py",
    "adapter/drafting/*",
    "adapter/errors.py",
    "adapter/intake/*",
    "adapter/lookup/answers.py",
    "adapter/mapping/*",
    "adapter/mapping/explaining/*",
    "adapter/model.py",
    "adapter/ringing/signing.py",
    "adapter/policy/outcomes.py",
    "adapter/policy/backoff.py",
    "adapter/policy/gates.py",
    "adapter/policy/hours.py",
    "adapter/values/holidays.py",
    "adapter/values/time_zones.py",
]
SHELL = [
    "adapter/intake/arrival.py",
    "adapter/intake/captures.py",
    "adapter/intake/pipeline.py",
    "adapter/intake/routes.py",
    "adapter/intake/waiting.py",
]
OVERALL = 95


def main() -> int:
    """Run the tests and hold the coverage; return the first status that is not zero."""
    coverage = [sys.executable, "-m", "coverage"]
    steps = [
        [sys.executable, "-m", "pytest", "-n", "auto", "--cov", "--cov-report=", *sys.argv[1:]],
        [*coverage, "report", *_only(PURE, SHELL), "--fail-under=100"],
        [*coverage, "report", f"--fail-under={OVERALL}"],
    ]
    return next(
        (s for s in (subprocess.run(step, check=False).returncode for step in steps) if s), 0
    )


def _only(included: list[str], omitted: list[str]) -> list[str]:
    return [f"--include={','.join(included)}", f"--omit={','.join(omitted)}"]


if __name__ == "__main__":
    sys.exit(main())
