"""What a sender is to these tests: how it writes a request and proves itself, source by source."""

import base64
import dataclasses
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.harness.proofs import Headers, signed, signed64, timed
from tests.http.senders import (
    AT_S,
    FORM,
    JSON,
    MULTIPART,
    Write,
    form_body,
    json_body,
    multipart_body,
)

MAPPINGS = Path(__file__).parent.parent.parent / "mappings"
SECRET = "the-secret-of-the-sender"
GUESS = "somebody's-guess-at-it"
Prove = Callable[[str, bytes, int], Headers]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """How a source's sender writes a request and proves itself.

    `prove` makes headers of secret, body and time; `field` is where the body holds the secret; a
    source with neither has a token in its URL. `kept` makes what the variable holds of the secret,
    and `others` are further variables of the mapping.
    """

    source: str
    variable: str
    prove: Prove | None = None
    field: str = ""
    write: Write = json_body
    content_type: str = JSON
    kept: Callable[[str], str] = str
    others: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def text(self) -> str:
        """The mapping file."""
        return (MAPPINGS / f"{self.source}.yaml").read_text(encoding="utf-8")

    @property
    def environ(self) -> dict[str, str]:
        """All that the mapping asks of the environment."""
        return {self.variable: self.kept(SECRET), **self.others}

    @property
    def is_answered_200(self) -> bool:
        """Whether the mapping overrides the status."""
        return "status" in mapping_of(self.source).get("respond", {})

    @property
    def is_signed(self) -> bool:
        """Whether the proof is another one for another body."""
        return self.prove is not None and self.prove("k", b"1", AT_S) != self.prove("k", b"2", AT_S)

    def request(
        self, secret: str | None, *, at_s: int = AT_S, document: Any = None
    ) -> dict[str, Any]:
        """Return what a client posts, with this secret or without any; by default the example."""
        if document is None:
            document = body_of(self.example("request"))
        if self.field and secret is not None:
            document = {**document, self.field: secret}
        body = self.write(document)
        proof = self.prove(secret, body, at_s) if self.prove and secret is not None else {}
        in_url = secret if not (self.prove or self.field) else None
        return {
            "url": f"/hooks/{self.source}",
            "params": {"token": in_url} if in_url else {},
            "headers": {"content-type": self.content_type, **proof},
            "content": body,
        }

    def expected(self) -> dict[str, Any]:
        """Return the call that the example promises."""
        return {"state": "waiting", **self.example("calls")[0]}

    def example(self, key: str) -> Any:
        """Return a part of the mapping's first example."""
        return mapping_of(self.source)["examples"][0][key]


def body_of(request: Mapping[str, Any]) -> Any:
    """Return the body of an example's request."""
    (body,) = (part for name, part in request.items() if name not in {"headers", "query"})
    return body


@cache
def mapping_of(source: str) -> Mapping[str, Any]:
    """Return a shipped mapping as it is written."""
    text = (MAPPINGS / f"{source}.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def _by_header(secret: str, _: bytes, __: int) -> Headers:
    return {"X-Webhook-Token": secret}


def _by_callrail(secret: str, body: bytes, _: int) -> Headers:
    digest = hmac.digest(secret.encode(), body, "sha1")
    return {"Signature": base64.b64encode(digest).decode()}


def _by_webflow(secret: str, body: bytes, at_s: int) -> Headers:
    at = {"X-Webflow-Timestamp": f"{at_s}000"}
    return at | signed("X-Webflow-Signature", secret, f"{at_s}000:".encode() + body)


FORM_DOORS = (
    Door(
        source="typeform",
        variable="TYPEFORM_SECRET",
        prove=lambda secret, body, _: signed64(
            "Typeform-Signature", secret, body, prefix="sha256="
        ),
    ),
    Door(source="jotform", variable="JOTFORM_TOKEN", write=multipart_body, content_type=MULTIPART),
    Door(
        source="tally",
        variable="TALLY_SECRET",
        prove=lambda secret, body, _: signed64("Tally-Signature", secret, body),
    ),
    Door(source="fillout", variable="FILLOUT_TOKEN", prove=_by_header),
    Door(source="gravity-forms", variable="GRAVITY_FORMS_TOKEN", prove=_by_header),
    Door(source="elementor", variable="ELEMENTOR_TOKEN", write=form_body, content_type=FORM),
    Door(source="webflow", variable="WEBFLOW_SECRET", prove=_by_webflow),
    Door(
        source="wufoo",
        variable="WUFOO_SECRET",
        field="HandshakeKey",
        write=form_body,
        content_type=FORM,
    ),
    Door(
        source="formstack",
        variable="FORMSTACK_SECRET",
        prove=lambda secret, body, _: signed("X-FS-Signature", secret, body, prefix="sha256="),
    ),
    Door(
        source="unbounce",
        variable="UNBOUNCE_TOKEN",
        prove=_by_header,
        write=form_body,
        content_type=FORM,
    ),
    Door(source="google-ads", variable="GOOGLE_ADS_SECRET", field="google_key"),
    Door(
        source="calendly",
        variable="CALENDLY_SECRET",
        prove=lambda secret, body, at_s: timed("Calendly-Webhook-Signature", secret, body, at_s),
    ),
    Door(source="callrail", variable="CALLRAIL_SECRET", prove=_by_callrail),
    Door(source="zapier", variable="ZAPIER_TOKEN", prove=_by_header),
    Door(source="make", variable="MAKE_TOKEN", prove=_by_header),
)
