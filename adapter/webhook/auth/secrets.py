"""Configured secrets against found bytes: never empty, compared in constant time."""

import hmac
from collections.abc import Sequence

from adapter.agent import Secret


def check_secrets(secrets: Sequence[Secret], what: str) -> None:
    """Raise ValueError, without showing any, unless there are secrets and none is blank."""
    if not secrets:
        raise ValueError(f"{what}: expected at least one secret, found none")
    for secret in secrets:
        if not secret.reveal().strip():
            raise ValueError(f"{what}: expected a secret, found an empty one: set its variable")
        if not _is_encodable(secret):
            raise ValueError(f"{what}: expected a secret of Unicode text, found half a character")


def secret_bytes(secret: Secret) -> bytes:
    """Return the secret as UTF-8; bytes that the environment could not decode come back."""
    return secret.reveal().encode("utf-8", "surrogateescape")


def is_known(found: bytes, secrets: Sequence[Secret]) -> bool:
    """Whether `found` is one of the secrets; every one is tried, so the time tells nothing."""
    return sum(hmac.compare_digest(found, secret_bytes(secret)) for secret in secrets) > 0


def _is_encodable(secret: Secret) -> bool:
    try:
        secret_bytes(secret)
    except UnicodeEncodeError:
        return False
    return True
