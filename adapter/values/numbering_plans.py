"""The world's numbering plans: the only importer of phonenumbers. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_CODE = 3


class Kind(StrEnum):
    """What a number is, as far as readings and refusals ask."""

    MOBILE = "mobile"
    FIXED = "fixed"
    OTHER = "other"
    NOT_RUNG = "not_rung"


# docs/contract.md §4 "Phone": what would cost the person called, or ring no person. Where a plan
# does not tell fixed lines from mobiles, as in North America, a number counts as a mobile.
_KINDS: Mapping[int, Kind] = {
    PhoneNumberType.MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE: Kind.FIXED,
    PhoneNumberType.PREMIUM_RATE: Kind.NOT_RUNG,
    PhoneNumberType.SHARED_COST: Kind.NOT_RUNG,
    PhoneNumberType.PAGER: Kind.NOT_RUNG,
    PhoneNumberType.VOICEMAIL: Kind.NOT_RUNG,
    PhoneNumberType.PERSONAL_NUMBER: Kind.NOT_RUNG,
}
# Universal personal numbers and the world's premium rate.
_CODES_NOT_RUNG = frozenset({878, 979})
# Exit codes of carriers that the library does not know.
_MORE_EXITS: Mapping[str, str] = {"ID": "00[17]"}

# Spellings that a plan gave up, and that address books keep: national digits → those of today.
_OLD_SPELLINGS: Mapping[int, tuple[tuple[re.Pattern[str], str], ...]] = {
    39: ((re.compile(r"0(3\d{9})"), r"\1"),),
    52: ((re.compile(r"(?:1|01|044|045)(\d{10})"), r"\1"),),
    55: ((re.compile(r"(\d\d)([6-9]\d{7})"), r"\g<1>9\2"),),
}
_OLD_FRONTS: Mapping[int, tuple[str, ...]] = {52: ("01", "044", "045")}


# One person's two E.164 numbers: the other one, how it becomes the one that counts, and back. A
# sender may use both (Argentina's mobiles with their 9); or one was given up, and stands in what
# was stored before. Brazil's 7 never took a ninth digit.
_ONE_PERSON: tuple[tuple[re.Pattern[str], str, re.Pattern[str], str], ...] = (
    (re.compile(r"\+549(\d{10})"), r"+54\1", re.compile(r"\+54(\d{10})"), r"+549\1"),
    (re.compile(r"\+521(\d{10})"), r"+52\1", re.compile(r"\+52(\d{10})"), r"+521\1"),
    (
        re.compile(r"\+55(\d\d)([689]\d{7})"),
        r"+55\g<1>9\2",
        re.compile(r"\+55(\d\d)9([689]\d{7})"),
        r"+55\1\2",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number that its plan gives out."""

    e164: str
    code: int
    national: str
    kind: Kind


def load_plans() -> None:
    """Read every country's numbering plan now, in a fifth of a second, and none later.

    The library reads each when first asked, under a lock that it keeps if that fails: a process
    that had no descriptor left at that moment would wait for itself for ever.
    """
    PhoneMetadata.load_all()


def number_abroad(digits: str) -> Number | None:
    """Return the number that `+` and these digits are, or are in an old spelling."""
    if digits.startswith("0"):
        return None
    try:
        return _current(phonenumbers.parse(f"+{digits}"))
    except NumberParseException:
        return None


def number_at_home(digits: str, region: str) -> Number | None:
    """Return the number that these digits are within the region; none that names its country."""
    try:
        number = phonenumbers.parse(digits, region, keep_raw_input=True)
        if number.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
            number = phonenumbers.parse(f"+{code_of_region(region)}{digits}")
        elif number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY:
            return None
    except NumberParseException:
        return None
    return _current(number)


def code_of_region(region: str) -> int:
    """Return a region's country code: 34 for ES."""
    return int(phonenumbers.country_code_for_region(region))


def calling_code(digits: str) -> str:
    """Return the country code that the digits begin with, or ""."""
    if digits.startswith("0"):
        return ""
    fronts = (digits[:length] for length in range(1, _LONGEST_CODE + 1))
    return next((front for front in fronts if is_calling_code(front)), "")


def exit_code(digits: str, region: str) -> str:
    """Return the exit code of the region that the digits begin with, the longest, or ""."""
    found = _exit_pattern(region).match(digits)
    return found[0] if found else ""


def area_digits(number: Number) -> str:
    """Return the area or network code of a number, "" where it has none."""
    parsed = phonenumbers.parse(number.e164)
    return number.national[: phonenumbers.length_of_national_destination_code(parsed)]


@lru_cache(maxsize=4096)
def region_of(e164: str) -> str:
    """Return the ISO code of a number's country; "" for numbers of none, such as satellites'."""
    code = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    return code if code is not None and is_region(code) else ""


@lru_cache(maxsize=4096)
def zones_of(e164: str) -> tuple[str, ...]:
    """Return the IANA names of all time zones that a number may be in; none if nothing is known."""
    zones = time_zones_for_number(phonenumbers.parse(e164))
    return () if UNKNOWN_TIMEZONE in zones else tuple(zones)


def spellings_of(e164: str) -> tuple[str, ...]:
    """Return a person's digits as people write them, less zeros in front.

    With the country, once and twice, without it, as at home, and in old spellings.
    """
    spellings: dict[str, None] = {}
    for number in numbers_of(person_of(e164)):
        digits = number.removeprefix("+")
        spellings |= dict.fromkeys([digits])
        try:
            parsed = phonenumbers.parse(number)
        except NumberParseException:  # stored once, or only ever written: no country has it now
            continue
        code, national = _code(parsed), phonenumbers.national_significant_number(parsed)
        at_home = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
        old = [f"{front}{national}" for front in _OLD_FRONTS.get(code, ())]
        digits_at_home = "".join(filter(str.isdecimal, at_home))
        forms = (national, digits_at_home, f"{code}0{national}", f"{code}{digits}", *old)
        spellings |= dict.fromkeys(form.lstrip("0") for form in forms)
    return tuple(spellings)


def person_of(e164: str) -> str:
    """Return the one spelling that counts of a number that has two: +54 9 11… is +54 11…."""
    for other, counting, _, _ in _ONE_PERSON:
        if other.fullmatch(e164):
            return other.sub(counting, e164)
    return e164


def numbers_of(person: str) -> tuple[str, ...]:
    """Return every E.164 number of the person: the spelling that counts, and the other, if any."""
    others = (
        counting.sub(other, person)
        for _, _, counting, other in _ONE_PERSON
        if counting.fullmatch(person)
    )
    return person, *others


def is_calling_code(text: str) -> bool:
    """Whether these digits begin the international numbers of some country, as 44 does."""
    return text.isdecimal() and int(text) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


def all_regions() -> Iterable[str]:
    """Return the ISO codes of all countries whose numbers we can read."""
    return phonenumbers.SUPPORTED_REGIONS


def is_region(text: str) -> bool:
    """Whether the text is an ISO 3166 code whose numbers we can read, in capitals."""
    return text in phonenumbers.SUPPORTED_REGIONS


def is_old_mobile(number: Number) -> bool:
    """Whether a fixed line's digits are also an old spelling of a mobile: Italy's 0331 1234567."""
    old = _of_today(number.code, number.national) if number.kind is Kind.FIXED else None
    return old is not None and old.kind is Kind.MOBILE


def _current(number: PhoneNumber) -> Number | None:
    valid = _valid(number)
    if valid is not None:
        return valid
    return _of_today(_code(number), phonenumbers.national_significant_number(number))


def _of_today(code: int, national: str) -> Number | None:
    """Return the number that digits in an old spelling are today."""
    for pattern, today in _OLD_SPELLINGS.get(code, ()):
        if pattern.fullmatch(national):
            return _valid(phonenumbers.parse(f"+{code}{pattern.sub(today, national)}"))
    return None


def _valid(number: PhoneNumber) -> Number | None:
    kind = phonenumbers.number_type(number)  # asking whether it is valid would do this twice
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if kind == PhoneNumberType.UNKNOWN or not _E164.fullmatch(e164):
        return None
    code = _code(number)
    return Number(
        e164=str(e164),
        code=code,
        national=phonenumbers.national_significant_number(number),
        kind=Kind.NOT_RUNG if code in _CODES_NOT_RUNG else _KINDS.get(kind, Kind.OTHER),
    )


def _code(number: PhoneNumber) -> int:
    return number.country_code or 0  # the library's type allows for none before it has parsed


@cache
def _exit_pattern(region: str) -> re.Pattern[str]:
    plan = PhoneMetadata.metadata_for_region(region)
    known = plan.international_prefix if plan is not None else None
    return re.compile("|".join(filter(None, (known, _MORE_EXITS.get(region)))))
