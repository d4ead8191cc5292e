"""Promises to 27 kinds of senders: what they post becomes the call that they mean."""

from pathlib import Path

from tests.harness.in_process import TOKEN, HandClock, Running, run
from tests.http.crm_senders import CRMS
from tests.http.event_senders import EVENTS
from tests.http.form_senders import FORM_TOOLS
from tests.http.senders import KEY, PUBLIC_URL, Sender

SENDERS = (*FORM_TOOLS, *EVENTS, *CRMS)
SETTINGS = f"public_url: {PUBLIC_URL}"
MAPPINGS = {sender.name: sender.mapping for sender in SENDERS}


async def _post(adapter: Running, sender: Sender, *, body: bytes | None = None) -> tuple[int, str]:
    content = sender.body if body is None else body
    headers = {"content-type": sender.content_type} | sender.prove(content)
    url = f"/hooks/{sender.name}" + (f"?{sender.query}" if sender.query else "")
    answer = await adapter.public.post(url, content=content, headers=headers)
    return answer.status_code, answer.text


def test_every_sender_gets_its_call(tmp_path: Path) -> None:
    """Each request, proven as its sender proves it, becomes the one expected call."""

    async def play(adapter: Running) -> None:
        assert len(SENDERS) == 27
        for sender in SENDERS:
            status, text = await _post(adapter, sender)
            (call,) = await adapter.calls(source=sender.name)
            found = {key: call[key] for key in sender.expected}
            assert found == sender.expected, (sender.name, text)
            is_answered_200 = "respond:" in sender.rules
            by_state = {"waiting": 202, "refused": 422}
            assert status == (200 if is_answered_200 else by_state[call["state"]]), sender.name

    run(tmp_path, play, mappings=MAPPINGS, settings=SETTINGS, now=HandClock(), has_engine=False)


def test_no_senders_proof_is_kept(tmp_path: Path) -> None:
    """Tokens, keys and passwords are in no byte of the ledger."""

    async def play(adapter: Running) -> None:
        for sender in SENDERS:
            await _post(adapter, sender)
        stored = adapter.stored_bytes()
        assert b"+61491570156" in stored
        assert KEY.encode() not in stored
        assert TOKEN.encode() not in stored

    run(tmp_path, play, mappings=MAPPINGS, settings=SETTINGS, now=HandClock(), has_engine=False)


def test_a_retry_of_any_sender_rings_nobody(tmp_path: Path) -> None:
    """The same request again is a duplicate of the first call, or refused as the first was."""

    async def play(adapter: Running) -> None:
        for sender in SENDERS:
            await _post(adapter, sender)
            await _post(adapter, sender)
            again, first = await adapter.calls(source=sender.name)
            if first["state"] == "waiting":
                assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])
            else:
                assert again["state"] == "refused", sender.name

    run(tmp_path, play, mappings=MAPPINGS, settings=SETTINGS, now=HandClock(), has_engine=False)


def test_no_sender_is_let_in_without_its_proof(tmp_path: Path) -> None:
    """The same requests without proof are answered 401, and nothing is stored."""

    async def play(adapter: Running) -> None:
        for sender in SENDERS:
            body = sender.body.replace(KEY.encode(), b"a-guess")
            headers = {"content-type": sender.content_type}
            answer = await adapter.public.post(
                f"/hooks/{sender.name}", content=body, headers=headers
            )
            assert answer.status_code == 401, sender.name
        assert await adapter.webhooks() == []

    run(tmp_path, play, mappings=MAPPINGS, settings=SETTINGS, now=HandClock(), has_engine=False)
