"""A mapping's own examples."""

import pytest

from adapter.config.examples import run_example, run_examples
from tests.harness.project import MAPPING, Project

PHONE = "+34612345678"


def _differences(project: Project, example: str, mapping: str = MAPPING) -> list[str]:
    text = f"{mapping}examples:\n  - {{name: x, {example}}}\n"
    source = project.source(text)
    (found,) = [run_example(source, each) for each in source.examples]
    assert run_examples(source)[0].has_passed == (not found)
    return found


@pytest.mark.parametrize(
    "request_text",
    [
        '{json: {phone: "+34612345678"}}',
        "{json: {phone: 34612345678, x: [1, 1.5, true, null]}, headers: {X-A: 1}}",
        '{form: {phone: "+34612345678", list: [a, b], empty: }}',
        "{form: {phone: 34612345678}}",
        '{xml: "<phone>+34612345678</phone>"}',
        """{text: '{"phone": "+34612345678"}'}""",
        """{text: 'phone=%2B34612345678', content_type: application/x-www-form-urlencoded}""",
        """{json: {phone: "+34612345678"}, content_type: application/vnd.x+json}""",
        '{query: {phone: "+34612345678"}, method: GET}',
        '{query: "phone=%2B34612345678"}',
        '{json: {phone: "+34612345678"}, query: "a=1&b=2"}',
    ],
)
def test_every_kind_of_request(project: Project, request_text: str) -> None:
    """JSON, forms, XML, text and the query alone are sent as a sender would."""
    mapping = MAPPING.replace("phone: $.phone", "phone: {path: $.phone, region: ES}")
    mapping = mapping.replace("ES", "ES") if "34612345678" in request_text else mapping
    calls = f"request: {request_text}, calls: [{{agent: sales, phone: '{PHONE}'}}]"
    assert _differences(project, calls, mapping) == []


@pytest.mark.parametrize(
    ("calls", "differences"),
    [
        ("[{phone: '+34612345678', variables: {a: x}}]", []),
        ("[{agent: sales}]", []),
        ("[]", ["expected 0 calls, found 1: a call to sales"]),
        ("[{agent: x}]", ["call 1: agent: expected 'x', found 'sales'"]),
        ("[{phone: '+1'}]", ["call 1: phone: expected '+1', found '+34612345678'"]),
        ("[{ignored: guard}]", ["call 1: expected ignored guard, found a call to sales"]),
        (
            "[{variables: {b: y}}]",
            [
                "call 1: variables.b: expected 'y', found none",
                "call 1: variables.a: expected none, found 'x'",
            ],
        ),
    ],
)
def test_differences(project: Project, calls: str, differences: list[str]) -> None:
    """Only what the example says is compared; each difference says expected and found."""
    example = f'request: {{json: {{phone: "{PHONE}", a: x}}}}, calls: {calls}'
    assert _differences(project, example, MAPPING + "variables: {a: $.a}\n") == differences


@pytest.mark.parametrize(
    ("request_text", "calls"),
    [
        ("{text: '{'}", "[{refused: malformed_body}]"),
        ("{text: x, content_type: image/png}", "[{refused: unsupported_media_type}]"),
        ("{json: {}}", "[]"),
        ("{json: {}}", "[{refused: no_items}]"),
        ("{json: {leads: [{}, {stop: 1}]}}", "[{refused: phone_missing}, {ignored: stopped}]"),
    ],
)
def test_refusals(project: Project, request_text: str, calls: str) -> None:
    """A request that cannot be read, holds no item, or is turned away can be expected too."""
    mapping = f"{MAPPING}each: $.leads[*]\nwhen: {{path: $.stop, exists: false, reason: stopped}}\n"
    assert _differences(project, f"request: {request_text}, calls: {calls}", mapping) == []


def test_a_refusal_is_shown_with_its_detail(project: Project) -> None:
    """A failed example says why the mapping refused."""
    (found,) = _differences(project, "request: {text: '{'}, calls: [{agent: sales}]")
    assert found.startswith("call 1: expected a call, found refused malformed_body (")
