"""A number as a sender wrote it → E.164: the only importer of phonenumbers. Pure."""

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberType,
)
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.region_names import REGION_CODES
from adapter.values.text import fold

# contract §4 "Phone": what would cost the person called, or ring no person.
_NOT_ALLOWED = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)
_DIGITS_AND_SIGNS = re.compile(r"[0-9 +().·/\-\u2010-\u2015\u2212]+")
# Two subscriber numbers: no area code in front of a slash has six digits.
_TWO_NUMBERS = re.compile(r"(\d\D*){6}/\D*(\d\D*){6}")
# Full-width forms, as East Asian keyboards write them.
_WIDE_SIGNS = str.maketrans("\uff0b\uff08\uff09\uff0d\uff0e\uff0f", "+()-./")
_MAX_WRITTEN = 64
NO_COUNTRY = "found no country code"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def load_plans() -> None:
    """Read every country's numbering plan now, in a fifth of a second, and none later.

    The library reads each when first asked, under a lock that it keeps if that fails: a process
    that had no descriptor left at that moment would wait for itself for ever.
    """
    PhoneMetadata.load_all()


def read_phone(text: str, region: str | None) -> str:
    """Return E.164, or raise MappingError phone_missing, phone_invalid or phone_not_allowed."""
    written = _dialled(text)
    if not written.startswith("+") and region is None:
        raise _invalid(NO_COUNTRY)
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException as error:
        raise _invalid("it is too short, too long, or has an unknown country code") from error
    kind = phonenumbers.number_type(number)  # asking whether it is valid would do this twice
    if kind == PhoneNumberType.UNKNOWN:
        raise _invalid("no such number is given out in its country")
    if kind in _NOT_ALLOWED:
        detail = "premium-rate, shared-cost, pager and voicemail numbers are not rung"
        raise MappingError(Reason.PHONE_NOT_ALLOWED, detail)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not _E164.fullmatch(e164):
        raise _invalid("it is longer than E.164 allows")
    return str(e164)


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
    """Return a number's digits as people write them: with the country, and without it."""
    digits = e164.removeprefix("+")
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:  # stored once, or only ever written: no country has it now
        return (digits,)
    return digits, phonenumbers.national_significant_number(number)


def is_calling_code(text: str) -> bool:
    """Whether these digits begin the international numbers of some country, as 44 does."""
    return text.isdecimal() and int(text) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


def is_region(text: str) -> bool:
    """Whether the text is an ISO 3166 code whose numbers we can read, in capitals."""
    return text in phonenumbers.SUPPORTED_REGIONS


def suggest_region(text: str) -> str | None:
    """Return the code that was probably meant: UK → GB, spain → ES, es → ES."""
    name = text.strip()
    if is_region(name.upper()):
        return name.upper()
    near = get_close_matches(name.casefold(), REGION_CODES, n=1, cutoff=0.8)
    return REGION_CODES[near[0]] if near else None


def _dialled(text: str) -> str:
    """Return what stands for digits, `+` in front where it is international."""
    if not text.isascii():
        text = "".join(_plain(sign) for sign in text).translate(_WIDE_SIGNS)
    text = fold(text)
    if not text:
        raise MappingError(Reason.PHONE_MISSING, "expected a phone number, found nothing")
    if text[:4].casefold() == "tel:":
        text = text[4:]
    if len(text) > _MAX_WRITTEN:
        raise _invalid("it is longer than any number")
    if not _DIGITS_AND_SIGNS.fullmatch(text):
        raise _invalid("it has letters, an extension, or signs that no number has")
    if _TWO_NUMBERS.search(text):
        raise _invalid("these look like two numbers")
    digits = "".join(re.findall(r"[0-9+]", text))
    if "+" in digits[1:]:
        raise _invalid("a '+' stands inside it")
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _plain(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    # Copied from an address book: direction marks, zero-width spaces, soft hyphens.
    return "" if unicodedata.category(sign) == "Cf" else sign


def _invalid(found: str) -> MappingError:
    return MappingError(Reason.PHONE_INVALID, f"expected a phone number, but {found}")
