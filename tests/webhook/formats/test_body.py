"""A body is read whole or refused by name, and never inflates past its limit."""

import gzip
import zlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.decode import BodyReader
from tests.harness.webhook_requests import refusal_of


def read(
    body: bytes, encoding: str | None = "gzip", *, max_bytes: int = 10_000, step: int = 7
) -> bytes:
    """Feed a body in small chunks."""
    reader = BodyReader(max_bytes=max_bytes, content_encoding=encoding)
    for start in range(0, len(body), step):
        reader.feed(body[start : start + step])
    return reader.finish()


def refusal(body: bytes, encoding: str | None = "gzip", *, max_bytes: int = 10_000) -> IntakeError:
    """Return the error of a body that must be refused."""
    with pytest.raises(IntakeError) as caught:
        read(body, encoding, max_bytes=max_bytes, step=5_000)
    return caught.value


@pytest.mark.parametrize(
    "encoding",
    [None, "", "identity", " Identity , ", "none", "8bit", "binary", "UTF-8", "iso-8859-1", "gzip"],
)
def test_plain_bodies_pass(encoding: str | None) -> None:
    """Without a coding the bytes are the body."""
    assert read(b"name=Ana", encoding) == b"name=Ana"


@given(body=st.binary(max_size=500), step=st.integers(1, 600))
def test_gzip_comes_back(body: bytes, step: int) -> None:
    """Any body survives gzip, however its chunks fall."""
    assert read(gzip.compress(body), step=step) == body


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity, gzip"])
def test_gzip_has_two_names(encoding: str) -> None:
    """`x-gzip` is gzip, in any case of letters."""
    assert read(gzip.compress(b"hello"), encoding) == b"hello"


@pytest.mark.parametrize("step", [1, 7, 1_000])
def test_members_follow_each_other(step: int) -> None:
    """Several members and zero padding make one body."""
    body = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0"
    assert read(body, step=step) == b"one two"


def test_nothing_is_a_body() -> None:
    """A gzip coding on an empty body is an empty body."""
    assert read(b"") == b""


@pytest.mark.parametrize(
    "body",
    [
        b"\x1f\x8b plainly not gzip",
        gzip.compress(b"a lead")[:-1],
        gzip.compress(b"a lead")[:12],
        gzip.compress(b"a lead")[:-8] + bytes(8),
        gzip.compress(b"a lead") + b"trailing",
        gzip.compress(b"", mtime=0) * 1_001,
    ],
    ids=["not gzip", "cut", "cut early", "wrong checksum", "trailing bytes", "many members"],
)
def test_corrupt_gzip_is_malformed(body: bytes) -> None:
    """What is no whole gzip stream is `malformed_body`, not an empty lead."""
    error = refusal(body, max_bytes=100_000)
    assert (error.status, error.reason) == (400, "malformed_body")


@pytest.mark.parametrize("wbits", [15, -15])
@pytest.mark.parametrize("step", [1, 7, 5_000])
def test_deflate_is_a_zlib_stream_or_a_bare_one(wbits: int, step: int) -> None:
    """RFC 9110 means the first, and many send the second."""
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(b"name=Ana" * 100) + packer.flush()
    assert read(packed, "deflate", step=step) == b"name=Ana" * 100
    assert refusal(packed[:-9], "deflate").reason == "malformed_body"


@pytest.mark.parametrize("body", [b"", b"{", b'{"phone": "+12025550123"}'])
def test_what_says_gzip_and_is_none_is_taken_as_it_is(body: bytes) -> None:
    """Some senders name the coding and leave it out."""
    assert read(body, "gzip") == body
    assert read(body, "gzip", step=1) == body


@pytest.mark.parametrize("encoding", ["br", "deflate, gzip", "gzip, gzip", "zstd", "base64"])
def test_other_codings_are_unsupported(encoding: str) -> None:
    """A coding that we cannot undo is 415."""
    error = refusal(b"", encoding)
    assert (error.status, error.reason) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"x" * 1_001, None),
        (gzip.compress(b"x" * 1_001), "gzip"),
        (gzip.compress(b"x" * 50_000_000), "gzip"),
        (gzip.compress(b"x" * 600) * 2, "gzip"),
    ],
    ids=["plain", "one more", "bomb", "two members"],
)
def test_too_large_is_413(body: bytes, encoding: str | None) -> None:
    """More than the limit is refused, counted after inflating."""
    assert refusal(body, encoding, max_bytes=1_000).status == 413


def test_raw_bytes_count_too() -> None:
    """A stream of empty members cannot go on for ever."""
    assert refusal(gzip.compress(b"") * 60, max_bytes=1_000).status == 413


def test_the_limit_itself_is_allowed() -> None:
    """Exactly `max_bytes` pass."""
    assert read(gzip.compress(b"x" * 1_000), max_bytes=1_000) == b"x" * 1_000
    assert read(b"x" * 1_000, None, max_bytes=1_000) == b"x" * 1_000


@given(body=st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(body: bytes) -> None:
    """No bytes raise anything but IntakeError."""
    for candidate in (body, b"\x1f\x8b\x08" + body, zlib.compress(body)):
        error = refusal_of(partial(read, candidate))
        assert error is None or error.status in {400, 413}
