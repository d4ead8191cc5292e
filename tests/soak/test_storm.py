"""A short storm in every run of the tests; `make soak` is the long one."""

import asyncio
from pathlib import Path

from adapter.mock_agent.script import Scripted
from adapter.model import Outcome
from adapter.policy.outcomes import Answered, Broken, find_code, judge
from tests.harness.oracle import Seen
from tests.soak.storm import Plan, weather_storm
from tests.soak.weather import WEIGHTS

NOT_RUNG = frozenset({"ctc:002", "ctc:007", "ctc:008", "429", "503"})  # the default of contract §4
# What a short storm must have in it; chance draws no others.
BLOWS = ("kills", "reloads", "stops", "kills while stopped", "pauses", "kills")
BY_LEDGER_OR_NETWORK = {Outcome.UNREACHABLE, Outcome.RATE_LIMITED, Outcome.OUTSIDE_HOURS}


def outcome_of(scripted: Scripted) -> Outcome:
    """Return the row of the outcome table that an answer belongs to."""
    if scripted.act:
        return judge(Broken(kind="dropped"), NOT_RUNG)
    code = find_code(scripted.body.encode())
    return judge(Answered(status=scripted.status, code=code), NOT_RUNG)


def test_the_weather_has_an_answer_for_every_row_of_the_outcome_table() -> None:
    """No row is left out of a storm; connections are refused by the agent that is lost."""
    assert {outcome_of(scripted) for scripted in WEIGHTS} == set(Outcome) - BY_LEDGER_OR_NETWORK


def test_the_oracle_and_the_outcome_table_agree_on_what_proves_that_no_phone_rang() -> None:
    """The oracle was written from the contract, not from the table: here they meet."""
    for scripted in WEIGHTS:
        seen = Seen(phone="+12025550123", answered=scripted.label)
        may_have_rung = outcome_of(scripted) in {Outcome.RUNG, Outcome.PERHAPS}
        assert seen.proves_silence is not may_have_rung, scripted.label


def test_every_promise_is_kept_in_a_storm(tmp_path: Path) -> None:
    """Under kills, stops, reloads, pauses and any answer at all: nothing lost, none rung twice."""
    plan = Plan(seed=1, storm_s=0.0, calm_s=None, blows=BLOWS)
    report = asyncio.run(weather_storm(tmp_path, plan))
    assert not report.findings, str(report)
    assert set(BLOWS) <= report.blows.keys(), str(report)
    assert report.leads > 50, str(report)
    assert report.calls["rung/accepted"] > 20, str(report)
    assert any(sign.startswith("uncertain/") for sign in report.calls), str(report)
