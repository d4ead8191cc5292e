"""From a call to the exact bytes and headers that leave for its agent (contract §3). Pure."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapter.agent import Agent, Mode, Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedCall:
    """One POST, ready to leave; its repr shows neither the credentials nor the person."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


def call_body(phone: str, variables: Mapping[str, str]) -> bytes:
    """Return the JSON bytes that equal `JSON.stringify(JSON.parse(body))` in Node.

    Names must match `^[A-Za-z_][A-Za-z0-9_ -]{0,63}$`: Node moves names like "1" to the front.
    """
    text = json.dumps(
        {"phone": phone, "variables": dict(variables)}, ensure_ascii=False, separators=(",", ":")
    )
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _encode_surrogates(text)


def _encode_surrogates(text: str) -> bytes:
    # A sender's "\ud83d" may arrive without its other half. UTF-8 has no bytes for it, and Node
    # writes it as an escape in lower-case hex; two halves side by side are one character to Node.
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "backslashreplace")


def signature(body: bytes, secret: Secret) -> str:
    """Return the lower-case hex HMAC-SHA256 of the body, keyed with the API secret."""
    return hmac.digest(secret.reveal().encode(), body, "sha256").hex()


def sign_call(agent: Agent, phone: str, variables: Mapping[str, str]) -> SignedCall:
    """Return the POST that rings this phone, or the tester's in redirect mode."""
    rung_phone = agent.redirect_to if agent.mode is Mode.REDIRECT else phone
    body = call_body(rung_phone, variables)
    headers = (
        ("api-key", agent.api_key.reveal()),
        ("signature", signature(body, agent.secret)),
        ("content-type", "application/json"),
    )
    return SignedCall(url=agent.endpoint, headers=headers, body=body)
