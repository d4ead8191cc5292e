"""Promises of the shipped mappings of senders that only name a record, as webhooks come in."""

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from adapter.compiler.load import load_strict
from adapter.mapping.reading import RequestReading
from adapter.webhook.request import Request
from tests.harness.in_process import HandClock, Running, run, write_project
from tests.http.senders import PUBLIC_URL
from tests.sources.askers import ASKERS, GUESS, KEY, Asker
from tests.sources.doors import MAPPINGS, mapping_of
from tests.sources.test_form_pages import PAGES

SETTINGS = f"public_url: {PUBLIC_URL}"
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
SIGNING = [
    asker
    for asker in ASKERS
    if asker.request(KEY)["headers"] != asker.request(KEY, {"another": "body"})["headers"]
]
each_asker = pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.source)


def shipped(source: str) -> str:
    """Return a shipped mapping file."""
    return (MAPPINGS / f"{source}.yaml").read_text(encoding="utf-8")


def _play(folder: Path, asker: Asker, play: Callable[[Running], Awaitable[None]]) -> None:
    mappings = {asker.source: shipped(asker.source)}
    run(
        folder,
        play,
        mappings=mappings,
        settings=SETTINGS,
        environ=asker.environ,
        now=HandClock(),
        has_engine=False,
    )


@each_asker
def test_only_the_right_proof_enters_and_it_is_not_kept(tmp_path: Path, asker: Asker) -> None:
    """A missing and a wrong one get 401 and leave nothing; then the lead waits for its look-up."""

    async def play(adapter: Running) -> None:
        for key in (None, GUESS):
            answer = await adapter.public.post(**asker.request(key))
            assert answer.status_code == 401, answer.text
        assert await adapter.webhooks() == []

        answer = await adapter.public.post(**asker.request(KEY))
        assert answer.is_success, answer.text
        (call,) = await adapter.calls()
        assert (call["state"], call["reason"]) == ("waiting", "lookup")
        assert (call["agent"], call["phone"], call["variables"]) == ("sales", None, {})
        stored = adapter.stored_bytes()
        assert KEY.encode() not in stored
        for token in asker.environ.values():
            assert token.encode() not in stored

    _play(tmp_path, asker, play)


@pytest.mark.parametrize("asker", SIGNING, ids=lambda asker: asker.source)
def test_a_signature_of_another_body_does_not_enter(tmp_path: Path, asker: Asker) -> None:
    """Where a sender signs, its signature covers what it sends."""
    first, other = asker.request(KEY), asker.request(KEY, {"another": "body"})

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(**{**first, "content": other["content"]})
        assert answer.status_code == 401
        assert await adapter.webhooks() == []

    _play(tmp_path, asker, play)


@each_asker
def test_a_retry_rings_nobody_though_the_look_up_is_under_way(tmp_path: Path, asker: Asker) -> None:
    """The key is of ids, so it is claimed before anybody knows the phone."""

    async def play(adapter: Running) -> None:
        document = asker.document
        retried = json.loads(json.dumps(document).replace("}", ', "attempt": 2}', 1))
        for each in (document, retried):
            assert (await adapter.public.post(**asker.request(KEY, each))).is_success
        again, first = await adapter.calls()
        assert (first["state"], first["reason"]) == ("waiting", "lookup")
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])

    _play(tmp_path, asker, play)


@each_asker
def test_who_counts_failures_is_told_of_none(tmp_path: Path, asker: Asker) -> None:
    """What is stored is answered with a 2xx, whatever became of it; Copper never sends again."""

    async def play(adapter: Running) -> None:
        for example in mapping_of(asker.source)["examples"]:
            if "query" not in example["request"]:
                (document,) = example["request"].values()
                answer = await adapter.public.post(**asker.request(KEY, document))
                assert answer.is_success, example["name"]

    _play(tmp_path, asker, play)


PROOF = hmac.new(KEY.encode(), CODE.encode(), hashlib.sha256).hexdigest()
META = {"hub.mode": "subscribe", "hub.challenge": "115", "hub.verify_token": "a-verify-token"}
GREETINGS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("meta", "GET", {"params": META}, 200, "115"),
    ("meta", "GET", {"params": META | {"hub.verify_token": GUESS}}, 401, ""),
    (
        "linkedin",
        "GET",
        {"params": {"challengeCode": CODE}},
        200,
        f'{{"challengeCode":"{CODE}","challengeResponse":"{PROOF}"}}',
    ),
    ("linkedin", "GET", {"params": {"challengeCode": 'hmacsha256={"type":1}'}}, 400, ""),
    ("keap", "POST", {"headers": {"X-Hook-Secret": "s1"}}, 200, ""),
]


@pytest.mark.parametrize(("source", "method", "parts", "status", "text"), GREETINGS)
def test_a_greeting_is_answered_and_only_that(
    tmp_path: Path, source: str, method: str, parts: dict[str, Any], status: int, text: str
) -> None:
    """What a sender asks before it sends leads needs no proof, and nothing is stored."""
    (asker,) = [each for each in ASKERS if each.source == source]

    async def play(adapter: Running) -> None:
        answer = await adapter.public.request(method, f"/hooks/{source}", **parts)
        assert answer.status_code == status, answer.text
        assert status != 200 or answer.text == text
        assert answer.headers.get("x-hook-secret") == parts.get("headers", {}).get("X-Hook-Secret")
        assert await adapter.webhooks() == []

    _play(tmp_path, asker, play)


def test_the_other_way_to_write_linkedins_signature_enters(tmp_path: Path) -> None:
    """Some receivers saw `hmacsha256=` in the header as well."""
    (asker,) = [each for each in ASKERS if each.source == "linkedin"]

    async def play(adapter: Running) -> None:
        request = asker.request(KEY)
        name = "X-LI-Signature"
        signature = request["headers"].pop(name)
        request["headers"][name] = f"hmacsha256={signature}"
        assert (await adapter.public.post(**request)).is_success

    _play(tmp_path, asker, play)


@each_asker
def test_each_page_names_url_and_every_variable(asker: Asker) -> None:
    """Whoever sets it up finds all that the mapping asks of the environment."""
    page = (PAGES / f"{asker.source}.md").read_text(encoding="utf-8")
    assert f"https://hooks.example.com/hooks/{asker.source}" in page
    needed = set(re.findall(r"\$\{(\w+)\}", shipped(asker.source)))
    assert needed == asker.environ.keys()
    assert not {name for name in needed if f"`{name}`" not in page}
    assert "Documented by" in page


VARIANTS = [
    (
        "close",
        {
            "event": {
                "object_type": "contact",
                "action": "created",
                "object_id": "cont_1",
                "data": {"name": "Ada Example", "phones": [{"phone": "+12025550156"}]},
            }
        },
        None,
        {"name": "Ada"},
    ),
    (
        "copper",
        {"type": "lead", "event": "new", "ids": [7]},
        {"first_name": "Ada", "phone_numbers": [{"number": "+12025550156", "category": "work"}]},
        {"name": "Ada", "last_name": "", "company": ""},
    ),
    (
        "bitrix24",
        {"event": "ONCRMCONTACTADD", "data": {"FIELDS": {"ID": "7"}}},
        {"result": {"NAME": "Ada", "PHONE": [{"VALUE_TYPE": "WORK", "VALUE": "+12025550156"}]}},
        {"name": "Ada", "last_name": ""},
    ),
]


@pytest.mark.parametrize(("source", "document", "answer", "variables"), VARIANTS)
def test_the_variant_on_a_page_works_as_written(
    tmp_path: Path, source: str, document: Any, answer: Any, variables: dict[str, str]
) -> None:
    """A mapping beside the shipped one, with what the page says."""
    (asker,) = [each for each in ASKERS if each.source == source]
    page = (PAGES / f"{source}.md").read_text(encoding="utf-8")
    block = page.split("```yaml\n")[1].split("```")[0]
    stream = StringIO()
    YAML().dump(YAML().load(block), stream)
    write_project(tmp_path, {source: shipped(source), "variant": stream.getvalue()})
    environ = {"AGENT_URL": "https://a.example.com", **asker.environ}
    variant = load_strict(tmp_path / "adapter.yaml", environ).sources["variant"]
    headers = (("content-type", "application/json"),)
    body = json.dumps(document).encode()
    request = Request(method="POST", path="/hooks/variant", query="", headers=headers, body=body)
    (call,) = RequestReading(variant.mapping, request).mapped(answer).calls
    assert (call.phone, call.variables) == ("+12025550156", variables)


def test_kommos_incoming_lead_that_is_accepted_is_the_same_lead(tmp_path: Path) -> None:
    """Two events, of which each names the lead in another place; another lead is another one."""
    (asker,) = [asker for asker in ASKERS if asker.source == "kommo"]
    account = {"account[id]": "32000001"}

    async def play(adapter: Running) -> None:
        for told in (
            {"unsorted[add][0][uid]": "u", "unsorted[add][0][lead_id]": "22000262"},
            {"leads[add][0][id]": "22000262"},
            {"leads[add][0][id]": "22000263"},
        ):
            assert (await adapter.public.post(**asker.request(KEY, told | account))).is_success
        other, again, first = await adapter.calls()
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])
        assert other["state"] == "waiting"

    _play(tmp_path, asker, play)
