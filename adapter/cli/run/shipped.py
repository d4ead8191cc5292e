"""The folder of the shipped mapping files: beside the package, or inside it once it is built."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings."""
    inside = _PACKAGE / "shipped_mappings"
    return inside if inside.is_dir() else _PACKAGE.parent / "mappings"
