"""A field as a person, a form or a spreadsheet wrote it → its numbers' digits. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

_MAX_WRITTEN = 64
_SIGNS_OF: Mapping[str, str] = {
    "+": "\uff0b\ufe62\u207a\u208a\u2795",
    "-": "\u2212\u30fc\uff70\u02d7\u207b\u208b\u2796",
    ".": "\uff0e\u00b7\u2022\u2027\u2219\u22c5\u30fb\u2024\u3002\uff61",
    # A wave may be a dash, or stand between the last digits of two numbers, as a slash may.
    "/": "\uff0f\u2044\u2215\u29f8\\~\uff5e\u223c\u2053\u301c\u3030\u02dc\u223d",
    ",": "\uff0c\u3001\uff64",
    ";": "\uff1b",
    "|": "\uff5c\u00a6",
    ":": "\uff1a",
    "%": "\uff05\ufe6a",
    "(": "[{<",
    ")": "]}>",
}
_PLAIN = str.maketrans({written: sign for sign, others in _SIGNS_OF.items() for written in others})
_BY_CATEGORY: Mapping[str, str] = {"Pd": "-", "Ps": "(", "Pe": ")", "Zs": " ", "Cf": ""}
_QUOTES = "='\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00b4\u02bc\uff07\uff02"
_LABEL = re.compile(r"(?i)(?:tel|p|whatsapp):(?://)?")
_ESCAPES: tuple[tuple[str, str], ...] = (("%2B", "+"), ("%2b", "+"), ("%20", " "))
_ALLOWED = re.compile(r"[0-9 +().\-/,;|]*")
# A spreadsheet's number as a text. One with a 0 in front is none: there `.0` may be an extension.
_FRACTION = re.compile(r"(?P<front>[ +]*)(?P<digits>[1-9][0-9]{6,})\.0+ *")
_BLANK_IN_FRONT = re.compile(r"[( ]* [( ]*(?=[0-9])")
# Between two numbers; a plus that stands behind digits begins the second one.
_BETWEEN = re.compile(r"[/,;|]|(?<=[0-9])(?=[^0-9+]*\+[^0-9+]*[0-9])")

# Digits with at most three signs between two of them, and none of a longer word.
_RUN = re.compile(r"(?<![\w+])[+(]*[0-9](?:[ +().\-]{0,3}[0-9]){5,24}(?![0-9])")


class NotANumberError(ValueError):
    """The text has what no number has; the message says what."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What stands between slashes: digits, and the sign that they are international.

    `breaks`: behind how many digits a blank or a sign stands.
    """

    digits: str
    breaks: frozenset[int] = frozenset()
    has_plus: bool = False
    has_lost_plus: bool = False

    @property
    def is_written_out(self) -> bool:
        """Whether it begins as a number does that needs nothing in front."""
        return self.has_plus or self.has_lost_plus or self.digits.startswith("0")

    def with_rest(self, rest: "Part") -> "Part":
        """Return both as one."""
        length = len(self.digits)
        return Part(
            digits=self.digits + rest.digits,
            breaks=self.breaks | {length} | {length + at for at in rest.breaks},
            has_plus=self.has_plus,
            has_lost_plus=self.has_lost_plus or rest.has_lost_plus,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """The parts of a field; a list's parts (`,`, `;`) are never one number."""

    parts: tuple[Part, ...]
    is_list: bool = False
    may_be_extension: bool = False


def read_written(text: str, *, blank_is_plus: bool = False) -> Written:
    """Return the digits of a field, no parts where nothing stands there; raise NotANumberError.

    `blank_is_plus`: the field came in a form or query, where a bare `+` arrives as a blank.
    """
    plain = _without_fraction(plain_signs(text))
    if len(plain.strip()) > _MAX_WRITTEN:
        raise NotANumberError("it is longer than any number")
    if not _ALLOWED.fullmatch(plain):
        raise NotANumberError("it has letters, an extension, or signs that no number has")
    pieces = [piece for piece in _BETWEEN.split(plain) if any(map(str.isdigit, piece))]
    parts = tuple(_part(piece, blank_is_plus and not n) for n, piece in enumerate(pieces))
    return Written(
        parts=parts,
        is_list=any(sign in plain for sign in ",;|"),
        may_be_extension=re.search(r"[,;](?! )", plain) is not None,
    )


def digit_runs(text: str) -> list[str]:
    """Return all that may be a number in a text, with its signs; none begins within a word."""
    return _RUN.findall(plain_signs(text))


def digits_of(text: str) -> str:
    """Return a text's digits in ASCII, less zeros in front and the `.0` of a fraction."""
    plain = plain_signs(text)
    fraction = _FRACTION.fullmatch(plain)
    written = plain if fraction is None else fraction["digits"]
    return "".join(filter(str.isdigit, written)).lstrip("0")


def is_rounded(value: float | Decimal) -> bool:
    """Whether a JSON number that is no integer cannot have all digits of a phone: 3.46E+10.

    A float does not tell how it was written, so one that ends with 00 counts as rounded.
    """
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or number != number.to_integral_value():
        return True
    exponent = number.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent > 0
    return is_short or (isinstance(value, float) and number % 100 == 0)


def _without_fraction(plain: str) -> str:
    """Return digits without the `.0` of a fraction; behind a plus it may be an extension."""
    fraction = _FRACTION.fullmatch(plain)
    if fraction is None:
        return plain
    if "+" in fraction["front"]:
        raise NotANumberError("it ends with .0, as a fraction or an extension does")
    return fraction["front"] + fraction["digits"]


def plain_signs(text: str) -> str:
    """Return a text with ASCII digits and signs, without label, escapes, quotes."""
    plain = "".join(map(_plain_sign, text.translate(_PLAIN)))
    for escape, sign in _ESCAPES:
        plain = plain.replace(escape, sign)
    if plain.strip().strip(_QUOTES) != plain.strip():
        plain = plain.strip().strip(_QUOTES)
    label = _LABEL.match(plain.lstrip())
    return plain.lstrip()[label.end() :] if label else plain


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return " " if sign.isspace() or not sign.isprintable() else sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    # Cf: direction marks, zero-width blanks and soft hyphens, as an address book copies them.
    return _BY_CATEGORY.get(unicodedata.category(sign), " " if sign.isspace() else sign)


def _part(piece: str, blank_is_plus: bool) -> Part:
    digits = "".join(re.findall(r"[0-9+]", piece))
    bare = digits.strip("+")
    has_plus = digits.startswith("+")
    if "+" in bare:
        raise NotANumberError("a '+' stands inside it")
    has_lost_plus = not has_plus and (
        digits.endswith("+") or (blank_is_plus and _BLANK_IN_FRONT.match(piece) is not None)
    )
    lengths = accumulate(map(len, re.findall(r"[0-9]+", piece)))
    breaks = frozenset(lengths) - {len(bare)}
    return Part(digits=bare, breaks=breaks, has_plus=has_plus, has_lost_plus=has_lost_plus)
