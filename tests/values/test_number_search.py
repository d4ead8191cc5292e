"""What a number is found by, however it was written."""

import pytest

from adapter.values.number_search import numbers_among, search_terms
from adapter.values.numbering_plans import numbers_of, person_of, spellings_of
from adapter.values.phone_numbers import MIN_DIGITS, numbers_in, person_in
from adapter.values.written_numbers import digit_runs, digits_of
from tests.tables.number_ways import WAYS, example_numbers

ADA = "+12025550123"
PERSONS = [
    ("+5491155550134", "+541155550134"),
    ("+5215512345678", "+525512345678"),
    ("+551187654321", "+5511987654321"),
]


@pytest.mark.parametrize(("other", "person"), PERSONS)
def test_one_person_has_two_numbers(other: str, person: str) -> None:
    """Either is the person, whose numbers are both; all that finds one finds the other."""
    assert person_of(other) == person_of(person) == person
    assert numbers_of(person) == (person, other)
    assert search_terms(other) == search_terms(person)
    assert {other[1:], person[1:]} <= {*spellings_of(other)}


@pytest.mark.parametrize("number", [ADA, "+551176543210", "+5411555501", "+4991155550134"])
def test_most_have_one(number: str) -> None:
    """Nor did Brazil's trunked radios take a ninth digit."""
    assert numbers_of(person_of(number)) == (number,)


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("(202) 555-0123", "US", (ADA,)),
        ("(202) 555-0123", None, ("2025550123",)),
        ("202-555-0123 ext. 5", "US", (ADA,)),
        ("call +1 202 555 0123 or 202.555.0145!", "US", (ADA, "+12025550145")),
        ("030 23125678/79", "DE", ("+493023125678",)),
        ("49 7755 91155", "DE", ("49775591155",)),
        ("+1 202 555 012", "US", ("1202555012",)),
        ("2025550123.0", None, ("2025550123",)),
        ("+3903201234567", None, ("+393201234567",)),
        ("00 44 20 7946 0018", None, ("+442079460018",)),
        ("007 007", "US", ()),
        ("a1b2c3d4e5f6", "US", ()),
        ("no number", "US", ()),
        ("", "US", ()),
        ("\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "US", (ADA,)),
        ("1" * 80, "US", ()),
    ],
)
def test_what_stands_in_a_text(text: str, region: str | None, found: tuple[str, ...]) -> None:
    """Persons where the region tells, and the digits of what is no number or may be two."""
    assert numbers_in(text, region) == found


def test_of_many_texts_so_much_is_kept() -> None:
    """A webhook has no more time and room than others; each number counts once."""
    assert numbers_among(["x 202-555-0123", "202-555-0123 y", "z"], "US") == (ADA,)
    assert len(numbers_among((f"n {number}" for number in range(10**9, 10**9 + 99)), None)) == 50
    assert numbers_among([" " * 300 + "202-555-0123"], "US") == ()
    assert numbers_among([*[""] * 1_000, "202-555-0123"], "US") == ()
    assert numbers_among([*["12345"] * 999, "202-555-0123"], "US") == (ADA,)
    assert numbers_among([*["1,2,3,4,5,6"] * 60, "202-555-0123"], "US") == ()


@pytest.mark.parametrize("text", ["", "no", "12345", "555-01"])
def test_too_little_finds_nobody(text: str) -> None:
    """Fewer than six digits would be anybody's."""
    assert search_terms(text) == ()


def test_a_national_number_is_looked_for_in_every_country() -> None:
    """Whose it is, only its sender knows; one in international form is one person's."""
    assert {ADA, "2025550123"} <= {*search_terms("(202) 555-0123")}
    assert [term for term in search_terms(ADA) if term.startswith("+")] == [ADA]
    assert "+999123456789" in search_terms("+999 123 456 789")  # given out nowhere


@pytest.mark.parametrize("is_region_known", [True, False])
def test_every_way_to_write_a_number_finds_it(is_region_known: bool) -> None:
    """The world's numbers in ten ways: kept under a term that a search for the number asks for.

    Of what nobody could read, too few digits are nobody's, and Korea's exit code and its own code
    (001 82) are North America's.
    """
    lost = [
        (one.e164, way, found)
        for one in example_numbers()
        for terms in [{*search_terms(one.e164)}]
        for way, write in WAYS.items()
        for found in [numbers_in(write(one), one.region if is_region_known else None)]
        if not terms & {*found} and len(one.national.lstrip("0")) >= MIN_DIGITS
    ]
    assert {e164 for e164, _, _ in lost} <= (set() if is_region_known else {"+8215441234"})


def test_runs_of_digits_begin_no_longer_word() -> None:
    """An id's digits are none; letters behind may be an extension."""
    assert digit_runs("ab123456 123456x7 (202) 555-01 23") == ["123456", "(202) 555-01 23"]
    assert digits_of("+0 01-2 \uff13") == "123"
    assert person_in("", "US") is None
