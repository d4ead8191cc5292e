"""Promises of the sentences for states and reasons: there is one for each, and it is a sentence."""

import pytest

from adapter.admin.meanings import OUTCOMES, REASONS, STATES, meaning_of_reason, meaning_of_state
from adapter.model import Outcome, Reason, State, WebhookState


def test_every_state_reason_and_outcome_has_its_sentence() -> None:
    """A new one without a sentence fails here."""
    assert STATES.keys() == set(State)
    assert REASONS.keys() >= set(Reason)
    assert OUTCOMES.keys() == set(Outcome)
    texts = [
        text
        for meaning in (*STATES.values(), *REASONS.values())
        for text in (meaning.says, meaning.cure)
        if text
    ]
    for text in [*texts, *OUTCOMES.values()]:
        assert text[0].isupper() or text.split()[0] in ("adapter.yaml", "max_per_day"), text
        assert text.endswith((".", "adapter new.")), text


NAMED = [
    ("ignored", "already_a_customer", "already_a_customer"),
    ("failed", "http_400", "answered 400"),
    ("uncertain", "http_502", "answered 502: it may have rung"),
    ("waiting", "new", "is next"),
    ("mapped", "", ""),
]


@pytest.mark.parametrize(("state", "reason", "said"), NAMED)
def test_a_reason_that_no_table_can_hold_is_explained_too(
    state: str, reason: str, said: str
) -> None:
    """A guard's name, and an agent's status."""
    assert said in meaning_of_reason(state, reason).says


def test_a_webhook_has_states_of_its_own() -> None:
    """Each is explained."""
    assert all(meaning_of_state(state).says for state in WebhookState)
