"""What to write instead of a path that does not compile: its odd keys, quoted. Pure text."""

import re

_SEGMENT = re.compile(r"\.\.|\.|\[[^\]]*\]?|`[^`]*`|[^.\[`]+")
_PLAIN_KEY = re.compile(r"@?[A-Za-z_][A-Za-z0-9_@-]*|\d+|\*")
_PLAIN_BRACKET = re.compile(
    r"\[(\s*['\"?\\/].*|[-\d:,\s]*|\*|[A-Za-z_][A-Za-z0-9_-]*)\]", re.DOTALL
)
_RESERVED = frozenset({"where", "wherenot"})


def quoted_path(text: str) -> str:
    """Return the path with every key that needs quotes in them: `$.Phone No` → `$['Phone No']`."""
    segments = _SEGMENT.findall(text.strip().removeprefix("$"))
    written = ["$"]
    for segment in segments:
        if not _needs_quotes(segment):
            written.append(segment)
            continue
        if written[-1] == ".":
            written.pop()
        written.append(_quoted(segment))
    return "".join(written)


def child_path(path: str, key: str) -> str:
    """Return the path of a key below a path, in quotes where it needs them: `$['Phone No']`."""
    # Digits alone would be read as a place in a list.
    is_plain = _PLAIN_KEY.fullmatch(key) and not key.isdigit() and key not in {"*", *_RESERVED}
    return f"{path}.{key}" if is_plain else f"{path}{_in_brackets(key)}"


def _needs_quotes(segment: str) -> bool:
    if segment.startswith("["):
        return not _PLAIN_BRACKET.fullmatch(segment)
    if segment in {".", ".."} or segment.startswith("`"):
        return False
    return segment in _RESERVED or not _PLAIN_KEY.fullmatch(segment)


def _quoted(segment: str) -> str:
    return _in_brackets(segment.strip("[]").strip())


def _in_brackets(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
