"""What a sender shows to prove itself, made from the configuration, for `adapter send`."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from adapter.webhook.auth.checks import (
    AllOf,
    AnyOf,
    Basic,
    BodySecret,
    Check,
    HeaderSecret,
    Hmac,
    HubSpot,
    IpRange,
    NoAuth,
    StandardWebhooks,
    Token,
)
from adapter.webhook.request import Request

Headers: TypeAlias = dict[str, str]

TOKEN_HEADER = "x-webhook-token"  # noqa: S105 - a header's name
_UNMADE: Mapping[type, str] = {HubSpot: "hubspot", StandardWebhooks: "standard_webhooks"}


def proof_headers(check: Check, request: Request, now: datetime) -> Headers | None:
    """Return the headers that prove this request; None where this program cannot make them.

    A secret in the body is the sample's own, and no header can change where a request comes from.
    """
    if isinstance(check, AllOf):
        made = [proof_headers(each, request, now) for each in check.checks]
        return None if None in made else _joined(made)
    if isinstance(check, AnyOf):
        made = [proof_headers(each, request, now) for each in check.checks]
        return next((each for each in made if each), {} if {} in made else None)
    maker = _MAKERS.get(type(check))
    return None if maker is None else maker(check, request, now)


def _joined(made: Sequence[Headers | None]) -> Headers:
    return {name: value for each in made if each for name, value in each.items()}


def _token(check: Token, _: Request, __: datetime) -> Headers:
    return {TOKEN_HEADER: check.tokens[0].reveal()}


def _header(check: HeaderSecret, _: Request, __: datetime) -> Headers:
    return {check.name.strip().lower(): check.values[0].reveal()}


def _basic(check: Basic, _: Request, __: datetime) -> Headers:
    pair = f"{check.username}:{check.passwords[0].reveal()}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _nothing(_: Check, __: Request, ___: datetime) -> Headers:
    return {}


_MAKERS: Mapping[type, Callable[[Any, Request, datetime], Headers]] = {
    Token: _token,
    HeaderSecret: _header,
    Basic: _basic,
    Hmac: Hmac.sign,
    BodySecret: _nothing,
    IpRange: _nothing,
    NoAuth: _nothing,
}


def kinds_of(check: Check) -> list[str]:
    """Return the keys of `auth` whose proof this program cannot make."""
    if isinstance(check, AllOf | AnyOf):
        return [kind for each in check.checks for kind in kinds_of(each)]
    return [_UNMADE[type(check)]] if type(check) in _UNMADE else []
