"""Names that a variable may have."""

import pytest

from adapter.mapping.variable_names import variable_name_fault


@pytest.mark.parametrize("name", ["name", "_x", "Full Name-2", "a" * 64, "my_voiceb"])
def test_well_formed(name: str) -> None:
    """Letters, digits, '_', '-' and spaces make a name."""
    assert variable_name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "begins with a letter"),
        ("2nd", "begins with a letter"),
        ("ñ", "begins with a letter"),
        ("a.b", "begins with a letter"),
        ("a\n", "begins with a letter"),
        ("a" * 65, "64 in all"),
        ("voiceb_x", "reserves"),
        ("SystemTime", "reserves"),
    ],
)
def test_faults(name: str, fault: str) -> None:
    """Ill-formed and reserved names are told apart, and an ill-formed one is not repeated."""
    found = variable_name_fault(name)
    assert found is not None
    assert fault in found
    assert (repr(name) in found) is (fault == "reserves")
