"""The key `handshake`: the challenge that a sender asks when it is set up."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pydantic import Field

from adapter.compiler.fields.shape import (
    HeaderName,
    PathText,
    Secrets,
    Shape,
)
from adapter.compiler.keys.auth_scheme import secrets_of
from adapter.compiler.keys.conditions import Conditions, all_conditions
from adapter.compiler.keys.paths import one_path
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.webhook.handshakes import (
    EchoHandshake,
    EchoHeaderHandshake,
    Handshake,
    LinkedInHandshake,
    MetaHandshake,
    PingHandshake,
    ZoomHandshake,
)


class MetaShape(Shape):
    """Meta's challenge."""

    verify_token: Secrets = Field(description="The token that Meta was told to send.")


class LinkedInShape(Shape):
    """LinkedIn's challenge."""

    client_secret: Secrets = Field(
        description="The app's client secret; of several, the first signs."
    )


class ZoomShape(Shape):
    """Zoom's challenge."""

    secret: Secrets = Field(description="The app's secret token; of several, the first signs.")


class HandshakeShape(Shape):
    """The challenge that a sender asks when it is set up; answered before auth."""

    one_of: ClassVar[tuple[str, ...]] = (
        "meta",
        "linkedin",
        "zoom",
        "echo",
        "echo_json",
        "echo_header",
        "ping",
    )

    meta: MetaShape | None = Field(
        default=None,
        description="A GET with `hub.mode=subscribe` and the right `verify_token` is answered"
        " with its `hub.challenge`.",
    )
    linkedin: LinkedInShape | None = Field(
        default=None,
        description="A GET with a `challengeCode` is answered with the code and its HMAC under"
        " the `client_secret`, as JSON.",
    )
    zoom: ZoomShape | None = Field(
        default=None,
        description="Zoom's `endpoint.url_validation` is answered with its token and the token's"
        " HMAC under the `secret`, as JSON.",
    )
    echo: PathText | None = Field(
        default=None, description="A body that has a text at this path is answered with that text."
    )
    echo_json: PathText | None = Field(
        default=None,
        description="A body that has a text under this one key, such as `$.challenge`, is"
        ' answered with the same as JSON: `{"challenge": "…"}`.',
    )
    echo_header: HeaderName | None = Field(
        default=None, description="A request that has this header is answered with the same header."
    )
    ping: Conditions | None = Field(
        default=None, description="A request for which these conditions hold is answered with 200."
    )


def handshake(shape: HandshakeShape, place: Place, findings: Findings) -> Handshake | None:
    """Compile `handshake`."""
    key = next(key for key in HandshakeShape.one_of if key in shape.given())
    return _COMPILED[key](getattr(shape, key), (*place, key), findings)


def _echo(text: str, place: Place, findings: Findings) -> Handshake | None:
    path = one_path(text, place, findings)
    return None if path is None else EchoHandshake(path=path)


def _ping(conditions: Any, place: Place, findings: Findings) -> Handshake | None:
    guard = all_conditions(conditions, place, findings)
    return None if guard is None else PingHandshake(guard=guard)


def _echo_json(text: str, place: Place, findings: Findings) -> Handshake | None:
    path = one_path(text, place, findings)
    if path is None:
        return None
    if path.steps is None or len(path.steps) != 1 or not isinstance(path.steps[0], str):
        findings.add(place, "expected the path of one key, such as $.challenge", shows_found=True)
        return None
    return EchoHandshake(path=path, key=path.steps[0])


_COMPILED: Mapping[str, Callable[[Any, Place, Findings], Handshake | None]] = {
    "meta": lambda meta, *_: MetaHandshake(verify_token=secrets_of(meta.verify_token)),
    "linkedin": lambda linkedin, *_: LinkedInHandshake(
        client_secret=secrets_of(linkedin.client_secret)
    ),
    "zoom": lambda zoom, *_: ZoomHandshake(secret=secrets_of(zoom.secret)),
    "echo": _echo,
    "echo_json": _echo_json,
    "echo_header": lambda name, *_: EchoHeaderHandshake(name=name),
    "ping": _ping,
}
