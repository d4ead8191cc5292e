"""Promises of the shipped mappings of CRMs and shops: their own examples, over HTTP."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.cli.run.shipped import shipped_mappings
from adapter.config.source import Example
from adapter.model import State
from tests.harness.in_process import HandClock, Running, run

KEY = "a-key-that-only-the-sender-has"
HOOK = "espohook000000001"
GUESS = "a-guess-at-the-senders-key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a sender adds to a request to prove itself."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


Prove = Callable[[str, bytes], Proof]


def _in_url(key: str, _: bytes) -> Proof:
    return Proof(query={"token": key})


def _in_header(key: str, _: bytes) -> Proof:
    return Proof(headers={"x-webhook-token": key})


def _basic(key: str, _: bytes) -> Proof:
    told = base64.b64encode(f"pipedrive:{key}".encode()).decode()
    return Proof(headers={"authorization": f"Basic {told}"})


def _hex_sha1(header: str, prefix: str = "") -> Prove:
    def prove(key: str, body: bytes) -> Proof:
        return Proof(headers={header: prefix + hmac.new(key.encode(), body, "sha1").hexdigest()})

    return prove


def _base64_sha256(header: str) -> Prove:
    def prove(key: str, body: bytes) -> Proof:
        digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
        return Proof(headers={header: base64.b64encode(digest).decode()})

    return prove


def _espocrm(key: str, body: bytes) -> Proof:
    text = f"{HOOK}:{hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"
    return Proof(headers={"Signature": base64.b64encode(text.encode()).decode()})


SIGNING: dict[str, Prove] = {
    "espocrm": _espocrm,
    "intercom": _hex_sha1("X-Hub-Signature", "sha1="),
    "segment": _hex_sha1("X-Signature"),
    "shopify": _base64_sha256("X-Shopify-Hmac-SHA256"),
    "woocommerce": _base64_sha256("X-WC-Webhook-Signature"),
}
CRMS: dict[str, Prove] = SIGNING | {
    "activecampaign": _in_url,
    "dynamics": _in_header,
    "freshsales": _in_header,
    "gohighlevel": _in_url,
    "mailchimp": _in_url,
    "marketo": _in_header,
    "monday": _in_url,
    "odoo": _in_url,
    "pardot-external-action": _in_header,
    "pipedrive": _basic,
    "pipedrive-v1": _basic,
    "salesforce-flow": _in_header,
    "zoho-workflow": _in_header,
}
# Those whose operator is told of a lead that was refused; for the others that would be a failure.
TOLD = {"espocrm", "freshsales", "marketo", "odoo", "segment", "zoho-workflow"}


async def _post(
    adapter: Running, source: str, example: Example, proof: Proof, body: bytes | None = None
) -> httpx.Response:
    request = example.request
    return await adapter.public.post(
        f"/hooks/{source}",
        content=request.body if body is None else body,
        headers={**dict(request.headers), **proof.headers},
        params={**httpx.QueryParams(request.query), **proof.query},
    )


def _examples(adapter: Running, source: str) -> tuple[Example, ...]:
    return adapter.adapter.current.config.sources[source].examples


def _play(folder: Path, source: str, play: Callable[[Running], Any]) -> None:
    text = (shipped_mappings() / f"{source}.yaml").read_text(encoding="utf-8")
    name = source.upper().replace("-", "_")
    environ = {f"{name}_TOKEN": KEY, f"{name}_SECRET": KEY, f"{name}_WEBHOOK_ID": HOOK}
    run(folder, play, mappings={source: text}, environ=environ, now=HandClock(), has_engine=False)


@pytest.mark.parametrize("source", sorted(CRMS))
def test_only_the_right_proof_enters_and_it_is_not_kept(tmp_path: Path, source: str) -> None:
    """A missing and a wrong one get 401 and leave nothing; then the lead becomes a call."""

    async def play(adapter: Running) -> None:
        example = _examples(adapter, source)[0]
        body = example.request.body
        wrong = [Proof(), CRMS[source](GUESS, body)]
        if source in SIGNING:  # the signature of another body
            wrong.append(CRMS[source](KEY, body + b" "))
        for proof in wrong:
            assert (await _post(adapter, source, example, proof)).status_code == 401
        assert await adapter.webhooks() == []

        answer = await _post(adapter, source, example, CRMS[source](KEY, body))
        assert answer.is_success, answer.text
        (call,) = await adapter.calls()
        (wanted,) = example.calls
        assert (call["state"], call["phone"]) == ("waiting", wanted.phone)
        assert call["variables"] == wanted.variables
        assert KEY.encode() not in adapter.stored_bytes()

    _play(tmp_path, source, play)


@pytest.mark.parametrize("source", sorted(CRMS))
def test_a_retry_rings_nobody_though_the_lead_changed(tmp_path: Path, source: str) -> None:
    """The mapping's key knows the lead, not its values: whoever was renamed is still the same."""

    async def play(adapter: Running) -> None:
        example = _examples(adapter, source)[0]
        body = example.request.body
        for each in (body, body.replace(b"Ada", b"Eva").replace(b"ada", b"eva")):
            proof = CRMS[source](KEY, each)
            assert (await _post(adapter, source, example, proof, each)).is_success
        again, first = await adapter.calls()
        assert again["variables"] != first["variables"]
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])

    _play(tmp_path, source, play)


@pytest.mark.parametrize("source", sorted(CRMS))
def test_a_refused_lead_is_no_failure_to_those_who_count_them(tmp_path: Path, source: str) -> None:
    """Who disables a webhook after failures, or fails a save, gets 200 for what is stored."""

    async def play(adapter: Running) -> None:
        refused = [
            example
            for example in _examples(adapter, source)
            if {call.state for call in example.calls} == {State.REFUSED}
        ]
        assert refused
        for example in refused:
            proof = CRMS[source](KEY, example.request.body)
            answer = await _post(adapter, source, example, proof)
            assert answer.status_code in ((422, 400) if source in TOLD else (200,)), example.name

    _play(tmp_path, source, play)


GREETINGS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("mailchimp", "GET", {}, 200, ""),
    ("mailchimp", "GET", {"params": {"token": KEY}}, 200, ""),
    ("mailchimp", "POST", {"data": {"type": "subscribe"}}, 401, ""),
    ("woocommerce", "POST", {"data": {"webhook_id": "7"}}, 200, ""),
    ("woocommerce", "POST", {"json": {"webhook_id": 7, "id": 8}}, 401, ""),
    ("intercom", "POST", {"json": {"topic": "ping"}}, 200, ""),
    ("intercom", "HEAD", {}, 204, ""),
    ("monday", "POST", {"json": {"challenge": "a-ch"}}, 200, '{"challenge":"a-ch"}'),
    ("monday", "POST", {"json": {"event": {"type": "create_item"}}}, 401, ""),
]


@pytest.mark.parametrize(("source", "method", "parts", "status", "text"), GREETINGS)
def test_a_greeting_is_answered_and_only_that(
    tmp_path: Path, source: str, method: str, parts: dict[str, Any], status: int, text: str
) -> None:
    """What a sender asks before it sends leads needs no proof; a lead does. Nothing is stored."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.request(method, f"/hooks/{source}", **parts)
        assert answer.status_code == status
        assert status != 200 or answer.text == text
        assert await adapter.webhooks() == []

    _play(tmp_path, source, play)
