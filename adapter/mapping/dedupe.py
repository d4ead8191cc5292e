"""The keys by which a second ring of one lead is recognised (contract §4 "Dedupe"). Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.values import PathSource, View
from adapter.model import DedupeKey, Reason
from adapter.values.numbering_plans import numbers_of, person_of
from adapter.values.text import to_text

DEFAULT_KEY_WINDOW = timedelta(hours=24)
# HubSpot retries for three days.
EXPLICIT_KEY_WINDOW = timedelta(days=4)


@dataclass(kw_only=True, slots=True)
class DedupeTrace:
    """The key that is used, the mapping's own (`explicit`) or the `default`, and its window."""

    used: str = "none"
    window: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dedupe:
    """The mapping's `dedupe`: parts of an explicit key, and a window where it names one."""

    key: tuple[PathSource, ...] = ()
    window: timedelta | None = None

    def keys(
        self,
        view: View,
        phone: str,
        variables: Mapping[str, str],
        trace: DedupeTrace | None = None,
    ) -> tuple[DedupeKey, ...]:
        """Return the explicit key, or the default one where all parts of that are empty.

        With it come the keys that earlier versions made of the same lead.
        """
        parts = self._parts(view)
        is_explicit = any(parts)
        numbers = numbers_of(person_of(phone))
        if is_explicit:
            keys = self._explicit(parts, numbers[0])
        else:
            window = (None if self.key else self.window) or DEFAULT_KEY_WINDOW
            forms = [["default", number, dict(variables)] for number in numbers]
            keys = _keys(forms, window)
        if trace is not None:
            trace.used = "explicit" if is_explicit else "default"
            trace.window = keys[0].window
        return keys

    def early_keys(self, view: View) -> tuple[DedupeKey, ...]:
        """Return the key that is known before a look-up; none where that has to tell it.

        A key with an empty part takes the phone in, which only the answer tells.
        """
        if any(source.reads_lookup for source in self.key):
            return ()
        parts = self._parts(view)
        return self._explicit(parts, "") if parts and all(parts) else ()

    def _parts(self, view: View) -> list[str]:
        return [_part(source.first(view)) for source in self.key]

    def _explicit(self, parts: list[str], person: str) -> tuple[DedupeKey, ...]:
        """Return the key of these parts; with an empty one the person tells leads apart."""
        old = ["explicit", parts]
        forms = [old] if all(parts) else [[*old, person], old]
        return _keys(forms, self.window or EXPLICIT_KEY_WINDOW)


def _keys(forms: Sequence[list[Any]], window: timedelta) -> tuple[DedupeKey, ...]:
    """Return the key of the first form, and those of the old ones behind it."""
    return tuple(
        DedupeKey(
            digest=sha256(_canonical(form).encode()).hexdigest(), window=window, is_old=place > 0
        )
        for place, form in enumerate(forms)
    )


def _part(value: Any) -> str:
    if isinstance(value, list | dict):
        return _canonical(value) if value else ""
    try:
        return to_text(value)
    except MappingError:  # a number too long to read out is a good key all the same
        return _canonical(value)


def _canonical(value: Any) -> str:
    """Return one text for equal values, whatever the order of keys."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    except (RecursionError, ValueError) as error:
        detail = "a part of the dedupe key is nested too deeply or too long"
        raise MappingError(Reason.NOT_A_SCALAR, detail) from error
