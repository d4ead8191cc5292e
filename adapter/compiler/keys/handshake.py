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
from adapter.compiler.keys.paths import (
    Conditions,
    all_conditions,
    one_path,
)
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

    meta: MetaShape | None = Field(default=None, description="GET with hub.challenge, as Meta.")
    linkedin: LinkedInShape | None = Field(
        default=None, description="GET with challengeCode, as LinkedIn."
    )
    echo: PathText | None = Field(
        default=None, description="Answers a body that has this path with what stands there."
    )
    echo_json: PathText | None = Field(
        default=None, description="The same as JSON: {key: text}, as monday.com; $.key alone."
    )
    echo_header: HeaderName | None = Field(
        default=None, description="Answers a request that has this header with the same header."
    )
    ping: Conditions | None = Field(
        default=None, description="Answers 200 to a request for which these conditions hold."
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
