"""Access to the admin listener: for the bearer of the token; on loopback, not for web pages.

A page in the operator's own browser can reach a loopback port. It cannot choose the Host header
(so a rebound DNS name is seen), and it cannot send JSON across origins without asking first.

Whoever sends the token may first ask whether we know it (`prove`), since another program may listen
where we should. Each side proves its knowledge by a digest over a number that is used once, over
the port, so that nobody can pass the question on to us from another one, and over its own role, so
that nobody can send the asker's own proof back. The asker comes first: a stranger gets no digest
at which to try his guesses.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapter.agent import Secret
from adapter.errors import IntakeError
from adapter.values.units import is_loopback

ASKER, ADAPTER = "asker", "adapter"
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_NONCE = re.compile(r"[0-9a-f]{32,128}")


def token_proof(token: Secret, *, role: str, port: int, nonce: str) -> str:
    """Return the proof that somebody in this role knows the admin token."""
    words = f"admin_token of {role} at {port}: {nonce}"
    return hmac.new(token.reveal().encode(), words.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class AdminAccess:
    """The admin listener's checks; `host` is where it listens."""

    host: str
    token: Secret | None

    @property
    def is_on_loopback(self) -> bool:
        """Whether only this machine reaches the listener."""
        return is_loopback(self.host)

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Raise IntakeError (401, 403, 415) unless the request may pass; names are lower-case."""
        self.check_host(headers.get("host", ""))
        self._check_token(headers.get("authorization", ""))
        if method not in _SAFE_METHODS:
            _check_json(headers.get("content-type", ""))

    def prove(
        self, headers: Mapping[str, str], query: Mapping[str, str], *, port: int
    ) -> dict[str, str]:
        """Return our proof, for a `nonce` and the `proof` of whoever asks; IntakeError (401, 403).

        `port` is where we were asked.
        """
        self.check_host(headers.get("host", ""))
        nonce, proof = query.get("nonce", ""), query.get("proof", "")
        if self.token is None or not _NONCE.fullmatch(nonce):
            raise _unproven()
        expected = token_proof(self.token, role=ASKER, port=port, nonce=nonce)
        if not hmac.compare_digest(proof.encode(), expected.encode()):
            raise _unproven()
        return {"proof": token_proof(self.token, role=ADAPTER, port=port, nonce=nonce)}

    def check_host(self, host: str) -> None:
        """Raise IntakeError (403) for a name that may have been rebound to loopback."""
        if self.is_on_loopback and not is_loopback(_without_port(host)):
            raise IntakeError(
                403,
                "Unknown Host",
                "The admin listener is on loopback and answers to localhost, 127.0.0.1 and "
                "[::1] only; ask for it by one of these.",
            )

    def _check_token(self, authorization: str) -> None:
        if self.token is None:
            if self.is_on_loopback:
                return
            raise IntakeError(401, "Not authenticated", "admin_token is not set.")
        expected = b"Bearer " + self.token.reveal().encode()
        if not hmac.compare_digest(authorization.encode("latin-1", "replace"), expected):
            raise IntakeError(
                401, "Not authenticated", "Send `Authorization: Bearer <admin_token>`."
            )


def _unproven() -> IntakeError:
    return IntakeError(
        401, "Not authenticated", "Send a `nonce`, and the `proof` that you know admin_token."
    )


def _check_json(content_type: str) -> None:
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
        raise IntakeError(
            415, "JSON only", "Send `Content-Type: application/json` with every write."
        )


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
