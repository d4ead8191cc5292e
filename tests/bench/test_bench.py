"""Promises of the benchmark: it measures whole leads, and it runs. None about speed."""

import pytest

from bench import writers
from bench.__main__ import main
from bench.contestants import ADAPTER, SERVICE, Contestant
from bench.leads import lead_body
from bench.node_runtime import is_installed
from bench.relay import Size, run_round

SMALL = Size(leads=20, warm_up=5, rounds=1, connections=4, limit_s=30)


# The service's packages come with the first `make bench`, over the network.
_HERE = [ADAPTER, SERVICE] if is_installed() else [ADAPTER]


@pytest.mark.parametrize("contestant", _HERE, ids=lambda each: each.name)
def test_every_accepted_lead_rings(contestant: Contestant) -> None:
    """What is counted as relayed has rung at the agent."""
    measured = run_round(contestant, SMALL)
    assert measured.accepted == measured.rings == SMALL.leads


def test_no_two_leads_are_duplicates() -> None:
    """Else the adapter would rightly not ring them, and look fast."""
    assert len({lead_body(number) for number in range(1000)}) == 1000


def test_the_small_parts_give_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Every row that decides between ways to do it is there."""
    assert main(["--only", "writers", "--only", "mappings", "--scale", "0.02"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in writers.WRITERS)
    assert "a new lead" in shown
