"""How far a path got in a document where it found nothing, and what is near. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.authoring.explaining.filters import (
    filter_choices,
    filter_name,
    filter_told,
    listed_keys,
)
from adapter.authoring.explaining.places import Place, first_match, matches, places
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.spelling import is_same_word, near_keys
from adapter.authoring.key_words import is_body
from adapter.mapping.path_text import (
    is_filter,
    is_position,
    key_of,
    key_segment,
    last_key,
    segments,
)

Wanted = Callable[[Any], bool]
# Whether a path may be suggested at all, whatever stands there.
Allowed = Callable[[str], bool]

_POSITIONS = re.compile(r"\[(\d+|\*)\]")
_MOST = 3
_REPAIRS = 3
_CANDIDATES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearness:
    """What a person is told of a path that found nothing.

    `paths` are such as compile, and match in this document, the likeliest first.
    """

    told: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stop:
    """The steps of a path that matched, the first that did not, and the values found so far."""

    head: tuple[str, ...]
    failing: str
    rest: tuple[str, ...]
    here: tuple[Any, ...]

    @property
    def reached(self) -> str:
        return "".join(self.head)


def is_text(value: Any) -> bool:
    """Whether a value can be a variable's or a phone's: a scalar, or some, and not empty."""
    if isinstance(value, list):
        return bool(value) and all(not isinstance(part, list | dict) for part in value)
    return value is not None and value != "" and not isinstance(value, dict)


def is_several(value: Any) -> bool:
    """Whether a value can be what `each` counts: a list, or an object."""
    return isinstance(value, list | dict) and bool(value)


def is_there(value: Any) -> bool:
    """Whether a value is there at all."""
    return value is not None


def is_any(_path: str) -> bool:
    """Allow every path."""
    return True


def nearness(
    path: str,
    document: Any,
    wanted: Wanted = is_text,
    renderer: Renderer = Renderer(),  # noqa: B008 (frozen)
    allowed: Allowed = is_any,
) -> Nearness:
    """Return how far the path got, the closest spelling, and where else such a key stands."""
    steps = segments(path)
    stop = _stop(steps, document)
    told = list(_told(stop, renderer)) if stop else [f"{renderer.text(path)} is there, and empty"]
    near = _first(filter(allowed, _repaired(stop, document, wanted))) if stop else []
    if near:
        told.append(f"did you mean {_or(near, renderer)}?")
    key = _sought(steps)
    found = _elsewhere(key, document, wanted, [path, *near]) if key else ()
    elsewhere = [place for place in found if allowed(place.path)]
    told += [_standing(place, renderer) for place in elsewhere]
    return Nearness(told=tuple(told), paths=(*near, *(place.path for place in elsewhere)))


def inside(
    path: str,
    document: Any,
    renderer: Renderer = Renderer(),  # noqa: B008 (frozen)
    name: str = "",
    allowed: Allowed = is_any,
) -> Nearness:
    """Return what stands inside an object, or a list of them, where one value was expected.

    What is like `name` comes first.
    """
    found = first_match(path, document)
    entries = found if isinstance(found, list) else [found]
    first = next((entry for entry in entries if isinstance(entry, dict)), None)
    if first is None:
        return Nearness(told=(f"{renderer.text(path)} is {_kind(found)}",))
    within = f"{path}[0]" if isinstance(found, list) else path
    texts = [key for key in first if isinstance(key, str) and is_text(first[key])]
    keys = [key for key in texts if not is_body(key)]
    likely = [
        key for wanted in (name, "value", "text") for key in [wanted, *near_keys(wanted, keys)]
    ]
    candidates = (within + key_segment(key) for key in dict.fromkeys([*likely, *keys]))
    fitting = (candidate for candidate in candidates if is_text(first_match(candidate, document)))
    paths = _first(filter(allowed, fitting))
    told = [
        f"{renderer.text(path)} is {_kind(found)} with the keys: {listed_keys([first], renderer)}"
    ]
    told += [f"name one of them: {_or(paths, renderer)}"] if paths else []
    return Nearness(told=tuple(told), paths=tuple(paths))


def _stop(steps: Sequence[str], document: Any) -> _Stop | None:
    """Return where the path stopped, as far as its beginnings are paths; None if it matches."""
    if len(steps) == 1:  # the whole document, or what cannot be cut
        is_found = bool(matches(steps[0], document))
        return None if is_found else _Stop(head=("$",), failing="", rest=(), here=(document,))
    here: list[Any] = [document]
    reached = 1
    for count in range(2, len(steps) + 1):
        found = matches("".join(steps[:count]), document)
        if found:
            here, reached = found, count
    if reached == len(steps):
        return None
    head, rest = tuple(steps[:reached]), tuple(steps[reached + 1 :])
    return _Stop(head=head, failing=steps[reached], rest=rest, here=tuple(here))


def _told(stop: _Stop, renderer: Renderer) -> Iterator[str]:
    first, reached = stop.here[0], renderer.text(stop.reached)
    key = key_of(stop.failing) if stop.failing else None
    if key is not None and isinstance(first, dict) and first.get(key, "") is None:
        yield f"{renderer.text(stop.reached + stop.failing)} is there, and null"
        return
    verb = "is" if reached == "$" else "exists and is"
    if isinstance(first, dict) and first:
        has = "has" if reached == "$" else "exists and has"
        yield f"{reached} {has} the keys: {listed_keys(stop.here, renderer)}"
        if any(isinstance(key, str) and is_body(key) for key in first):
            yield "a body in JSON or XML was read as a form, and is broken: mend it at the sender"
    else:
        yield f"{reached} {verb} {_kind(first)}{_remedy(stop, first, renderer)}"
    if is_filter(stop.failing):
        yield from filter_told(stop.failing, _entries(stop.here), renderer)


def _remedy(stop: _Stop, first: Any, renderer: Renderer) -> str:
    if isinstance(first, list) and first and isinstance(first[0], dict):
        return f" whose items have the keys: {listed_keys(first, renderer)}"
    if isinstance(first, str) and first.lstrip()[:1] in {"{", "["}:
        return f" that looks like JSON: write decode: {{json: {renderer.text(stop.reached)}}}"
    if isinstance(first, str) and first.lstrip()[:1] == "<":
        return f" that looks like XML: write decode: {{xml: {renderer.text(stop.reached)}}}"
    return ""


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str):
        return "a text" if value.strip() else "an empty text"
    if value is None:
        return "null"
    return "true or false" if isinstance(value, bool) else "a number"


def _repaired(stop: _Stop, document: Any, wanted: Wanted, left: int = _REPAIRS) -> Iterator[str]:
    """Yield paths that match and differ from this one by a few steps, each by little."""
    for option in list(_options(stop))[:_CANDIDATES]:
        steps = (*stop.head, *option, *stop.rest)
        again = _stop(steps, document)
        if again is None:
            path = "".join(steps)
            if wanted(first_match(path, document)):
                yield path
        elif left > 1 and len(again.head) >= len(stop.head) + len(option):
            yield from _repaired(again, document, wanted, left - 1)


def _options(stop: _Stop) -> Iterator[tuple[str, ...]]:
    """Yield what could stand in the place of the step that failed."""
    key = key_of(stop.failing)
    objects = [value for value in stop.here if isinstance(value, dict)]
    if key is not None:
        keys = [
            k
            for value in objects
            for k in value
            if isinstance(k, str) and value[k] is not None and not is_body(k)
        ]
        for near in near_keys(key, dict.fromkeys(keys)):
            yield (key_segment(near),)
    if is_filter(stop.failing):
        for choice in filter_choices(stop.failing, _entries(stop.here)):
            yield (choice,)
    if is_position(stop.failing) and objects:
        yield ()  # a lone object stands where a list was expected
    if any(isinstance(value, list) for value in stop.here) and not is_filter(stop.failing):
        yield ("[*]",) if is_position(stop.failing) else ("[*]", stop.failing)


def _sought(steps: Sequence[str]) -> str | None:
    """Return the name of what a path seeks: what its filter asks for, or else its last key."""
    asked = [filter_name(step) for step in steps if is_filter(step)]
    return asked[-1] if asked else last_key(steps[-1])


def _elsewhere(key: str, document: Any, wanted: Wanted, known: Sequence[str]) -> Iterator[Place]:
    """Yield up to three places of the key; of a list's items, one."""
    told = {_POSITIONS.sub("[]", path) for path in known}
    most = len(told) + _MOST
    for place in places(document):
        shape = _POSITIONS.sub("[]", place.path)
        if shape in told or not is_same_word(place.key, key) or not wanted(place.value):
            continue
        if wanted(first_match(place.path, document)):
            told.add(shape)
            yield place
        if len(told) == most:
            return


def _standing(place: Place, renderer: Renderer) -> str:
    kind = "field named" if place.is_field else "key"
    return f"a {kind} {renderer.json(place.key)} stands at {renderer.text(place.path)}"


def _entries(here: Sequence[Any]) -> list[Any]:
    return [entry for value in here for entry in (value if isinstance(value, list) else [value])]


def _first(paths: Iterator[str]) -> list[str]:
    found: dict[str, None] = {}
    for path in paths:
        found[path] = None
        if len(found) == _MOST:
            break
    return list(found)


def _or(paths: Sequence[str], renderer: Renderer) -> str:
    return " or ".join(renderer.text(path) for path in paths)
