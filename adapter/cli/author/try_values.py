"""The phone and the variables of a call on the screen of `adapter try`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.explaining.render import escaped, shortened

_LABEL = 14


_MAX_VALUE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line; `origin` stands behind an arrow, and `details` below, each once."""

    label: str
    value: str
    origin: str = ""
    details: tuple[str, ...] = ()

    def with_more(self, details: Iterable[str]) -> "Row":
        """Return the row with these details below the others."""
        return replace(self, details=(*self.details, *details))


def written(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines, the arrows below each other as far as the values are short."""
    rows = list(rows)
    lengths = [len(row.value) for row in rows if row.origin and len(row.value) <= _MAX_VALUE]
    width = max(lengths, default=0)
    for row in rows:
        arrow = f"{row.value:<{width}}   <- {row.origin}" if row.origin else row.value
        yield f"  {row.label:<{_LABEL}} {arrow}"
        yield from indented(row.details)


def indented(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that belong to the one above, each once."""
    yield from (f"  {'':<{_LABEL}}   {line}" for line in dict.fromkeys(lines))


Told = Mapping[str, Any]


def phone_rows(phone: Told, known: str, *, is_verbose: bool) -> Iterator[Row]:
    """Yield each path that was tried, and the region; `known` is a detail that stands above."""
    rows = [_tried_row(at, tried) for at, tried in enumerate(phone["tries"])]
    if is_verbose or not phone["e164"]:
        rows = [
            replace(row, details=tuple(each for each in _tried(tried) if each != known))
            for row, tried in zip(rows, phone["tries"], strict=True)
        ]
    region = phone["region"]
    if phone["fault"]["reason"] == "phone_invalid" or is_verbose:
        hints = region["look"]["hints"] if region["look"] and not region["code"] else ()
        rows.append(
            Row(
                label="region",
                value=region["code"] or "-",
                origin=region["told"],
                details=tuple(hints),
            )
        )
    rows[-1] = rows[-1].with_more([*phone["hints"], *fix_lines(phone["fixes"])])
    yield from rows


def _tried_row(at: int, tried: Told) -> Row:
    value = tried["e164"] or tried["fault"]["reason"]
    origin = _origin(tried["source"], tried["looks"], tried["e164"])
    return Row(label="" if at else "phone", value=value, origin=origin)


def variable_rows(variables: Iterable[Told], known: str, *, is_verbose: bool) -> Iterator[Row]:
    """Yield each variable with the steps that changed it, and what is near where it is empty."""
    for each in variables:
        details = [*_steps(each), *_missed(each, is_verbose)]
        origin = "" if each["kind"] == "constant" else _origin_of(each)
        yield Row(
            label=f"{{{{{each['name']}}}}}",
            value=_value(each),
            origin=origin,
            details=tuple(detail for detail in details if detail != known),
        )


def fix_lines(fixes: Iterable[Told]) -> list[str]:
    """Return the lines of YAML that would mend it."""
    return [
        f"write{' under ' + fix['under'] if fix['under'] else ''}:  {escaped(fix['write'])}"
        for fix in fixes
    ]


def _tried(tried: Told) -> Iterator[str]:
    if tried["fault"]["reason"] not in {"", "phone_missing"}:
        yield tried["fault"]["detail"]
    yield from tried["hints"]
    for look in tried["looks"]:
        yield from look["hints"]


def _value(variable: Told) -> str:
    if variable["fault"]["reason"]:
        return str(variable["fault"]["reason"])
    return escaped(shortened(variable["text"])) or '""'


def _origin_of(variable: Told) -> str:
    parts = {look["origin"] for look in variable["looks"]} - {"item"}
    source = variable["source"] + "".join(f" (from {part})" for part in parts)
    return _origin(source, variable["looks"], variable["text"])


def _origin(source: str, looks: Iterable[Told], text: str) -> str:
    """Return a path or template, and what it matched where that is not the text itself."""
    looks, source = list(looks), escaped(source)
    if not looks:
        return source
    if all(look["found"] is None for look in looks):
        return f"{source}  found nothing"
    found = ", ".join(look["found"] or "nothing" for look in looks)
    if found in {f'"{text}"', text}:
        return source
    many = f" ({looks[0]['count']} matches)" if len(looks) == 1 and looks[0]["count"] > 1 else ""
    return f"{source}  {found}{many}"


def _steps(variable: Told) -> Iterator[str]:
    for step in variable["steps"]:
        note = f"  ({step['note']})" if step["note"] else ""
        yield f"{escaped(step['name'])}: {step['before']} -> {step['after']}{note}"


def _missed(variable: Told, is_verbose: bool) -> Iterator[str]:
    """Yield why a variable is empty; for one that a default or a template filled, what is near."""
    if variable["fault"]["reason"]:
        yield variable["fault"]["detail"]
    yield from variable["hints"]
    is_empty = not variable["text"]
    for look in variable["looks"]:
        if is_empty or is_verbose or look["near"]:
            yield from look["hints"]
    yield from fix_lines(variable["fixes"])
