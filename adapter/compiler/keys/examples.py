"""A mapping's examples → requests and the calls that they must make."""

import json
from typing import Any
from urllib.parse import urlencode

from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.config import Example, ExpectedCall
from adapter.config.example_shape import ExampleShape, ExpectedCallShape, RequestShape
from adapter.model import State
from adapter.values.text import to_text
from adapter.webhook.request import Request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
XML = "application/xml"
TEXT = "text/plain"
# Documentation addresses (RFC 5737): an example comes from nowhere.
_CLIENT = "192.0.2.1"


def examples(
    shapes: list[ExampleShape | None] | None, source: str, place: Place, findings: Findings
) -> tuple[Example, ...]:
    """Compile the sound ones of a mapping's examples."""
    return tuple(
        _example(shape, source, findings.line((*place, n)))
        for n, shape in enumerate(shapes or [])
        if shape is not None
    )


def _example(shape: ExampleShape, source: str, line: int) -> Example:
    return Example(
        name=shape.name,
        line=line,
        request=example_request(shape.request, source),
        lookup=shape.lookup,
        calls=tuple(_expected_call(each) for each in shape.calls),
    )


def example_request(shape: RequestShape, source: str) -> Request:
    """Return the request as a sender's would come in, without any proof of who sent it."""
    body, content_type = _body(shape)
    headers = {name.lower(): _text(value) for name, value in shape.headers.items()}
    content_type = shape.content_type or content_type
    if content_type:
        headers["content-type"] = content_type
    query = shape.query or ""
    return Request(
        method=shape.method,
        path=f"/hooks/{source}",
        query=query if isinstance(query, str) else _urlencoded(query),
        headers=tuple(headers.items()),
        body=body,
        client=_CLIENT,
    )


def _body(shape: RequestShape) -> tuple[bytes, str]:
    if "json_" in shape.model_fields_set:
        return json.dumps(shape.json_, ensure_ascii=False).encode("utf-8", "replace"), JSON
    if shape.form is not None:
        return _urlencoded(shape.form).encode(), FORM
    if shape.xml is not None:
        return shape.xml.encode(), XML
    return (b"", "") if shape.text is None else (shape.text.encode(), TEXT)


def _urlencoded(fields: dict[str, Any]) -> str:
    pairs = [
        (name, _text(one))
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs)


def _text(value: Any) -> str:
    # Text goes out as it stands: to_text would already decode what the mapping has to.
    return value if isinstance(value, str) else to_text(value)


def _expected_call(shape: ExpectedCallShape) -> ExpectedCall:
    if shape.refused is not None:
        return ExpectedCall(state=State.REFUSED, reason=shape.refused)
    if shape.ignored is not None:
        return ExpectedCall(state=State.IGNORED, reason=shape.ignored)
    return ExpectedCall(
        state=State.WAITING, agent=shape.agent, phone=shape.phone, variables=shape.variables
    )
