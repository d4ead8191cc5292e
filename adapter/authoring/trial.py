"""What would become of a request: mapped, signed and shown, but neither stored nor sent.

Of the gates only the agent's countries are asked: the others depend on the time and the ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from adapter.authoring.explaining.explanation import Explanation
from adapter.authoring.explaining.path_trace import Fix
from adapter.authoring.explaining.plain import WebhookExplanation, explained, plain
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, Reason, State, WebhookState, verdict
from adapter.policy.gates import refuse_country
from adapter.ringing.signing import sign_call
from adapter.values.numbering_plans import region_of
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedWebhook:
    """What a request would have become, and why it gave no call where it gave none."""

    state: WebhookState
    reason: str
    detail: str
    explanation: WebhookExplanation


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedCall:
    """What a call would have become; `body` and `headers` are those of its POST, if it had one.

    Of very many calls the first alone have an explanation.
    """

    agent: str | None
    phone: str | None
    variables: Mapping[str, str]
    state: State
    reason: str
    detail: str
    matched: Mapping[str, str]
    body: str | None = None
    headers: Mapping[str, str] | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What would become of a request."""

    webhook: TriedWebhook
    calls: tuple[TriedCall, ...]

    def as_json(self) -> dict[str, Any]:
        """Return `{"webhook": {…}, "calls": [{…}]}` as contract §8 has it."""
        shown: dict[str, Any] = plain(self)
        return shown


def try_request(
    config: Config, source: Source, request: Request, *, lookup: Any | None = None
) -> Trial:
    """Return what would become of a request, with what explains it.

    With `lookup` the source's look-ups count as answered so; without it none is made.
    """
    mapped = RequestReading(source.mapping, request).mapped(lookup)
    calls = [_at_border(config, call) for call in mapped.calls]
    state, reason = verdict(calls, mapped.reason)
    why = explained(config, source, request, lookup)
    webhook = TriedWebhook(
        state=state, reason=str(reason), detail=mapped.detail, explanation=why.webhook
    )
    tried = (
        _tried(config, call, explanation)
        for call, explanation in zip_longest(calls, why.calls[: len(calls)])
    )
    return Trial(webhook=webhook, calls=tuple(tried))


def _tried(config: Config, call: MappedCall, explanation: Explanation | None) -> TriedCall:
    tried = TriedCall(
        agent=call.agent,
        phone=call.phone,
        variables=dict(call.variables),
        state=call.state,
        reason=str(call.reason),
        detail=call.detail,
        matched=dict(call.matched),
        explanation=_explained_at_border(config, call, explanation),
    )
    agent = config.agents.get(call.agent or "")
    if call.state is not State.WAITING or agent is None or not call.phone:
        return tried
    signed = sign_call(agent, call.phone, call.variables)
    headers = {name: mask(value) if name == "api-key" else value for name, value in signed.headers}
    return replace(tried, body=signed.body.decode(), headers=headers)


def _explained_at_border(
    config: Config, call: MappedCall, explanation: Explanation | None
) -> Explanation | None:
    """Return the mapping's explanation, or the border's where that refused the call."""
    if explanation is None or call.reason != Reason.COUNTRY_NOT_ALLOWED:
        return explanation
    agent = config.agents[call.agent or ""]
    wider = sorted({*agent.countries, region_of(call.phone or "")} - {""})
    fix = Fix(
        under=f"agents.{agent.name} of adapter.yaml",
        write=f"countries: [{', '.join(wider)}]  # if it may ring there",
    )
    return replace(explanation, state=call.state, reason=str(call.reason), fixes=(fix,))


def _at_border(config: Config, call: MappedCall) -> MappedCall:
    agent = config.agents.get(call.agent or "")
    if call.state is not State.WAITING or agent is None or call.phone is None:
        return call  # before a look-up nobody knows the number
    move = refuse_country(call.phone, agent, region_of)
    if move is None:
        return call
    return replace(call, state=move.state, reason=move.reason, detail=move.detail)


def mask(secret: str) -> str:
    """Return a secret as it may be shown: its last two characters at most."""
    return "***" + (secret[-2:] if len(secret) >= 12 else "")
