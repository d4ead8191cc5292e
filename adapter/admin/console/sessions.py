"""Sessions of people who logged in, and the throttle of those who guess.

A session is a cookie that says when it ends, signed under a key that is made of the token. So every
replica knows it, a restart keeps it, and a new token ends it.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from adapter.agent import Secret

LASTS = timedelta(hours=12)
WINDOW = timedelta(minutes=1)
MOST_FAILURES = 5
_MOST_ADDRESSES = 10_000


class Sessions:
    """Begins, knows and ends sessions; one that was ended by hand stays so in this process."""

    def __init__(self) -> None:
        self._ended: dict[str, datetime] = {}

    def begin(self, token: Secret, now: datetime) -> str:
        """Return the cookie of a new session."""
        claim = f"{int((now + LASTS).timestamp())}.{secrets.token_urlsafe(16)}"
        return f"{claim}.{_signature(token, claim)}"

    def is_open(self, token: Secret, cookie: str, now: datetime) -> bool:
        """Tell whether a cookie is of a session that has not ended."""
        claim, _, signature = cookie.rpartition(".")
        expected = _signature(token, claim)
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
            return False
        return int(claim.partition(".")[0]) > now.timestamp() and cookie not in self._ended

    def end(self, token: Secret, cookie: str, now: datetime) -> None:
        """End a session before its time."""
        self._ended = {c: until for c, until in self._ended.items() if until > now}
        if self.is_open(token, cookie, now):
            self._ended[cookie] = now + LASTS


class Throttle:
    """Counts failed log-ins: an address that has failed too often in a minute waits it out."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait_s(self, address: str, now: datetime) -> int:
        """Return how many seconds an address has to wait before it may try again; 0 is none."""
        recent = list(self._recent(address, now))
        if len(recent) < MOST_FAILURES:
            return 0
        return int((recent[0] + WINDOW - now).total_seconds()) + 1

    def failed(self, address: str, now: datetime) -> None:
        """Count one more failure."""
        recent = deque(self._recent(address, now), maxlen=MOST_FAILURES)
        recent.append(now)
        self._failures[address] = recent
        self._failures.move_to_end(address)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str, now: datetime) -> Iterator[datetime]:
        return (at for at in self._failures.get(address, ()) if at > now - WINDOW)


def _signature(token: Secret, claim: str) -> str:
    key = hmac.digest(token.reveal().encode(), b"key of console sessions", hashlib.sha256)
    return hmac.new(key, claim.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
