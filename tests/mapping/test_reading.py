"""A request is read once, and what is stored of it holds no secret."""

import gzip
from dataclasses import replace

import pytest

from adapter.agent import Secret
from adapter.mapping.mapping import Route, SourceMapping
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.reading import RequestReading
from adapter.mapping.values import PathSource
from adapter.webhook.auth.checks import AnyOf
from adapter.webhook.auth.shared_secrets import BodySecret, Token
from adapter.webhook.request import Request
from tests.harness.in_process import HandClock

BODY_SECRET = "a-secret-of-the-form"
TOKEN = "a-token-in-the-address"
CHECK = AnyOf(
    checks=(
        BodySecret(path=compile_path("$.secret"), values=(Secret(BODY_SECRET),)),
        Token(tokens=(Secret(TOKEN),)),
    )
)
MAPPING = SourceMapping(
    routes=(Route(guard=None, agent="sales"),),
    phone=PhoneRule(sources=(PathSource(path=compile_path("$.phone")),)),
)


def stored(body: str, *, query: str = "") -> RequestReading:
    """Return the reading of a webhook less what proved its sender."""
    request = Request(
        method="POST",
        path="/hooks/crm",
        query=query,
        headers=(("content-type", "application/json"),),
        body=body.encode(),
    )
    reading = RequestReading(MAPPING, request)
    proof = CHECK.prove(request, now=HandClock()(), document=reading.document)
    assert proof is not None
    return reading.without(proof)


def test_numbers_keep_their_digits_where_a_secret_is_taken_out() -> None:
    """What is stored is what came, to the digit, in lists and objects too."""
    numbers = '{"short": 1.25, "long": 0.12345678901234567890123, "list": [3.46E+10, 1.10, -7]}'
    body = f'{{"secret": "{BODY_SECRET}", "é": {numbers}, "none": null, "yes": true}}'
    expected = f'{{"é": {numbers}, "none": null, "yes": true}}'
    assert stored(body).request.body.decode() == expected


@pytest.mark.parametrize(
    "phone", ["3.46E+10", "3.461234567E10", "1.2025550123E+10", "12025550100.0"]
)
def test_a_number_that_lost_digits_is_refused_by_a_replay_as_it_was_at_intake(phone: str) -> None:
    """A body whose secret was taken out is stored as JSON, and its numbers as they came."""
    reading = stored(f'{{"secret": "{BODY_SECRET}", "phone": {phone}}}')
    (now,) = reading.mapped().calls
    (later,) = RequestReading(MAPPING, reading.request).mapped().calls
    assert (now.state, now.reason, now.phone) == (later.state, later.reason, later.phone)


def test_a_document_is_read_anew_where_a_token_stands_in_it_too() -> None:
    """What is mapped is what is stored."""
    body = f'{{"secret": "{BODY_SECRET}", "phone": "+12025550123", "sent_to": "{TOKEN}"}}'
    reading = stored(body, query=f"token={TOKEN}")
    assert reading.document() == {"phone": "+12025550123", "sent_to": "***"}
    assert [call.phone for call in reading.mapped().calls] == ["+12025550123"]


def test_a_reading_gives_a_view_for_each_call() -> None:
    """Without `each`, one of the whole document."""
    reading = stored(f'{{"secret": "{BODY_SECRET}", "phone": "+12025550123"}}')
    assert [view.document for view in reading.views()] == [{"phone": "+12025550123"}]


def test_a_forms_lost_plus_is_lost_in_what_is_stored_of_it_too() -> None:
    """A replay reads the same number, also where the form is stored as JSON, less its secret."""
    abroad = PhoneRule(
        sources=(PathSource(path=compile_path("$.phone")),), region=Region(fixed="ES")
    )
    mapping = replace(MAPPING, phone=abroad)
    request = Request(
        method="POST",
        path="/hooks/crm",
        query="",
        headers=(("content-type", "application/x-www-form-urlencoded"),),
        body=f"secret={BODY_SECRET}&phone=+65+6555+0134".encode(),
    )
    reading = RequestReading(mapping, request)
    proof = CHECK.prove(request, now=HandClock()(), document=reading.document)
    assert proof is not None
    kept = reading.without(proof)
    for each in (reading, kept, RequestReading(mapping, kept.request)):
        assert [call.phone for call in each.mapped().calls] == ["+6565550134"]


def test_a_body_that_was_stored_encoded_is_decoded_when_it_is_read() -> None:
    """The header stays with it until then: a coding that is read by now gives its calls."""
    request = Request(
        method="POST",
        path="",
        headers=(("content-type", "application/json"), ("content-encoding", "gzip")),
        body=gzip.compress(b'{"phone": "+12025550123"}'),
    )
    (call,) = RequestReading(MAPPING, request).mapped().calls
    assert call.phone == "+12025550123"


def test_a_lone_element_is_one_of_many_in_what_is_stored_of_it_too() -> None:
    """XML that is stored as JSON, less its secret, answers a replay as it answered at intake."""
    first = compile_path("$.lead.phone[?(@['@type']=='voice')]['#text']")
    mapping = replace(
        MAPPING, phone=PhoneRule(sources=(PathSource(path=first),), region=Region(fixed="US"))
    )
    request = Request(
        method="POST",
        path="/hooks/crm",
        headers=(("content-type", "text/xml"),),
        body=(
            f"<lead><secret>{BODY_SECRET}</secret><phone type='voice'>202-555-0123</phone></lead>"
        ).encode(),
    )
    reading = RequestReading(mapping, request)
    check = BodySecret(path=compile_path("$.lead.secret[0]"), values=(Secret(BODY_SECRET),))
    proof = check.prove(request, now=HandClock()(), document=reading.document)
    assert proof is not None
    kept = reading.without(proof)
    assert BODY_SECRET.encode() not in kept.request.body
    for read in (reading, kept, RequestReading(mapping, kept.request)):
        assert [call.phone for call in read.mapped().calls] == ["+12025550123"]


def test_xml_inside_a_document_is_stored_as_the_elements_that_it_was() -> None:
    """What `decode` parsed is an object in what is stored, and a lone element still is a list."""
    first = compile_path("$.raw.lead.phone[0]")
    mapping = replace(
        MAPPING,
        phone=PhoneRule(sources=(PathSource(path=first),), region=Region(fixed="US")),
        decode_xml=(compile_path("$.raw"),),
        decode_json=(compile_path("$.more"),),
    )
    body = f"""{{"secret": "{BODY_SECRET}", "more": "[1]", "none": 1,
        "raw": "<lead><phone>202-555-0123</phone></lead>"}}"""
    request = Request(method="POST", path="/hooks/crm", body=body.encode())
    reading = RequestReading(mapping, request)
    proof = CHECK.prove(request, now=HandClock()(), document=reading.document)
    assert proof is not None
    kept = reading.without(proof)
    for read in (reading, kept, RequestReading(mapping, kept.request)):
        assert [call.phone for call in read.mapped().calls] == ["+12025550123"]
        assert read.document()["more"] == [1]
