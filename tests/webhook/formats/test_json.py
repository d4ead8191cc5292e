"""JSON is read strictly, within bounds, and keeps every digit."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.json import json_document
from tests.harness.webhook_requests import refusal_of


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"phone": "+12025550123"}', {"phone": "+12025550123"}),
        (b"\xef\xbb\xbf[1]", [1]),
        ('{"a":"é"}'.encode("utf-16"), {"a": "é"}),
        ('{"a":"é"}'.encode("utf-16-le"), {"a": "é"}),
        ('{"a":"é"}'.encode("utf-16-be"), {"a": "é"}),
        ('{"a":"é"}'.encode("utf-32"), {"a": "é"}),
        ('{"a":"é"}'.encode("utf-32-be"), {"a": "é"}),
        (b"\xfe\xff" + "[1]".encode("utf-16-be"), [1]),
        (b"\0\0\xfe\xff" + "[1]".encode("utf-32-be"), [1]),
        (b"12345678901234567890123", 12345678901234567890123),
        (b"1" * 4_300, int("1" * 4_300)),
        (b"0.1", Decimal("0.1")),
        (b"6.12345678e8", Decimal("612345678")),
        (b"1E400", Decimal("1E400")),
        (b"[" * 64 + b"]" * 64, None),
        (b"[" * 64 + b'"x"' + b"]" * 64, None),
        (b"[" * 64 + b"0.1" + b"]" * 64, None),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"null", None),
        (b" true ", True),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_documents(body: bytes, document: Any) -> None:
    """What senders call JSON, in the encodings that they use."""
    found = json_document(body, None)
    assert document is None or found == document


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("iso-8859-1", b'"Jos\xe9"'),
        ("utf-8", b'"Jos\xc3\xa9"'),
        ("utf-16", '"José"'.encode("utf-16")),
        ("utf-8", '"José"'.encode("utf-16")),
    ],
)
def test_charset_is_honoured(charset: str, body: bytes) -> None:
    """The parameter decides, unless a byte order mark says better."""
    assert json_document(body, charset) == "José"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"  ",
        b"name=Ana",
        b"\xff\xff",
        b"1e401",
        b"1e-401",
        b"1e99999999999999999999999999",
        b"0." + b"1" * 4_300,
        b"1" * 4_301,
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b"[1] [2]",
        b"[1,,]",
        b"[,]",
        b'{"a" 1,}',
    ],
)
def test_malformed_json(body: bytes) -> None:
    """What is no JSON, or out of bounds, is `malformed_body`."""
    with pytest.raises(IntakeError) as caught:
        json_document(body, None)
    assert (caught.value.status, caught.value.reason) == (400, "malformed_body")


def test_an_error_says_where_and_not_what() -> None:
    """Line and column are named; the body never is."""
    with pytest.raises(IntakeError) as caught:
        json_document(b'{"name": "Ana Invented",\n "phone": \\u0061na}', None)
    assert "line 2, column 11" in caught.value.detail
    assert "Ana" not in caught.value.detail


def test_an_unknown_charset_says_nothing() -> None:
    """A charset that we do not know is UTF-8, even where Python has a codec of that name."""
    for charset in ("klingon", "zlib", "unicode_escape"):
        assert json_document('{"n": "José"}'.encode(), charset) == {"n": "José"}


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), children, max_size=4)
    ),
    max_leaves=20,
)


@given(document=documents, is_ascii=st.booleans())
def test_every_document_comes_back(document: Any, *, is_ascii: bool) -> None:
    """What an honest sender writes is what paths read."""
    assert json_document(json.dumps(document, ensure_ascii=is_ascii).encode(), None) == document


@given(body=st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(body: bytes) -> None:
    """No bytes raise anything but IntakeError."""
    error = refusal_of(lambda: json_document(body, None))
    assert error is None or error.status == 400


_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
)


@given(document=_DOCUMENTS)
def test_the_fast_reader_loses_no_digit(document: Any) -> None:
    """Numbers and their types are those of the exact reader, whichever of the two was used."""
    text = json.dumps(document)
    exact = json.loads(text, parse_float=Decimal)
    assert repr(json_document(text.encode(), None)) == repr(exact)


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b"[NaN, -Infinity, 1]", [None, None, 1]),
        (b'{"a": Infinity}', {"a": None}),
        (b'"\\ud800"', "\ufffd"),
        (b'{"\\udfff": "a\\ud83d\\ude00b\\ud83d"}', {"\ufffd": "a\U0001f600b\ufffd"}),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b"[" * 64 + b'"\\ud800"' + b"]" * 64, None),
        (b'"a\nb\tc\x01"', "a\nb\tc\x01"),
        (b'{"a": [1, 2,], "b": "x,]",\n}', {"a": [1, 2], "b": "x,]"}),
        (b'"Jos\xe9"', "José"),
        (b'"Jos\xe9 \xc3\xa9 \x81"', "José é \ufffd"),
    ],
)
def test_what_senders_write_all_the_same_is_read(body: bytes, document: object) -> None:
    """None of it loses a lead: NaN, half an emoji, line ends, a comma too many, Latin-1."""
    found = json_document(body, None)
    assert found == document or document is None
    assert json.dumps(found, ensure_ascii=False).encode()


def test_bytes_of_another_charset_are_read_in_linear_time() -> None:
    """A megabyte of them takes as long as a megabyte should."""
    text = json_document(b'"' + b"\xe9" * 1_000_000 + b'"', None)
    assert text == "é" * 1_000_000
