"""The parts that signature checks share: comparing and reading signatures, reading their time."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from adapter.webhook.auth.proof import Proof
from adapter.webhook.request import Request, wire_bytes

TOLERANCE = timedelta(minutes=5)
_EPOCH = re.compile(r"[0-9]{1,14}(\.[0-9]{1,9})?")
_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")
_FIRST_MILLISECOND = 100_000_000_000  # in seconds that is the year 5138


def proof_by_signature(
    request: Request,
    expected: Sequence[bytes],
    found: Sequence[bytes],
    *,
    covers_body: bool = True,
) -> Proof | None:
    """Return the proof if a found signature is an expected one; all are tried, in equal time."""
    proven = [right for right in expected if sum(hmac.compare_digest(right, one) for one in found)]
    # Over the decoded bytes, so that another spelling of one signature is no new proof.
    return _proof(request, proven[0], covers_body=covers_body) if proven else None


def proof_by_content(
    request: Request,
    content: bytes,
    verifiers: Sequence[Callable[[bytes, bytes], bool]],
    found: Sequence[bytes],
    *,
    covers_body: bool = True,
) -> Proof | None:
    """Return the proof if a found signature is right for the content by one of the keys.

    Its digest is that of the content: of an ECDSA signature anybody can make a second one.
    """
    is_right = any(verifies(one, content) for verifies in verifiers for one in found)
    return _proof(request, content, covers_body=covers_body) if is_right else None


def _proof(request: Request, seen: bytes, *, covers_body: bool) -> Proof:
    # What does not cover the body is the same webhook only with the same body.
    shown = seen if covers_body else hashlib.sha256(seen).digest() + request.body
    return Proof(without=request, digest=hashlib.sha256(shown).hexdigest())


def is_fresh(timestamp: str | None, *, now: datetime, tolerance: timedelta) -> bool:
    """Whether a timestamp (as `read_timestamp` has it) is near `now`, before or after."""
    moment = read_timestamp(timestamp) if timestamp is not None else None
    return moment is not None and abs(now - moment) <= tolerance


def read_timestamp(text: str) -> datetime | None:
    """Return an epoch time in s or ms, an ISO 8601 or HTTP date (RFC 9110 §5.6.7), as aware UTC."""
    if _EPOCH.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if number >= _FIRST_MILLISECOND else number
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _http_date(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _unhex(text: str) -> bytes:
    return binascii.unhexlify(wire_bytes(text))


def _unbase64(text: str) -> bytes:
    """Read base64, padded or not, in either alphabet of RFC 4648."""
    raw = wire_bytes(text).translate(_ONE_ALPHABET).rstrip(b"=")
    return base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)


ENCODINGS: Mapping[str, Callable[[str], bytes]] = {"hex": _unhex, "base64": _unbase64}


def decode_signature(text: str, encoding: str) -> bytes:
    """Return the bytes of a hex or base64 signature; what is none becomes b"" and equals none."""
    try:
        return ENCODINGS[encoding](text.strip())
    except binascii.Error:
        return b""


def encode_signature(signature: bytes, encoding: str) -> str:
    """Return a signature as hex or base64."""
    return signature.hex() if encoding == "hex" else base64.b64encode(signature).decode()


def check_choice(key: str, found: str, choices: Collection[str]) -> None:
    """Raise ValueError unless a key of a scheme has one of its values."""
    if found not in choices:
        raise ValueError(f"{key}: expected one of {', '.join(sorted(choices))}, found {found!r}")
