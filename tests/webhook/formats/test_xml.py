"""XML becomes plain objects; a DTD, a bomb or broken markup is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.xml import xml_document, xml_from_text
from tests.harness.webhook_requests import refusal_of

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("<a/>", {"a": None}),
        ("<a>  </a>", {"a": None}),
        ("<a> x &amp; y </a>", {"a": "x & y"}),
        ("<a><![CDATA[<b>]]></a>", {"a": "<b>"}),
        (
            "<a>\n <b>1</b>\n <b>2</b>\n <b>3</b>\n <c/>\n</a>",
            {"a": {"b": ["1", "2", "3"], "c": None}},
        ),
        ("<a id='7'/>", {"a": {"@id": "7"}}),
        ("<a id='7'>x</a>", {"a": {"@id": "7", "#text": "x"}}),
        ("<a>x<b>1</b>y</a>", {"a": {"b": "1", "#text": "xy"}}),
        ("<p:a xmlns:p='urn:x' p:k='1'><p:b>2</p:b></p:a>", {"a": {"@k": "1", "b": "2"}}),
        ("<a xmlns='urn:x'><b>2</b></a>", {"a": {"b": "2"}}),
        (
            f"<a xmlns:i='{XSI}'><b i:nil='true'/><c i:nil='1' k='v'>x</c></a>",
            {"a": {"b": None, "c": None}},
        ),
        (f"<a xmlns:i='{XSI}' i:nil='false'>x</a>", {"a": "x"}),
        (
            f"<a xmlns:i='{XSI}' i:type='sf:Lead'><b i:type='s'/></a>",
            {"a": {"@type": "sf:Lead", "b": {"@type": "s"}}},
        ),
        ("<!-- c --><?pi x?><a>1<!-- c -->2</a>", {"a": "12"}),
        ("<a><b/><b/></a>", {"a": {"b": [None, None]}}),
        ("<a>&#233;&#x1F600;</a>", {"a": "é\U0001f600"}),
    ],
)
def test_elements(text: str, document: Any) -> None:
    """The table of elements, attributes, texts and what paths see of them."""
    assert xml_document(text.encode(), None) == document
    assert xml_from_text(text) == document


NAME = "<n>José</n>"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (NAME.encode(), None),
        (NAME.encode("utf-8-sig"), None),
        (NAME.encode("utf-16"), None),
        (NAME.encode("utf-16"), "utf-8"),
        (NAME.encode("utf-16-le"), None),
        (NAME.encode("utf-16-be"), None),
        (NAME.encode("latin-1"), "iso-8859-1"),
        (f"<?xml version='1.0' encoding='ISO-8859-1'?>{NAME}".encode("latin-1"), None),
        (f"<?xml version='1.0' encoding='ISO-8859-1'?>{NAME}".encode(), "utf-8"),
        (f"<?xml version='1.0' encoding='UTF-16'?>{NAME}".encode("utf-16"), None),
        (f'<?xml version="1.0" encoding="Windows-1252" ?>\n{NAME}'.encode("cp1252"), None),
        (f"<?xml version='1.0'?>{NAME}".encode(), None),
    ],
)
def test_encodings(body: bytes, charset: str | None) -> None:
    """Byte order mark, then the charset parameter, then the declaration, then a look."""
    assert xml_document(body, charset) == {"n": "José"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "x",
        "<a>&nbsp;</a>",
        "<p:a/>",
        "<a>\0</a>",
        "<a k='1' k='2'/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<a>" * 65 + "</a>" * 65,
        "<a>" * 100_000,
    ],
)
def test_malformed_xml(text: str) -> None:
    """Broken markup, any DTD and bottomless nesting are `malformed_body`."""
    with pytest.raises(IntakeError) as caught:
        xml_document(text.encode(), None)
    assert (caught.value.status, caught.value.reason) == (400, "malformed_body")


def test_depth_is_reachable() -> None:
    """Sixty-four levels are fine."""
    assert "a" in xml_document(b"<a>" * 64 + b"</a>" * 64, None)


def test_an_error_says_where_and_not_what() -> None:
    """Line and column are named; the body never is."""
    with pytest.raises(IntakeError) as caught:
        xml_document(b"<a>\n<n>Ana Invented</m></a>", None)
    assert "line 2, column" in caught.value.detail
    assert "Ana" not in caught.value.detail


def test_unknown_declared_encoding() -> None:
    """An encoding that we do not know says nothing."""
    body = "<?xml version='1.0' encoding='klingon'?><n>José</n>".encode()
    assert xml_document(body, None) == {"n": "José"}


@given(
    body=st.binary(max_size=60)
    | st.lists(st.sampled_from(["<a>", "</a>", "<b x='1'>", "</b>", "t", "&lt;", "<!--", "<?xml "]))
    .map("".join)
    .map(str.encode)
)
def test_any_bytes_decode_or_are_refused(body: bytes) -> None:
    """No bytes raise anything but IntakeError."""
    error = refusal_of(lambda: xml_document(body, None))
    assert error is None or error.status in {400, 415}
