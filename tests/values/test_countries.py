"""Countries: what people write for one → its ISO code, or nothing where it is none or two."""

import pytest

from adapter.values.countries import TABLE, TWICE, country_code, load_countries, suggest_country
from tests.tables.countries import country_table


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ES", "ES"),
        ("es", "ES"),
        ("ESP", "ES"),
        ("esp", "ES"),
        ("UK", "GB"),
        ("uk", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("EE. UU.", "US"),
        ("United States of America", "US"),
        ("Colombia", "CO"),
        ("México", "MX"),
        ("MEXICO", "MX"),
        ("me\u0301xico", "MX"),
        ("united kingdom", "GB"),
        ("Scotland", "GB"),
        ("Northern Ireland", "GB"),
        ("Russian Federation", "RU"),
        ("Czech Republic", "CZ"),
        ("Türkiye", "TR"),
        ("TURKEY", "TR"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("Danmörk", "DK"),
        ("Wlochy", "IT"),
        ("Россия", "RU"),
        ("日本", "JP"),
        ("भारत", "IN"),
        ("مصر", "EG"),
        ("\uff35\uff33\uff21", "US"),
        ("Côte d\u2019Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("the Netherlands", "NL"),
        ("Trinidad and Tobago", "TT"),
        ("Trinidad & Tobago", "TT"),
        ("Saint Lucia", "LC"),
        ("St. Lucia", "LC"),
        ("Hong Kong", "HK"),
        ("Canary Islands", "ES"),
        ("  Spain \n", "ES"),
    ],
)
def test_a_country_is_understood(text: str, code: str) -> None:
    """Codes and names, in any case and language, with or without accents and signs."""
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("India (IN)", "IN"),
        ("United Kingdom (UK)", "GB"),
        ("[DE] Germany", "DE"),
        ("Spain (mainland)", "ES"),
        ("Germany (+49)", "DE"),
        ("Netherlands (the)", "NL"),
        ("Guinea (Bissau)", "GW"),
        ("Guinea (Equatorial)", "GQ"),
        ("Ireland (Northern)", "GB"),
        ("Korea (Republic of)", "KR"),
        ("Korea, Republic of", "KR"),
        ("Tanzania, United Republic of", "TZ"),
        ("Virgin Islands (British)", "VG"),
        ("Myanmar (Burma)", "MM"),
        ("España / Spain", "ES"),
        ("Belgique - België", "BE"),
        ("\U0001f1ea\U0001f1f8", "ES"),
        ("\U0001f1ea\U0001f1f8 España", "ES"),
        ("Spain (Portugal)", None),
        ("Germany (ES)", None),
        ("Spain, Portugal", None),
        ("Spain / Portugal", None),
        ("Georgia, USA", None),
        ("Madrid, Spain", None),
        ("Virgin Islands (Spain)", None),
    ],
)
def test_brackets_and_parts(text: str, code: str | None) -> None:
    """They may say the same again; another country beside the first is not dropped."""
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "n/a", "Atlantis", "XX", "44", "+44", "Spain Portugal", "es-ES", "x" * 999],
)
def test_what_is_no_country(text: str) -> None:
    """Nothing is guessed."""
    assert country_code(text) is None


@pytest.mark.parametrize("text", ["Congo", "Virgin Islands", "Nga", "nga", "Korea"])
def test_names_of_two_countries(text: str) -> None:
    """They are not understood, whichever is the more likely."""
    assert country_code(text) is None


@pytest.mark.parametrize(
    ("text", "code"), [("Áo", "AT"), ("ao", "AO"), ("Bỉ", "BE"), ("NGA", "NG")]
)
def test_codes_are_read_before_accents_fall(text: str, code: str) -> None:
    """In Vietnamese, Áo is Austria."""
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germny", "DE"), ("untied kingdom", "GB"), ("UK", "GB"), ("Atlantis", None), ("", None)],
)
def test_a_near_name_is_a_suggestion(text: str, code: str | None) -> None:
    """For a message to a person, never for a number."""
    assert suggest_country(text) == code


def test_the_table_is_what_its_sources_say() -> None:
    """Made anew from Babel and the aliases, it is the same."""
    assert country_table() == TABLE.read_text(encoding="utf-8")


def test_every_name_of_the_table_is_read() -> None:
    """Every thirtieth, by the code of its line; the unclear ones by none."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        codes, *names = line.split("|")
        code = codes.split()[0]
        expected = None if code == TWICE else code
        for name in filter(None, names[::30]):
            met = load_countries().codes.get(name.upper(), expected)
            assert country_code(name) == met, name
