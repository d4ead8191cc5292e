"""What strangers and senders may send, as strategies: paths, headers, content types, bodies."""

from typing import Any

import orjson
from hypothesis import strategies as st

PHONE = "+12025550123"
MAX_BODY = 16 * 1024
KEYS = """
phone name source body headers query method as phones note leads raw data.xml challenge key at tz $
__proto__ a[b] body_base64
"""
HEADER_NAMES = """
content-encoding prefer idempotency-key x-forwarded-for purpose accept authorization
x-webhook-signature content-length origin range expect
"""
CONTENT_TYPES = st.one_of(
    st.sampled_from(
        [
            "application/json",
            "application/problem+json; charset=utf-8",
            "application/vnd.api+json; charset=utf-16",
            "application/json; charset=utf-7",
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            "application/x-www-form-urlencoded; charset=shift_jis",
            "multipart/form-data; boundary=b",
            'multipart/form-data; boundary=""',
            "multipart/form-data",
            "multipart/mixed; boundary=b",
            "text/xml",
            "text/xml; charset=utf-16",
            "application/xml; charset=big5",
            "application/soap+xml",
            "text/plain",
            "text/plain; charset=unknown-8bit",
            "text/csv",
            "image/png",
            "application/octet-stream",
            "*/*",
            "",
            ";",
            ";;;=",
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)
_KEYS = st.one_of(st.sampled_from([*KEYS.split(), ""]), st.text(max_size=8))
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats().map(repr),
    st.text(max_size=20),
    st.sampled_from(
        [PHONE, "rung", "crm", "Europe/Madrid", "2026-03-02T09:00:00Z", "\0", "\u2028"]
    ),
)


def _json(document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # half a surrogate pair
        return b"null"


DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=15,
)
_PIECES = st.sampled_from(
    b'phone= %2B12025550123 & [ ] [] %f %ff { } " : , \0 +'.split(b" ")  # forms and JSON
    + b"1e400 -0 \\ud800 \\u0000 NaN".split()
    + [b"9" * 400]
    + [b"--b\r\n", b"\r\n\r\n", b"--b--", b'; filename="x"']  # multipart
    + [b'Content-Disposition: form-data; name="phone"']
    + [b"Content-Type: text/plain; charset=utf-16\r\n"]
    + b"<a> </a> <!ENTITY &x; &#x0; ]]> <![CDATA[".split()  # XML
    + [b"<!DOCTYPE a [", b"<!ENTITY x 'y'>", b"<?xml version='1.0' encoding='utf-32'?>"]
    + [b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80"]  # marks of encodings, half a pair
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(_PIECES, max_size=40).map(b"".join),
    DOCUMENTS.map(_json),
    st.builds(lambda piece, count: piece * count, _PIECES, st.integers(0, 400)),
)
QUERIES = st.one_of(
    st.sampled_from(
        [
            *["", "a[b]=1", "token=x", "leads[0][phone]=%2B12025550123", "%", "a&a&a", "limit=-1"],
            *["limit=1e9", "cursor=%00", "state=rung", "since=9" + "9" * 30, "phone=+", "limit=٣"],
            *["since=2026-13-01", "since=-1e300", "phone=%2B12025550123&state=sending"],
        ]
    ),
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=30
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(HEADER_NAMES.split()),
    st.one_of(
        st.sampled_from(
            ["gzip", "br", "identity", "wait=0", "wait=-1", "wait=nan", "Basic ====", "Bearer é"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    ),
    max_size=3,
)
