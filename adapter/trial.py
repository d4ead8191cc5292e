"""What would become of a request: mapped, signed and shown, but neither stored nor sent."""

from typing import Any

from adapter.config.config import Config, Source
from adapter.config.translation import map_request
from adapter.intake.request import Request
from adapter.ledger.verdict import verdict
from adapter.model import MappedCall, State
from adapter.ringing.signing import sign_call


def try_request(config: Config, source: Source, request: Request) -> dict[str, Any]:
    """Return `{"webhook": {…}, "calls": [{…}]}` as SPEC §8 has it, and which paths matched."""
    mapped = map_request(source, request)
    state, reason = verdict(mapped.calls, mapped.reason)
    return {
        "webhook": {"state": state.value, "reason": str(reason), "detail": mapped.detail},
        "calls": [_shown(config, call) for call in mapped.calls],
    }


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
