"""What was stored is found by numbers, however they were written. Pure.

A webhook is kept under terms, as hashes (see the ledger): persons, and digits that are none.
"""

import re
from collections.abc import Iterable
from itertools import islice

from adapter.values.numbering_plans import all_regions, person_of, spellings_of
from adapter.values.phone_numbers import MIN_DIGITS, numbers_in, person_in
from adapter.values.written_numbers import digits_of

# The digits of exit codes behind their zeros, in front of what was kept without its region.
_EXIT_CODES = ("1", "10", "11", "12", "119", "1230", "2", "20", "21", "810", "9", "990")
_MOST_TEXTS, _MOST_TEXTS_WITH_DIGITS, _MOST_CHARACTERS, _MOST_NUMBERS = 1_000, 60, 300, 50
_DIGIT = re.compile(r"\d")


def numbers_among(texts: Iterable[str], region: str | None) -> tuple[str, ...]:
    """Return what texts can be found by, as far as one webhook may take time and room."""
    short = (text[:_MOST_CHARACTERS] for text in islice(texts, _MOST_TEXTS))
    with_digits = islice(filter(_has_digits, short), _MOST_TEXTS_WITH_DIGITS)
    found = (number for text in with_digits for number in numbers_in(text, region))
    return tuple(dict.fromkeys(islice(found, _MOST_NUMBERS)))


def search_terms(text: str) -> tuple[str, ...]:
    """Return what to look for to find a number, written in any way; none where it is too short.

    A national number may be any country's. With the persons their digits, since a number that
    nobody could read was kept as such.
    """
    own, digits = person_in(text, None), digits_of(text)
    if len(digits) < MIN_DIGITS:
        return ()
    readings = {own} if own else {person_in(text, region) for region in all_regions()}
    # Numbers that their country has given up are kept as they were.
    persons = {person_of(f"+{digits}"), *filter(None, readings)}
    spelled = {spelling for person in persons for spelling in spellings_of(person)}
    spelled |= {f"{code}{spelling}" for code in _EXIT_CODES for spelling in spelled}
    return tuple(sorted(persons | {term for term in spelled if len(term) >= MIN_DIGITS}))


def _has_digits(text: str) -> bool:
    return len(_DIGIT.findall(text)) >= MIN_DIGITS
