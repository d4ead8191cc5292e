"""Names that a variable may have (contract §3). Pure."""

import re

WELL_FORMED = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,63}")
RESERVED = ("voiceb", "system")


def variable_name_fault(name: str) -> str | None:
    """Return what is wrong with a variable's name, or None; an ill-formed name is not repeated."""
    if not WELL_FORMED.fullmatch(name):
        return (
            "a variable's name begins with a letter or '_' and goes on with letters, digits, "
            "'_', '-' and spaces, 64 in all"
        )
    if name.casefold().startswith(RESERVED):
        return f"{name!r} begins with 'voiceb' or 'system', which VoiceB reserves: rename it"
    return None
