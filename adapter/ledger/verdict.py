"""The state of a webhook, from those of its calls. Pure."""

from collections.abc import Sequence

from adapter.model import Call, MappedCall, State, WebhookState


def verdict(calls: Sequence[Call | MappedCall], reason: str) -> tuple[WebhookState, str]:
    """Return a webhook's state and reason; `reason` is its own, for when it has no calls.

    Mapped if any call was to ring; else ignored if any was ignored; else refused.
    """
    if any(call.state not in (State.REFUSED, State.IGNORED) for call in calls):
        return WebhookState.MAPPED, ""
    for call in calls:
        if call.state is State.IGNORED:
            return WebhookState.IGNORED, call.reason
    return WebhookState.REFUSED, calls[0].reason if calls else reason
