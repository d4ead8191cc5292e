"""The key `handshake`: the challenge that a sender asks when it is set up."""

from typing import ClassVar

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
)


class MetaShape(Shape):
    """Meta's challenge."""

    verify_token: Secrets = Field(description="The token that Meta was told to send.")


class LinkedInShape(Shape):
    """LinkedIn's challenge."""

    client_secret: Secrets = Field(
        description="The app's client secret; of several, the first signs."
    )


class HandshakeShape(Shape):
    """The challenge that a sender asks when it is set up; answered before auth."""

    one_of: ClassVar[tuple[str, ...]] = (
        "meta",
        "linkedin",
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
    if shape.echo is not None:
        path = one_path(shape.echo, (*place, "echo"), findings)
        return None if path is None else EchoHandshake(path=path)
    if shape.echo_json is not None:
        return _echo_json(shape.echo_json, (*place, "echo_json"), findings)
    if shape.ping is not None:
        guard = all_conditions(shape.ping, (*place, "ping"), findings)
        return None if guard is None else PingHandshake(guard=guard)
    if shape.meta is not None:
        return MetaHandshake(verify_token=secrets_of(shape.meta.verify_token))
    if shape.linkedin is not None:
        return LinkedInHandshake(client_secret=secrets_of(shape.linkedin.client_secret))
    return EchoHeaderHandshake(name=shape.echo_header or "")


def _echo_json(text: str, place: Place, findings: Findings) -> Handshake | None:
    path = one_path(text, place, findings)
    if path is None:
        return None
    if path.steps is None or len(path.steps) != 1 or not isinstance(path.steps[0], str):
        findings.add(place, "expected the path of one key, such as $.challenge", shows_found=True)
        return None
    return EchoHandshake(path=path, key=path.steps[0])
