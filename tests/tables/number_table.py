"""The tables of docs/numbers.md: what becomes of every example number, and what is decided."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from adapter.errors import MappingError
from adapter.values.phone_numbers import read_phone
from tests.tables.number_ways import (
    WAYS,
    Outcome,
    Subject,
    example_numbers,
    is_decided,
    outcome,
    random_numbers,
)

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"
_BEGIN, _END = "<!-- {}: generated -->", "<!-- {}: end -->"
# Where leads of the whole world meet a mapping that names one country.
_ELSEWHERE = ("US", "DE", "ES", "BR", "IN", "MX", "CN", "AU")

# What a sender wrote, the region, whether in a form, and the rule that decides.
_DECIDED: tuple[tuple[str, str, bool, str], ...] = (
    ("49 171 3920012", "DE", False, "own code: a mobile goes before a fixed line (+49 4917…)"),
    ("49 7755 91155", "DE", False, "own code: two fixed lines"),
    ("390 123 4567", "IT", False, "own code: a mobile, and a fixed line behind 39"),
    ("15123456789", "DE", False, "another code (+1 512…): the mobile at home stands"),
    ("658 555 0123", "JM", False, "another code: a mobile (+65…) against a fixed line"),
    ("34612345678", "FR", False, "another code and no number at home: no guess"),
    (" 65 6555 0123", "ES", True, "a form's leading blank is a lost plus"),
    (" 65 6555 0123", "US", True, "the same, and the digits are a number at home"),
    ("+49 49 171 3920012", "DE", False, "code written twice: a mobile goes before a fixed line"),
    ("+49 4941 935175", "DE", False, "code written twice, or Ostfriesland: it stands as it is"),
    ("+55 55 99123 4012", "BR", False, "area 55 of Brazil: it stands as it is"),
    ("0011 65 6555 0123", "AU", False, "Australia's exit code"),
    ("0011 65 6555 0123", "ES", False, "Australia's exit code, and no Australian"),
    ("001 65 8555 0123", "SG", False, "exit code 001, not 00 and area 658: the blanks say so"),
    ("0016585550123", "SG", False, "the same without blanks"),
    ("00 55 51 93396 3412", "BR", False, "00 and Brazil's code, not carrier 55's exit code"),
    ("030 23125678/79", "DE", False, "two numbers, the second not written out"),
    ("0171 3920012 / 030 23125678", "DE", False, "two numbers, both written out: the first"),
    ("0347 1234012", "IT", False, "Italy's mobiles without the 0 that they once had"),
    ("0331 1234012", "IT", False, "the same, and a fixed line: Italy's plan allows eleven digits"),
    ("431237299712.0", "AT", False, "a spreadsheet's fraction: the .0 is no digit"),
    ("07 68 92 99", "GA", False, "Gabon's seven old digits read with today's 0 in front"),
)


def ways_table() -> str:
    """Return a table of the ten ways and of two more that the rule decides, a row each."""
    subjects = tuple(example_numbers())
    rows = ["| written | right | ambiguous | refused | another number |", "|---|---|---|---|---|"]
    for way, write in WAYS.items():
        rows.append(_row(way, (outcome(write(one), one)[0] for one in subjects)))
    twice = (outcome(f"+{one.number.country_code}{one.e164[1:]}", one)[0] for one in subjects)
    rows.append(_row("country code written twice (decided)", twice))
    abroad = (outcome(one.e164[1:], one)[0] for one in _read_elsewhere(subjects))
    where = f"without plus, in {len(_ELSEWHERE)} other countries (decided)"
    rows.append(_row(where, abroad))
    return "\n".join(rows)


def decided_table() -> str:
    """Return a table of what the rules decide, by example."""
    rows = ["| written | region | comes out as | why |", "|---|---|---|---|"]
    for text, region, is_form, why in _DECIDED:
        try:
            found = read_phone(text, region, blank_is_plus=is_form)
        except MappingError as error:
            found = f"`{error.reason}`"
        rows.append(f"| `{text}` | {region} | {found} | {why} |")
    return "\n".join(rows)


def with_tables(page: str) -> str:
    """Return the page with both tables made anew between their marks."""
    for name, table in (("ways", ways_table()), ("decided", decided_table())):
        begin, end = _BEGIN.format(name), _END.format(name)
        front, _, rest = page.partition(begin)
        page = f"{front}{begin}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return page


def wrong_numbers(count: int, *, seed: int) -> list[str]:
    """Return the random numbers that come out as others in one of the ten ways, undecided."""
    return [
        f"{way}: {one.region} {write(one)!r} is {one.e164}, came out as {found}"
        for one in random_numbers(count, seed=seed)
        for way, write in WAYS.items()
        if (found := _another(write(one), one)) and not is_decided(way, one, found)
    ]


def _another(text: str, subject: Subject) -> str:
    became, found = outcome(text, subject)
    return found if became is Outcome.ANOTHER else ""


def _read_elsewhere(subjects: Iterable[Subject]) -> Iterator[Subject]:
    for one in subjects:
        for region in _ELSEWHERE:
            if region != one.region:
                yield Subject(region=region, number=one.number)


def _row(way: str, outcomes: Iterable[Outcome]) -> str:
    counted = Counter(outcomes)
    numbers = (counted[kind] for kind in Outcome)
    return f"| {way} | {' | '.join(f'{number:,}' for number in numbers)} |"
