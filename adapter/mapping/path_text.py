"""A path's text: cut where its steps begin, and written key by key. Pure.

`$.a[0]['b']` is cut into `$`, `.a`, `[0]` and `['b']`, which make the text again when joined.
"""

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
# Keys without quotes: such as nobody reads wrong, and all that the library reads.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE = re.compile(r"@?[A-Za-z_][A-Za-z0-9_@-]*")
_RESERVED = frozenset({"where", "wherenot"})
_BRACKET = re.compile(r"\[(\s*['\"?\\/].*|[-\d:,\s]*|\*|[A-Za-z_][A-Za-z0-9_-]*)\]", re.DOTALL)
_QUOTES = frozenset("'\"`")
_OPEN, _CLOSE = frozenset("(["), frozenset(")]")


def segments(text: str) -> tuple[str, ...]:
    """Return the steps' texts; a sum, a union and what is no path at all are one."""
    return _cut(text) if text.startswith("$") else (text,)


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
    """Return the step that names a key, as it can stand anywhere: `.name`, `['Phone Number']`."""
    return f".{key}" if _PLAIN.fullmatch(key) and key not in _RESERVED else _in_quotes(key)


def child_path(path: str, key: str) -> str:
    """Return the path of a key below a path, in quotes only where it needs them: `$.first-name`."""
    return f"{path}.{key}" if _is_bare(key) else f"{path}{_in_quotes(key)}"


def quoted_path(text: str) -> str:
    """Return a path that does not compile with its odd keys quoted: `$.Phone No`, `$['Phone No']`.

    Any text can be its steps' keys: quotes and spaces stand in them as they are.
    """
    first, *steps = _cut("$" + text.strip().removeprefix("$"), is_broken=True)
    return "$" + "".join(map(_mended, [first[1:], *steps]))


def _mended(segment: str) -> str:
    word = segment.lstrip(".")
    dots = segment.removesuffix(word)
    if word.startswith("["):
        is_right = _BRACKET.fullmatch(word) is not None
    else:
        is_right = word in {"", "*"} or word.startswith("`") or word.isdecimal() or _is_bare(word)
    if is_right:
        return segment
    # Of `.key` the dot goes, and of `..key` none.
    return dots[: len(dots) // 2 * 2] + _in_quotes(word.strip("[]").strip())


def _is_bare(key: str) -> bool:
    return _BARE.fullmatch(key) is not None and key not in _RESERVED


def _in_quotes(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _cut(text: str, *, is_broken: bool = False) -> tuple[str, ...]:
    """Return the parts; one where something other than steps stands side by side, if not broken.

    In a broken path quotes count in brackets alone: elsewhere they are letters of a key.
    """
    cuts, depth, quote, position = [0], 0, "", 1
    while position < len(text):
        sign, before = text[position], text[position - 1]
        is_past = is_broken and _is_closed(text[cuts[-1] : position])
        if quote:
            position += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in _QUOTES and (depth or sign == "`" or not is_broken):
            quote = sign
        elif depth == 0 and not is_broken and (sign in "$|&+" or sign.isspace()):
            return (text,)
        elif depth == 0 and before != "." and (sign in ".[" or is_past):
            cuts.append(position)
        depth = max(0, depth + (0 if quote else (sign in _OPEN) - (sign in _CLOSE)))
        position += 1
    ends = [*cuts[1:], len(text)]
    return tuple(text[start:end] for start, end in zip(cuts, ends, strict=True))


def _is_closed(segment: str) -> bool:
    """Whether a bracket ends here, after which only another step can begin."""
    return segment.endswith("]") and segment.lstrip(".").startswith("[")
