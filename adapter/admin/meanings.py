"""The meaning of every state and reason, in a sentence, and what to do: for console, CLI and docs.

A reason that is not in the table is a status (`http_400`), or one that a guard of a mapping names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapter.model import Outcome, Reason, State


@dataclass(frozen=True, slots=True)
class Meaning:
    """A sentence that says what is so, and one that says what to do; "" is nothing."""

    says: str
    cure: str = ""


STATES: Mapping[State, Meaning] = {
    State.WAITING: Meaning("It will be rung when it is due."),
    State.HELD: Meaning("It waits for a person or a cure.", "Look at its reason."),
    State.SENDING: Meaning("An attempt is under way.", "Look again in a minute."),
    State.UNCERTAIN: Meaning(
        "It may have rung; nobody rings it again but a person.",
        "Ask the agent's own log whether it rang, then resolve the call.",
    ),
    State.RUNG: Meaning("The agent accepted it: the phone rang."),
    State.FAILED: Meaning(
        "It was tried, did not ring, and is not tried again.",
        "Mend what the reason names, then replay it.",
    ),
    State.REFUSED: Meaning(
        "It cannot be called as it is.", "Mend the mapping or the record, then replay it."
    ),
    State.IGNORED: Meaning("It should not be called."),
}

_MAPPING = "Look at what the webhook holds, mend the mapping, then replay it."
_RECORD = "If the number is right in the CRM, mend the mapping's paths or region; then replay it."
_AGENT = "Mend the agent in adapter.yaml or at its vendor; it goes on by itself, or resume it."
_ASK = "Ask the agent's own log whether it rang, then resolve the call."

REASONS: Mapping[str, Meaning] = {
    Reason.NEW: Meaning("It has just come in and is next."),
    Reason.RETRY: Meaning(
        "The agent could not be reached, or said that no phone rang: it is tried again.",
        "If it goes on, see whether the agent's endpoint is up.",
    ),
    Reason.BUSY: Meaning("The agent has a call with this phone in progress: again in 30 s."),
    Reason.RATE_LIMITED: Meaning("It is next; the agent's max_per_minute makes it wait."),
    Reason.OUTSIDE_HOURS: Meaning("It is outside the agent's calling hours: it waits for them."),
    Reason.LOOKUP: Meaning("The record that the webhook names is being asked of the vendor."),
    Reason.AGENT_PAUSED: Meaning("A person paused the agent.", "Resume the agent."),
    Reason.AGENT_HALTED: Meaning(
        "The agent answered that its credentials or its set-up are wrong.", _AGENT
    ),
    Reason.AGENT_MISSING: Meaning(
        "adapter.yaml has no such agent.", "Put the agent back, or point the mapping to another."
    ),
    Reason.DAILY_LIMIT: Meaning(
        "The agent has rung max_per_day calls today.",
        "Wait for its next day, raise max_per_day, or resume the agent.",
    ),
    Reason.SOURCE_BURST: Meaning(
        "Its source sent too many at once, or a person paused it.",
        "Look at the source's calls; if they should ring, resume the source.",
    ),
    Reason.LOOKUP_DENIED: Meaning(
        "The vendor refused to tell the record.",
        "Mend the look-up's credentials; it goes on by itself, or resume the source.",
    ),
    Reason.ACCEPTED: Meaning("The agent answered that it rings."),
    Reason.NO_ANSWER: Meaning("The agent did not answer in time.", _ASK),
    Reason.UNCLEAR_ANSWER: Meaning("The agent's answer does not say whether it rang.", _ASK),
    Reason.BROKEN_CONNECTION: Meaning("The connection broke after the call went out.", _ASK),
    Reason.PROCESS_DIED: Meaning("The adapter was ended while the call went out.", _ASK),
    Reason.RESOLVED_RUNG: Meaning("A person found out that it rang."),
    Reason.RESOLVED_NOT_RUNG: Meaning(
        "A person found out that it did not ring.", "Replay it if it should ring now."
    ),
    Reason.LOOKUP_FAILED: Meaning(
        "The record could not be had until the lead was too old.",
        "See whether the vendor answers, then replay it.",
    ),
    Reason.PHONE_MISSING: Meaning("The mapping found no phone in it.", _MAPPING),
    Reason.PHONE_INVALID: Meaning("What stands for the phone is no number to ring.", _RECORD),
    Reason.PHONE_AMBIGUOUS: Meaning("The number can be read in two ways.", _RECORD),
    Reason.PHONE_NOT_ALLOWED: Meaning(
        "The number is of a kind that is never rung, such as premium rate."
    ),
    Reason.COUNTRY_UNKNOWN: Meaning("The country beside the number is not understood.", _MAPPING),
    Reason.COUNTRY_NOT_ALLOWED: Meaning(
        "The agent may not ring this country.",
        "If it may, add the country to the agent's countries; then replay it.",
    ),
    Reason.VARIABLE_MISSING: Meaning("A variable that must be there is empty.", _MAPPING),
    Reason.VARIABLE_NOT_ALLOWED: Meaning("A variable has a name that is not allowed.", _MAPPING),
    Reason.NOT_A_SCALAR: Meaning("A variable's value is an object, not a text.", _MAPPING),
    Reason.NO_ROUTE: Meaning(
        "No route of the mapping holds for it.", "Add a route to the mapping, then replay it."
    ),
    Reason.MALFORMED_BODY: Meaning(
        "The body is not what its content type says.", "Ask whoever sends it what it should be."
    ),
    Reason.UNSUPPORTED_MEDIA_TYPE: Meaning(
        "The body is of a type that cannot be read.", "Let the sender send JSON, a form or XML."
    ),
    Reason.NO_ITEMS: Meaning("The webhook holds nobody to call.", _MAPPING),
    Reason.TOO_MANY_ITEMS: Meaning(
        "The webhook holds more calls than max_items.", "Raise max_items, then replay it."
    ),
    Reason.GUARD: Meaning("A guard of the mapping turned it away."),
    Reason.DUPLICATE: Meaning("The same lead came before; the first one counts."),
    Reason.COOLDOWN: Meaning("This phone was rung a moment ago.", "Replay it if it should ring."),
    Reason.BLOCKED: Meaning("A person blocked this number."),
    Reason.EXPIRED: Meaning("The lead became too old to be rung.", "Replay it if it should ring."),
    Reason.DRY_RUN: Meaning("The agent is in dry_run: everything was done but the ring."),
    Reason.CAPTURED: Meaning(
        "It came to a capture, which has no mapping.", "Draft a mapping of it: adapter new."
    ),
    "ctc:001": Meaning("The agent missed a header of ours.", _AGENT),
    "ctc:002": Meaning("The vendor could not fetch the agent.", "If it goes on, ask the vendor."),
    "ctc:003": Meaning("The agent's API key is wrong.", _AGENT),
    "ctc:004": Meaning("The agent is disabled at its vendor.", _AGENT),
    "ctc:005": Meaning("The agent is not set up at its vendor.", _AGENT),
    "ctc:006": Meaning("The signature does not match: the API secret is wrong.", _AGENT),
    "ctc:007": Meaning("The agent has a call with this phone in progress."),
    "ctc:008": Meaning("The vendor could not begin the call.", "If it goes on, ask the vendor."),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.RUNG: "It rang.",
    Outcome.UNREACHABLE: "The agent could not be reached: it did not ring.",
    Outcome.NOT_RUNG: "The agent's answer proves that it did not ring.",
    Outcome.BUSY: "The agent had a call with this phone in progress.",
    Outcome.RATE_LIMITED: "It came too soon after the agent's last call: nothing was sent.",
    Outcome.OUTSIDE_HOURS: "The agent's hours had ended: nothing was sent.",
    Outcome.AGENT_FAULT: "The agent's credentials or set-up are wrong: it did not ring.",
    Outcome.REJECTED: "The agent refused this call: it did not ring.",
    Outcome.PERHAPS: "It may have rung.",
}

# What stood in the way before a byte of the call left, by the word before its colon.
OBSTACLES: Mapping[str, Meaning] = {
    "dns": Meaning("The name of the agent's endpoint is not found.", "Mend its endpoint."),
    "refused": Meaning("Nobody listens at the agent's endpoint.", "See whether it is up."),
    "connect_timeout": Meaning("No connection came about in time.", "See whether it is up."),
    "tls": Meaning("The certificate of the agent's endpoint is not believed.", "Renew it there."),
    "proxy": Meaning("The proxy opened no way to the agent.", "Look at `proxy` in adapter.yaml."),
    "broken": Meaning("The connection ended before the call went out."),
}


def meaning_of_detail(detail: str | None) -> Meaning:
    """Return what an attempt's code, or the detail of a call's reason, means; nothing if ours."""
    found = REASONS.get(detail or "") or OBSTACLES.get((detail or "").partition(":")[0])
    return found or Meaning("")


def meaning_of_outcome(outcome: str) -> str:
    """Return what an attempt showed."""
    return OUTCOMES[Outcome(outcome)]


def meaning_of_state(state: str) -> Meaning:
    """Return what a state of a call (or of a webhook) means."""
    return STATES[State(state)] if state in list(State) else Meaning("It gave calls to ring.")


def meaning_of_reason(state: str, reason: str) -> Meaning:
    """Return what a reason means; a name that is ours alone in no state is a guard's."""
    if not reason:
        return Meaning("")
    if reason in REASONS:
        return REASONS[reason]
    if state == State.IGNORED:
        return Meaning(f"The mapping's guard {reason} turned it away.")
    if state == State.UNCERTAIN:
        return Meaning(f"The agent answered {_answer(reason)}: it may have rung.", _ASK)
    return Meaning(f"The agent answered {_answer(reason)}.", STATES[State.FAILED].cure)


def _answer(reason: str) -> str:
    return reason.removeprefix("http_")
