"""Multipart forms read as urlencoded ones do; files and broken parts never become leads."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.decode import decode_document
from tests.harness.webhook_requests import post, refusal_of

TYPE = 'multipart/form-data; boundary="XyZ"'


def part(name: str, text: str, *, extra: str = "", more: str = "") -> str:
    """Return one part as browsers write it."""
    return f'--XyZ\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n{more}\r\n{text}\r\n'


def body(*parts: str, end: str = "--XyZ--\r\n") -> bytes:
    """Return the whole form."""
    return ("".join(parts) + end).encode()


def test_fields_nest_and_files_are_ignored() -> None:
    """Bracketed names, repeated names, empty texts, and a file that is no field."""
    form = body(
        part("contact[name]", "Ana\r\nInvented"),
        part("contact[phone]", "+12025550123"),
        part("tag", "a"),
        part("tag", "b"),
        part("empty", ""),
        part("cv", "%PDF", extra='; filename="cv.pdf"', more="Content-Type: application/pdf\r\n"),
        part("none", "", extra='; filename=""'),
    )
    assert decode_document(post(form, TYPE)) == {
        "contact": {"name": "Ana\r\nInvented", "phone": "+12025550123"},
        "tag": ["a", "b"],
        "empty": "",
    }


def test_charsets() -> None:
    """A part's charset wins over the form's, and UTF-8 is what neither says."""
    latin = part("a", "@", more="Content-Type: text/plain; charset=iso-8859-1\r\n")
    plain = part("b", "é", more="Content-Transfer-Encoding: 8bit\r\n")
    form = body(latin, plain).replace(b"@", b"\xe9")
    assert decode_document(post(form, TYPE)) == {"a": "é", "b": "é"}
    western = body(part("é", "é")).decode().encode("latin-1")
    assert decode_document(post(western, f"{TYPE}; charset=latin1")) == {"é": "é"}


def test_an_empty_form() -> None:
    """No parts at all are an empty object."""
    assert decode_document(post(b"--XyZ--\r\n", TYPE)) == {}


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("multipart/form-data", body(part("a", "1"))),
        ('multipart/form-data; boundary=""', body(part("a", "1"))),
        (f"multipart/form-data; boundary={'x' * 71}", body(part("a", "1"))),
        (TYPE, body(part("a", "1"), end="")),
        (TYPE, body(part("a", "1"), end="--XyZ")),
        (TYPE, b"a=1"),
        (TYPE, b"--other\r\n\r\n"),
        (TYPE, body(part("a", "1", more=f"X-Long: {'x' * 5_000}\r\n"))),
        (TYPE, body(part("a", "1", more="X-Many: 1\r\n" * 9))),
        (TYPE, body(*[part("a", "1")] * 1_001)),
    ],
)
def test_malformed_multipart(content_type: str, form: bytes) -> None:
    """No boundary, a cut body, floods: `malformed_body`."""
    with pytest.raises(IntakeError) as caught:
        decode_document(post(form, content_type))
    assert (caught.value.status, caught.value.reason) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("form", "document"),
    [
        (body(part("a", "1")).replace(b"\r\n", b"\n"), {"a": "1"}),
        (b"A form of many parts\r\n" + body(part("a", "1")), {"a": "1"}),
        (b"\r\n" + body(part("a", "1")), {"a": "1"}),
        (body("--XyZ\r\n\r\nx\r\n", part("a", "1")), {"a": "1"}),
        (body("--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n", part("a", "1")), {"a": "1"}),
        (body(part("cv", "%PDF", extra="; filename*=UTF-8''cv.pdf"), part("a", "1")), {"a": "1"}),
        (body(part("a", "aGk=", more="Content-Transfer-Encoding: BASE64\r\n")), {"a": "hi"}),
        (body(part("a", "h", more="Content-Transfer-Encoding: base64\r\n")), {"a": "h"}),
        (
            body(
                part(
                    "a", "Jos=C3=A9 =\r\nb", more="Content-Transfer-Encoding: quoted-printable\r\n"
                )
            ),
            {"a": "José b"},
        ),
        (body(part("a", "1", more="Content-Transfer-Encoding: x-own\r\n")), {"a": "1"}),
    ],
)
def test_what_no_browser_writes_is_read_too(form: bytes, document: dict[str, str]) -> None:
    """Line feeds alone, a preamble, nameless parts, RFC 5987's file names, encoded texts."""
    assert decode_document(post(form, TYPE)) == document


@given(form=st.binary(max_size=200), boundary=st.text(max_size=5))
def test_any_bytes_decode_or_are_refused(form: bytes, boundary: str) -> None:
    """No bytes and no boundary raise anything but IntakeError."""
    mark = b"--" + boundary.encode()
    for candidate in (form, mark + b"\r\n" + form, mark + b"\r\n\r\n" + form + b"\r\n" + mark):
        request = post(candidate, f"multipart/form-data; boundary={boundary}")
        error = refusal_of(partial(decode_document, request))
        assert error is None or error.status in {400, 415}
