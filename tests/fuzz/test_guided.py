"""The coverage-guided fuzzer, for a moment; `make soak` lets it run for minutes."""

import subprocess
import sys
from pathlib import Path

import pytest

RUNS = 3000


def test_no_bytes_lead_anywhere_but_to_a_call_or_a_named_refusal() -> None:
    """From every shipped example on, mutated towards code that no input has reached yet."""
    pytest.importorskip("atheris", reason="atheris is built for Linux on x86-64 alone")
    command = [sys.executable, "-m", "tests.fuzz.guided", "-seed=1", f"-runs={RUNS}"]
    ended = subprocess.run(
        [*command, "-rss_limit_mb=1000"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert f"Done {RUNS}" in ended.stderr
