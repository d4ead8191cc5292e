"""Checks of the sender: those without a secret, and the two that combine others."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapter.webhook.auth.proof import Check, Proof, merged
from adapter.webhook.auth.shared_secrets import HeadCheck
from adapter.webhook.request import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True, slots=True)
class IpRange(HeadCheck):
    """A sender's address within one of the networks."""

    networks: tuple[Network, ...]

    def __post_init__(self) -> None:
        if not self.networks:
            raise ValueError("ip: expected at least one network, found none")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if `request.client` is in a network; text that is no IP is in none."""
        try:
            address = ipaddress.ip_address(request.client)
        except ValueError:
            return None
        plain = getattr(address, "ipv4_mapped", None) or address
        is_inside = any(plain in network or address in network for network in self.networks)
        return Proof(without=request) if is_inside else None

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request: nothing in it changes where it comes from."""
        return request


@dataclass(frozen=True, kw_only=True, slots=True)
class NoAuth(HeadCheck):
    """No check at all; `why` says what makes that safe, and must be written down."""

    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ValueError("none: expected the reason why this is safe, found no text")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return a proof of nothing."""
        return Proof(without=request)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request: no proof is asked for."""
        return request


class Nobody(HeadCheck):
    """Stands for a check whose key is unset, so that the rest of a mapping can be checked."""

    def prove(self, request: Request, *, now: datetime, document: Callable[[], Any]) -> None:
        """Prove nobody."""

    def sign(self, request: Request, *, now: datetime) -> None:
        """Return None: without the key nobody can sign."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Several checks that must all hold, each over the original request."""

    checks: tuple[Check, ...]

    def __post_init__(self) -> None:
        _check_any(self.checks)

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return one proof if every check gives one."""
        proofs = _proofs(self.checks, request, now, document)
        return merged(request, proofs) if len(proofs) == len(self.checks) else None

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether any of them does."""
        return any(check.refuses_head(head, now=now) for check in self.checks)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with all proofs; None if one cannot be made."""
        signed: Request | None = request
        for check in self.checks:
            signed = check.sign(signed, now=now) if signed is not None else None
        return signed


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """Several checks of which one is enough; what any of them finds is taken out."""

    checks: tuple[Check, ...]

    def __post_init__(self) -> None:
        _check_any(self.checks)

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return one proof if any check gives one."""
        proofs = _proofs(self.checks, request, now, document)
        return merged(request, proofs) if proofs else None

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether all of them do."""
        return all(check.refuses_head(head, now=now) for check in self.checks)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with the first proof that can be made; None if none can."""
        made = [check.sign(request, now=now) for check in self.checks]
        possible = [signed for signed in made if signed is not None]
        return next(
            (signed for signed in possible if signed != request), next(iter(possible), None)
        )


def _proofs(
    checks: tuple[Check, ...], request: Request, now: datetime, document: Callable[[], Any]
) -> list[Proof]:
    tried = [check.prove(request, now=now, document=document) for check in checks]
    return [proof for proof in tried if proof is not None]


def _check_any(checks: tuple[Check, ...]) -> None:
    # No check at all would hold for everybody.
    if not checks:
        raise ValueError("auth: expected at least one check, found none")
