"""Where the shipped mapping files are: beside the package in a checkout, inside it once built."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings."""
    inside = _PACKAGE / "shipped_mappings"
    return inside if inside.is_dir() else _PACKAGE.parent / "mappings"
