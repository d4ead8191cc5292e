"""What senders put on a request to prove themselves, made as their documentation says."""

import base64
import hashlib
import hmac

Headers = dict[str, str]


def signed(
    header: str, key: str, body: bytes, *, prefix: str = "", algorithm: str = "sha256"
) -> Headers:
    """Return a hex HMAC of the body in a header."""
    return {header: prefix + hmac.new(key.encode(), body, algorithm).hexdigest()}


def signed64(header: str, key: str, body: bytes, *, prefix: str = "") -> Headers:
    """Return a base64 HMAC-SHA256 of the body in a header."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    return {header: prefix + base64.b64encode(digest).decode()}


def timed(header: str, key: str, body: bytes, at_s: int, *, between: str = ".") -> Headers:
    """Return `t=…,v1=…`: a hex HMAC over time and body in one header."""
    content = f"{at_s}{between}".encode() + body
    digest = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return {header: f"t={at_s},v1={digest}"}


def basic(username: str, password: str) -> Headers:
    """Return HTTP Basic credentials."""
    return {
        "authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    }


def hubspot_v1(secret: str, body: bytes) -> Headers:
    """Return HubSpot's hash of secret and body."""
    digest = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"x-hubspot-signature-version": "v1", "x-hubspot-signature": digest}


def hubspot_v2(secret: str, url: str, body: bytes) -> Headers:
    """Return HubSpot's hash of secret, method, URL and body."""
    digest = hashlib.sha256(f"{secret}POST{url}".encode() + body).hexdigest()
    return {"x-hubspot-signature-version": "v2", "x-hubspot-signature": digest}


def hubspot_v3(secret: str, url: str, body: bytes, at_ms: int) -> Headers:
    """Return HubSpot's HMAC over method, URL, body and time."""
    content = f"POST{url}".encode() + body + str(at_ms).encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return {
        "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
        "x-hubspot-request-timestamp": str(at_ms),
    }


def standard_webhooks(key: bytes, message_id: str, at_s: int, body: bytes) -> Headers:
    """Return the three headers of standardwebhooks.com."""
    content = f"{message_id}.{at_s}.".encode() + body
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{digest}",
    }
