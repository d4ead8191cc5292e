"""Which value of a document is the lead's phone. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from adapter.authoring.drafting.choose.split_phones import (
    Split,
    is_part,
    split_phones,
    without_plus,
)
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.regions import Stated, stated_region
from adapter.authoring.drafting.read.vocabulary import (
    DIRECTION,
    LEAD,
    MOBILE,
    NO_NUMBER,
    OPAQUE,
    PHONE,
    SENDER,
    WA_ID,
    WORK,
)
from adapter.authoring.key_words import COMPANY, FAX, RECEIVER, STRANGER_OWN, USER, words
from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.phone_numbers import read_phone

_SIGNS = re.compile(r"[+(]?[0-9][0-9 ().\-/\u2010-\u2015]*")
_AREA = re.compile(r"(\+?1[ -]?)?\([0-9]{2,5}\) ?[0-9]")
_NO_PHONE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,3}(\.\d{1,3}){3}|-?\d+\.\d+"
)
MAX_PATHS = 4
MAX_WRITTEN = 64
_LABELLED = ("+", "tel:", "whatsapp:+")
# So many digits are international, in whatever country.
_INTERNATIONAL = 11


class NumberForm(IntEnum):
    """What a value looks like; more is better."""

    OTHER = -100
    EMPTY = 0
    WORDS = 1
    LETTERS = 2
    DIGITS = 10
    SHAPED = 12
    VALID = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A value that may be the phone; `score` compares it with the others.

    `lacks_plus`: its sender writes international numbers in digits alone.
    """

    leaf: Leaf
    form: NumberForm
    score: int
    is_company: bool = False
    lacks_plus: bool = False

    @property
    def is_number(self) -> bool:
        """Whether something stands there that somebody wrote as a number, a good one or not."""
        return self.form >= NumberForm.LETTERS


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneChoice:
    """Where the mapping reads the phone; `leaves` in order, or a `split` number.

    Without `is_found` nothing in the sample is a number of the lead, and the path is a guess by
    its key; `passed` are the numbers that are there and somebody else's.
    """

    leaves: tuple[Leaf, ...] = ()
    split: Split | None = None
    country: Stated | None = None
    is_found: bool = False
    is_national: bool = False
    is_company: bool = False
    passed: tuple[Leaf, ...] = ()

    @property
    def first(self) -> Leaf | None:
        """The leaf that decides which list's item a call is made of."""
        return self.leaves[0] if self.leaves else None


def choose_phone(leaves: Sequence[Leaf], region: str | None) -> PhoneChoice:
    """Return the lead's phone, by its keys and by whether it reads as a number."""
    told = region or _told_region(leaves)
    # What the business sent itself is from its own number.
    own = SENDER if any(map(_says_outbound, leaves)) else RECEIVER
    usable = [leaf for leaf in leaves if not _is_strangers(leaf, own)]
    candidates = [candidate for leaf in usable if (candidate := _candidate(leaf, leaves, told))]
    candidates.sort(key=lambda candidate: -candidate.score)
    numbers = [
        candidate
        for candidate in candidates
        if candidate.is_number and not _stands_back(candidate, candidates)
    ]
    splits = split_phones(leaves)
    if splits and (not numbers or numbers[0].form is NumberForm.LETTERS):
        return PhoneChoice(leaves=(splits[0].number,), split=splits[0], is_found=True)
    if not numbers:
        return _guess([candidate for candidate in candidates if not candidate.is_company], leaves)
    best = numbers[0]
    if best.lacks_plus:
        return PhoneChoice(leaves=(best.leaf,), split=without_plus(best.leaf), is_found=True)
    chosen = _in_order(best, [candidate for candidate in candidates if _goes_with(candidate, best)])
    return PhoneChoice(
        leaves=tuple(candidate.leaf for candidate in chosen),
        country=stated_region(leaves, best.leaf),
        is_found=True,
        is_national=not _is_international(best.leaf.text),
        is_company=best.is_company,
    )


def _guess(empty: Sequence[Candidate], leaves: Sequence[Leaf]) -> PhoneChoice:
    """Return the places where a phone would stand, by their keys alone."""
    if not empty:
        return PhoneChoice()
    best = empty[0]
    chosen = _in_order(best, [candidate for candidate in empty if _goes_with(candidate, best)])
    country = stated_region(leaves, best.leaf)
    return PhoneChoice(leaves=tuple(candidate.leaf for candidate in chosen), country=country)


def _told_region(leaves: Sequence[Leaf]) -> str | None:
    codes = [stated.code for leaf in leaves if (stated := stated_region([leaf], leaf))]
    return next((code for code in codes if code), None)


def _stands_back(candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether it is a company's number beside a place for the lead's own, even an empty one."""
    return candidate.is_company and any(not other.is_company for other in candidates)


def _goes_with(other: Candidate, best: Candidate) -> bool:
    """Whether it is one more number of the same lead."""
    if other.leaf is best.leaf:
        return True
    above = other.leaf.above
    is_same_lead = best.leaf.above.startswith(above) or LEAD.search(above) is not None
    if other.form is NumberForm.WORDS or other.lacks_plus or other.is_company != best.is_company:
        return False
    return other.leaf.joins(best.leaf) and is_same_lead


def _in_order(best: Candidate, chosen: list[Candidate]) -> list[Candidate]:
    """Return mobiles first, then by their keys, whatever is filled in just here; each path once."""
    first = sorted(
        chosen,
        key=lambda candidate: (not _is_mobile(candidate.leaf), candidate.form - candidate.score),
    )
    untold = [candidate for n, candidate in enumerate(first) if not _is_told(candidate, first[:n])]
    kept = untold[:MAX_PATHS]
    return kept if best in kept or _is_told(best, kept) else [best, *kept[: MAX_PATHS - 1]]


def _is_told(candidate: Candidate, before: Sequence[Candidate]) -> bool:
    """Whether its path is there already, or its number: some senders say all things twice."""
    leaf = candidate.leaf
    return any(
        other.leaf.path == leaf.path
        or (leaf.text and other.leaf.text == leaf.text and _is_apart(other.leaf, leaf))
        for other in before
    )


def _is_apart(one: Leaf, other: Leaf) -> bool:
    """Whether two values are no two phones of one object, which another lead may fill apart."""
    return one.above != other.above or one.name == other.name


def _is_mobile(leaf: Leaf) -> bool:
    return MOBILE.search(leaf.name) is not None or leaf.rank > 0


def _candidate(leaf: Leaf, leaves: Sequence[Leaf], region: str | None) -> Candidate | None:
    if isinstance(leaf.value, bool):
        return None
    is_named = is_phone_name(leaf.name)
    form = form_of(leaf.text, region) if len(leaf.text) <= MAX_WRITTEN else NumberForm.OTHER
    if is_named and form is NumberForm.OTHER:
        form = NumberForm.WORDS  # a place for a phone, with no phone in it
    if is_part(leaf, leaves) and not _is_international(leaf.text):
        return None
    lacks_plus = _lacks_plus(leaf)
    if lacks_plus:
        form = NumberForm.VALID
    is_shown = is_named or lacks_plus or _shows(leaf, region)
    if form is NumberForm.OTHER or not is_shown:
        return None
    return Candidate(
        leaf=leaf,
        form=form,
        score=_score(leaf, is_named) + form,
        is_company=COMPANY.search(leaf.name) is not None,
        lacks_plus=lacks_plus,
    )


def _score(leaf: Leaf, is_named: bool) -> int:
    score = 40 if is_named else 20
    score += 10 if MOBILE.search(leaf.name) else 0
    score -= 5 if WORK.search(leaf.name) else 0
    score -= 25 if COMPANY.search(leaf.name) else 0
    score -= 10 if USER.search(leaf.above) else 0
    score -= 3 if "address" in leaf.above else 0
    # Who wrote stands beside what names the message, where a WhatsApp id names a contact.
    score += 10 if SENDER.fullmatch(leaf.name) and not WA_ID.fullmatch(leaf.name) else 0
    score += 4 if LEAD.search(f"{leaf.above}_{leaf.name}") else 0
    return score + leaf.rank - 2 * len(leaf.place) - 3 * len(leaf.texts)


def is_phone_name(name: str) -> bool:
    """Whether a key's words say that a phone stands there."""
    if FAX.search(name) or NO_NUMBER.search(name):
        return False
    # Brevo's own field for mobiles; in a longer name it is a consent.
    return name == "sms" or PHONE.search(name) is not None or MOBILE.search(name) is not None


def _lacks_plus(leaf: Leaf) -> bool:
    """Whether it is who wrote or rang, as WhatsApp and Vonage say it: `from: "34612345678"`."""
    is_whole = WA_ID.fullmatch(leaf.name) is not None or len(leaf.text) >= _INTERNATIONAL
    if not (is_whole and leaf.text.isdecimal() and SENDER.fullmatch(leaf.name)):
        return False
    return not isinstance(leaf.value, list) and form_of(f"+{leaf.text}", None) is NumberForm.VALID


def _is_strangers(leaf: Leaf, own: re.Pattern[str]) -> bool:
    if STRANGER_OWN.search(leaf.name) or FAX.search(leaf.name):
        return True
    keys = [words(key) for key in leaf.place if isinstance(key, str)]
    if any(RECEIVER.search(key) or own.fullmatch(key) for key in [*keys, leaf.name]):
        return True
    above = leaf.above
    return STRANGER_OWN.search(above) is not None or COMPANY.search(above) is not None


def _says_outbound(leaf: Leaf) -> bool:
    return DIRECTION.fullmatch(leaf.name) is not None and leaf.text.casefold().startswith("out")


def _shows(leaf: Leaf, region: str | None) -> bool:
    """Whether a value whose key says nothing cannot be anything but a phone."""
    if NO_NUMBER.search(leaf.name) or not isinstance(leaf.value, str | list):
        return False
    if leaf.text.startswith(_LABELLED):
        return form_of(leaf.text, None) is NumberForm.VALID
    if leaf.text.isdecimal():
        # A form builder's `Field3`, and somebody who says whose numbers these are.
        is_valid = region is not None and form_of(leaf.text, region) is NumberForm.VALID
        return is_valid and OPAQUE.fullmatch(leaf.name) is not None
    is_area = _AREA.match(leaf.text) is not None and form_of(leaf.text, None) is NumberForm.SHAPED
    return is_area or (region is not None and form_of(leaf.text, region) is NumberForm.VALID)


def _is_international(text: str) -> bool:
    return text.startswith(("+", "00", "tel:+", "whatsapp:+", "\uff0b"))


def form_of(text: str, region: str | None) -> NumberForm:
    """Return what a text looks like, read as a number of this region or of any."""
    if not text:
        return NumberForm.EMPTY
    if _NO_PHONE.fullmatch(text):
        return NumberForm.OTHER
    try:
        read_phone(text, region)
    except MappingError as error:
        return _unread(text, error)
    return NumberForm.VALID


def _unread(text: str, error: MappingError) -> NumberForm:
    if error.reason is Reason.PHONE_NOT_ALLOWED:
        return NumberForm.SHAPED
    digits = sum(sign.isdecimal() for sign in text)
    if _SIGNS.fullmatch(text) and 7 <= digits <= 15:
        return NumberForm.DIGITS if text.isdecimal() else NumberForm.SHAPED
    has_digits = digits >= 4 and not any(sign in "@:/_" for sign in text)
    return NumberForm.LETTERS if has_digits else NumberForm.OTHER
