"""A mapping may say what bodies are; people are told where a body was read otherwise."""

from dataclasses import replace

import pytest

from adapter.errors import IntakeError
from adapter.webhook.formats.labels import explained_document, relabelled
from adapter.webhook.formats.media_type import boundary_of, is_charset
from adapter.webhook.request import Request
from tests.harness.webhook_requests import post

MULTIPART = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("label", "said", "body", "written"),
    [
        (("application/json", ""), None, b"1", "application/json"),
        (("application/xml", ""), "a/b; x=y", b"1", "application/xml"),
        (("", "cp1252"), "text/xml", b"1", "text/xml; charset=cp1252"),
        (("", "big5"), "text/xml; charset=utf-8", b"1", "text/xml; charset=big5"),
        (("", "big5"), None, b"1", "; charset=big5"),
        (
            ("application/json", ""),
            "text/xml; charset=big5",
            b"1",
            "application/json; charset=big5",
        ),
        (
            ("multipart/form-data", ""),
            "text/plain",
            MULTIPART,
            'multipart/form-data; boundary="x"',
        ),
        (
            ("", "big5"),
            "multipart/form-data; boundary=y",
            MULTIPART,
            'multipart/form-data; charset=big5; boundary="y"',
        ),
        (("multipart/form-data", ""), None, b"1", "multipart/form-data"),
        (("application/json", ""), "application/xml+json", b"1", None),
        (
            ("application/json", ""),
            "application/x-www-form-urlencoded+json",
            b"1",
            None,
        ),
        (("application/json", ""), "text/xml", b"", None),
    ],
)
def test_what_a_mapping_says_counts(
    label: tuple[str, str], said: str | None, body: bytes, written: str | None
) -> None:
    """Instead of what the sender does; what was stored decoded, and a query, stay as they are."""
    request = post(body, said, x_other="1")
    told = relabelled(request, *label)
    if written is None:
        assert told is request
        return
    assert told.header("content-type") == written
    assert (told.header("x-other"), told.body) == ("1", body)


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (MULTIPART, b"x"),
        (b"\r\n" + MULTIPART, b"x"),
        (b"--", b""),
        (b"-x", None),
        (b"a=1", None),
        (b"--" + b"x" * 71, None),
    ],
)
def test_the_boundary_stands_in_the_first_line(body: bytes, boundary: bytes | None) -> None:
    """Two dashes and 70 characters at most (RFC 2046)."""
    assert boundary_of(body) == boundary


def test_charsets_that_are_read() -> None:
    """By any of their names, in any case."""
    assert all(is_charset(name) for name in ("utf-8", "Windows-1252", " latin1 ", "shift_jis"))
    assert not any(is_charset(name) for name in ("", "klingon", "zlib", "rot13"))


@pytest.mark.parametrize(
    ("request_", "kind", "overruled", "liberties"),
    [
        (post(b'{"a": 1}', "application/json"), "JSON", "", ()),
        (post(b'{"a": 1}'), "JSON", "", ()),
        (
            post(b'{"a": 1}', "application/x-www-form-urlencoded; charset=utf-8"),
            "JSON",
            "application/x-www-form-urlencoded",
            (),
        ),
        (post(b"<a>1</a>", "application/json"), "XML", "application/json", ()),
        (post(b"<a>1</a>", "text/xml"), "XML", "", ()),
        (post(b'{"a": 1}', "application/xml+json"), "XML", "", ()),
        (post(b"a=1", "application/x-www-form-urlencoded"), "a form", "", ()),
        (post(MULTIPART, "multipart/form-data; boundary=x"), "a multipart form", "", ()),
        (post(b"", "application/json", query="a=1"), "the query", "", ()),
        (post(b"[1,]", "text/json"), "JSON", "", ("a comma behind the last item",)),
        (post(b'["a\nb"]', ""), "JSON", "", ("a line end or tab inside a text",)),
        (post(b"[NaN, -Infinity]", ""), "JSON", "", ("NaN or Infinity, read as null",)),
        (
            post(b'{"a": ["b\tc", NaN,],}', "text/html"),
            "JSON",
            "text/html",
            (
                "a comma behind the last item",
                "a line end or tab inside a text",
                "NaN or Infinity, read as null",
            ),
        ),
        (post(b'["a, ]", ",}"]', ""), "JSON", "", ()),
    ],
)
def test_what_a_body_was_taken_for_is_told(
    request_: Request, kind: str, overruled: str, liberties: tuple[str, ...]
) -> None:
    """The label that lost, and what of JSON is none."""
    decoded = explained_document(request_)
    assert (decoded.kind, decoded.overruled, decoded.liberties) == (kind, overruled, liberties)


def test_what_cannot_be_read_is_told_as_ever() -> None:
    """The same error as for a lead; what is encoded still is decoded first."""
    with pytest.raises(IntakeError):
        explained_document(post(b"{", "application/json"))
    request = post(b"not gzip", "text/plain", content_encoding="gzip")
    with pytest.raises(IntakeError):
        explained_document(request)
    plain = replace(request, body=b"[1]")
    assert explained_document(plain).document == [1]
