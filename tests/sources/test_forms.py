"""Promises of the shipped mappings for form tools, bookings and automations, over HTTP.

Each sender posts the first example of its mapping, with a correct, a wrong and a missing proof.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.harness.in_process import HandClock, Running, run
from tests.harness.proofs import Headers, signed, signed64, timed
from tests.http.senders import AT_S, FORM, JSON, MULTIPART, form_body, json_body, multipart_body

MAPPINGS = Path(__file__).parent.parent.parent / "mappings"
SECRET = "the-secret-of-the-sender"
GUESS = "somebody's-guess-at-it"
Prove = Callable[[str, bytes, int], Headers]
Write = Callable[[Any], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """How a source's sender writes a request and proves itself.

    `prove` makes headers of secret, body and time; `field` is where the body holds the secret; a
    source with neither has a token in its URL.
    """

    source: str
    variable: str
    prove: Prove | None = None
    field: str = ""
    write: Write = json_body
    content_type: str = JSON

    @property
    def text(self) -> str:
        """The mapping file."""
        return (MAPPINGS / f"{self.source}.yaml").read_text(encoding="utf-8")

    @property
    def is_answered_200(self) -> bool:
        """Whether the mapping overrides the status."""
        return "status" in mapping_of(self.source).get("respond", {})

    def request(self, secret: str | None, *, at_s: int = AT_S) -> dict[str, Any]:
        """Return what a client posts, with this secret or without any."""
        (document,) = self._example("request").values()
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
        return {"state": "waiting", **self._example("calls")[0]}

    def _example(self, key: str) -> Any:
        return mapping_of(self.source)["examples"][0][key]


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


DOORS = (
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
BY_SOURCE = {door.source: door for door in DOORS}
SETUP: Mapping[str, Any] = {
    "mappings": {door.source: door.text for door in DOORS},
    "environ": {door.variable: SECRET for door in DOORS},
    "has_engine": False,
}


async def _post(adapter: Running, request: Mapping[str, Any]) -> tuple[int, str]:
    answer = await adapter.public.post(**request)
    return answer.status_code, answer.text


def test_a_proven_lead_becomes_its_call(tmp_path: Path) -> None:
    """As the mapping's first example says, and the sender gets the status that it wants."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            status, text = await _post(adapter, door.request(SECRET))
            (call,) = await adapter.calls(source=door.source)
            expected = door.expected()
            assert {key: call[key] for key in expected} == expected, (door.source, text)
            assert status == (200 if door.is_answered_200 else 202), door.source

    run(tmp_path, play, now=HandClock(), **SETUP)


@pytest.mark.parametrize("secret", [GUESS, None], ids=["wrong", "missing"])
def test_without_the_right_proof_nothing_is_stored(tmp_path: Path, secret: str | None) -> None:
    """A guess and no proof at all are both answered 401."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            status, _ = await _post(adapter, door.request(secret))
            assert status == 401, door.source
        assert await adapter.webhooks() == []

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_a_repeated_lead_rings_nobody(tmp_path: Path) -> None:
    """What a sender posts twice is a duplicate of the first, and no proof is kept of either."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            for _ in range(2):
                await _post(adapter, door.request(SECRET))
            again, first = await adapter.calls(source=door.source)
            assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])
        stored = adapter.stored_bytes()
        assert b"+12025550123" in stored
        assert SECRET.encode() not in stored

    run(tmp_path, play, now=HandClock(), **SETUP)


@pytest.mark.parametrize(("source", "oldest_s"), [("calendly", 180), ("webflow", 300)])
def test_an_old_signature_is_no_proof(tmp_path: Path, source: str, oldest_s: int) -> None:
    """A request that somebody kept is worth nothing after a few minutes."""

    async def play(adapter: Running) -> None:
        door = BY_SOURCE[source]
        status, _ = await _post(adapter, door.request(SECRET, at_s=AT_S - oldest_s - 1))
        assert status == 401
        status, _ = await _post(adapter, door.request(SECRET, at_s=AT_S - oldest_s))
        assert status == 200

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_google_reads_the_answer_that_it_documents(tmp_path: Path) -> None:
    """An empty JSON object."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(**BY_SOURCE["google-ads"].request(SECRET))
        assert (answer.headers["content-type"], answer.json()) == ("application/json", {})

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_a_token_that_jotform_repeats_is_not_kept(tmp_path: Path) -> None:
    """Its form says which URL it is posted to, and so what the token is."""

    async def play(adapter: Running) -> None:
        url = f"https://hooks.example.com/hooks/jotform?token={SECRET}"
        body = multipart_body({"webhookURL": url, "submissionID": "7", "rawRequest": "{}"})
        request = {**BY_SOURCE["jotform"].request(SECRET), "content": body}
        status, _ = await _post(adapter, request)
        assert status == 200
        assert SECRET.encode() not in adapter.stored_bytes()

    run(tmp_path, play, now=HandClock(), **SETUP)
