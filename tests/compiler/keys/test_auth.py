"""Every scheme of auth can sign as its sender would, and then believes the request."""

from datetime import UTC, datetime

import pytest

from adapter.compiler.keys.auth import AuthShape
from adapter.compiler.load import load_config
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
    "public_key": f"{{header: X-Signature, type: ed25519, key: {'ab' * 32}}}",
    "jwt": "{secret: a-secret-of-theirs-that-is-long-enough}",
    "twilio": "{auth_token: a-secret-of-theirs}",
    "standard_webhooks": "{secret: whsec_c2VjcmV0}",
    "none": "the network is our own",
}
# Only the sender has the private key.
OF_THEIR_KEY = {"public_key"}


def check_of(project: Project, auth: str) -> Check:
    """Return the check of a mapping's `auth`."""
    mapping = MAPPING.replace("{token: a-long-enough-token}", auth)
    settings = f"public_url: https://hooks.example.com\n{SETTINGS}"
    return project.config(settings, mapping).sources["crm"].auth


def is_believed(check: Check, request: Request) -> bool:
    """Whether the check holds for a request."""
    return check.prove(request, now=NOW, document=lambda: {"key": "a-secret-of-theirs"}) is not None


def added(check: Check) -> set[str]:
    """Return the names of the headers that a check adds."""
    signed = check.sign(REQUEST, now=NOW)
    assert signed is not None
    return {name for name, _ in set(signed.headers) - set(REQUEST.headers)}


@pytest.mark.parametrize("key", AuthShape.fields_by_key())
def test_every_scheme_signs_what_it_believes(project: Project, key: str) -> None:
    """What no header proves, an address or a secret in the body, is there without one."""
    check = check_of(project, f"{{{key}: {SCHEMES[key]}}}")
    signed = check.sign(REQUEST, now=NOW)
    if key in OF_THEIR_KEY:
        assert signed is None
        return
    assert signed is not None
    assert is_believed(check, signed)
    assert is_believed(check, REQUEST) == (signed == REQUEST)


def test_two_schemes_sign_together(project: Project) -> None:
    """Where all must hold, all sign; where one is enough, one does."""
    both = f"{{token: {SCHEMES['token']}, basic: {SCHEMES['basic']}}}"
    check = check_of(project, both)
    assert added(check) == {"x-webhook-token", "authorization"}
    either = f"[{{basic: {SCHEMES['basic']}}}, {{token: {SCHEMES['token']}}}]"
    assert added(check_of(project, either)) == {"authorization"}


@pytest.mark.parametrize(
    "auth",
    [
        "{public_key: {header: X-Signature, type: rsa, key: '${KEY}'}}",
        "{public_key: {header: X-Signature, type: ed25519, key: ['${KEY}']}}",
        "{jwt: {key: '${KEY}', algorithm: RS256}}",
        "{standard_webhooks: {public_key: '${KEY}'}}",
    ],
)
def test_an_unset_key_proves_nobody(project: Project, auth: str) -> None:
    """The rest of the mapping is checked all the same, and one warning tells of the key."""
    project.write(mappings={"crm": MAPPING.replace("{token: a-long-enough-token}", auth)})
    loaded = load_config(project.folder / "adapter.yaml", {}, is_lenient=True)
    assert [problem.unset for problem in loaded.problems] == ["KEY"]
    check = loaded.sources["crm"].auth
    assert not is_believed(check, REQUEST)
    assert check.sign(REQUEST, now=NOW) is None
    assert check.refuses_head(REQUEST, now=NOW)
