"""Public keys of senders: Ed25519 (RFC 8032), ECDSA and RSA (PKCS #1 v1.5, RFC 8017)."""

import base64
import binascii
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

_SMALLEST_RSA = 2048  # bits; NIST SP 800-131A rules out less
_RAW_ED25519 = 32  # bytes
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha1": hashes.SHA1,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
Verifier = Callable[[bytes, bytes], bool]


def verifier(key: str, kind: str, algorithm: str) -> Verifier:
    """Return what tells whether a signature (bytes) is right for a content (bytes).

    A key is PEM, or base64 of its DER form; one of Ed25519 also base64 or hex of its 32 bytes.
    Raises ValueError for another key than `kind` says.
    """
    verify = _verify(_loaded(key.strip(), kind), kind, _HASHES[algorithm]())

    def is_right(signature: bytes, content: bytes) -> bool:
        try:
            verify(signature, content)
        except InvalidSignature:
            return False
        return True

    return is_right


def _verify(key: object, kind: str, digest: hashes.HashAlgorithm) -> Callable[[bytes, bytes], None]:
    """Return the key's own way, which raises InvalidSignature."""
    match kind, key:
        case "ed25519", ed25519.Ed25519PublicKey():
            return key.verify
        case "ecdsa", ec.EllipticCurvePublicKey():
            return lambda signature, content: key.verify(signature, content, ec.ECDSA(digest))
        case "rsa", rsa.RSAPublicKey(key_size=size) if size >= _SMALLEST_RSA:
            return lambda signature, content: key.verify(
                signature, content, padding.PKCS1v15(), digest
            )
        case "rsa", rsa.RSAPublicKey(key_size=size):
            raise ValueError(
                f"public_key: expected an RSA key of {_SMALLEST_RSA} bits or more, found {size}"
            )
    raise ValueError(f"public_key: expected a key of type {kind}, found one of another type")


def _loaded(key: str, kind: str) -> object:
    try:
        if key.startswith("-----BEGIN"):
            return load_pem_public_key(key.replace("\\n", "\n").encode())
        raw = _raw(key)
        if kind == "ed25519" and len(raw) == _RAW_ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        return load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            f"public_key: expected a key of type {kind} as PEM or as base64, found another text"
        ) from None


def _raw(key: str) -> bytes:
    if len(key) == 2 * _RAW_ED25519:
        try:
            return bytes.fromhex(key)
        except ValueError:
            pass  # base64 of 48 bytes has this length too
    try:
        return base64.b64decode("".join(key.split()), validate=True)
    except binascii.Error:
        raise ValueError from None
