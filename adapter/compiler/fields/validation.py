"""Faults that pydantic found in a part of a file → problems, and the parts that are sound."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from adapter.compiler.fields.shape import Shape
from adapter.compiler.yaml.findings import Findings, did_you_mean, is_misspelt
from adapter.compiler.yaml.marks import Place

# Keys whose absence deserves more than "is missing".
REMEDIES: Mapping[str, str] = {
    "auth": 'say how the sender proves itself, such as auth: {token: "${HOOK_TOKEN}"},'
    ' or spell out none: "<why this is safe>"',
    "phone": "say where the number stands, such as phone: $.phone",
    "agents": "name at least one voice agent",
    "endpoint": "write the agent's click-to-call address",
    "api_key": 'write the agent\'s key, such as "${SALES_API_KEY}"',
    "url": 'write the record\'s address, such as "https://api.example.com/leads/{$.id}"',
    "secret": 'write the secret, such as "${SALES_API_SECRET}"',
}
_EXPECTED_BY_TYPE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "expected": lambda context: str(context["text"]),
    "string_type": lambda _: "text: put it in quotes",
    "dict_type": lambda _: "a map of keys",
    "model_type": lambda _: "a map of keys",
    "list_type": lambda _: "a list",
    "literal_error": lambda context: f"{context['expected']}".replace("'", ""),
    "greater_than_equal": lambda context: f"{context['ge']} or more",
    "less_than_equal": lambda context: f"{context['le']} or less",
    "too_short": lambda context: f"at least {context['min_length']} of them",
    "too_long": lambda context: f"at most {context['max_length']} of them",
}
_MAX_ROUNDS = 20


def read_fields(
    shape: type[Shape],
    value: Any,
    place: Place,
    findings: Findings,
    *,
    is_whole: bool = True,
) -> dict[str, Any]:
    """Validate a map field by field; returns the sound ones by field name, reports the others.

    Required keys may be missing where the map is not the whole. An ill-shaped entry of a map or
    list is left out, so that what stands beside it is still compiled, and its problems are found
    in the same run.
    """
    if not isinstance(value, Mapping):
        findings.add(place, "expected a map of keys", shows_found=True)
        return {}
    keys = shape.fields_by_key()
    for key in value:
        if key not in keys:
            _add_unknown_key((*place, key), list(keys), findings)
    fields: dict[str, Any] = {}
    for key, name in keys.items():
        if key in value:
            fields |= _read_field(shape, name, value[key], (*place, key), findings)
        elif not is_whole or not shape.model_fields[name].is_required():
            continue
        elif not is_misspelt(key, value, keys):
            _add_missing((*place, key), findings)
    return fields


def with_defaults(shape: type[Shape], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return sound fields, and the defaults of those that are missing and may be."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in shape.model_fields.items()
        if not field.is_required()
    }
    return {**defaults, **fields}


def _read_field(
    shape: type[Shape], name: str, value: Any, place: Place, findings: Findings
) -> dict[str, Any]:
    """Return {name: value}, or {} where nothing of it is sound."""
    adapter = _adapter(shape, name)
    value = deepcopy(value)
    shortened: set[tuple[int | str, ...]] = set()
    details: list[ErrorDetails] = []
    for _ in range(_MAX_ROUNDS):
        try:
            return {name: adapter.validate_python(value)}
        except ValidationError as error:
            details = error.errors(include_url=False)
        unknown = [detail for detail in details if detail["type"] == "unknown_keys"]
        for detail in unknown or details:
            if not _is_echo(detail, shortened):
                _add_problem(detail, (*place, *detail["loc"]), findings)
        for detail in unknown:
            _drop_keys(value, detail["loc"], detail["ctx"]["unknown"])
            shortened.add(detail["loc"])
        if not unknown:
            break
    return _read_rest(
        adapter, name, value, {detail["loc"][0] for detail in details if detail["loc"]}
    )


def _is_echo(detail: ErrorDetails, shortened: set[tuple[int | str, ...]]) -> bool:
    """Say whether an unknown key, which has been reported, is why its map is incomplete."""
    loc = detail["loc"]
    return (detail["type"] == "rule" and loc in shortened) or (
        detail["type"] == "missing" and loc[:-1] in shortened
    )


def _read_rest(
    adapter: TypeAdapter[Any], name: str, value: Any, faulty: set[int | str]
) -> dict[str, Any]:
    """Validate once more without the faulty entries; a faulty single map is wholly left out.

    None stands for a faulty entry of a list, so that the others keep their places.
    """
    if isinstance(value, dict):
        value = {key: entry for key, entry in value.items() if key not in faulty}
    elif isinstance(value, list):
        value = [entry for n, entry in enumerate(value) if n not in faulty]
    try:
        sound = adapter.validate_python(value)
    except ValidationError:
        return {}
    if isinstance(value, list) and isinstance(sound, list):
        for n in sorted(step for step in faulty if isinstance(step, int)):
            sound.insert(n, None)
    return {name: sound}


@cache
def _adapter(shape: type[Shape], name: str) -> TypeAdapter[Any]:
    field = shape.model_fields[name]
    annotation: Any = field.annotation
    for mark in field.metadata:
        annotation = Annotated[annotation, mark]
    return TypeAdapter(annotation)


def _add_problem(detail: ErrorDetails, place: Place, findings: Findings) -> None:
    context: Mapping[str, Any] = detail.get("ctx") or {"text": detail["msg"]}
    kind = detail["type"]
    if kind == "unknown_keys":
        for key in context["unknown"]:
            _add_unknown_key((*place, key), context["known"], findings)
    elif kind == "missing":
        _add_missing(place, findings)
    elif kind in _EXPECTED_BY_TYPE:
        findings.add(place, f"expected {_EXPECTED_BY_TYPE[kind](context)}", shows_found=True)
    else:
        key = (context["key"],) if context.get("key") else ()
        findings.add((*place, *key), context.get("text") or detail["msg"])


def _add_unknown_key(place: Place, known: list[str], findings: Findings) -> None:
    findings.add(place, f"unknown key{did_you_mean(str(place[-1]), known)}", at_key=True)


def _add_missing(place: Place, findings: Findings) -> None:
    remedy = REMEDIES.get(str(place[-1]), "")
    findings.add_missing(place, f"this key is missing{': ' if remedy else ''}{remedy}")


def _drop_keys(value: Any, loc: tuple[int | str, ...], keys: list[str]) -> None:
    """Delete keys of the map at `loc`, passing over steps that only the shapes know of."""
    for step in loc:
        is_index = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if is_index or (isinstance(value, dict) and step in value):
            value = value[step]
    if isinstance(value, dict):
        for key in keys:
            value.pop(key, None)
