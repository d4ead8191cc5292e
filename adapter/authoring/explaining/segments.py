"""A path's text, cut where its steps begin: `$.a[0]['b']` is `$`, `.a`, `[0]`, `['b']`. Pure."""

import re

_KEY = re.compile(
    r"""\.?(?:
        (?:(?<=\.)|(?<=\.\.))(?P<plain>[^.\[\]()'"`*\s$]+)
        |\[?\s*'(?P<single>(?:\\.|[^'\\])*)'\s*\]?
        |\[?\s*"(?P<double>(?:\\.|[^"\\])*)"\s*\]?
        |\[\s*(?P<bare>[A-Za-z_][A-Za-z0-9_-]*)\s*\]
    )""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"where", "wherenot"})
_QUOTES = frozenset("'\"`")
_OPEN, _CLOSE = frozenset("(["), frozenset(")]")


def segments(text: str) -> tuple[str, ...]:
    """Return the steps' texts, which make the path's when joined; a sum or a union is one."""
    cuts = _cuts(text) if text.startswith("$") else []
    ends = [*cuts[1:], len(text)]
    parts = tuple(text[start:end] for start, end in zip(cuts, ends, strict=False))
    return parts or (text,)


def key_of(segment: str) -> str | None:
    """Return the one key that a step names; None for an index, a filter and the like."""
    if segment.startswith(".."):
        return None
    return last_key(segment)


def last_key(segment: str) -> str | None:
    """Return the key that a step names, also where it is sought at any depth (`..key`)."""
    found = _KEY.fullmatch(segment.removeprefix(".") if segment.startswith("..") else segment)
    if found is None:
        return None
    plain = found["plain"] or found["bare"]
    if plain is not None:
        return plain
    return re.sub(r"\\(.)", r"\1", found["single"] or found["double"] or "", flags=re.DOTALL)


def is_filter(segment: str) -> bool:
    """Whether the step is `[?…]`."""
    return segment.lstrip(".").startswith("[?")


def is_position(segment: str) -> bool:
    """Whether the step chooses among the items of a list: `[0]`, `[*]`, `[1:3]`, `[?…]`."""
    return is_filter(segment) or re.fullmatch(r"\.?\[[-\d:*\s]*\]", segment) is not None


def key_segment(key: str) -> str:
    """Return the step that names a key: `.name`, or `['Phone Number']`."""
    if _PLAIN.fullmatch(key) and key not in _RESERVED:
        return f".{key}"
    quoted = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"


def _cuts(text: str) -> list[int]:
    """Return where steps begin; none where something other than steps stands side by side."""
    cuts, depth, quote, position = [0], 0, "", 1
    while position < len(text):
        sign, before = text[position], text[position - 1]
        if quote:
            position += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        elif depth == 0 and (sign in "$|&+" or sign.isspace()):
            return []
        elif depth == 0 and before != "." and sign in ".[":
            cuts.append(position)
        depth += 0 if quote else (sign in _OPEN) - (sign in _CLOSE)
        position += 1
    return cuts
