"""Promises of every form of `auth`: the right proof enters, a wrong or missing one does not.

And what proved the sender is afterwards nowhere: not on the disk, not in the admin API.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.harness.auth_requests import (
    AUTHS,
    LEAD,
    NOT_PROVEN,
    OLDER,
    PROVEN,
    PUBLIC_URL,
    SECRET,
    TOKEN,
    Knock,
)
from tests.harness.in_process import HandClock, Running, run

SETTINGS = f"public_url: {PUBLIC_URL}\ntrusted_proxies: [10.0.0.0/8]"
RULES = "agent: sales\nphone: $.phone\nvariables: {name: $.name}\n"


async def _knock(adapter: Running, knock: Knock) -> httpx.Response:
    headers = {"content-type": "application/json", **knock.headers}
    transport = httpx.ASGITransport(adapter.adapter.public_app(), client=(knock.peer, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post(knock.path, content=knock.body, headers=headers)


async def _kept(adapter: Running) -> bytes:
    """Return everything that is left of the webhooks, as stored and as shown."""
    shown = [
        (await adapter.admin.get(f"/api/webhooks/{each['id']}")).text
        for each in await adapter.webhooks()
    ]
    return adapter.stored_bytes() + "".join(shown).encode()


def _play(folder: Path, auth: str, play: Callable[[Running], Awaitable[None]]) -> None:
    mapping = {"crm": f"auth: {auth}\n{RULES}"}
    run(folder, play, mappings=mapping, settings=SETTINGS, now=HandClock(), has_engine=False)


@pytest.mark.parametrize("auth", AUTHS)
def test_the_right_proof_enters_and_is_forgotten(tmp_path: Path, auth: str) -> None:
    """The webhook is stored and mapped, without what proved it."""

    async def play(adapter: Running) -> None:
        knocks = [knock for door, knock in PROVEN if door == auth]
        for knock in knocks:
            answer = await _knock(adapter, knock)
            assert answer.status_code in (202, 200), (knock, answer.text)  # 200: a duplicate
        assert len(await adapter.webhooks()) == len(knocks)
        kept = await _kept(adapter)
        assert LEAD["phone"].encode() in kept
        for secret in (SECRET, OLDER, f"crm:{SECRET}", f"crm:{OLDER}"):
            assert secret.encode() not in kept
            assert base64.b64encode(secret.encode()) not in kept

    _play(tmp_path, auth, play)


@pytest.mark.parametrize("auth", AUTHS)
def test_anything_else_stays_outside(tmp_path: Path, auth: str) -> None:
    """401, and not a byte is stored."""

    async def play(adapter: Running) -> None:
        for knock in [knock for door, knock in NOT_PROVEN if door == auth]:
            answer = await _knock(adapter, knock)
            assert answer.status_code == 401, (knock, answer.text)
        assert await adapter.webhooks() == []
        assert LEAD["phone"].encode() not in adapter.stored_bytes()

    _play(tmp_path, auth, play)


@pytest.mark.parametrize("token", ["a/slash+and=more", "größe€größe€", "per%cent", "a b c d e"])
def test_a_token_of_any_characters_enters_by_every_place(tmp_path: Path, token: str) -> None:
    """Encoded in the path or the query, or as UTF-8 in a header; and is forgotten."""

    async def play(adapter: Running) -> None:
        encoded = quote(token, safe="")
        for knock in (
            Knock(path=f"/hooks/crm/{encoded}"),
            Knock(path=f"/hooks/crm?token={encoded}"),
        ):
            assert (await _knock(adapter, knock)).status_code in (202, 200), knock.path
        answer = await adapter.public.post(
            "/hooks/crm", json=LEAD, headers=[(b"x-webhook-token", token.encode())]
        )
        assert answer.status_code == 200
        stored = adapter.stored_bytes()
        assert token.encode() not in stored
        assert encoded.encode() not in stored

    mapping = {"crm": f"auth: {{token: {json.dumps(token, ensure_ascii=False)}}}\n{RULES}"}
    run(tmp_path, play, mappings=mapping, has_engine=False)


def test_a_secret_in_a_nested_document_is_taken_out(tmp_path: Path) -> None:
    """A body secret inside a string that `decode` parses is not kept in any form."""

    async def play(adapter: Running) -> None:
        inner = json.dumps({"key": SECRET, "phone": LEAD["phone"]})
        form = {"raw": inner, "other": "kept-beside-it"}
        answer = await adapter.public.post("/hooks/crm", data=form)
        assert answer.status_code == 202, answer.text
        stored = adapter.stored_bytes()
        assert b"kept-beside-it" in stored
        assert SECRET.encode() not in stored
        call = answer.json()["calls"][0]["id"]
        await adapter.settled(call, "rung")
        replayed = await adapter.order(f"/api/calls/{call}/replay")
        assert replayed.status_code == 200, replayed.text  # what is left of it still maps
        assert (await adapter.call(call))["phone"] == LEAD["phone"]

    mapping = f"""\
auth: {{body: {{path: $.raw.key, value: {SECRET}}}}}
decode: {{json: [$.raw]}}
agent: sales
phone: $.raw.phone
"""
    run(tmp_path, play, mappings={"crm": mapping})


def test_a_token_is_forgotten_in_other_places_too(tmp_path: Path) -> None:
    """Senders tell the URL that they were given; proxies repeat it in headers of their own."""

    async def play(adapter: Running) -> None:
        url = f"/hooks/crm?token={SECRET}"
        form = {"phone": LEAD["phone"], "webhookURL": f"https://hooks.example.com{url}"}
        headers = {"x-original-uri": url, "referer": f"https://crm.example.com/?to={quote(url)}"}
        answer = await adapter.public.post(
            f"{url}&back={quote(url, safe='')}", data=form, headers=headers
        )
        assert answer.status_code == 202, answer.text
        (call,) = await adapter.calls()
        assert call["variables"] == {"url": "https://hooks.example.com/hooks/crm?token=***"}
        assert SECRET.encode() not in adapter.stored_bytes()

    mapping = f"auth: {TOKEN}\nagent: sales\nphone: $.phone\nvariables: {{url: $.webhookURL}}\n"
    run(tmp_path, play, mappings={"crm": mapping}, has_engine=False)
