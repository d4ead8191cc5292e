"""Promises about how the keys of senders are read."""

import pytest

from adapter.authoring.drafting.read.vocabulary import name_of, numbered_names
from adapter.authoring.key_words import words

WORDS = [
    ("firstName", "first_name"),
    ("UniqueID", "unique_id"),
    ("q5_phoneNumber", "phone_number"),
    ("Phone Number*", "phone_number"),
    ("telephone1", "telephone"),
    ("Teléfono móvil", "telefono_movil"),
    ("Talky_Notes__c", "talky_notes"),
    ("14", "14"),
    ("HTTPStatus", "http_status"),
    ("電話番号", "電話番号"),
    ("+1-202", "1_202"),
    ("", ""),
]


@pytest.mark.parametrize(("key", "expected"), WORDS)
def test_a_key_is_split_into_words(key: str, expected: str) -> None:
    """Whatever the case, accents and signs."""
    assert words(key) == expected


NAMES = [
    ("value", "phone", "phone"),
    ("value", "", "value"),
    ("0", "phones", "phones"),
    ("first", "students_name", "first_name"),
    ("first", "place", "first"),
    ("city", "address", "city"),
]


@pytest.mark.parametrize(("key", "above", "expected"), NAMES)
def test_a_key_that_says_nothing_is_called_by_the_one_above(
    key: str, above: str, expected: str
) -> None:
    """`phone.value` is a phone, `name.first` a first name."""
    assert name_of(key, above) == expected


def test_gravity_forms_numbers_the_parts_of_a_name() -> None:
    """And those of an address alike, which begins with a line of its own."""
    found = numbered_names(["11.3", "11.6", "15.1", "15.3", "15.6", "7.3"])
    assert found["11.3"] == "first_name"
    assert found["11.6"] == "last_name"
    assert not any(key.startswith(("15", "7")) for key in found)
