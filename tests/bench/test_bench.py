"""Promises of the benchmark: it measures whole leads, and it runs. None about speed."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import plot, report, writers
from bench.__main__ import main
from bench.contestants import ADAPTER
from bench.leads import lead_body
from bench.packages import MissingError
from bench.peers import CONTESTANTS, STARLETTE
from bench.relay import Size
from bench.results import read
from bench.rings import MISFORTUNES
from bench.run import run

LEADS, UNLUCKY = 20, 8
SIZES = {"leads": LEADS, "rounds": 1, "calm": 3, "unlucky": UNLUCKY, "small": 0.02}
SMALL = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]


def test_a_run_measures_ours_and_a_peer_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every lead that is counted rang, ours rings no lead twice, and all of it is kept and told."""
    only = ["--only", "adapter", "starlette"]
    assert main([*SMALL, *only, "--into", str(tmp_path)]) == 0
    results = read(tmp_path / "latest.json")
    for entry in results.entries.values():
        (measured,) = entry.rounds
        for through in (measured.cold, measured.warm):
            assert through.accepted == through.rings == LEADS
            assert through.cpu_ms_each > 0
        assert [*entry.rings] == [*MISFORTUNES]
        assert entry.calm is not None
        assert entry.calm.alone_to_agent_ms > 0
    for rings in results.entries[ADAPTER.name].rings.values():
        assert rings.twice == 0
        assert rings.never <= rings.asked
    assert all(rings.twice for rings in results.entries[STARLETTE.name].rings.values())
    shown = capsys.readouterr().out
    assert all(text in shown for text in (*writers.WRITERS, *MISFORTUNES, "a new lead"))
    assert (tmp_path / plot.NAME).read_bytes().startswith(b"\x89PNG")


def test_a_contestant_that_cannot_run_is_told_of() -> None:
    """With the reason, whether its packages are missing or it ends at once."""

    def missing() -> dict[str, str]:
        raise MissingError("no such program")

    contestants = [
        replace(STARLETTE, name="absent", install=missing),
        replace(STARLETTE, name="broken", command=lambda *_: [sys.executable, "-c", "1 / 0"]),
    ]
    results = run(contestants, Size(leads=LEADS, rounds=1), calm=1, unlucky=UNLUCKY, small_s=0)
    shown = report.report(results)
    assert "| absent | missing: no such program |" in shown
    assert "ZeroDivisionError" in results.entries["broken"].missing
    assert plot.draw(results).height > 0


def test_no_two_leads_are_duplicates() -> None:
    """Else the adapter would rightly not ring them, and look fast."""
    assert len({lead_body(number) for number in range(1000)}) == 1000


def test_the_page_shows_the_latest_run() -> None:
    """Its tables are what bench/results holds, of every contestant, missing ones included."""
    results = read(report.LATEST)
    assert {entry.name for entry in CONTESTANTS.values()} == {*results.entries}
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.on_page(page, report.report(results))
