"""Promises on vendors' answers without a record: each shipped look-up knows its vendor's words."""

from typing import Any

import pytest

from adapter.mapping.lookup import Verdict
from tests.harness.shipped import shipped

AGAIN, DENIED, GONE = Verdict.AGAIN, Verdict.DENIED, Verdict.GONE


def fault(code: str) -> dict[str, Any]:
    """Return what the gateway before Keap's API answers."""
    return {"fault": {"faultstring": "told", "detail": {"errorcode": code}}}


WORDS: list[tuple[str, int, Any, Verdict | None]] = [
    ("meta", 400, {"error": {"code": 190, "error_subcode": 463}}, DENIED),
    ("meta", 400, {"error": {"code": 100, "error_subcode": 33}}, AGAIN),
    ("meta", 200, {"field_data": []}, None),
    ("linkedin", 401, {"serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}, DENIED),
    ("linkedin", 426, {"status": 426, "code": "NONEXISTENT_VERSION"}, DENIED),
    ("linkedin", 426, None, DENIED),
    ("linkedin", 400, {"status": 400, "code": "VERSION_MISSING"}, DENIED),
    ("linkedin", 404, {"status": 404, "code": "NOT_FOUND"}, AGAIN),
    ("keap", 401, fault("keymanagement.service.invalid_access_token"), DENIED),
    ("keap", 500, fault("keymanagement.service.access_token_expired"), DENIED),
    ("keap", 500, fault("oauth.v2.InvalidAccessToken"), DENIED),
    ("keap", 429, fault("policies.ratelimit.QuotaViolation"), AGAIN),
    ("keap", 404, {"message": "no contact"}, AGAIN),
    ("close", 401, {"error": "who?"}, DENIED),
    ("close", 402, {"error": "plan"}, DENIED),
    ("close", 404, {"error": "no lead"}, AGAIN),
    ("copper", 401, {"success": False}, DENIED),
    ("copper", 429, {"success": False}, AGAIN),
    ("zoho-notification", 400, {"code": "INVALID_TOKEN", "status": "error"}, DENIED),
    ("zoho-notification", 401, {"code": "OAUTH_SCOPE_MISMATCH", "status": "error"}, DENIED),
    ("zoho-notification", 204, None, GONE),
    ("zoho-notification", 400, {"code": "INVALID_DATA", "status": "error"}, GONE),
    ("zoho-notification", 400, {"code": "REQUIRED_PARAM_MISSING", "status": "error"}, AGAIN),
    ("pipedrive-deal", 402, {"success": False}, DENIED),
    ("pipedrive-deal", 410, {"success": False}, GONE),
    ("pipedrive-deal", 404, {"success": False}, AGAIN),
    ("hubspot-app", 403, {"category": "MISSING_SCOPES"}, DENIED),
    ("hubspot-app", 404, {"category": "OBJECT_NOT_FOUND"}, AGAIN),
]


@pytest.mark.parametrize(("source", "status", "answer", "verdict"), WORDS)
def test_a_vendors_words_are_understood(
    source: str, status: int, answer: Any, verdict: Verdict | None
) -> None:
    """Denied holds the source's calls, gone ends one, and anything else is asked again.

    A 404 alone is asked again: a wrong address, or a copy that lags, gives the same.
    """
    (lookup,) = shipped(source).mapping.lookups
    assert lookup.verdict(status, answer) is verdict
