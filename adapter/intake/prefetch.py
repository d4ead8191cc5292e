"""Requests that a browser makes ahead, on a guess: they never store or ring."""

from adapter.webhook.request import Request

_HEADERS = frozenset({"sec-purpose", "purpose", "x-purpose", "x-moz"})
_GUESSES = ("prefetch", "prerender", "preview")


def is_prefetch(request: Request) -> bool:
    """Whether a header says that nobody asked for this yet (Sec-Purpose and its forerunners)."""
    purposes = [value.lower() for name, value in request.headers if name in _HEADERS]
    return any(guess in purpose for purpose in purposes for guess in _GUESSES)
