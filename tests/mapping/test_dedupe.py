"""Dedupe keys: equal for the same lead, different for another."""

import json
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from adapter.errors import MappingError
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.paths import compile_path
from adapter.mapping.values import PathSource, View
from adapter.model import DedupeKey

PHONE = "+34612345678"
HOUR = timedelta(hours=1)


def dedupe(*paths: str, window: timedelta | None = None) -> Dedupe:
    """Return a rule from the paths of its key."""
    key = tuple(PathSource(path=compile_path(path)) for path in paths)
    return Dedupe(key=key, window=window)


def key_of(rule: Dedupe, document: Any = None, **variables: str) -> DedupeKey:
    """Return the one key that a call claims."""
    keys = rule.keys(View(document=document), PHONE, variables)
    (key,) = [key for key in keys if not key.is_old]
    return key


@pytest.mark.parametrize(
    ("rule", "document", "window"),
    [
        (dedupe(), {}, timedelta(hours=24)),
        (dedupe(window=HOUR), {}, HOUR),
        (dedupe("$.id"), {"id": 1}, timedelta(days=4)),
        (dedupe("$.id", window=HOUR), {"id": 1}, HOUR),
        (dedupe("$.id", "$.x", window=HOUR), {"x": ""}, timedelta(hours=24)),
    ],
)
def test_window(rule: Dedupe, document: Any, window: timedelta) -> None:
    """An explicit key lives 4 days, the default one 24 hours, unless the mapping says."""
    assert key_of(rule, document).window == window


BY_ID = dedupe("$.id", "$.stage")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": 1, "stage": "x"}, {"id": "1", "stage": " x ", "attempt": 2}),
        ({"id": {"a": 1, "b": 2}}, {"id": {"b": 2, "a": 1}}),
        ({"id": 0}, {"id": "0", "stage": {}}),
    ],
)
def test_same_lead(first: Any, second: Any) -> None:
    """Only the texts of the parts count."""
    assert key_of(BY_ID, first, name="Ana") == key_of(BY_ID, second, name="Luis")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": 1}, {"id": 2}),
        ({"id": "a", "stage": "b"}, {"id": "b", "stage": "a"}),
        ({"id": "a,b"}, {"id": "a", "stage": "b"}),
        ({"id": ["a", "b"]}, {"id": ["a, b"]}),
        ({"id": Decimal("1E+9999")}, {"id": Decimal("1E+9998")}),
        ({"id": 1}, {}),
    ],
)
def test_another_lead(first: Any, second: Any) -> None:
    """Parts cannot run into each other."""
    assert key_of(BY_ID, first).digest != key_of(BY_ID, second).digest


def test_default_key() -> None:
    """Phone and variables make the default key, in any order; an empty explicit key falls back."""
    default = key_of(dedupe(), {"x": 1}, a="1", b="2")
    assert default == key_of(dedupe(), {"x": 2}, b="2", a="1")
    assert default == key_of(BY_ID, {"x": 2}, b="2", a="1")
    assert default != key_of(dedupe(), {"x": 1}, a="1")


def test_too_deep() -> None:
    """A part nested too deeply is a named refusal."""
    document: Any = {}
    for _ in range(100_000):
        document = {"id": document}
    with pytest.raises(MappingError, match="not_a_scalar: a part of the dedupe key"):
        key_of(BY_ID, document)


ABROAD, BARE, OTHER = "+5491155550134", "+541155550134", "+541155550135"


def digests(rule: Dedupe, document: Any, phone: str, **variables: str) -> list[str]:
    """Return the digests of a call's keys, the one that it claims first."""
    keys = rule.keys(View(document=document), phone, variables)
    assert [key.is_old for key in keys] == [False, *[True] * (len(keys) - 1)]
    assert len({key.window for key in keys}) == 1
    return [key.digest for key in keys]


def old_digest(*form: Any) -> str:
    """Return the digest of a form as an earlier version wrote it."""
    return sha256(json.dumps(form, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize("document", [{"id": 1}, {"stage": "x"}])
def test_a_key_with_an_empty_part_takes_the_person_in(document: Any) -> None:
    """Without all of its parts it names no lead: another phone is another."""
    key, old = digests(BY_ID, document, ABROAD)
    assert key == digests(BY_ID, document, BARE)[0]
    assert key != digests(BY_ID, document, OTHER)[0]
    parts = [str(document.get(name, "")) for name in ("id", "stage")]
    assert old == old_digest("explicit", parts)


def test_a_whole_key_is_what_it_was() -> None:
    """The parts name the lead, whoever is called."""
    document = {"id": 1, "stage": "x"}
    expected = [old_digest("explicit", ["1", "x"])]
    assert digests(BY_ID, document, ABROAD) == digests(BY_ID, document, OTHER) == expected


def test_the_default_key_is_the_persons() -> None:
    """One key for both spellings; what earlier versions made of either is looked up."""
    keys = digests(dedupe(), {}, ABROAD, a="1")
    assert keys == digests(dedupe(), {}, BARE, a="1")
    assert keys == [old_digest("default", phone, {"a": "1"}) for phone in (BARE, ABROAD)]
    assert digests(dedupe(), {}, PHONE) == [old_digest("default", PHONE, {})]


def test_before_a_look_up_a_whole_key_alone_is_known() -> None:
    """With an empty part the phone belongs to it, which only the answer tells."""
    early = [BY_ID.early_keys(View(document=document)) for document in ({"id": 1}, {}, "x")]
    assert early == [(), (), ()]
    whole = {"id": 1, "stage": "x"}
    assert [key.digest for key in BY_ID.early_keys(View(document=whole))] == digests(
        BY_ID, whole, PHONE
    )
    assert dedupe().early_keys(View(document=whole)) == ()
    assert dedupe("$.id", "$.lookup.id").early_keys(View(document=whole)) == ()
