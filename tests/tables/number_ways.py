"""Numbers of every plan, each written in ten ways → how many come out right, and what else."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from re import _constants as regex_words  # type: ignore[attr-defined]
from re import _parser as regex_parser  # type: ignore[attr-defined]
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.phone_numbers import read_phone

_FULL_WIDTH = str.maketrans("0123456789+()-. ", "０１２３４５６７８９＋（）－．\u3000")  # noqa: RUF001
_KINDS: Mapping[int, str] = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.UAN: "uan",
}
# As people dial abroad; the plans' patterns have all codes, those of carriers too.
_EXIT_CODES: Mapping[str, str] = {
    "AU": "0011", "CC": "0011", "CX": "0011", "BR": "0021", "BY": "810", "KZ": "810", "RU": "810",
    "TJ": "810", "TM": "810", "CL": "1230", "CO": "009", "CU": "119", "CV": "0", "WS": "0",
    "GY": "001", "MN": "001", "HK": "001", "ID": "001", "JP": "010", "KE": "000", "KH": "001",
    "KR": "001", "IL": "012", "MU": "020", "NG": "009", "PW": "011", "SB": "01", "SC": "00",
    "SG": "001", "TH": "001", "TW": "002", "TZ": "000", "UG": "000", "UY": "00", "FI": "990",
    "AX": "990", "BO": "0010",
}  # fmt: skip


class Outcome(StrEnum):
    """What became of a number."""

    RIGHT = "right"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"
    ANOTHER = "another number"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A number, and the country of which its field says that it is."""

    region: str
    number: PhoneNumber

    @property
    def e164(self) -> str:
        """Return what must come out."""
        return str(phonenumbers.format_number(self.number, PhoneNumberFormat.E164))

    @property
    def national(self) -> str:
        """Return the digits behind the country code."""
        return str(phonenumbers.national_significant_number(self.number))

    def written(self, style: int) -> str:
        """Return the number in one of the library's formats."""
        return str(phonenumbers.format_number(self.number, style))


def plan_of(region: str) -> Any:
    """Return the library's metadata of a region."""
    return PhoneMetadata.metadata_for_region(region)


def _exit_code(region: str) -> str:
    default = "011" if plan_of(region).international_prefix == "011" else "00"
    return _EXIT_CODES.get(region, default)


def _bracketed(subject: Subject) -> str:
    zero = "(0)" if plan_of(subject.region).national_prefix == "0" else ""
    return f"(+{subject.number.country_code}) {zero}{subject.national}"


WAYS: Mapping[str, Callable[[Subject], str]] = {
    "national": lambda one: one.written(PhoneNumberFormat.NATIONAL),
    "national, its trunk prefix lost": lambda one: one.national,
    "international": lambda one: one.written(PhoneNumberFormat.INTERNATIONAL),
    "`00` in front": lambda one: f"00 {one.e164[1:]}",
    "the country's exit code in front": lambda one: f"{_exit_code(one.region)} {one.e164[1:]}",
    "international without plus": lambda one: one.e164[1:],
    "in brackets: `(+49) (0)30…`": _bracketed,
    "with an extension": lambda one: f"{one.written(PhoneNumberFormat.INTERNATIONAL)} ext. 5",
    "full-width": lambda one: one.written(PhoneNumberFormat.INTERNATIONAL).translate(_FULL_WIDTH),
    "as a link: `tel:+49-30-…`": lambda one: one.written(PhoneNumberFormat.RFC3966),
}


def outcome(text: str, subject: Subject, *, blank_is_plus: bool = False) -> tuple[Outcome, str]:
    """Return what the reader makes of a text, and the number that came out, if any."""
    try:
        e164 = read_phone(text, subject.region, blank_is_plus=blank_is_plus)
    except MappingError as error:
        is_two = error.reason == Reason.PHONE_AMBIGUOUS
        return (Outcome.AMBIGUOUS if is_two else Outcome.REFUSED), ""
    return (Outcome.RIGHT if e164 == subject.e164 else Outcome.ANOTHER), e164


def is_decided(way: str, subject: Subject, found: str) -> bool:
    """Whether another number comes out on purpose; docs/numbers.md says why of each kind."""
    if subject.region == "GA" and way == "national":
        return found == f"+2410{subject.national}"
    code = str(subject.number.country_code)
    is_doubled = subject.national.startswith(code)
    return is_doubled and found == f"+{code}{subject.national.removeprefix(code)}"


def example_numbers() -> Iterator[Subject]:
    """Yield the example numbers of every region, of each kind that may be rung."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in _KINDS:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield Subject(region=region, number=number)


def random_numbers(count: int, *, seed: int) -> Iterator[Subject]:
    """Yield fixed lines and mobiles of every region, drawn from its plan's own patterns."""
    chance = random.Random(seed)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        metadata = plan_of(region)
        for plan in (metadata.fixed_line, metadata.mobile):
            if plan is None or not plan.national_number_pattern:
                continue
            parsed = regex_parser.parse(plan.national_number_pattern)
            for _ in range(count):
                digits = _drawn(parsed, chance)
                number = phonenumbers.parse(f"+{metadata.country_code}{digits}")
                is_own = phonenumbers.national_significant_number(number) == digits
                if is_own and phonenumbers.is_valid_number_for_region(number, region):
                    yield Subject(region=region, number=number)


def _drawn(parsed: Any, chance: random.Random) -> str:
    """Return a text that a parsed pattern of digits matches."""
    return "".join(_DRAW[str(kind)](argument, chance) for kind, argument in parsed)


def _drawn_of(choices: Any, chance: random.Random) -> str:
    kind, argument = chance.choice(choices)
    if kind is regex_words.RANGE:
        return chr(chance.randint(*argument))
    return _DRAW[str(kind)](argument, chance)


def _drawn_often(argument: Any, chance: random.Random) -> str:
    least, most, inner = argument
    return "".join(_drawn(inner, chance) for _ in range(chance.randint(least, most)))


_DRAW: Mapping[str, Callable[[Any, random.Random], str]] = {
    "LITERAL": lambda code, _: chr(code),
    "IN": _drawn_of,
    "CATEGORY": lambda _, chance: chance.choice("0123456789"),
    "BRANCH": lambda argument, chance: _drawn(chance.choice(argument[1]), chance),
    "SUBPATTERN": lambda argument, chance: _drawn(argument[3], chance),
    "MAX_REPEAT": _drawn_often,
}
