"""What would become of a request: mapped, signed and shown, but neither stored nor sent.

Of the gates only the agent's countries are asked: the others depend on the time and the ledger.
"""

from dataclasses import replace
from itertools import zip_longest
from typing import Any

from adapter.authoring.explaining.plain import explained
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.mapping.phone import region_of
from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, Reason, State, verdict
from adapter.policy.gates import refuse_country
from adapter.ringing.signing import sign_call
from adapter.webhook.request import Request


def try_request(
    config: Config, source: Source, request: Request, *, lookup: Any | None = None
) -> dict[str, Any]:
    """Return `{"webhook": {…}, "calls": [{…}]}` as contract §8 has it, with what explains each.

    With `lookup` the source's look-ups count as answered so; without it none is made.
    """
    mapped = RequestReading(source.mapping, request).mapped(lookup)
    calls = [_at_border(config, call) for call in mapped.calls]
    state, reason = verdict(calls, mapped.reason)
    why = explained(config, source, request, lookup)
    shown: dict[str, Any] = {"state": state.value, "reason": str(reason), "detail": mapped.detail}
    return {
        "webhook": {**shown, "explanation": why.webhook},
        "calls": [
            {**_shown(config, call), "explanation": _told(config, call, told)}
            for call, told in zip_longest(calls, why.calls[: len(calls)])
        ],
    }


def _told(config: Config, call: MappedCall, told: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the mapping's explanation, or the border's where that refused the call."""
    if told is None or call.reason != Reason.COUNTRY_NOT_ALLOWED:
        return told
    agent = config.agents[call.agent or ""]
    wider = sorted({*agent.countries, region_of(call.phone or "")} - {""})
    fix = {
        "under": f"agents.{agent.name} of adapter.yaml",
        "write": f"countries: [{', '.join(wider)}]  # if it may ring there",
    }
    return {**told, "state": call.state.value, "reason": str(call.reason), "fixes": [fix]}


def _at_border(config: Config, call: MappedCall) -> MappedCall:
    agent = config.agents.get(call.agent or "")
    if call.state is not State.WAITING or agent is None:
        return call
    move = refuse_country(call.phone or "", agent, region_of)
    if move is None:
        return call
    return replace(call, state=move.state, reason=move.reason, detail=move.detail)


def _shown(config: Config, call: MappedCall) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "agent": call.agent,
        "phone": call.phone,
        "variables": dict(call.variables),
        "state": call.state.value,
        "reason": str(call.reason),
        "detail": call.detail,
        "matched": dict(call.matched),
        "body": None,
        "headers": None,
    }
    agent = config.agents.get(call.agent or "")
    if call.state is State.WAITING and agent is not None and call.phone:
        signed = sign_call(agent, call.phone, call.variables)
        shown["body"] = signed.body.decode()
        shown["headers"] = {
            name: mask(value) if name == "api-key" else value for name, value in signed.headers
        }
    return shown


def mask(secret: str) -> str:
    """Return a secret as it may be shown: its last two characters at most."""
    return "***" + (secret[-2:] if len(secret) >= 12 else "")
