"""A JSON Web Token as the proof (RFC 7519): in a header, at a path of the body, or as the body."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from adapter.agent import Secret
from adapter.webhook.auth.proof import Proof
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import TOLERANCE, check_choice
from adapter.webhook.auth.signatures import Place
from adapter.webhook.request import Request

WITH_SECRET = ("HS256", "HS384", "HS512")
WITH_KEY = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA")
# Times are asked below, by the clock that the whole program has.
_NO_TIMES: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
}
_TIMES = ("iat", "nbf", "exp")
_LEEWAY = timedelta(seconds=30)
_ALWAYS, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_BODY_HASH = "payload_hash"  # Vonage's claim: the SHA-256 of the body, hex


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonWebToken:
    """A token made with one algorithm, which the token cannot choose.

    Without a place the body itself is the token, and its claims are the document. A token that
    stands beside the body must say when it was made (`iat`) or ends (`exp`); where it has the claim
    `payload_hash`, that must be the body's. ValueError for a key of another kind.
    """

    place: Place | None
    algorithm: str
    secrets: tuple[Secret, ...] = ()
    keys: tuple[str, ...] = ()
    audience: str = ""
    tolerance: timedelta = TOLERANCE

    def __post_init__(self) -> None:
        check_choice("algorithm", self.algorithm, (*WITH_SECRET, *WITH_KEY))
        if self.algorithm in WITH_SECRET:
            check_secrets(self.secrets, "jwt")
        for key in self._keys:
            _check_key(key, self.algorithm)

    @property
    def _keys(self) -> tuple[str | bytes, ...]:
        if self.algorithm in WITH_SECRET:
            return tuple(map(secret_bytes, self.secrets))
        return tuple(key.strip().replace("\\n", "\n") for key in self.keys)

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a key verifies the token, and its claims hold now."""
        token = self._token(request, document)
        claims = self._claims(token) if token else None
        if token is None or claims is None or not self._holds(claims, request, now):
            return None
        signature = token.rpartition(".")[2].encode()
        if self.place is None:
            return Proof(
                without=_with_claims(request, claims), digest=hashlib.sha256(signature).hexdigest()
            )
        shown = hashlib.sha256(signature).digest() + request.body
        return Proof(
            without=self._without(request),
            digest=hashlib.sha256(shown).hexdigest(),
            body_path=self.place.path,
        )

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the token's header is missing."""
        return self.place is not None and self.place.is_missing(head)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with a token as a sender with the first secret would make it now.

        None where a private key makes it, and where the token stands in the body.
        """
        if self.algorithm not in WITH_SECRET or self.place is None:
            return None
        claims: dict[str, Any] = {"iat": int(now.timestamp())}
        if self.audience:
            claims["aud"] = self.audience
        token = jwt.encode(claims, secret_bytes(self.secrets[0]), algorithm=self.algorithm)
        scheme = "Bearer " if self.place.header == "authorization" else ""
        return self.place.filled(request, f"{scheme}{token}")

    def _token(self, request: Request, document: Callable[[], Any]) -> str | None:
        if self.place is None:
            return request.body.strip(b' \t\r\n"').decode("latin-1")
        value = self.place.value(request, document)
        return None if value is None else value.strip().rpartition(" ")[2]

    def _claims(self, token: str) -> Mapping[str, Any] | None:
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=[self.algorithm], options=_NO_TIMES)
            except (jwt.PyJWTError, ValueError):
                continue
            return dict(claims)
        return None

    def _holds(self, claims: Mapping[str, Any], request: Request, now: datetime) -> bool:
        given = {name: _moment(claims[name]) for name in _TIMES if claims.get(name) is not None}
        times = {name: moment for name, moment in given.items() if moment is not None}
        made, ends = times.get("iat"), times.get("exp")
        if times.keys() != given.keys():
            return False
        if self.place is not None and made is None and ends is None:
            return False
        begins = max(made or _ALWAYS, times.get("nbf", _ALWAYS))
        if ends is None:
            ends = _NEVER if made is None else made + self.tolerance - _LEEWAY
        is_timely = begins <= now + _LEEWAY and now - _LEEWAY < ends
        return is_timely and self._is_for_us(claims) and _is_of_body(claims, request, self.place)

    def _is_for_us(self, claims: Mapping[str, Any]) -> bool:
        found = claims.get("aud")
        audiences = found if isinstance(found, list) else [found]
        return not self.audience or self.audience in audiences

    def _without(self, request: Request) -> Request:
        if self.place is None or not self.place.header:
            return request
        kept = tuple(pair for pair in request.headers if pair[0] != self.place.header)
        return replace(request, headers=kept)


def _moment(claim: Any) -> datetime | None:
    """Return a NumericDate (RFC 7519 §2) as a moment."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_of_body(claims: Mapping[str, Any], request: Request, place: Place | None) -> bool:
    """Whether the token names no body, or this one."""
    if place is None or _BODY_HASH not in claims:
        return True
    found = str(claims[_BODY_HASH]).lower().encode()
    return hmac.compare_digest(found, hashlib.sha256(request.body).hexdigest().encode())


def _with_claims(request: Request, claims: Mapping[str, Any]) -> Request:
    """Return the request with the token's claims as its JSON body."""
    kept = tuple(pair for pair in request.headers if pair[0] != "content-type")
    return replace(
        request,
        headers=(*kept, ("content-type", "application/json")),
        body=json.dumps(claims, ensure_ascii=False).encode("utf-8", "surrogatepass"),
    )


def _check_key(key: str | bytes, algorithm: str) -> None:
    """Raise ValueError for a key that this algorithm cannot use."""
    try:
        jwt.get_algorithm_by_name(algorithm).prepare_key(key)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise ValueError(
            f"jwt: expected a public key for {algorithm} as PEM, found another text"
        ) from None
