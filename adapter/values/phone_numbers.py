"""A number as a sender wrote it → E.164, or the reason why it is none. Pure."""

from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.number_readings import ambiguous, invalid, read_digits, read_international
from adapter.values.numbering_plans import Kind, Number, area_digits, calling_code
from adapter.values.written_numbers import NotANumberError, Part, Written, read_written

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
    number = _first(written, region)
    if number.kind is Kind.NOT_RUNG:
        detail = "premium-rate, shared-cost, pager, voicemail and personal numbers are not rung"
        raise MappingError(Reason.PHONE_NOT_ALLOWED, detail)
    return number.e164


def _first(written: Written, region: str | None) -> Number:
    """Return the one number of a field, or the first of those that are all written out."""
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
