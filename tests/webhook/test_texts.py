"""All that a request says, as decoded."""

import pytest

from adapter.webhook.request import Request
from adapter.webhook.texts import texts_of

JSON = "application/json"


@pytest.mark.parametrize(
    ("content_type", "body", "query", "texts"),
    [
        (JSON, b'{"a": ["\\u0031", 2, true, null, 3.40]}', "", {"a", "1", "2", "3.40"}),
        (JSON, b'{"a": "cut', "", {'{"a": "cut'}),
        (JSON, b"\xff", "b=%31", {"\ufffd", "b", "1"}),
        (JSON, b'"x"', "&" * 2_000, {"x", "&" * 2_000}),
    ],
)
def test_what_is_decoded_and_what_cannot_be(
    content_type: str, body: bytes, query: str, texts: set[str]
) -> None:
    """Keys and values of body and query, and the values of headers; else the text as it came."""
    headers = (("content-type", content_type), ("x-callback", "tel"))
    request = Request(method="POST", path="", query=query, headers=headers, body=body)
    assert {*texts_of(request)} == texts | {content_type, "tel"}
