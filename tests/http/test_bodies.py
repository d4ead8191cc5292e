"""Promises of any body under any label: an answer, never a 500, and `try` says what intake does."""

from pathlib import Path

import pytest

from adapter.authoring.trial import try_request
from adapter.webhook.request import Request
from tests.harness.bodies import ALL, LABELS, VALID
from tests.harness.in_process import TOKEN, Running, run

PHONES = "{paths: [$.phone, $.contact.phone, '$[0].phone'], region: US}"
MAPPING = f"auth: {{token: {TOKEN}}}\nagent: sales\nphone: {PHONES}\nvariables: {{name: $.name}}\n"


@pytest.mark.parametrize("label", LABELS)
def test_any_body_is_answered_and_try_agrees(tmp_path: Path, label: str) -> None:
    """What intake stores is what `try` tells: states, reasons, phones and variables."""

    async def play(adapter: Running) -> None:
        headers = {"content-type": label} if label else {}
        source = adapter.adapter.current.config.sources["crm"]
        for body in ALL:
            answer = await adapter.post("crm", content=body, headers=headers)
            assert answer.status_code in {200, 202, 400, 415, 422}, (body[:80], answer.text)
            stored = (await adapter.admin.get(f"/api/webhooks/{answer.json()['webhook']}")).json()
            request = Request(
                method="POST", path="/hooks/crm", headers=tuple(headers.items()), body=body
            )
            tried = try_request(adapter.adapter.current.config, source, request)
            if not stored["calls"]:
                assert tried.calls == ()
                assert stored["reason"] == tried.webhook.reason, body[:80]
            for call, shown in zip(stored["calls"], tried.calls, strict=True):
                assert call["phone"] == shown.phone
                assert call["variables"] == shown.variables
                assert call["reason"] in {shown.reason, "duplicate"}, body[:80]

    run(tmp_path, play, mappings={"crm": MAPPING}, has_engine=False)


@pytest.mark.parametrize("label", LABELS)
def test_json_objects_are_read_under_every_label(tmp_path: Path, label: str) -> None:
    """The content decides where it is whole."""

    async def play(adapter: Running) -> None:
        headers = {"content-type": label} if label else {}
        leads = [body for body in VALID if b"phone" in body]
        for number, body in enumerate(leads):
            answer = await adapter.post(
                "crm", content=body, headers={**headers, "idempotency-key": str(number)}
            )
            assert answer.is_success, (body, answer.text)
        calls = await adapter.calls()
        assert len(calls) == len(leads)
        assert {call["phone"] for call in calls} == {"+12025550123"}

    run(tmp_path, play, mappings={"crm": MAPPING}, has_engine=False)


def test_a_replay_cures_what_a_label_spoilt(tmp_path: Path) -> None:
    """`content_type` and `charset` say what bodies are, also of those that came before."""
    wrong = {"content-type": "application/xml; charset=utf-16"}
    body = "phone=%2B12025550123&name=Zo\u00eb".encode("cp1252")

    async def refused(adapter: Running) -> None:
        answer = await adapter.post("crm", content=body, headers=wrong)
        assert answer.status_code == 400
        assert answer.json()["reason"] == "malformed_body"

    async def cured(adapter: Running) -> None:
        (webhook,) = await adapter.webhooks()
        answer = await adapter.order(f"/api/webhooks/{webhook['id']}/replay")
        assert answer.status_code == 200, answer.text
        (call,) = await adapter.calls()
        assert (call["phone"], call["variables"]) == ("+12025550123", {"name": "Zo\u00eb"})

    run(tmp_path, refused, mappings={"crm": MAPPING}, has_engine=False)
    says = "content_type: application/x-www-form-urlencoded\ncharset: windows-1252\n"
    run(tmp_path, cured, mappings={"crm": MAPPING + says}, has_engine=False)


def test_what_was_stored_decoded_is_not_overruled(tmp_path: Path) -> None:
    """A form whose secret was taken out lies there as JSON, in which a lost plus still counts."""
    secret = "a-secret-of-the-form"
    mapping = (
        f"auth: {{body: {{path: $.key, value: {secret}}}}}\n"
        "content_type: application/x-www-form-urlencoded\nagent: sales\nphone: $.phone\n"
    )

    async def play(adapter: Running) -> None:
        body = f"phone=+12025550123&key={secret}".encode()
        answer = await adapter.post("crm", content=body, headers={"content-type": "text/plain"})
        assert answer.status_code == 202, answer.text
        (call,) = await adapter.calls()
        assert call["phone"] == "+12025550123"
        replayed = await adapter.order(f"/api/webhooks/{call['webhook']}/replay")
        assert replayed.status_code in {200, 409}, replayed.text
        source = adapter.adapter.current.config.sources["crm"]
        stored = await adapter.adapter.ledger.reads.raw_webhook(call["webhook"])
        assert stored is not None
        assert secret.encode() not in stored.body
        again = try_request(adapter.adapter.current.config, source, Request.from_webhook(stored))
        assert [shown.phone for shown in again.calls] == ["+12025550123"]

    run(tmp_path, play, mappings={"crm": mapping}, has_engine=False)
