"""A number as a sender wrote it → E.164, or the reason why it is none. Pure."""

from itertools import accumulate
from typing import TypeAlias

from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.numbering_plans import (
    Kind,
    Number,
    area_digits,
    calling_code,
    code_of_region,
    exit_code,
    is_old_mobile,
    number_abroad,
    number_at_home,
    person_of,
)
from adapter.values.written_numbers import (
    NotANumberError,
    Part,
    Written,
    digit_runs,
    digits_of,
    read_written,
)

Breaks: TypeAlias = frozenset[int]
MIN_DIGITS = 6  # fewer would be found in any id


NO_COUNTRY = "found no country code"


_TOO_LITTLE = "it is no number that its country gives out"


def read_digits(
    digits: str, region: str | None, *, breaks: Breaks = frozenset(), has_lost_plus: bool = False
) -> Number:
    """Return the number that digits without a plus mean in a region, or raise MappingError.

    `breaks`: behind how many digits the writer left a blank or a sign. `has_lost_plus`: a sign
    says that a `+` stood in front, and was eaten on the way.
    """
    reached = _dialled_out(digits, region, breaks)
    abroad = read_abroad(digits) if has_lost_plus else None
    if reached is not None and abroad is not None and abroad != reached:
        raise ambiguous("it is a number behind an exit code, and another one with a + in front")
    if reached is not None:
        return reached
    if region is None:
        if abroad is None:
            raise invalid(NO_COUNTRY)
        return abroad
    home = number_at_home(digits, region)
    has_trunk = home is not None and digits != home.national
    if home is not None and has_trunk and not has_lost_plus:
        return home
    number = _weighed(home, read_abroad(digits), code_of_region(region), has_lost_plus)
    if number is None:
        raise invalid(_TOO_LITTLE)
    return number


def read_international(digits: str) -> Number:
    """Return the number that `+` and these digits mean, or raise MappingError."""
    number = read_abroad(digits)
    if number is None:
        raise invalid(_TOO_LITTLE)
    return number


def read_abroad(digits: str) -> Number | None:
    """Return what `+` and these digits are; a country code written twice counts once.

    Only where the digits are no number, or a fixed line that would be a mobile without the second
    code: area 55 of Brazil, Kazakhstan's 7 and Ostfriesland's 49 are real.
    """
    number = number_abroad(digits)
    if number is not None and number.kind is not Kind.FIXED:
        return number  # the usual case, and the quick one
    once = _without_second_code(digits)
    if number is None or (once is not None and once.kind is Kind.MOBILE):
        return once
    return number


def invalid(found: str) -> MappingError:
    """Return the refusal of what is no number."""
    return MappingError(Reason.PHONE_INVALID, f"expected a phone number, but {found}")


def ambiguous(found: str) -> MappingError:
    """Return the refusal of what may be two numbers."""
    return MappingError(Reason.PHONE_AMBIGUOUS, f"expected one phone number, but {found}")


def _without_second_code(digits: str) -> Number | None:
    code = calling_code(digits)
    rest = digits[len(code) :].removeprefix("00")
    return number_abroad(rest) if code and rest.startswith(code) else None


def _dialled_out(digits: str, region: str | None, breaks: Breaks) -> Number | None:
    """Return what an exit code in front leads to; None where none is there, or it leads nowhere."""
    is_zero = digits.startswith("00")
    # 0011 is Australia's own: behind 00, a 1 in front of the 1 is no way to write North America.
    zero = read_abroad(digits[2:]) if is_zero and not digits.startswith("0011") else None
    exit_digits = exit_code(digits, region) if region is not None else ""
    own = read_abroad(digits[len(exit_digits) :]) if exit_digits not in {"", "00"} else None
    if own is not None and zero is not None and own != zero:
        return _grouped(zero, own, len(exit_digits), breaks)
    number = own or zero
    if number is None and is_zero:
        raise invalid(_TOO_LITTLE)
    return number


def _grouped(zero: Number, own: Number, own_length: int, breaks: Breaks) -> Number:
    """Return the reading whose exit, country and area code the writer's blanks leave whole."""
    is_zero_whole = _is_whole(zero, 2, breaks)
    is_own_whole = _is_whole(own, own_length, breaks)
    if is_zero_whole == is_own_whole:
        raise ambiguous("its exit code can be read as 00 and as a longer one")
    return own if is_own_whole else zero


def _is_whole(number: Number, exit_length: int, breaks: Breaks) -> bool:
    lengths = (exit_length, len(str(number.code)), len(area_digits(number)))
    ends = list(accumulate(lengths))
    return all(at in ends or at > ends[-1] for at in breaks)


def _weighed(
    home: Number | None, abroad: Number | None, code: int, has_lost_plus: bool
) -> Number | None:
    """Return the reading that stands; both are numbers of a plan, or None."""
    if home is None:
        is_ours = abroad is not None and (abroad.code == code or has_lost_plus)
        return abroad if is_ours else None
    if abroad is None or abroad == home:
        return home
    is_mobile_over_fixed = abroad.kind is Kind.MOBILE and home.kind is Kind.FIXED
    if abroad.code == code and is_mobile_over_fixed:
        return abroad
    if abroad.code == code or is_mobile_over_fixed or has_lost_plus:
        raise ambiguous("its digits are a number at home, and another one with a + in front")
    return home


# So many digits are no extension and no last digits of another line, whatever stands in front.
_WHOLE = 9


_TWO_NUMBERS = "two stand here, and not both are written out"


def read_phone(text: str, region: str | None, *, blank_is_plus: bool = False) -> str:
    """Return E.164, or raise MappingError phone_missing, _invalid, _ambiguous or _not_allowed.

    `region` is the ISO code of the country whose national numbers are meant. `blank_is_plus`: the
    text came in a form or query, where a bare `+` arrives as a leading blank.
    """
    try:
        written = read_written(text, blank_is_plus=blank_is_plus)
    except NotANumberError as error:
        raise invalid(str(error)) from error
    if not written.parts:
        is_empty = not any(sign.isprintable() and not sign.isspace() for sign in text)
        if is_empty:
            raise MappingError(Reason.PHONE_MISSING, "expected a phone number, found nothing")
        raise invalid("it has no digits")
    number = first_number(written, region)
    if number.kind is Kind.NOT_RUNG:
        detail = "premium-rate, shared-cost, pager, voicemail and personal numbers are not rung"
        raise MappingError(Reason.PHONE_NOT_ALLOWED, detail)
    if is_old_mobile(number):
        raise ambiguous("its digits are a fixed line, and a mobile as it was once written")
    return number.e164


def person_in(text: str, region: str | None, *, blank_is_plus: bool = False) -> str | None:
    """Return whose number a field is, also one that may not be rung; None for none or two."""
    try:
        written = read_written(text, blank_is_plus=blank_is_plus)
        return person_of(first_number(written, region).e164) if written.parts else None
    except (NotANumberError, MappingError):
        return None


def numbers_in(text: str, region: str | None, *, blank_is_plus: bool = False) -> tuple[str, ...]:
    """Return what a text can be found by: the person whose number it is, or all that stand in it.

    Of what is no number, its digits, less zeros in front; see `search_terms`.
    """
    whole = person_in(text, region, blank_is_plus=blank_is_plus)
    if whole is not None:
        return (whole,)
    runs = ((run, digits_of(run)) for run in digit_runs(text))
    return tuple(
        person_in(run, region) or digits for run, digits in runs if len(digits) >= MIN_DIGITS
    )


def first_number(written: Written, region: str | None) -> Number:
    """Return the one number of a field, or the first of those that are all written out.

    MappingError where that is none, or where it may be two.
    """
    parts = _without_code_in_front(written.parts)
    for at in range(1, len(parts)):
        front, rest = _joined(parts[:at]), parts[at:]
        if not _is_number(front, region) or (
            not written.is_list and _is_area(front, parts, region)
        ):
            continue
        if _is_another(front, rest, region):
            return _read(front, region)
        raise _several(written)
    if written.is_list and len(parts) > 1:
        raise invalid("the first of several is no number")
    if any(part.has_plus for part in parts[1:]):
        raise invalid("a '+' stands inside it")
    return _read(_joined(parts), region)


def _several(written: Written) -> MappingError:
    if written.may_be_extension:
        return invalid("it has an extension, or a second number that is not whole")
    return ambiguous(_TWO_NUMBERS)


def _read(part: Part, region: str | None) -> Number:
    if part.has_plus:
        return read_international(part.digits)
    return read_digits(part.digits, region, breaks=part.breaks, has_lost_plus=part.has_lost_plus)


def _is_number(part: Part, region: str | None) -> bool:
    """Whether the part is a number, be it one that may not be rung or may be two."""
    try:
        _read(part, region)
    except MappingError as error:
        return error.reason != Reason.PHONE_INVALID
    return True


def _is_area(front: Part, parts: tuple[Part, ...], region: str | None) -> bool:
    """Whether the front is no more than the area code of all parts together."""
    try:
        whole = _read(_joined(parts), region)
    except MappingError:
        return False
    area = area_digits(whole)
    return bool(area) and front.digits.endswith(area) and len(front.digits) <= len(area) + 3


def _is_another(front: Part, rest: tuple[Part, ...], region: str | None) -> bool:
    """Whether the rest is a number as whole as the front."""
    second = _joined(rest)
    least = _WHOLE if front.is_written_out else min(_WHOLE, len(front.digits))
    is_whole = second.is_written_out or len(second.digits) >= least
    return (is_whole and _is_number(second, region)) or (
        len(rest) > 1 and _is_another(front, rest[:1], region)
    )


def _without_code_in_front(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts without a country code that the number behind it repeats: +49 +49."""
    if len(parts) < 2 or not (parts[0].has_plus and parts[1].has_plus):
        return parts
    code = parts[0].digits
    return parts[1:] if code and calling_code(parts[1].digits) == code else parts


def _joined(parts: tuple[Part, ...]) -> Part:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.with_rest(part)
    return whole
