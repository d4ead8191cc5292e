"""A mapping's `phone`: its paths in order, and the region of their numbers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapter.errors import MappingError
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import Country, Phone, PhoneRule, Region
from adapter.mapping.transforms import named_transform, replace_transform
from adapter.mapping.values import Origin, PathSource, Template, View, compile_template
from tests.harness.documents import DOCUMENTS


def path(text: str) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text))


BY_COUNTRY = Region(
    path=path("$.country"), map={"Iberia": "ES", "Korea": "KR", "Mars": "XX"}, default="AU"
)


@pytest.mark.parametrize(
    ("region", "document", "country"),
    [
        (Region(), {}, Country()),
        (Region(fixed="ES"), {}, Country(code="ES")),
        (BY_COUNTRY, {"country": "Iberia"}, Country(code="ES")),
        (BY_COUNTRY, {"country": "IBERIA"}, Country(code="ES")),
        (BY_COUNTRY, {"country": "Korea"}, Country(code="KR")),
        (BY_COUNTRY, {"country": "Spain"}, Country(code="ES")),
        (BY_COUNTRY, {"country": "us"}, Country(code="US")),
        (BY_COUNTRY, {"country": "México"}, Country(code="MX")),
        (BY_COUNTRY, {"country": "Mars"}, Country(is_unknown=True)),
        (BY_COUNTRY, {"country": "Atlantis"}, Country(is_unknown=True)),
        (BY_COUNTRY, {"country": ["Spain", "Portugal"]}, Country(is_unknown=True)),
        (BY_COUNTRY, {"country": {"a": 1}}, Country(is_unknown=True)),
        (BY_COUNTRY, {"country": " "}, Country(code="AU")),
        (BY_COUNTRY, {"country": None}, Country(code="AU")),
        (BY_COUNTRY, {}, Country(code="AU")),
        (Region(path=path("$.country")), {}, Country()),
    ],
)
def test_region(region: Region, document: Any, country: Country) -> None:
    """A region is fixed, or a country is read; the default is for one that is not there."""
    assert region.country(View(document=document)) == country


NUMBER_AT_HOME = {"phone": "310 555 0134"}
COUNTRY_BESIDE = PhoneRule(
    sources=(PathSource(path=compile_path("$.phone")),),
    region=Region(path=PathSource(path=compile_path("$.country")), default="US"),
)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({**NUMBER_AT_HOME, "country": "Colombia"}, "+573105550134"),
        ({"phone": "551 555 0134", "country": "México"}, "+525515550134"),
        ({"phone": "7405 550134", "country": "united kingdom"}, "+447405550134"),
        ({"phone": "83869 43334", "country": "India (IN)"}, "+918386943334"),
        ({"phone": "612 345 634", "country": "Poland"}, "+48612345634"),
        ({**NUMBER_AT_HOME, "country": ""}, "+13105550134"),
        ({**NUMBER_AT_HOME, "country": "Atlantis"}, "country_unknown"),
        ({**NUMBER_AT_HOME, "country": "Spain / Portugal"}, "country_unknown"),
        ({**NUMBER_AT_HOME, "country": {"a": 1}}, "country_unknown"),
        ({"phone": "+573105550134", "country": "Atlantis"}, "+573105550134"),
        ({"phone": "0057 3105550134", "country": "Atlantis"}, "+573105550134"),
        ({"phone": "n/a", "country": "Atlantis"}, "phone_invalid"),
        ({"phone": "", "country": "Atlantis"}, "phone_missing"),
    ],
)
def test_a_country_is_needed_only_by_a_number_at_home(document: Any, found: str) -> None:
    """One that is there and not understood is never replaced by the default."""
    assert outcome(COUNTRY_BESIDE, View(document=document)) == found


def outcome(rule: PhoneRule, view: View) -> str:
    """Return the number, or the reason why there is none."""
    try:
        return rule.phone(view).e164
    except MappingError as error:
        return error.reason


@pytest.mark.parametrize(
    ("view", "region", "found"),
    [
        (View(document={"phone": " 65 6555 0134"}, is_form=True), "ES", "+6565550134"),
        (View(document={"phone": " 65 6555 0134"}, is_form=True), "US", "phone_ambiguous"),
        (View(document={"phone": "\u00a065 6555 0134"}, is_form=True), "ES", "+6565550134"),
        (View(document={"phone": " 65 6555 0134"}), "ES", "phone_invalid"),
        (View(document={"phone": [" 65 6555 0134"]}, is_form=True), "ES", "+6565550134"),
        (View(document={"phone": " 202-555-0134"}, is_form=True), "US", "+12025550134"),
        (View(document={}, lookup={"phone": " 65 6555 0134"}, is_form=True), "ES", "phone_missing"),
    ],
)
def test_a_forms_leading_blank_is_a_lost_plus(view: View, region: str, found: str) -> None:
    """Of a urlencoded body or query only."""
    assert outcome(rule("$.phone", region=region), view) == found


def test_the_querys_leading_blank_is_a_lost_plus_whatever_the_body_is() -> None:
    """An answer's is not, whatever the webhook was."""
    query = PathSource(path=compile_path("$.phone"), origin=Origin.QUERY)
    asked = PhoneRule(sources=(query,), region=Region(fixed="ES"))
    assert outcome(asked, View(document={}, query={"phone": " 65 6555 0134"})) == "+6565550134"
    answer = View(document={}, lookup={"phone": " 65 6555 0134"}, is_form=True)
    assert outcome(rule("$.lookup.phone"), answer) == "phone_invalid"


def test_a_blank_with_a_country_that_is_not_understood() -> None:
    """Whether the digits are a number at home as well, nobody knows."""
    view = View(document={"phone": " 65 6555 0134", "country": "Atlantis"}, is_form=True)
    assert outcome(COUNTRY_BESIDE, view) == "country_unknown"


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (34612345634, "+34612345634"),
        (34612345600, "+34612345600"),
        (34612345634.0, "+34612345634"),
        (3.46e10, "phone_invalid"),
        (3.46123e10, "phone_invalid"),
        (34612345634.5, "phone_invalid"),
        (Decimal("3.46E+10"), "phone_invalid"),
        (Decimal("34612345600.0"), "+34612345600"),
        ([3.46e10], "phone_invalid"),
        ("3.46E+10", "phone_invalid"),
    ],
)
def test_a_number_that_has_lost_digits_is_refused(number: Any, found: str) -> None:
    """A spreadsheet's rounded number is a stranger's."""
    assert outcome(rule("$.phone"), View(document={"phone": number})) == found


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"code": "34", "number": "612345634"}, "+34612345634"),
        ({"code": "+34", "number": "612345634"}, "+34612345634"),
        ({"code": "34", "number": "+34612345634"}, "+34612345634"),
        ({"code": "34", "number": "0034612345634"}, "+34612345634"),
        ({"code": "52", "number": "15555550134"}, "+525555550134"),
        ({"code": None, "number": "612345634"}, "+34612345634"),
        ({"code": "", "number": "202 555 0134"}, "phone_invalid"),
        ({"code": "", "number": "+34612345634"}, "+34612345634"),
    ],
)
def test_a_number_in_parts(document: Any, found: str) -> None:
    """A code that the number repeats counts once; without a code, the plus is none."""
    assert outcome(rule("+{$.code}{$.number}"), View(document=document)) == found


def test_transforms_come_before_the_reading() -> None:
    """As for variables; a text that they empty is none."""
    steps = (replace_transform(r"(?i)^\D*phone: ", ""), named_transform("strip_html"))
    transformed = replace(rule("$.phone"), transforms=steps)
    assert outcome(transformed, View(document={"phone": "<b>Mobile phone: +34612345634</b>"})) == (
        "+34612345634"
    )
    assert outcome(transformed, View(document={"phone": "<br>"})) == "phone_missing"


def rule(*sources: str, region: str | None = "ES") -> PhoneRule:
    """Return a rule from paths and templates."""
    return PhoneRule(sources=tuple(map(source, sources)), region=Region(fixed=region))


def source(text: str) -> PathSource | Template:
    """Return a path, or a template if it has braces."""
    return compile_template(text, Origin.ITEM) if "{" in text else path(text)


@pytest.mark.parametrize(
    ("sources", "document", "phone"),
    [
        (
            ["$.a"],
            {"a": ["+34612345678", "+34612345679"]},
            Phone(e164="+34612345678", matched="$.a"),
        ),
        (
            ["$.a[*].n"],
            {"a": [{"n": " "}, {"n": "612345678"}]},
            Phone(e164="+34612345678", matched="$.a[*].n"),
        ),
        (["$.a"], {"a": 612345678}, Phone(e164="+34612345678", matched="$.a")),
        (["$.a"], {"a": Decimal("612345678.0")}, Phone(e164="+34612345678", matched="$.a")),
        (["$.a", "$.b"], {"a": "n/a", "b": "612345678"}, Phone(e164="+34612345678", matched="$.b")),
        (["$.a", "$.b"], {"a": {}, "b": "612345678"}, Phone(e164="+34612345678", matched="$.b")),
        (
            ["+{$.c}{$.a}"],
            {"c": 1, "a": "2025550123"},
            Phone(e164="+12025550123", matched="+{$.c}{$.a}"),
        ),
    ],
)
def test_rule(sources: list[str], document: Any, phone: Phone) -> None:
    """The first usable number wins, and its path is named."""
    assert rule(*sources).phone(View(document=document)) == phone


@pytest.mark.parametrize(
    ("sources", "document", "reason", "detail"),
    [
        (["$.a"], {}, "phone_missing", "$.a: expected"),
        (["$.a"], {"a": None}, "phone_missing", "$.a: expected"),
        (["$.a"], {"a": " "}, "phone_missing", "$.a: expected"),
        (["$.a"], {"a": {"x": 1}}, "not_a_scalar", "$.a: expected"),
        (["$.a", "$.b"], {}, "phone_missing", "$.a: expected"),
        (["$.a", "$.b"], {"b": "12"}, "phone_invalid", "$.b: expected"),
        (["$.a", "$.b"], {"a": "803123456", "b": "12"}, "phone_not_allowed", "$.a: premium"),
        (["+{$.a}{$.b}"], {}, "phone_missing", "+{$.a}{$.b}: expected"),
        (["+{$.a}{$.b}"], {"a": 34}, "phone_invalid", "+{$.a}{$.b}: expected"),
    ],
)
def test_rule_refuses(sources: list[str], document: Any, reason: str, detail: str) -> None:
    """If no number is usable, the reason is that of the first that was not empty."""
    with pytest.raises(MappingError) as raised:
        rule(*sources).phone(View(document=document))
    assert raised.value.reason == reason
    assert raised.value.detail.startswith(detail)


@given(document=DOCUMENTS)
def test_any_document_has_a_phone_or_a_refusal(document: Any) -> None:
    """Only MappingError comes out of a rule."""
    try:
        phone = rule("$..phone", "$.items[0].a").phone(View(document=document))
    except MappingError:
        return
    assert phone.e164.startswith("+")


def test_a_number_at_home_without_a_region_says_so() -> None:
    """The operator reads what the mapping lacks."""
    with pytest.raises(
        MappingError, match="found no country code, and the mapping names no region"
    ):
        rule("$.phone", region=None).phone(View(document={"phone": "612345634"}))
