"""Promises to senders that wait: `Prefer: wait` answers with what became of the calls."""

from pathlib import Path

import pytest

from adapter.mock_agent.script import script_of
from tests.harness.in_process import Running, run

LEAD = {"phone": "+12025550123", "name": "Ada"}


@pytest.mark.parametrize(
    ("scripted", "status", "shown"),
    [
        (200, 200, {"state": "rung", "http_status": 200}),
        (422, 200, {"state": "failed", "reason": "http_422", "http_status": 422}),
        ("ctc:003", 202, {"state": "held", "reason": "agent_halted", "code": "ctc:003"}),
        ("ctc:002", 202, {"state": "waiting", "reason": "retry", "code": "ctc:002"}),
        ("drop", 202, {"state": "uncertain"}),
        (500, 202, {"state": "uncertain", "http_status": 500}),
    ],
)
def test_the_answer_shows_the_end(
    tmp_path: Path, scripted: object, status: int, shown: dict[str, object]
) -> None:
    """State, the agent's HTTP status and its code are those at the end of the wait."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", LEAD, headers={"prefer": "wait=1"})
        assert answer.status_code == status, answer.text
        assert answer.headers["preference-applied"] == "wait=1"
        (call,) = answer.json()["calls"]
        assert {key: call.get(key) for key in shown} == shown

    run(tmp_path, play, script=script_of(*[scripted] * 50))


def test_who_does_not_wait_is_answered_at_once(tmp_path: Path) -> None:
    """Without the preference, or with a wait of 0, the call is `waiting` in the answer."""

    async def play(adapter: Running) -> None:
        for number, headers in enumerate([{}, {"prefer": "wait=0"}, {"prefer": "wait=soon"}]):
            lead = {"phone": f"+1202555012{number}"}
            answer = await adapter.post("crm", lead, headers=headers)
            assert answer.json()["calls"][0]["state"] == "waiting"
            assert "preference-applied" not in answer.headers

    run(tmp_path, play, has_engine=False)


def test_a_duplicate_is_not_waited_for(tmp_path: Path) -> None:
    """It has ended when it is stored: the answer comes before the time is over."""

    async def play(adapter: Running) -> None:
        assert (await adapter.post("crm", LEAD)).status_code == 202
        answer = await adapter.post("crm", LEAD, headers={"prefer": "wait=60"})
        assert answer.status_code == 200
        assert answer.json()["calls"][0]["reason"] == "duplicate"

    run(tmp_path, play, has_engine=False)
