"""The keys by which a second ring of one lead is recognised (contract §4 "Dedupe"). Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.values import PathSource, View
from adapter.model import DedupeKey, Reason
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
        """Return the explicit key, or the default one where all parts of that are empty."""
        explicit = self._explicit(view)
        keys = explicit or (self._default(phone, variables),)
        if trace is not None:
            trace.used = "explicit" if explicit else "default"
            trace.window = keys[0].window
        return keys

    def early_keys(self, view: View) -> tuple[DedupeKey, ...]:
        """Return the key that is known before a look-up; none where that has to tell it."""
        needs_lookup = any(source.reads_lookup for source in self.key)
        return () if needs_lookup else self._explicit(view)

    def _explicit(self, view: View) -> tuple[DedupeKey, ...]:
        parts = [_part(source.first(view)) for source in self.key]
        if not any(parts):
            return ()
        return (_key(["explicit", parts], self.window or EXPLICIT_KEY_WINDOW),)

    def _default(self, phone: str, variables: Mapping[str, str]) -> DedupeKey:
        window = None if self.key else self.window
        return _key(["default", phone, dict(variables)], window or DEFAULT_KEY_WINDOW)


def _key(parts: list[Any], window: timedelta) -> DedupeKey:
    return DedupeKey(digest=sha256(_canonical(parts).encode()).hexdigest(), window=window)


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
