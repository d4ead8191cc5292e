"""Rules between the keys of one map, as JSON Schema that editors know."""

from typing import Any, TypeAlias

Rule: TypeAlias = dict[str, Any]


def _has(key: str) -> Rule:
    return {"required": [key]}


def any_of(*keys: str) -> Rule:
    """At least one of them is there."""
    return {"anyOf": [_has(key) for key in keys]}


def one_of(*keys: str) -> Rule:
    """Exactly one of them is there."""
    return {"oneOf": [_has(key) for key in keys]}


def at_most_one_of(*keys: str) -> Rule:
    """No two of them are there together."""
    pairs = [{"required": [one, other]} for n, one in enumerate(keys) for other in keys[n + 1 :]]
    return {"not": {"anyOf": pairs}}


def never_beside(key: str, *others: str) -> Rule:
    """Where one is there, none of the others is."""
    return {"not": {**_has(key), **any_of(*others)}}


def beside(key: str, *needed: str) -> Rule:
    """Where one is there, one of those is too that give it a meaning."""
    return {"if": _has(key), "then": any_of(*needed)}


def alone(key: str) -> Rule:
    """Where one is there, nothing else is."""
    return {"if": _has(key), "then": {"maxProperties": 1}}


def not_empty() -> Rule:
    """There is some key."""
    return {"minProperties": 1}
