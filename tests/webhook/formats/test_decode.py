"""Content type and method decide how a request is read; nothing else ever escapes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.decode import (
    decode_document,
    decode_inside,
    is_urlencoded,
)
from adapter.webhook.formats.form import query_document
from adapter.webhook.request import Request, wire_bytes
from tests.harness.webhook_requests import KeyPath, post, refusal_of


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b'{"a": "1"}'),
        ("", b'{"a": "1"}'),
        ("application/json", b'{"a": "1"}'),
        ("APPLICATION/JSON ; Charset=UTF-8", b'{"a": "1"}'),
        ('application/json; charset="utf-8"', b'{"a": "1"}'),
        ("text/json", b'{"a": "1"}'),
        ("text/plain;charset=UTF-8", b'{"a": "1"}'),
        ("application/vnd.crm.v2+json", b'{"a": "1"}'),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=1"),
        ("application/xml", b"<a>1</a>"),
        ("text/xml; charset=utf-8", b"<a>1</a>"),
        ("application/soap+xml; action=x", b"<a>1</a>"),
    ],
)
def test_content_types(content_type: str | None, body: bytes) -> None:
    """Every type that senders use for one and the same lead."""
    assert decode_document(post(body, content_type)) == {"a": "1"}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/octet-stream",
        "json",
        "text/html",
        "multipart/mixed; boundary=x",
        "application/+protobuf",
        "garbage",
        "application/json" + ";" * 2_000,
    ],
)
@pytest.mark.parametrize("body", [b"phone", b'"+12025550123"', b"{'phone': 1}"])
def test_other_types_are_unsupported(content_type: str, body: bytes) -> None:
    """What we cannot read is 415, with its reason."""
    with pytest.raises(IntakeError) as caught:
        decode_document(post(body, content_type))
    assert (caught.value.status, caught.value.reason) == (415, "unsupported_media_type")


LABELS = [
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/html",
    "garbage",
    "json",
    "multipart/form-data; boundary=x",
    "application/json" + ";" * 2_000,
]


@pytest.mark.parametrize("content_type", LABELS)
@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"phone": "+1 202"}', {"phone": "+1 202"}),
        (b' [{"a": 1}]\n', [{"a": 1}]),
        (b"<lead><phone>1</phone></lead>", {"lead": {"phone": "1"}}),
    ],
)
def test_the_content_decides_where_it_is_whole(
    content_type: str, body: bytes, document: object
) -> None:
    """curl, PHP, Ruby and Java call any body a form; no plus of its is a lost one."""
    assert decode_document(post(body, content_type)) == document
    assert not is_urlencoded(post(body, content_type))


def test_a_form_that_begins_like_json_stays_a_form() -> None:
    """Only what is wholly JSON is no form."""
    form = post(b"{a}=1&b=%2B1", "application/x-www-form-urlencoded")
    assert decode_document(form) == {"{a}": "1", "b": "+1"}
    assert is_urlencoded(form)


def test_a_get_and_an_empty_body_read_the_query() -> None:
    """`$` is the query string then, whatever the content type says."""
    query = "phone=%2B12025550123&contact[name]=Ana"
    document = {"phone": "+12025550123", "contact": {"name": "Ana"}}
    assert decode_document(post(b"", "application/json", query=query)) == document
    get = replace(post(b'{"ignored": 1}', "application/json", query=query), method="GET")
    assert decode_document(get) == query_document(query) == document
    assert not get.has_document_in_body


def test_strings_inside_are_parsed_in_place() -> None:
    """`decode:` parses texts; what is no text is left alone."""
    document = {"raw": '{"q3": {"full": "1"}}', "soap": "<a>1</a>", "n": 5}
    decoded = decode_inside(
        document,
        json_paths=[KeyPath(key="raw"), KeyPath(key="n"), KeyPath(key="absent")],
        xml_paths=[KeyPath(key="soap")],
    )
    assert decoded == {"raw": {"q3": {"full": "1"}}, "soap": {"a": "1"}, "n": 5}


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_field_is_left_alone(blank: str) -> None:
    """A form sends its unused fields empty; that is no fault of the sender."""
    document = {"raw": blank, "phone": "1"}
    assert decode_inside(document, json_paths=[KeyPath(key="raw")]) == document


@pytest.mark.parametrize("document", [{"raw": "{broken Ana"}, ["no object"]])
def test_text_that_does_not_parse_names_its_path(document: Any) -> None:
    """The error says which path, and nothing of the text."""
    with pytest.raises(IntakeError) as caught:
        decode_inside(document, json_paths=[KeyPath(key="raw")])
    assert caught.value.reason == "malformed_body"
    assert "$.raw" in caught.value.detail
    assert "Ana" not in caught.value.detail


def test_headers_are_found_in_any_case() -> None:
    """The first of a name counts; an absent one is None."""
    request = post(x_a="1", X_A="2")
    assert request.header("X-a") == "1"
    assert request.header("x-b") is None


def test_a_request_shows_nothing_of_its_content() -> None:
    """Its repr can be logged."""
    request = post(b"Ana", "text/plain", query="token=hush", authorization="Bearer hush")
    assert repr(request) == "Request(method='POST')"


def test_wire_bytes() -> None:
    """Latin-1 gives the wire's bytes back; other text can only have been UTF-8."""
    assert wire_bytes("\xe9") == b"\xe9"
    assert wire_bytes("€") == "€".encode()


types = st.sampled_from(
    [
        None,
        "application/json",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml; charset=utf-16",
        "application/json; charset=shift_jis",
        "application/x-www-form-urlencoded; charset=iso-2022-jp",
    ]
)


@given(body=st.binary(max_size=200), content_type=types | st.text(max_size=60))
def test_any_bytes_of_any_type_decode_or_are_refused(body: bytes, content_type: str | None) -> None:
    """Nothing but IntakeError escapes, and what decodes can be stored as JSON."""
    request = Request(
        method="POST",
        path="/",
        headers=() if content_type is None else (("content-type", content_type),),
        body=body,
    )
    error = refusal_of(
        lambda: json.dumps(decode_document(request), default=str, ensure_ascii=False).encode()
    )
    assert error is None or (error.status, error.reason) in {
        (400, "malformed_body"),
        (415, "unsupported_media_type"),
    }


@given(query=st.text(max_size=50))
def test_any_query_decodes_or_is_refused(query: str) -> None:
    """The same holds for query strings."""
    error = refusal_of(lambda: query_document(query))
    assert error is None or error.reason == "malformed_body"


@pytest.mark.parametrize("content_type", ["", "text/xml", "application/json", "text/html", "a=b"])
@pytest.mark.parametrize(
    "before",
    [
        "\r\n\n<?xml version='1.0'?>",
        "<?php x?>\n",
        "<!-- x --><?xml-stylesheet href='x'?>",
        "<?xml version='1.0' encoding='utf-16'?>",
        "\ufeff\n<?xml version='1.0' encoding='klingon'?>",
    ],
)
def test_xml_is_xml_whatever_stands_before_its_root(before: str, content_type: str) -> None:
    """Blank lines, instructions, comments, and a declared encoding that cannot be true."""
    body = f"{before}<a>José</a>".encode()
    assert decode_document(post(body, content_type)) == {"a": "José"}


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "application/json; charset=undefined", "json", "multipart/form-data"],
)
def test_json_is_json_whatever_its_label_says(content_type: str) -> None:
    """A wrong type and a charset that nobody knows say nothing."""
    assert decode_document(post(b'{"n": "Jos\xe9"}', content_type)) == {"n": "José"}
