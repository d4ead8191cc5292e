"""Phone numbers: what a sender wrote → E.164, or a named refusal; a number's country and zones."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata

from adapter.errors import MappingError
from adapter.values.countries import suggest_country
from adapter.values.numbering_plans import (
    is_calling_code,
    is_region,
    load_plans,
    region_of,
    zones_of,
)
from adapter.values.phone_numbers import read_phone
from adapter.values.time_zones import is_time_zone


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+12025550123", None, "+12025550123"),
        ("+1 (202) 555-0123", "ES", "+12025550123"),
        ("(202) 555.0123", "US", "+12025550123"),
        ("0491 570 156", "AU", "+61491570156"),
        ("+61 (0)491 570 156", None, "+61491570156"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("34612345678", "ES", "+34612345678"),
        ("0034 612345678", None, "+34612345678"),
        ("0034 612345678", "US", "+34612345678"),
        ("011 34 612345678", "US", "+34612345678"),
        ("tel:+34-612-345-678", None, "+34612345678"),
        ("TEL:612345678", "ES", "+34612345678"),
        ("(+34) 612345678", None, "+34612345678"),
        ("\u202a+34\u00a0612\u2011345\u2011678\u202c", None, "+34612345678"),
        ("\uff0b34 \uff16\uff11\uff12345678", None, "+34612345678"),
        ("030/1234567", "DE", "+49301234567"),
        ("+39 06 1234 5678", None, "+390612345678"),
    ],
)
def test_readable(text: str, region: str | None, e164: str) -> None:
    """Numbers as people and CRMs write them become E.164."""
    assert read_phone(text, region) == e164


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "ES", "phone_missing"),
        (" \u200b ", "ES", "phone_missing"),
        ("612345678", None, "phone_invalid"),
        ("1-800-FLOWERS", "US", "phone_invalid"),
        ("n/a", "ES", "phone_invalid"),
        ("-", "ES", "phone_invalid"),
        ("+", "ES", "phone_invalid"),
        ("tel:", "ES", "phone_invalid"),
        ("+1 202 555 0123 ext. 5", None, "phone_invalid"),
        ("+1 202 555 0123 x5", None, "phone_invalid"),
        ("+12025550123;ext=5", None, "phone_invalid"),
        ("+12025550123#5", None, "phone_invalid"),
        ("+12025550123,5", None, "phone_invalid"),
        ("*31#612345678", "ES", "phone_invalid"),
        ("612345678 612345679", "ES", "phone_invalid"),
        ("+34612", None, "phone_invalid"),
        ("+1234", None, "phone_invalid"),
        ("+999123456789", None, "phone_invalid"),
        ("+0034612345678", None, "phone_invalid"),
        ("1", "ES", "phone_invalid"),
        ("+49 1802123456789012", None, "phone_invalid"),
        ("+49 301234567890123", None, "phone_invalid"),
        ("112", "ES", "phone_invalid"),
        ("911", "US", "phone_invalid"),
        ("999", "GB", "phone_invalid"),
        ("4" * 100, "ES", "phone_invalid"),
        ("+34 803 123 456", None, "phone_not_allowed"),
        ("+34 901 123 456", None, "phone_not_allowed"),
        ("+44 9098790000", None, "phone_not_allowed"),
        ("+44 7640123456", None, "phone_not_allowed"),
        ("900-555-1234", "US", "phone_not_allowed"),
        ("+979 123456789", None, "phone_not_allowed"),
    ],
)
def test_refused(text: str, region: str | None, reason: str) -> None:
    """What may not be rung is refused by name, and the number is not repeated."""
    with pytest.raises(MappingError) as raised:
        read_phone(text, region)
    assert raised.value.reason == reason
    assert not any(sign.isdigit() for sign in raised.value.detail.replace("E.164", ""))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UK", "GB"),
        ("Spain", "ES"),
        ("es", "ES"),
        (" Germny ", "DE"),
        ("ESP", "ES"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_suggest_country(text: str, code: str | None) -> None:
    """What people write for a region is turned into its code."""
    assert suggest_country(text) == code


def test_is_region() -> None:
    """A region is an ISO code in capitals."""
    assert is_region("NO")
    assert not is_region("no")
    assert not is_region("UK")


WRITTEN = st.text(alphabet="0123456789+-() ./x#", max_size=20) | st.text(max_size=30)


@given(text=WRITTEN, region=st.sampled_from([None, "ES", "US", "DE", "GB"]))
def test_any_text_is_valid_e164_or_refused(text: str, region: str | None) -> None:
    """Nothing but valid E.164 comes out."""
    try:
        e164 = read_phone(text, region)
    except MappingError:
        return
    assert phonenumbers.is_valid_number(phonenumbers.parse(e164))
    assert e164[1:].isascii()
    assert e164[1:].isdigit()


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+34612345678", "ES"),
        ("+12025550123", "US"),
        ("+16045550123", "CA"),
        ("+61491570156", "AU"),
        ("+88216123456", ""),
        ("+80012345678", ""),
    ],
)
def test_the_country_of_a_number(e164: str, region: str) -> None:
    """Countries that share a calling code are told apart; a satellite belongs to none."""
    assert region_of(e164) == region


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+12025550123", ("America/New_York",)),
        ("+34612345678", ("Atlantic/Canary", "Europe/Madrid")),
        ("+88216123456", ()),
    ],
)
def test_the_time_zones_of_a_number(e164: str, zones: tuple[str, ...]) -> None:
    """All that it may be in are named, and none is guessed."""
    assert zones_of(e164) == zones


def test_a_number_for_a_continent_has_all_its_zones() -> None:
    """A toll-free number tells nothing of where it rings."""
    zones = zones_of("+18005550123")
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones)
    assert all(map(is_time_zone, zones))


def test_no_numbering_plan_is_read_while_serving() -> None:
    """Once loaded, none is left that a process without a free descriptor could fail to read."""
    load_plans()
    assert not any(PhoneMetadata._region_available.values())
    assert not any(PhoneMetadata._country_code_available.values())


@pytest.mark.parametrize(
    ("digits", "is_one"), [("44", True), ("1", True), ("999", False), ("x", False), ("", False)]
)
def test_calling_codes_are_known(digits: str, is_one: bool) -> None:
    """Those that some country has."""
    assert is_calling_code(digits) is is_one
