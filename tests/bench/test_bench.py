"""Promises of the benchmark: it measures whole leads, and it runs. None about speed."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import clients, commands, plot, report, writers
from bench.__main__ import main
from bench.contestants import ADAPTER, Contestant
from bench.leads import lead_body
from bench.packages import MissingError
from bench.peers import CONTESTANTS, STARLETTE
from bench.relay import Size, run_round
from bench.results import read
from bench.rings import MISFORTUNES
from bench.run import run

LEADS, UNLUCKY = 20, 8
SIZES = {"leads": LEADS, "rounds": 1, "calm": 3, "unlucky": UNLUCKY, "small": 0}
SMALL = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]


@pytest.mark.parametrize("contestant", [ADAPTER, STARLETTE], ids=lambda it: it.name)
def test_every_lead_that_is_counted_rang(contestant: Contestant) -> None:
    """Cold and warm, and its processor time is known."""
    measured = asyncio.run(run_round(contestant, Size(leads=LEADS, rounds=1)))
    for through in (measured.cold, measured.warm):
        assert through.accepted == through.rings == LEADS
        assert through.cpu_ms_each > 0


def test_a_run_is_kept_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With every misfortune, in each of which a relay without a ledger rings a lead again."""
    assert main([*SMALL, "--only", "starlette", "--into", str(tmp_path)]) == 0
    entry = read(tmp_path / "latest.json").entries[STARLETTE.name]
    assert len(entry.rounds) == 1
    assert entry.calm is not None
    assert [*entry.rings] == [*MISFORTUNES]
    assert all(rings.twice for rings in entry.rings.values())
    shown = capsys.readouterr().out
    assert all(misfortune in shown for misfortune in MISFORTUNES)
    assert (tmp_path / plot.NAME).read_bytes().startswith(b"\x89PNG")


def test_the_small_parts_give_figures() -> None:
    """Every row that decides between ways to do it is there."""
    results = run([], Size(leads=LEADS, rounds=1), calm=1, unlucky=1, small_s=0.05)
    rows = {row: figure for figures in results.small.values() for row, figure in figures.items()}
    wanted = {*clients.CLIENTS, *writers.WRITERS, *commands.COMMANDS, "a new lead"}
    assert wanted <= {*rows}
    assert all(figure > 0 for figure in rows.values())


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
