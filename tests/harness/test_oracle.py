"""The oracle finds every broken promise: a check that cannot fail proves nothing."""

from typing import Any

import pytest

from tests.harness.oracle import Books, Evidence, Seen, Told, findings

ADA = "+12025550123"
BOB = "+12025550124"


def call(**changes: Any) -> dict[str, Any]:
    """Return a call as `/api/calls` shows it: Ada's, and it rang."""
    rung = {"id": "1", "phone": ADA, "state": "rung", "reason": "accepted", "attempts": 1}
    rung |= {"source": "form"}
    return rung | changes


def posted(*answers: str) -> tuple[Seen, ...]:
    """Return what the agent saw, were Ada's calls answered so."""
    return tuple(Seen(phone=ADA, answered=answered) for answered in answers)


def judged(
    *calls: dict[str, Any],
    seen: tuple[Seen, ...] = posted("200"),
    told: tuple[Told, ...] = (Told(phone=ADA, webhook="w", calls=("1",)),),
) -> list[str]:
    """Return the verdict on a ledger with these calls."""
    books = Books(calls=calls, webhooks=frozenset({"w"}))
    return findings(Evidence(told=told, seen=seen, books=books))


TRIED_TWICE = call(attempts=2)
INNOCENT = {
    "rung": ([call()], posted("200")),
    "rung after a refusal that proves silence": ([TRIED_TWICE], posted("503", "200")),
    "rung after busy": ([TRIED_TWICE], posted("ctc:007", "200")),
    "uncertain": ([call(state="uncertain", reason="broken_connection")], posted("drop")),
    "uncertain, and the agent saw nothing": ([call(state="uncertain", reason="x")], ()),
    "failed": ([call(state="failed", reason="http_400")], posted("400")),
    "still waiting": ([call(state="waiting", reason="retry")], posted("429")),
    "not looked up yet": (
        [call(source="names", phone=None, state="waiting", reason="lookup", attempts=0)],
        (),
    ),
    "not looked up yet, and told of its repeat": (
        [
            call(
                source="names",
                id="1",
                phone=None,
                state="ignored",
                reason="duplicate",
                duplicate_of="2",
            ),
            call(source="names", id="2", phone=None, state="waiting", reason="lookup", attempts=0),
        ],
        (),
    ),
    "a duplicate beside it": (
        [call(), call(id="2", state="ignored", reason="duplicate", attempts=0)],
        posted("200"),
    ),
}
GUILTY = {
    "rung twice": ([TRIED_TWICE], posted("200", "200")),
    "sent again after a timeout": ([TRIED_TWICE], posted("hang", "200")),
    "sent again after a 500": ([TRIED_TWICE], posted("500", "503")),
    "a call is gone": ([call(id="2")], posted("200")),
    "a duplicate has lost its phone": (
        [call(phone=None, state="ignored", reason="duplicate", attempts=0), call(id="2")],
        posted("200"),
    ),
    "a look-up of a source that makes none": (
        [call(phone=None, state="waiting", reason="lookup", attempts=0)],
        (),
    ),
    "a call has lost its phone": ([call(phone=None, state="waiting", reason="new")], ()),
    "only a duplicate of a look-up is left": (
        [call(source="names", phone=None, state="ignored", reason="duplicate", attempts=0)],
        (),
    ),
    "a call has become another's": ([call(phone=BOB)], posted()),
    "only a duplicate is left": ([call(state="ignored", reason="duplicate", attempts=0)], ()),
    "a call is there twice": ([call(), call()], posted("200")),
    "a state that nobody knows": ([call(state="lost")], posted("503")),
    "no reason": ([call(reason="")], posted("200")),
    "left sending": ([call(state="sending", reason="new")], ()),
    "rung, and the agent saw nothing": ([call()], ()),
    "rung, and the agent refused": ([call()], posted("503")),
    "a POST without a fence": ([call(attempts=1)], posted("503", "200")),
    "a ring that no call owns up to": ([call(state="waiting", reason="retry")], posted("drop")),
    "a ring without a call": ([call()], (*posted("200"), Seen(phone=BOB, answered="200"))),
}


@pytest.mark.parametrize(("calls", "seen"), INNOCENT.values(), ids=INNOCENT)
def test_an_honest_ledger_is_acquitted(calls: list[dict[str, Any]], seen: tuple[Seen, ...]) -> None:
    """What the contract allows is no finding."""
    assert judged(*calls, seen=seen) == []


@pytest.mark.parametrize(("calls", "seen"), GUILTY.values(), ids=GUILTY)
def test_every_broken_promise_is_found(calls: list[dict[str, Any]], seen: tuple[Seen, ...]) -> None:
    """Each way to break the contract is a finding, whatever else is in order."""
    assert judged(*calls, seen=seen)


def test_a_webhook_that_is_gone_is_found() -> None:
    """A sender that was given an id for it keeps that id."""
    told = (Told(phone=ADA, webhook="another", calls=("1",)),)
    assert judged(call(), told=told) == ["webhook another was acknowledged and is gone"]


def test_an_acknowledgement_without_ids_counts_all_the_same() -> None:
    """Salesforce is told `Ack`, and nothing else: its lead must be there by its phone."""
    assert judged(call(), told=(Told(phone=BOB),)) == [
        f"{BOB} was acknowledged, and there is no call for it"
    ]
