"""Two readings and no guess: digits without a plus, exit codes, old spellings, two in one field."""

import pytest

from adapter.agent import satellite_code
from adapter.errors import MappingError
from adapter.values.numbering_plans import person_of
from adapter.values.phone_numbers import read_phone


def read(text: str, region: str | None, *, blank_is_plus: bool = False) -> str:
    """Return the number that comes out, or the reason why none does."""
    try:
        return read_phone(text, region, blank_is_plus=blank_is_plus)
    except MappingError as error:
        return error.reason


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        # The country's own code: an international mobile goes before a national fixed line.
        ("49 171 3920034", "DE", "+491713920034"),
        ("4917604069034", "DE", "+4917604069034"),
        ("6281234567034", "ID", "+6281234567034"),
        ("39 347 1234034", "IT", "+393471234034"),
        # Two fixed lines, or two mobiles, are two numbers.
        ("49 7755 91134", "DE", "phone_ambiguous"),
        ("3901234034", "IT", "phone_ambiguous"),
        # Another country's code: the national reading stands, but for a fixed line.
        ("15123456734", "DE", "+4915123456734"),
        ("658 555 0134", "JM", "phone_ambiguous"),
        # One reading alone is no guess, if it is the country's own.
        ("34612345634", "ES", "+34612345634"),
        ("612345634", "ES", "+34612345634"),
        ("34612345634", "FR", "phone_invalid"),
        ("34612345634", None, "phone_invalid"),
        # A trunk prefix says that the number is a national one.
        ("0171 3920034", "DE", "+491713920034"),
        ("8 499 123 40 34", "RU", "+74991234034"),
        ("1 202 555 0134", "US", "+12025550134"),
    ],
)
def test_digits_without_a_plus(text: str, region: str | None, found: str) -> None:
    """They may be national digits, or international ones that lost their plus."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        (" 65 6555 0134", "ES", "+6565550134"),
        ("( 65) 6555 0134", "ES", "+6565550134"),
        (" 65 6555 0134", None, "+6565550134"),
        (" 65 6555 0134", "US", "phone_ambiguous"),
        (" 64 6 555 0134", "US", "phone_ambiguous"),
        (" 202-555-0134", "US", "+12025550134"),
        (" 1 202-555-0134", "US", "+12025550134"),
        (" 030 23125634", "DE", "+493023125634"),
        (" 49 171 3920034", "DE", "+491713920034"),
        (" 49 7755 91134", "DE", "phone_ambiguous"),
        # North Korea's exit code is Georgia's first two digits.
        (" 995 32 262 48 34", "KP", "phone_ambiguous"),
        (" 00 34 612345634", "ES", "+34612345634"),
    ],
)
def test_a_leading_blank_of_a_form_is_a_lost_plus(
    text: str, region: str | None, found: str
) -> None:
    """`phone=+65…` arrives so; where the digits are a number at home as well, they are two."""
    assert read(text, region, blank_is_plus=True) == found


def test_a_leading_blank_elsewhere_is_nothing() -> None:
    """In JSON, no plus is ever lost."""
    assert read(" 651 555 0134", "US") == "+16515550134"
    assert read(" 34612345634", None) == "phone_invalid"


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("0034 612345634", None, "+34612345634"),
        ("0011 65 6555 0134", "AU", "+6565550134"),
        ("0011 31 6 12345634", "AU", "+31612345634"),
        ("001 65 8555 0134", "SG", "+6585550134"),
        ("001 65 6555 0134", "HK", "+6565550134"),
        ("001 44 20 7946 0134", "HK", "+442079460134"),
        ("001 65 8555 0134", "TH", "+6585550134"),
        ("001 65 8555 0134", "ID", "+6585550134"),
        ("009 1 202 555 0134", "CO", "+12025550134"),
        ("000 31 6 12345634", "KE", "+31612345634"),
        ("0021 31 6 12345634", "BR", "+31612345634"),
        ("011 34 612345634", "US", "+34612345634"),
        ("0034 612345634", "US", "+34612345634"),
        ("810 49 171 3920034", "RU", "+491713920034"),
        ("990 49 171 3920034", "FI", "+491713920034"),
        # Both are numbers, and nothing tells; the writer's blanks do.
        ("0016585550134", "SG", "phone_ambiguous"),
        ("00 55 51 93396 3434", "BR", "+5551933963434"),
        ("0055 51 93396 3434", "BR", "phone_ambiguous"),
        # Another country's exit code leads nowhere.
        ("0011 65 6555 0134", "ES", "phone_invalid"),
        ("0011 65 6555 0134", None, "phone_invalid"),
    ],
)
def test_exit_codes(text: str, region: str | None, found: str) -> None:
    """The region's own goes before 00; both valid and different are two numbers."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+49 49 171 3920034", "+491713920034"),
        ("+4949171 3920034", "+491713920034"),
        ("0049 49 171 3920034", "+491713920034"),
        ("+49 +49 171 3920034", "+491713920034"),
        ("+49 0049 171 3920034", "+491713920034"),
        ("+34 34 612345634", "+34612345634"),
        ("++34 612345634", "+34612345634"),
        # Real: area 55 of Brazil, a mobile of Kazakhstan, a fixed line in Ostfriesland.
        ("+55 55 99123 4034", "+5555991234034"),
        ("+7 771 000 0034", "+77710000034"),
        ("+49 4941 935134", "+494941935134"),
        ("+34 +49 171 3920034", "phone_invalid"),
    ],
)
def test_a_country_code_written_twice(text: str, found: str) -> None:
    """It counts once where the digits are no number, or a fixed line for a mobile's."""
    assert read(text, None) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("+52 1 55 5555 0134", None, "+525555550134"),
        ("5215555550134", "MX", "+525555550134"),
        ("044 55 5555 0134", "MX", "+525555550134"),
        ("045 55 5555 0134", "MX", "+525555550134"),
        ("01 55 5555 0134", "MX", "+525555550134"),
        ("+52 044 55 5555 0134", None, "+525555550134"),
        ("+55 11 9555 0134", None, "+5511995550134"),
        ("(11) 9555-0134", "BR", "+5511995550134"),
        ("011 9555-0134", "BR", "+5511995550134"),
        ("0347 1234034", "IT", "+393471234034"),
        ("+39 (0)347 1234034", None, "+393471234034"),
        ("+54 9 11 5555 0134", None, "+5491155550134"),
        ("011 15 5555 0134", "AR", "+5491155550134"),
    ],
)
def test_old_spellings(text: str, region: str | None, found: str) -> None:
    """What a plan gave up, and address books keep."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("0331 1234034", "IT", "phone_ambiguous"),
        ("+39 (0)392 1234034", None, "phone_ambiguous"),
        ("+39 0393 1234034", None, "phone_ambiguous"),
        ("331 1234034", "IT", "+393311234034"),
        ("0331 771034", "IT", "+390331771034"),
        ("06 12345034", "IT", "+390612345034"),
    ],
)
def test_an_old_mobile_that_is_a_fixed_line_too(text: str, region: str | None, found: str) -> None:
    """Italy's mobiles had a 0 until 2001, and its plan knows fixed lines that long."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("431237299734.0", "AT", "+431237299734"),
        (" 12025550134.0 ", "US", "+12025550134"),
        ("612345634.00", "ES", "+34612345634"),
        # Behind a plus or a trunk's 0 it was never a fraction: `.0` may be an extension.
        ("+431237299734.0", "AT", "phone_invalid"),
        ("030231256.0", "DE", "+49302312560"),
    ],
)
def test_a_spreadsheets_fraction_adds_no_digit(text: str, region: str, found: str) -> None:
    """Tables that hold an empty cell write whole numbers so: no digit is rung that nobody wrote."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("+5491155550134", "+541155550134", True),
        ("+5491155550134", "+5491155550135", False),
        ("+54911555501", "+5411555501", False),
        ("+4991155550134", "+491155550134", False),
    ],
)
def test_one_person_has_two_spellings(one: str, other: str, is_one: bool) -> None:
    """Argentina's mobiles are written with their 9 from abroad, and without it at home."""
    assert (person_of(one) == person_of(other)) is is_one


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("030 23125634/35", "DE", "phone_ambiguous"),
        ("030 23125634 ~ 35", "DE", "phone_ambiguous"),
        ("06 1234534/5", "IT", "phone_ambiguous"),
        ("030 12345/67834", "DE", "phone_ambiguous"),
        ("01/5123434/35", "AT", "phone_ambiguous"),
        ("612345634/5", "ES", "phone_ambiguous"),
        ("612345634, 5", "ES", "phone_ambiguous"),
        ("612345634,5", "ES", "phone_invalid"),
        ("030/23125634", "DE", "+493023125634"),
        ("0171/392 00 34", "DE", "+491713920034"),
        ("+49/171/3920034", None, "+491713920034"),
        ("030 231256-0", "DE", "+49302312560"),
        ("0171 3920034 / 030 23125634", "DE", "+491713920034"),
        ("0171/3920034 / 030/23125634", "DE", "+491713920034"),
        ("0171 3920034; 030 23125634", "DE", "+491713920034"),
        ("612345634 / 612345635", "ES", "+34612345634"),
        ("+12025550134 +12025550135", None, "+12025550134"),
        ("+12025550134 / 803 123 434", "ES", "+12025550134"),
        ("803 123 434 / 612345634", "ES", "phone_not_allowed"),
        ("12, 34", "ES", "phone_invalid"),
        ("12 +34", "ES", "phone_invalid"),
        ("34++612345634", "ES", "phone_invalid"),
    ],
)
def test_two_numbers_in_one_field(text: str, region: str | None, found: str) -> None:
    """The first where both are written out, otherwise none; an area's slash is no second number."""
    assert read(text, region) == found


@pytest.mark.parametrize(
    "text",
    [
        "p:+34612345634",
        "P: +34 612 345 634",
        "whatsapp:+34612345634",
        "tel://+34612345634",
        "'+34612345634",
        '"+34612345634"',
        "\u2019+34612345634",
        "%2B34612345634",
        "%2b34%20612345634",
        "++34612345634",
        "34612345634+",
        "+34612345634+",
        "\uff0b34\uff08612\uff09345\uff0d634",
        "\u300e+34\u300f 612\u301c345\u3030634",
        "+34\uff5e612\u223c345~634",
        "\u27e8+34\u27e9 612\u2e3a345\ufe58634",
        "+34\u30fc612\u2212345\uff70634",
        "\u2795\u0663\u0664 \u0966612345634".replace("\u0966", ""),
        "+34\u3000612\u00a0345\u202f634",
        "+34 612\u00b7345\u2022634",
        "+34\\612\\345634",
        "[+34] 612{345}634",
        "<+34612345634>",
        '="+34612345634"',
    ],
)
def test_signs_of_the_field(text: str) -> None:
    """Every dash, wave, bracket and blank of Unicode, labels, escapes, quotes, spare pluses."""
    assert read(text, None) == "+34612345634"


@pytest.mark.parametrize(
    "text", ["3.46E+10", "3,46E+10", "+34 612 345 634 x5", "12#", "%41", "+", "()"]
)
def test_what_has_other_signs_is_no_number(text: str) -> None:
    """A spreadsheet's exponent has lost digits."""
    assert read(text, "ES") == "phone_invalid"


def test_a_trailing_plus_is_a_plus() -> None:
    """As right-to-left text shows it; at home the digits may be a number of their own."""
    assert read("6565550134+", "US") == "phone_ambiguous"
    assert read("6565550134+", "ES") == "+6565550134"


@pytest.mark.parametrize(
    "text", ["+44 70 1234 5634", "070 1234 5634", "+878 10 1234567890", "+979 123456789"]
)
def test_personal_numbers_are_never_rung(text: str) -> None:
    """Whoever calls them pays, and is passed on; at home, too, they look like mobiles."""
    assert read(text, "GB") == "phone_not_allowed"


def test_a_satellites_number_has_a_code_of_its_own() -> None:
    """An agent's `countries` must name it."""
    for number in ("+870773111634", "+881612345634", "+88216123456", "+883510012345"):
        assert satellite_code(read(number, None)) == number[:4]
    assert satellite_code("+34612345634") == ""
