"""A mapping's `phone`: its paths in order, and the region of their numbers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapter.errors import MappingError
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import Phone, PhoneRule, Region
from adapter.mapping.values import Origin, PathSource, Template, View, compile_template
from tests.harness.documents import DOCUMENTS


def path(text: str) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text))


BY_COUNTRY = Region(path=path("$.country"), map={"Spain": "ES", "Mars": "XX"}, default="AU")


@pytest.mark.parametrize(
    ("region", "document", "code"),
    [
        (Region(), {}, None),
        (Region(fixed="ES"), {}, "ES"),
        (BY_COUNTRY, {"country": "Spain"}, "ES"),
        (BY_COUNTRY, {"country": "us"}, "US"),
        (BY_COUNTRY, {"country": "Mars"}, "AU"),
        (BY_COUNTRY, {"country": "Atlantis"}, "AU"),
        (BY_COUNTRY, {"country": {"a": 1}}, "AU"),
        (BY_COUNTRY, {}, "AU"),
        (Region(path=path("$.country")), {}, None),
    ],
)
def test_region(region: Region, document: Any, code: str | None) -> None:
    """A region is fixed, or read, mapped, and defaulted."""
    assert region.code(View(document=document)) == code


def rule(*sources: str, region: str | None = "ES") -> PhoneRule:
    """Return a rule from paths and templates."""
    return PhoneRule(sources=tuple(map(source, sources)), region=Region(fixed=region))


def source(text: str) -> PathSource | Template:
    """Return a path, or a template if it has braces."""
    return compile_template(text, Origin.ITEM) if "{" in text else path(text)


@pytest.mark.parametrize(
    ("sources", "document", "phone"),
    [
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
        (["$.a"], {"a": ["+34612345678", "+34612345679"]}, "phone_invalid", "$.a: expected"),
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
