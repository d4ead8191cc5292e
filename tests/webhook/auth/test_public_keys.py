"""Keys of senders load in every spelling that vendors show, and verify their own kind alone."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from adapter.webhook.auth.public_keys import verifier
from tests.harness.vendor_requests import der64, ec_key, ed_key, pem, raw64, rsa_key

HELLO = b"hello"
ED = ed_key().sign(HELLO)
EC = ec_key().sign(HELLO, ec.ECDSA(hashes.SHA256()))
RSA = rsa_key().sign(HELLO, padding.PKCS1v15(), hashes.SHA256())
RAW = base64.b64decode(raw64(ed_key()))


@pytest.mark.parametrize(
    ("key", "kind", "signature"),
    [
        (pem(ed_key()), "ed25519", ED),
        (pem(ed_key()).replace("\n", "\\n"), "ed25519", ED),
        (der64(ed_key()), "ed25519", ED),
        (raw64(ed_key()), "ed25519", ED),
        (f" {raw64(ed_key())}\n", "ed25519", ED),
        (RAW.hex(), "ed25519", ED),
        (RAW.hex().upper(), "ed25519", ED),
        (pem(ec_key()), "ecdsa", EC),
        (der64(ec_key()), "ecdsa", EC),
        (pem(rsa_key()), "rsa", RSA),
        (der64(rsa_key())[:64] + "\n" + der64(rsa_key())[64:], "rsa", RSA),
    ],
    ids=range(11),
)
def test_a_key_verifies(key: str, kind: str, signature: bytes) -> None:
    """The signature over this content, and no other."""
    verify = verifier(key, kind, "sha256")
    assert verify(signature, HELLO)
    assert not verify(signature, b"hello!")
    assert not verify(signature[:-1], HELLO)
    assert not verify(b"", HELLO)


@pytest.mark.parametrize("algorithm", ["sha1", "sha384", "sha512"])
def test_other_hashes(algorithm: str) -> None:
    """Of ECDSA and RSA, as the mapping says."""
    digest = getattr(hashes, algorithm.upper())()
    made = rsa_key().sign(HELLO, padding.PKCS1v15(), digest)
    assert verifier(pem(rsa_key()), "rsa", algorithm)(made, HELLO)
    assert not verifier(pem(rsa_key()), "rsa", algorithm)(RSA, HELLO)
    made = ec_key().sign(HELLO, ec.ECDSA(digest))
    assert verifier(pem(ec_key()), "ecdsa", algorithm)(made, HELLO)
    assert not verifier(pem(ec_key()), "ecdsa", algorithm)(EC, HELLO)


SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
OTHER = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("key", "kind", "message"),
    [
        (pem(ec_key()), "ed25519", "another type"),
        (pem(ed_key()), "ecdsa", "another type"),
        (pem(ed_key()), "rsa", "another type"),
        (raw64(ed_key()), "rsa", "another text"),
        (pem(SMALL), "rsa", "found 1024"),
        ("not a key", "rsa", "another text"),
        ("", "ed25519", "another text"),
        ("zz" * 32, "ed25519", "another text"),
        (RAW.hex()[:-2], "ed25519", "another text"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "rsa", "another text"),
    ],
    ids=range(10),
)
def test_another_key_does_not_load(key: str, kind: str, message: str) -> None:
    """It would never verify anything, or verify too much."""
    with pytest.raises(ValueError, match=message):
        verifier(key, kind, "sha256")


def test_another_senders_key_verifies_nothing() -> None:
    """Of the same kind."""
    assert not verifier(raw64(OTHER), "ed25519", "sha256")(ED, HELLO)
