"""Invented people and their numbers, who stand in for those of a sample. Pure."""

import re
from collections.abc import Mapping

from adapter.errors import MappingError
from adapter.values.numbering_plans import region_of
from adapter.values.phone_numbers import read_phone

_NAMES = {
    "first_name": ("Ada", "Bo", "Cy", "Di", "Eve", "Flo", "Gus", "Hal"),
    "last_name": ("Example", "Sample", "Specimen", "Placeholder", "Invented"),
    "company": ("Example Solar", "Sample Roofs", "Specimen Pools", "Placeholder Cars"),
    "product": ("Solar panels", "Heat pump", "Roof tiles", "Garden pool"),
    "city": ("Exampleton", "Sampleford", "Specimen Bay"),
    "message": ("Please call me back", "Ring me tomorrow", "I have a question"),
    "job_title": ("Engineer", "Baker", "Teacher"),
    "form": ("Contact form", "Lead form", "Enquiry"),
    "language": ("en", "es"),
    "appointment": ("Monday morning", "Tuesday noon"),
}
# Ranges that regulators keep for fiction, and that phonenumbers takes for given out: NANPA's
# 555-01xx, ACMA, Ofcom, ARCEP, Bundesnetzagentur, PTS. (E.164, as written at home)
_FICTION: Mapping[str, tuple[tuple[str, str], ...]] = {
    "US": tuple((f"+1202555{n:04}", f"(202) 555-{n:04}") for n in range(123, 199)),
    "CA": tuple((f"+1416555{n:04}", f"(416) 555-{n:04}") for n in range(123, 199)),
    "AU": tuple((f"+61491570{n}", f"0491 570 {n}") for n in (156, 157, 158, 159, 110)),
    "GB": tuple((f"+442079460{n}", f"020 7946 0{n}") for n in range(123, 199)),
    "FR": tuple((f"+33199001{n}", f"01 99 00 1{str(n)[0]} {str(n)[1:]}") for n in range(123, 199)),
    "DE": tuple((f"+493023125{n}", f"030 23125{n}") for n in range(123, 199)),
    "SE": tuple((f"+467017406{n:02}", f"070-174 06 {n:02}") for n in range(5, 99)),
}
_ELSEWHERE = "US"
_ABROAD = ("+", "00", "tel:", "whatsapp:")


class Cast:
    """The invented people of one draft: none has a word or a number of the sample."""

    def __init__(self, sample: str) -> None:
        self._items: dict[tuple[object, object], int] = {}
        self._lengths: dict[object, int] = {}
        self._words = frozenset(re.findall(r"\w{3,}", sample.casefold()))
        self._digits = re.sub(r"[^0-9]+", "", sample)
        self._used: set[str] = set()

    def number_of(self, items: object, item: object) -> int:
        """Return which one of its list an item is, 0 for the first that is asked for."""
        number = self._items.get((items, item))
        if number is None:
            number = self._items[items, item] = self._lengths.get(items, 0)
            self._lengths[items] = number + 1
        return number

    def text(self, kind: str, number: int = 0) -> str:
        """Return a text of a kind of KINDS, another for each number."""
        if kind == "name":
            return f"{self.text('first_name', number)} {self.text('last_name', number)}"
        texts = [text for text in _NAMES[kind] if self._is_new(text)] or [f"{self.mark} {kind}"]
        text, round_ = texts[number % len(texts)], number // len(texts)
        return f"{text} {round_ + 1}" if round_ else text

    @property
    def mark(self) -> str:
        """A word that says that something is invented."""
        return next((text for text in _NAMES["last_name"] if self._is_new(text)), "Somebody")

    def email(self, number: int = 0) -> str:
        """Return an address that nobody can have, another for each number."""
        name = self.text("first_name", number).casefold().replace(" ", "-")
        return f"{name}@example.com"

    def _is_new(self, text: str) -> bool:
        # Nor inside a word: somebody called Sam has nothing to do with samples.
        known = text.casefold()
        return not any(word in known for word in self._words)

    def phone(self, original: str, region: str | None) -> str:
        """Return a number of fiction, of the same country if that has some, written as alike."""
        country, is_at_home = _country(original, region)
        is_home_known = is_at_home and country in _FICTION
        numbers = _FICTION.get(country or "", _FICTION[_ELSEWHERE])
        e164, at_home = next((pair for pair in numbers if self._is_unused(pair[0])), numbers[-1])
        self._used.add(e164)
        if is_home_known:
            return at_home
        return e164 if original.lstrip("+").isdecimal() else spaced(e164)

    def _is_unused(self, e164: str) -> bool:
        # A sample may have the end of a number alone, its area apart.
        return e164 not in self._used and e164[-7:] not in self._digits


def _country(original: str, region: str | None) -> tuple[str | None, bool]:
    """Return a number's country, and whether it is written as at home there."""
    try:
        found = region_of(read_phone(original, region))
    except MappingError:
        is_abroad = original.startswith(_ABROAD)
        return (None, False) if is_abroad else (region, region is not None)
    return found, not original.startswith(_ABROAD)


def spaced(e164: str) -> str:
    """Return an invented number as people write it, its country in front."""
    if e164.startswith("+1"):
        return f"+1 {e164[2:5]}-{e164[5:8]}-{e164[8:]}"
    return f"{e164[:3]} {e164[3:6]} {e164[6:9]} {e164[9:]}".strip()
