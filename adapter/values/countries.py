"""What people write for a country, in any of CLDR's languages → its ISO 3166 code. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

# One line a country: its codes, then all of its names as name_key() has them. A generated file
# (python -m tests.tables); the line of TWICE has the names that two countries bear.
TABLE = Path(__file__).with_name("country_names.txt")
TWICE = "??"
_MAX_NAME = 100
_ACCENT = re.compile("[\u0300-\u036f]")
_FLAG = re.compile("([\U0001f1e6-\U0001f1ff])([\U0001f1e6-\U0001f1ff])")
_FIRST_FLAG_LETTER = 0x1F1E6
_BRACKET = re.compile(r"[(\[{\uff08]([^()\[\]{}\uff08\uff09]*)[)\]}\uff09]")
_BETWEEN = re.compile(r"[/|;,\uff0f\uff0c\u3001]| [-\u2013\u2014] ")
_NOT_LATIN_LETTERS = str.maketrans(
    {
        "đ": "d",
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
        "ð": "d",
        "þ": "th",
    }
)
_SILENT_SIGNS = ".'`\u2019\u2018\u02bc\u00b4"  # dots and apostrophes
_SILENT = frozenset({"the", "and"})
_SAME_WORDS: Mapping[str, str] = {"saint": "st"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """The codes by their own spelling, and the lines of names as they stand in the file."""

    codes: Mapping[str, str]
    lines: bytes

    def named(self, key: str) -> str | None:
        """Return the first word of the line that has this name."""
        at = self.lines.find(f"|{key}|".encode()) if key else -1
        if at < 0:
            return None
        start = self.lines.rfind(b"\n", 0, at) + 1
        return self.lines[start : start + 2].decode()


@lru_cache(maxsize=1)
def load_countries() -> _Table:
    """Read the table of names, once: half a megabyte, in three milliseconds."""
    lines = TABLE.read_bytes()
    codes: dict[str, str] = {}
    for line in lines.splitlines():
        written = line[: line.index(b"|")].decode().split()
        codes |= dict.fromkeys(written, written[0])
    return _Table(codes=codes, lines=lines)


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """Return the ISO code of the one country that a text names; None where it names none or two.

    What stands in brackets may say the same again or nothing (`India (IN)`, `Spain (mainland)`);
    parts between slashes or commas must all say the same.
    """
    text = _FLAG.sub(_flag_letters, " ".join(text.split()))
    if not text or len(text) > _MAX_NAME:
        return None
    whole = _said(text)
    if whole is not None:
        return None if whole == TWICE else whole
    outside, inside = _BRACKET.sub(" ", text), _BRACKET.findall(text)
    turned = _turned(outside, inside)
    if turned is not None:
        return turned
    parts = [part for part in _BETWEEN.split(outside) if part.strip()]
    said = [_said(part) for part in parts] + list(filter(None, map(_said, inside)))
    codes = set(said)
    return said[0] if len(codes) == 1 and TWICE not in codes else None


def suggest_country(text: str) -> str | None:
    """Return the code that a text names or nearly names: UK → GB, Germny → DE."""
    code = country_code(text)
    key = name_key(text)
    if code or not key or len(key) > _MAX_NAME:
        return code
    near = get_close_matches(key, _names_like(key), n=1, cutoff=0.8)
    code = load_countries().named(near[0]) if near else None
    return None if code == TWICE else code


def name_key(name: str) -> str:
    """Return a name without what people leave out or write otherwise: case, accents, signs."""
    bare = unicodedata.normalize("NFKC", name).casefold().translate(_NOT_LATIN_LETTERS)
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", bare))
    signs = "".join(map(_letter, unicodedata.normalize("NFC", bare)))
    words = [_SAME_WORDS.get(word, word) for word in signs.split() if word not in _SILENT]
    return " ".join(words)


def _said(text: str) -> str | None:
    """Return what one part says: a code before any name, for `Áo` is Austria and `AO` is not."""
    table, text = load_countries(), text.strip()
    code = table.codes.get(text.upper()) if text.isascii() else None
    named = table.named(name_key(text))
    # `Nga` is Russia in Vietnamese, `NGA` the code of Nigeria.
    is_unclear = named == TWICE and not text.isupper()
    return code if code and not is_unclear else named


def _turned(outside: str, inside: list[str]) -> str | None:
    """Return the country of a name whose parts were turned: Congo (Republic of); Korea, South."""
    front, comma, rest = outside.partition(",")
    parts = [front, rest] if comma else [outside, *inside[:1]]
    if len(parts) < 2 or len(inside) > 1 or (comma and inside):
        return None
    code = _said(f"{parts[1].strip()} {parts[0].strip()}")
    return None if code == TWICE else code


def _letter(sign: str) -> str:
    """Return a letter, mark or digit as it is, nothing for dots and apostrophes, else a blank."""
    if sign in _SILENT_SIGNS or unicodedata.category(sign) == "Cf":
        return ""
    return " " if unicodedata.category(sign)[0] in "PSZC" else sign


def _flag_letters(flag: re.Match[str]) -> str:
    letters = (chr(ord(sign) - _FIRST_FLAG_LETTER + ord("A")) for sign in flag.groups())
    return f" ({''.join(letters)}) "


def _names_like(key: str) -> Iterator[str]:
    """Yield the names that begin as this one does, and are about as long."""
    pattern = re.compile(rb"\|(%s[^|\n]*)(?=\|)" % re.escape(key[0].encode()))
    for found in pattern.finditer(load_countries().lines):
        name = found[1].decode()
        if abs(len(name) - len(key)) <= 2:
            yield name
