"""Names of time zones: those there are, and those that were meant."""

import pytest

from adapter.values.time_zones import is_time_zone, suggest_time_zone


@pytest.mark.parametrize("name", ["Europe/Madrid", "UTC", "America/Argentina/Buenos_Aires"])
def test_names_are_known(name: str) -> None:
    """Whatever the IANA database has is a time zone."""
    assert is_time_zone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "europe/madrid", "Mars/Base", "localtime", "Factory", "../etc/passwd", "a\0b"],
)
def test_what_names_no_place_is_no_zone(name: str) -> None:
    """Folders, files elsewhere, other spellings and the machine's own zone are none."""
    assert not is_time_zone(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("europe/madrid", "Europe/Madrid"),
        (" Madrid", "Europe/Madrid"),
        ("Europe/Madird", "Europe/Madrid"),
        ("new york", "America/New_York"),
        ("xyzzy", None),
    ],
)
def test_the_zone_that_was_meant(text: str, name: str | None) -> None:
    """A city alone, another case and a slip of the pen are understood."""
    assert suggest_time_zone(text) == name
