"""Every scheme of auth can sign as its sender would, and then believes the request."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapter.compiler.keys.auth import AuthShape
from adapter.webhook.auth.proof import Check
from adapter.webhook.request import Request
from tests.harness.project import MAPPING, SETTINGS, Project

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REQUEST = Request(
    method="POST",
    path="/hooks/crm",
    query="a=1",
    headers=(("content-type", "application/json"),),
    body=b'{"key": "a-secret-of-theirs"}',
    client="203.0.113.9",
)
SCHEMES = {
    "token": "a-secret-of-theirs",
    "header": "{name: X-Key, value: a-secret-of-theirs}",
    "basic": "{username: crm, password: a-secret-of-theirs}",
    "body": "{path: $.key, value: a-secret-of-theirs}",
    "ip": "203.0.113.0/24",
    "hmac": '{header: X-Signature, secret: a-secret-of-theirs, signed: "{timestamp}.{body}",'
    " timestamp: {header: X-Time}}",
    "hubspot": "{client_secret: a-secret-of-theirs, version: v3}",
    "standard_webhooks": "{secret: whsec_c2VjcmV0}",
    "none": "the network is our own",
}


def check_of(project: Project, auth: str) -> Check:
    """Return the check of a mapping's `auth`."""
    mapping = MAPPING.replace("{token: a-long-enough-token}", auth)
    settings = f"public_url: https://hooks.example.com\n{SETTINGS}"
    return project.config(settings, mapping).sources["crm"].auth


def is_believed(check: Check, request: Request) -> bool:
    """Whether the check holds for a request."""
    return check.prove(request, now=NOW, document=lambda: {"key": "a-secret-of-theirs"}) is not None


@pytest.mark.parametrize("key", AuthShape.fields_by_key())
def test_every_scheme_signs_what_it_believes(project: Project, key: str) -> None:
    """What no header proves, an address or a secret in the body, is there without one."""
    check = check_of(project, f"{{{key}: {SCHEMES[key]}}}")
    headers = check.sign(REQUEST, now=NOW)
    assert headers is not None
    signed = replace(REQUEST, headers=(*REQUEST.headers, *headers.items()))
    assert is_believed(check, signed)
    assert is_believed(check, REQUEST) == (headers == {})


def test_two_schemes_sign_together(project: Project) -> None:
    """Where all must hold, all sign; where one is enough, one does."""
    both = f"{{token: {SCHEMES['token']}, basic: {SCHEMES['basic']}}}"
    check = check_of(project, both)
    headers = check.sign(REQUEST, now=NOW) or {}
    assert headers.keys() == {"x-webhook-token", "authorization"}
    either = f"[{{basic: {SCHEMES['basic']}}}, {{token: {SCHEMES['token']}}}]"
    headers = check_of(project, either).sign(REQUEST, now=NOW) or {}
    assert headers.keys() == {"authorization"}
