"""`phone` and `countries` of the files, and what a loaded mapping then makes of a request."""

import json
from pathlib import Path

import pytest

from adapter.mapping.reading import RequestReading
from adapter.webhook.request import Request
from tests.harness.project import MAPPING, SETTINGS, Project

HUBSPOT = Path(__file__).parents[3] / "mappings" / "hubspot.yaml"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PARTS = "multipart/form-data; boundary=x"


def called(
    project: Project, mapping: str, body: str, *, content_type: str = JSON, query: str = ""
) -> str | None:
    """Return the number of the one call, or the reason why there is none."""
    request = Request(
        method="POST" if body else "GET",
        path="/hooks/crm",
        query=query,
        headers=(("content-type", content_type),) if body else (),
        body=body.encode(),
    )
    (call,) = RequestReading(project.source(mapping).mapping, request).mapped().calls
    return call.phone or call.reason


def with_phone(spec: str) -> str:
    """Return a mapping that reads the phone so."""
    assert "phone: $.phone\n" in MAPPING
    return MAPPING.replace("phone: $.phone\n", f"phone: {spec}\n")


@pytest.mark.parametrize(
    ("country", "phone", "region", "found"),
    [
        ("Colombia", "310 555 0134", "US", "+573105550134"),
        ("México", "551 555 0134", "US", "+525515550134"),
        ("united kingdom", "7405 550134", "US", "+447405550134"),
        ("India (IN)", "83869 43334", "US", "+918386943334"),
        ("Poland", "612 345 634", "ES", "+48612345634"),
        ("", "310 555 0134", "US", "+13105550134"),
        ("Elbonia", "310 555 0134", "US", "country_unknown"),
        ("Elbonia", "+573105550134", "US", "+573105550134"),
    ],
)
def test_a_shipped_mapping_reads_countries(
    project: Project, country: str, phone: str, region: str, found: str
) -> None:
    """HubSpot sends what people chose or typed."""
    project.environ |= {"HUBSPOT_TOKEN": "a-token-of-hubspot", "PHONE_REGION": region}
    text = HUBSPOT.read_text(encoding="utf-8")
    properties = {"country": {"value": country}, "phone": {"value": phone}}
    assert called(project, text, json.dumps({"vid": 7, "properties": properties})) == found


@pytest.mark.parametrize(
    ("body", "content_type", "region", "found"),
    [
        ("phone=+65+6555+0134", FORM, "US", "phone_ambiguous"),
        ("phone=+65+6555+0134", FORM, "ES", "+6565550134"),
        ("phone=%2B65+6555+0134", FORM, "US", "+6565550134"),
        ("phone=%252B6565550134", FORM, "US", "+6565550134"),
        ("phone=%20202-555-0134", FORM, "US", "+12025550134"),
        ("phone=6565550134", FORM, "US", "+16565550134"),
        ('{"phone": " 65 6555 0134"}', JSON, "ES", "phone_invalid"),
        (
            '--x\r\nContent-Disposition: form-data; name="phone"\r\n\r\n 65 6555 0134\r\n--x--\r\n',
            PARTS,
            "ES",
            "phone_invalid",
        ),
    ],
)
def test_a_plus_that_a_form_sent_unescaped(
    project: Project, body: str, content_type: str, region: str, found: str
) -> None:
    """It arrives as a blank; where the digits are a number at home as well, none is rung."""
    mapping = with_phone(f"{{path: $.phone, region: {region}}}")
    assert called(project, mapping, body, content_type=content_type) == found


def test_a_plus_that_a_query_sent_unescaped(project: Project) -> None:
    """The query is a form, whatever the body is."""
    mapping = with_phone("{path: $.phone, region: US}")
    assert called(project, mapping, "", query="phone=+64+6+555+0134") == "phone_ambiguous"
    mapping = with_phone("{path: $.phone, from: query, region: ES}")
    assert called(project, mapping, "{}", query="phone=+64+6+555+0134") == "+6465550134"


def test_a_transform_is_made_before_the_number_is_read(project: Project) -> None:
    """As for variables."""
    mapping = with_phone('{path: $.phone, transform: [{replace: ["^Call me: ", ""]}, strip_html]}')
    assert called(project, mapping, '{"phone": "Call me: <b>+34612345634</b>"}') == "+34612345634"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('"5215555550134"', "+525555550134"),
        ("34612345634", "+34612345634"),
        ("34612345600.0", "+34612345600"),
        ("3.4612345634E+10", "+34612345634"),
        ("3.46E+10", "phone_invalid"),
        ('""', "phone_missing"),
    ],
)
def test_a_template_with_a_plus(project: Project, value: str, found: str) -> None:
    """WhatsApp names people by their digits; a spreadsheet rounds them."""
    body = f'{{"wa_id": {value}}}'
    assert called(project, with_phone('{template: "+{$.wa_id}"}'), body) == found


def test_a_satellites_code_may_stand_among_the_countries(project: Project) -> None:
    """No other code may."""
    loaded = project.load(SETTINGS + '    countries: [ES, "+881"]\n', {"crm": MAPPING})
    assert loaded.config is not None
    assert loaded.config.agents["sales"].countries == frozenset({"ES", "+881"})
    loaded = project.load(SETTINGS + '    countries: ["+34"]\n', {"crm": MAPPING})
    assert [each.key for each in loaded.problems] == ["agents.sales.countries[0]"]
