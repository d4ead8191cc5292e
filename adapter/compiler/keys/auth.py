"""A mapping's `auth` and `handshake` → the checks that intake/ runs; None where impossible."""

from collections.abc import Callable, Mapping
from typing import Any

from adapter.agent import Secret
from adapter.compiler.keys.paths import all_conditions, attempt, one_path, whole
from adapter.compiler.keys.routes import UNSET_URL, Surroundings
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.auth_shape import (
    AuthShape,
    BasicAuthShape,
    BodyAuthShape,
    HeaderAuthShape,
    HmacShape,
    HubSpotShape,
    StandardWebhooksShape,
)
from adapter.config.mapping_shape import HandshakeShape
from adapter.mapping.paths import compile_place
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
from adapter.webhook.handshakes import (
    EchoHandshake,
    EchoHeaderHandshake,
    Handshake,
    LinkedInHandshake,
    MetaHandshake,
    PingHandshake,
)


def auth_check(
    shapes: list[AuthShape], place: Place, around: Surroundings, findings: Findings
) -> Check | None:
    """Compile `auth`: of a list any check suffices, of one map's keys all must hold."""
    made = whole([_one(each, (*place, n), around, findings) for n, each in enumerate(shapes)])
    if made is None:
        return None
    return made[0] if len(made) == 1 else AnyOf(checks=made)


def _one(shape: AuthShape, place: Place, around: Surroundings, findings: Findings) -> Check | None:
    # A well-formed address, for checking the rest while public_url is wanting.
    makers = _makers(around.public_url or UNSET_URL)
    checks = [
        _made(makers[key], getattr(shape, key), (*place, key), findings)
        for key in AuthShape.fields_by_key()
        if key in shape.given()
    ]
    if shape.hubspot is not None and shape.hubspot.version != "v1" and not around.public_url:
        message = f"{shape.hubspot.version} signs the URL: set public_url in adapter.yaml"
        at = (*place, "hubspot")
        findings.add_unset(at, message, "public_url", is_warning=around.is_lenient)
    made = whole(checks)
    if made is None:
        return None
    return made[0] if len(made) == 1 else AllOf(checks=made)


def _made(
    maker: Callable[[Any], Check], shape: Any, place: Place, findings: Findings
) -> Check | None:
    return attempt(findings, place, _EXPECTED[place[-1]], lambda: maker(shape))


_EXPECTED: Mapping[str | int, str] = {
    "token": "a token that is not empty",
    "header": "a header's name and a secret",
    "basic": "a username without a colon, and a password",
    "body": "a path to one place inside the document, such as $.key, and a secret",
    "ip": "networks such as 203.0.113.0/24",
    "hmac": "a secret in its secret_encoding, and in signed the placeholders {body} {timestamp}"
    " {method} {path} {query}",
    "hubspot": "a client secret and one version: v1, v2 or v3",
    "standard_webhooks": "a secret as whsec_<base64>",
    "none": "the reason why no proof is needed",
}


def _makers(public_url: str) -> Mapping[str, Callable[[Any], Check]]:
    return {
        "token": lambda tokens: Token(tokens=_secrets(tokens)),
        "header": _header,
        "basic": _basic,
        "body": _body,
        "ip": lambda networks: IpRange(networks=tuple(networks)),
        "hmac": _hmac,
        "hubspot": lambda shape: _hubspot(shape, public_url),
        "standard_webhooks": _standard_webhooks,
        "none": lambda why: NoAuth(why=why),
    }


def _secrets(texts: list[str]) -> tuple[Secret, ...]:
    return tuple(Secret(text) for text in texts)


def _header(shape: HeaderAuthShape) -> Check:
    return HeaderSecret(name=shape.name, values=_secrets(shape.value))


def _basic(shape: BasicAuthShape) -> Check:
    return Basic(username=shape.username, passwords=_secrets(shape.password))


def _body(shape: BodyAuthShape) -> Check:
    return BodySecret(path=compile_place(shape.path), values=_secrets(shape.value))


def _hmac(shape: HmacShape) -> Check:
    return Hmac(
        header=shape.header,
        secrets=_secrets(shape.secret),
        algorithm=shape.algorithm,
        encoding=shape.encoding,
        prefix=shape.prefix,
        signed=shape.signed,
        timestamp_header=shape.timestamp.header if shape.timestamp else None,
        timestamp_field=shape.timestamp.field if shape.timestamp else None,
        tolerance=shape.tolerance,
        key_encoding=shape.secret_encoding,
        is_wrapped=shape.wrapped,
    )


def _hubspot(shape: HubSpotShape, public_url: str) -> Check:
    return HubSpot(
        client_secrets=_secrets(shape.client_secret), version=shape.version, public_url=public_url
    )


def _standard_webhooks(shape: StandardWebhooksShape) -> Check:
    return StandardWebhooks(secrets=_secrets(shape.secret))


def handshake(shape: HandshakeShape, place: Place, findings: Findings) -> Handshake | None:
    """Compile `handshake`."""
    if shape.echo is not None:
        path = one_path(shape.echo, (*place, "echo"), findings)
        return None if path is None else EchoHandshake(path=path)
    if shape.echo_json is not None:
        return _echo_json(shape.echo_json, (*place, "echo_json"), findings)
    if shape.ping is not None:
        guard = all_conditions(shape.ping, (*place, "ping"), findings)
        return None if guard is None else PingHandshake(guard=guard)
    if shape.meta is not None:
        return MetaHandshake(verify_token=_secrets(shape.meta.verify_token))
    if shape.linkedin is not None:
        return LinkedInHandshake(client_secret=_secrets(shape.linkedin.client_secret))
    return EchoHeaderHandshake(name=shape.echo_header or "")


def _echo_json(text: str, place: Place, findings: Findings) -> Handshake | None:
    path = one_path(text, place, findings)
    if path is None:
        return None
    if path.steps is None or len(path.steps) != 1 or not isinstance(path.steps[0], str):
        findings.add(place, "expected the path of one key, such as $.challenge", shows_found=True)
        return None
    return EchoHandshake(path=path, key=path.steps[0])
