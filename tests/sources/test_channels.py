"""Promises of the shipped mappings of senders that sign, beyond those of every form tool."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.mapping.reading import RequestReading
from adapter.model import State
from adapter.webhook.request import Request
from tests.harness.in_process import HandClock, Running, run
from tests.harness.project import SETTINGS, Project
from tests.http.senders import AT_S, PUBLIC_URL
from tests.sources.channels import CHANNEL_DOORS, OLDEST_S
from tests.sources.doors import SECRET, Door, body_of, mapping_of
from tests.sources.sites import SITE_DOORS

DOORS = (*CHANNEL_DOORS, *SITE_DOORS)
SIGNING = [door for door in DOORS if door.is_signed]
each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.source)


def _play(folder: Path, door: Door, play: Callable[[Running], Awaitable[None]]) -> None:
    run(
        folder,
        play,
        mappings={door.source: door.text},
        settings=f"public_url: {PUBLIC_URL}",
        environ=door.environ,
        now=HandClock(),
        has_engine=False,
    )


@pytest.mark.parametrize("door", SIGNING, ids=lambda door: door.source)
def test_a_signature_of_another_body_does_not_enter(tmp_path: Path, door: Door) -> None:
    """Whoever caught a request cannot put another person's number into it."""

    async def play(adapter: Running) -> None:
        request = door.request(SECRET)
        changed = request["content"].replace(b"Ada", b"Eva")
        assert changed != request["content"]
        answer = await adapter.public.post(**{**request, "content": changed})
        assert answer.status_code == 401
        assert await adapter.webhooks() == []

    _play(tmp_path, door, play)


@pytest.mark.parametrize("source", sorted(OLDEST_S))
def test_an_old_signature_is_no_proof(tmp_path: Path, source: str) -> None:
    """A request that somebody kept is worth nothing after a few minutes."""
    (door,) = [door for door in DOORS if door.source == source]

    async def play(adapter: Running) -> None:
        for age_s, status in ((OLDEST_S[source] + 1, 401), (OLDEST_S[source], 200)):
            answer = await adapter.public.post(**door.request(SECRET, at_s=AT_S - age_s))
            assert answer.status_code == status

    _play(tmp_path, door, play)


@each_door
def test_a_retry_rings_nobody_though_the_lead_changed(tmp_path: Path, door: Door) -> None:
    """The mapping's key knows the lead, not its values: whoever was renamed is still the same."""

    async def play(adapter: Running) -> None:
        document = body_of(door.example("request"))
        for renamed in (document, _renamed(document)):
            answer = await adapter.public.post(**door.request(SECRET, document=renamed))
            assert answer.is_success, answer.text
        again, first = await adapter.calls()
        assert again["variables"] != first["variables"]
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])

    _play(tmp_path, door, play)


def _renamed(part: object) -> object:
    """Return a document in which Ada is called Eva, but by her address."""
    if isinstance(part, dict):
        return {key: _renamed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(item) for item in part]
    return part.replace("Ada", "Eva") if isinstance(part, str) else part


@each_door
def test_whoever_counts_failures_is_told_of_none(tmp_path: Path, door: Door) -> None:
    """What is stored is answered with a 2xx, whatever became of it."""

    async def play(adapter: Running) -> None:
        for example in mapping_of(door.source)["examples"]:
            document = body_of(example["request"])
            answer = await adapter.public.post(**door.request(SECRET, document=document))
            assert answer.is_success, (example["name"], answer.text)

    _play(tmp_path, door, play)


def test_whatsapps_greeting_is_answered_and_only_that(tmp_path: Path) -> None:
    """Meta's challenge comes back to who knows the verify token; nothing is stored."""
    (door,) = [door for door in DOORS if door.source == "whatsapp"]
    asked = {"hub.mode": "subscribe", "hub.challenge": "115"}

    async def play(adapter: Running) -> None:
        for token, status in (("a-verify-token", 200), (SECRET, 401)):
            told = asked | {"hub.verify_token": token}
            answer = await adapter.public.get("/hooks/whatsapp", params=told)
            assert answer.status_code == status
            assert (answer.text == "115") is (status == 200)
        assert await adapter.webhooks() == []

    _play(tmp_path, door, play)


def test_twilio_is_told_to_answer_nothing(tmp_path: Path) -> None:
    """An empty TwiML: a plain text would be sent to whoever wrote."""
    (door,) = [door for door in DOORS if door.source == "twilio"]

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(**door.request(SECRET))
        assert (answer.headers["content-type"], answer.text) == ("text/xml", "<Response/>")

    _play(tmp_path, door, play)


def _booking(event: str, mail: str = "ada@example.com", **fields: Any) -> Any:
    responses = {"email": {"value": mail}, "attendeePhoneNumber": {"value": "+12025550191"}}
    return {"triggerEvent": event, "payload": {"uid": "u1", "responses": responses, **fields}}


def _contact(event: str, number: int = 130) -> Any:
    change = {"phone_number": {"previous_value": None, "current_value": "+12025550201"}}
    told = {"event": event, "id": number, "account": {"id": 3}, "phone_number": "+12025550201"}
    return told | ({"changed_attributes": [change]} if event == "contact_updated" else {})


def _chat(text: str, number: str = "12025550221", message: str = "wamid.1") -> Any:
    written = {"id": message, "from": number, "type": "text", "text": {"body": text}}
    told = {"metadata": {"phone_number_id": "1"}, "contacts": [{"wa_id": number}]}
    return {
        "entry": [{"changes": [{"field": "messages", "value": told | {"messages": [written]}}]}]
    }


def _text(body: str, number: str = "+12025550241", attempt: int = 1) -> Any:
    payload = {
        "direction": "inbound",
        "from": {"phone_number": number},
        "to": [{"phone_number": "+12025550199"}],
        "text": body,
    }
    data = {"event_type": "message.received", "payload": payload}
    return {"data": data, "meta": {"attempt": attempt}}


def _twilio(number: str = "+12025550231", **fields: str) -> Any:
    return {"From": number, "To": "+12025550199", **fields}


def _tiktok(lead: int, phone: str = "+12025550251") -> Any:
    answer = {"field": "phone_number", "value": phone}
    return {"object": 1, "entry": [{"id": lead, "changes": [answer]}]}


def _lead(name: str, **fields: str) -> Any:
    return {"name": name, "mobile_no": "+12025550111", **fields}


ONE_PERSON = [
    ("cal-com", _booking("BOOKING_REQUESTED"), _booking("BOOKING_CREATED", status="ACCEPTED")),
    ("chatwoot", _contact("contact_created"), _contact("contact_updated")),
    ("frappe", _lead("L-1"), _lead("L-1", status="Open")),
    ("telnyx", _text("Hello"), _text("Hello", attempt=2)),
    ("telnyx", _text("Hello"), _text("Is anybody there?")),
    ("tiktok", _tiktok(7000000000000000251), _tiktok(7000000000000000251, "+12025550252")),
    ("twilio", _twilio(SmsStatus="received"), _twilio(CallStatus="ringing", Direction="inbound")),
    ("whatsapp", _chat("Hello"), _chat("Is anybody there?", message="wamid.2")),
]
TWO_PEOPLE = [
    ("cal-com", _booking("BOOKING_CREATED"), _booking("BOOKING_CREATED", "bo@example.com")),
    ("cal-com", _booking("BOOKING_CREATED"), _booking("BOOKING_CREATED", uid="u2")),
    ("chatwoot", _contact("contact_created"), _contact("contact_created", 131)),
    ("frappe", _lead("L-1"), _lead("L-2")),
    ("telnyx", _text("Hello"), _text("Hello", "+12025550242")),
    ("tiktok", _tiktok(7000000000000000251), _tiktok(7000000000000000252)),
    ("twilio", _twilio(SmsStatus="received"), _twilio("+12025550232", SmsStatus="received")),
    ("whatsapp", _chat("Hello"), _chat("Hello", "12025550222")),
]


def _digests(folder: Path, source: str, document: Any) -> set[str]:
    """Return the digests of the keys of the one call that a mapping makes of a request."""
    (door,) = [door for door in DOORS if door.source == source]
    settings = f"public_url: {PUBLIC_URL}\n{SETTINGS}"
    loaded = Project(folder, door.environ).load(settings, {source: door.text})
    assert loaded.config is not None, "\n".join(map(str, loaded.problems))
    headers = (("content-type", door.content_type),)
    body = door.write(document)
    request = Request(method="POST", path="/", query="", headers=headers, body=body)
    (call,) = RequestReading(loaded.config.sources[source].mapping, request).mapped().calls
    assert call.state is State.WAITING, call.detail
    return {key.digest for key in call.keys}


@pytest.mark.parametrize(("source", "first", "second"), ONE_PERSON)
def test_one_person_is_rung_once(tmp_path: Path, source: str, first: Any, second: Any) -> None:
    """Whatever else the sender tells of them: another event, another message, another attempt."""
    assert _digests(tmp_path, source, first) & _digests(tmp_path, source, second)


@pytest.mark.parametrize(("source", "first", "second"), TWO_PEOPLE)
def test_two_people_are_two(tmp_path: Path, source: str, first: Any, second: Any) -> None:
    """Though they write the same words at the same time."""
    assert not _digests(tmp_path, source, first) & _digests(tmp_path, source, second)
