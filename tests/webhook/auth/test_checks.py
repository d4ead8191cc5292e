"""Nobody gets in without the secret, and the secret is taken out of what goes on."""

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.agent import Secret
from adapter.errors import IntakeError
from adapter.webhook.auth.checks import AllOf, AnyOf, IpRange, NoAuth
from adapter.webhook.auth.hubspot import HubSpot
from adapter.webhook.auth.proof import Check, Proof
from adapter.webhook.auth.proof import no_document as no_document_yet
from adapter.webhook.auth.shared_secrets import Basic, BodySecret, HeaderSecret, Token
from adapter.webhook.auth.standard_webhooks import StandardWebhooks
from adapter.webhook.request import Request
from tests.harness.webhook_requests import NOW, KeyPath, hmac_check, no_document, post, secrets

TOKENS = Token(tokens=secrets("old+token/=", "tök én"))
NETWORKS = (ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("2001:db8::/32"))


def prove(
    check: Check,
    request: Request,
    *,
    now: datetime = NOW,
    document: Callable[[], Any] = no_document,
) -> Proof | None:
    """Ask a check at a fixed time."""
    return check.prove(request, now=now, document=document)


def without(check: Check, request: Request, document: Any = None) -> Request:
    """Return what is left of a request that must be proven."""
    proof = prove(check, request, document=lambda: document)
    assert proof is not None
    return proof.without


def basic(text: str, *, scheme: str = "Basic") -> str:
    """Return an Authorization header's value."""
    return f"{scheme} {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("token=old%2Btoken%2F%3D", ""),
        ("token=old+token/=", ""),
        ("token=old%2btoken/=", ""),
        ("token=t%C3%B6k+%C3%A9n", ""),
        ("a=%7e&token=old+token/=&b=%7E+x&&c", "a=%7e&b=%7E+x&&c"),
        ("token=old+token/=&token=wrong&token=t%C3%B6k%20%C3%A9n", "token=wrong"),
        ("%74oken=old+token/=&x=1", "x=1"),
        ("x=1&amp;token=old+token/=", "x=1"),
        ("token=old+token/=?utm=1&x=2", "utm=1&x=2"),
        ("token=old%2Btoken%2F%3D?", ""),
        ("token=old+token/=%20", ""),
        ("token=old+token/=/", ""),
    ],
)
def test_token_in_the_query(query: str, left: str) -> None:
    """Every field that holds a token goes; the rest keeps its very bytes."""
    assert without(TOKENS, post(query=query)).query == left


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization", "Bearer old+token/="),
        ("authorization", "bearer  old+token/="),
        ("x-webhook-token", "old+token/="),
        ("x-webhook-token", "tök én".encode().decode("latin-1")),
    ],
)
def test_token_in_a_header(name: str, value: str) -> None:
    """The header goes as a whole."""
    request = replace(post(), headers=((name, value), ("x-other", "1")))
    assert without(TOKENS, request).headers == (("x-other", "1"),)


@pytest.mark.parametrize(
    "segment",
    [
        *("old%2Btoken%2F%3D", "old+token/=", "tök én", "t%C3%B6k%20%C3%A9n"),
        *("old+token/=/", "old+token/= ", "/old+token/=", "old%2Btoken%2F%3D%20/"),
    ],
)
def test_token_in_the_path(segment: str) -> None:
    """The last segment goes, decoded by the server or not."""
    request = replace(post(), path="/hooks/forms/t%C3%B6k", token_segment=segment)
    left = without(TOKENS, request)
    assert (left.path, left.token_segment) == ("/hooks/forms", None)


def test_a_slash_behind_a_token_leaves_nothing_of_it() -> None:
    """The path is shortened by the token, not by the slash."""
    request = replace(post(), path="/hooks/forms/t%C3%B6k%20%C3%A9n/", token_segment="tök én/")
    assert without(TOKENS, request).path == "/hooks/forms"


def test_token_goes_from_all_places() -> None:
    """One place proves; none keeps it."""
    request = replace(
        post(query="token=old+token/=", x_webhook_token="old+token/="), token_segment="old+token/="
    )
    left = without(TOKENS, replace(request, path="/hooks/forms/old+token/="))
    assert (left.query, left.headers, left.token_segment) == ("", (), None)


@pytest.mark.parametrize(
    "request_",
    [
        post(),
        post(query="token="),
        post(query="token=old"),
        post(query="token=old?token/="),
        post(query="token=?old+token/="),
        post(query="ampersand;token=old+token/="),
        post(query="Token=old+token/="),
        post(query="x=old+token/="),
        post(authorization="Basic old+token/="),
        post(authorization="old+token/="),
        post(x_webhook_token=""),
        post(x_token="old+token/="),
        replace(post(), token_segment=""),
        replace(post(), token_segment="old"),
        post(b"old+token/=", "text/plain"),
    ],
)
def test_no_token(request_: Request) -> None:
    """A wrong, empty, or misplaced token proves nothing."""
    assert prove(TOKENS, request_) is None


def test_header_secret() -> None:
    """Any of the values under the name proves, in any case of its letters."""
    check = HeaderSecret(name="X-Secret", values=secrets("new", "old"))
    request = replace(post(), headers=(("x-secret", "bad"), ("x-secret", " old "), ("x-b", "new")))
    assert without(check, request).headers == (("x-secret", "bad"), ("x-b", "new"))
    assert prove(check, post(x_secret="older")) is None
    assert prove(check, post()) is None


@pytest.mark.parametrize(
    "value", [basic("crm:pa:ss"), basic("crm:new", scheme="basic"), basic("crm:ñ")]
)
def test_basic(value: str) -> None:
    """Username and any of the passwords, as UTF-8."""
    check = Basic(username="crm", passwords=secrets("pa:ss", "new", "ñ"))
    assert without(check, post(authorization=value, x_a="1")).headers == (("x-a", "1"),)


@pytest.mark.parametrize(
    "value",
    [
        basic("crm:"),
        basic("crm"),
        basic("other:new"),
        basic("crm:new", scheme="Bearer"),
        "Basic",
        "Basic ***",
        "Basic é",
        "Basic Y3Jt",
    ],
)
def test_wrong_basic(value: str) -> None:
    """Anything else proves nothing."""
    check = Basic(username="crm", passwords=secrets("new"))
    assert prove(check, post(authorization=value)) is None
    assert prove(check, post(x_authorization=basic("crm:new"))) is None


@pytest.mark.parametrize("value", ["s3cret", "42", 42])
def test_body_secret(value: Any) -> None:
    """The path goes on, for the caller to take the secret out."""
    check = BodySecret(path=KeyPath(key="key"), values=secrets("s3cret", "42"))
    proof = prove(check, post(), document=lambda: {"key": value})
    assert proof is not None
    assert proof.body_path == KeyPath(key="key")


@pytest.mark.parametrize(
    "document",
    [{}, {"key": "other"}, {"key": ""}, {"key": True}, {"key": ["1"]}, {"key": "\ud800"}, []],
)
def test_wrong_body_secret(document: Any) -> None:
    """Absent, different, of another type, or where the path cannot be followed."""
    check = BodySecret(path=KeyPath(key="key"), values=secrets("1", "True"))
    assert prove(check, post(), document=lambda: document) is None


def test_an_unreadable_body_fails_its_secret() -> None:
    """No document, no proof."""
    check = BodySecret(path=KeyPath(key="key"), values=secrets("1"))
    assert prove(check, post()) is None


@pytest.mark.parametrize(
    ("client", "is_inside"),
    [
        ("192.0.2.7", True),
        ("2001:db8::1", True),
        ("::ffff:192.0.2.7", True),
        ("198.51.100.1", False),
        ("::1", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_ip(client: str, *, is_inside: bool) -> None:
    """An address in any of the networks, however it is written."""
    proof = prove(IpRange(networks=NETWORKS), replace(post(), client=client))
    assert (proof is not None) == is_inside


def test_no_auth_holds() -> None:
    """Spelled out, it lets anybody in."""
    assert without(NoAuth(why="only reachable from the VPN"), post(query="a=1")).query == "a=1"


HEADER = HeaderSecret(name="x-secret", values=secrets("hush"))
BODY = BodySecret(path=KeyPath(key="key"), values=secrets("1"))
SIGNED = hmac_check(
    header="x-sig", secrets=secrets("It's a Secret to Everybody"), signed="{query}{body}"
)
SIGNATURE = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_all_must_hold() -> None:
    """Every check sees the original request; all that they found is taken out."""
    check = AllOf(checks=(TOKENS, HEADER, BODY))
    request = post(query="a=1&token=old+token/=&b=2", x_secret="hush", x_other="1")
    proof = prove(check, request, document=lambda: {"key": "1"})
    assert proof is not None
    assert (proof.without.query, proof.without.headers) == ("a=1&b=2", (("x-other", "1"),))
    assert (proof.digest, proof.body_path) == (None, KeyPath(key="key"))
    assert prove(check, replace(request, headers=()), document=lambda: {"key": "1"}) is None
    assert prove(check, request) is None


def test_a_signature_beside_a_token() -> None:
    """Both hold over the original; the token goes, the signature's digest stays."""
    token = Token(tokens=secrets("abc"))
    signed = hmac_check(header="x-sig", secrets=SIGNED.secrets)
    proof = prove(
        AllOf(checks=(token, signed)),
        post(b"Hello, World!", query="token=abc", x_sig=SIGNATURE),
    )
    assert proof is not None
    assert proof.without.query == ""
    assert proof.digest is not None


class OfTheirKey:
    """A check by a public key: only the sender can sign for it."""

    def prove(self, request: Request, *, now: datetime, document: Callable[[], Any]) -> None:
        """Prove nothing."""

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Say nothing yet."""
        return False

    def sign(self, request: Request, *, now: datetime) -> None:
        """Return nothing."""


def test_checks_sign_together_or_not_at_all() -> None:
    """All that must hold sign as one, unless one of them cannot; of others the first that can."""
    theirs, header = OfTheirKey(), post(x_secret="hush")
    assert AllOf(checks=(HEADER, BODY)).sign(post(), now=NOW) == header
    assert AllOf(checks=(HEADER, theirs)).sign(post(), now=NOW) is None
    assert AnyOf(checks=(theirs, BODY, HEADER)).sign(post(), now=NOW) == header
    assert AnyOf(checks=(theirs, BODY)).sign(post(), now=NOW) == post()
    assert AnyOf(checks=(theirs, theirs)).sign(post(), now=NOW) is None


def test_a_head_shows_what_no_body_mends() -> None:
    """Of all that must hold one is enough to refuse it, of several that may, all of them."""
    theirs, right = OfTheirKey(), post(x_secret="hush")
    assert not HEADER.refuses_head(right, now=NOW)
    assert HEADER.refuses_head(post(), now=NOW)
    assert not BODY.refuses_head(post(), now=NOW)
    assert AllOf(checks=(BODY, HEADER)).refuses_head(post(), now=NOW)
    assert not AllOf(checks=(BODY, HEADER)).refuses_head(right, now=NOW)
    assert not AnyOf(checks=(HEADER, theirs)).refuses_head(post(), now=NOW)
    assert AnyOf(checks=(HEADER, TOKENS)).refuses_head(post(), now=NOW)
    hubspot = HubSpot(client_secrets=secrets("hush"), version="v1", public_url="")
    signed = (
        (hmac_check(header="x-sig", secrets=secrets("hush")), "x-sig"),
        (hubspot, "x-hubspot-signature"),
        (StandardWebhooks(secrets=secrets("whsec_aHVzaA==")), "webhook-signature"),
    )
    for check, name in signed:
        assert check.refuses_head(post(), now=NOW)
        assert not check.refuses_head(replace(post(), headers=((name, "00"),)), now=NOW)


def test_any_may_hold() -> None:
    """One is enough, and what the others find is taken out as well."""
    check = AnyOf(checks=(TOKENS, HEADER))
    assert without(check, post(x_secret="hush")).headers == ()
    both = without(check, post(query="token=old+token/=", x_secret="hush"))
    assert (both.query, both.headers) == ("", ())
    assert prove(check, post(x_secret="wrong")) is None


def test_several_body_secrets_go_together() -> None:
    """Two paths are taken out as one."""
    other = BodySecret(path=KeyPath(key="other"), values=secrets("2"))
    document = {"key": "1", "other": "2", "name": "Ana"}
    proof = prove(AllOf(checks=(BODY, other)), post(), document=lambda: document)
    assert proof is not None
    assert proof.body_path is not None
    assert proof.body_path.text == "$.key, $.other"
    assert proof.body_path.find(document) == ["1", "2"]
    assert proof.body_path.replace(dict(document), lambda _: "x")["key"] == "x"
    proof.body_path.take_out(document)
    assert document == {"name": "Ana"}


@pytest.mark.parametrize(
    "build",
    [
        lambda: Token(tokens=()),
        lambda: Token(tokens=secrets("good", "")),
        lambda: Token(tokens=secrets(" \n")),
        lambda: Token(tokens=secrets("hush\ud800")),
        lambda: HeaderSecret(name="x", values=secrets("")),
        lambda: HeaderSecret(name=" ", values=secrets("hush")),
        lambda: Basic(username="crm", passwords=secrets("")),
        lambda: Basic(username="c:rm", passwords=secrets("hush")),
        lambda: Basic(username="\ud800", passwords=secrets("hush")),
        lambda: BodySecret(path=KeyPath(key="key"), values=()),
        lambda: IpRange(networks=()),
        lambda: NoAuth(why=" "),
        lambda: AllOf(checks=()),
        lambda: AnyOf(checks=()),
        lambda: hmac_check(header="x", secrets=()),
        lambda: HubSpot(client_secrets=secrets(""), version="v1", public_url=""),
        lambda: StandardWebhooks(secrets=()),
    ],
)
def test_nothing_configured_lets_nobody_in(build: Callable[[], Check]) -> None:
    """An empty secret or an empty list is a mistake in the set-up, not an open door."""
    with pytest.raises(ValueError, match="expected") as caught:
        build()
    assert "hush" not in str(caught.value)


CHECKS: list[Check] = [
    TOKENS,
    HEADER,
    Basic(username="crm", passwords=secrets("hush")),
    BODY,
    IpRange(networks=NETWORKS),
    SIGNED,
    hmac_check(
        header="x-sig",
        secrets=secrets("hush"),
        signed="{timestamp}{body}",
        timestamp_field="t",
        prefix="v1=",
    ),
    hmac_check(
        header="x-sig", secrets=secrets("hush"), encoding="base64", timestamp_header="x-time"
    ),
    *[
        HubSpot(client_secrets=secrets("hush"), version=v, public_url="https://x.test")
        for v in ("v1", "v2", "v3")
    ],
    StandardWebhooks(secrets=secrets("aHVzaA==")),
]

header_names = st.sampled_from(
    [
        "authorization",
        "x-sig",
        "x-time",
        "x-secret",
        "x-webhook-token",
        "x-hubspot-signature",
        "x-hubspot-signature-v3",
        "x-hubspot-request-timestamp",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]
)
header_values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "Basic é",
            "Bearer ",
            "t=1,v1=00",
            str(int(NOW.timestamp())),
            "0001-01-01T00:00:00+23:59",
            "v1,AAAA v1,=",
        ]
    ),
)


@given(
    headers=st.lists(st.tuples(header_names, header_values), max_size=8),
    query=st.text(max_size=30),
    path=st.text(max_size=10),
    segment=st.none() | st.text(max_size=10),
    body=st.binary(max_size=20),
)
def test_no_request_breaks_a_check(
    headers: list[tuple[str, str]], query: str, path: str, segment: str | None, body: bytes
) -> None:
    """Whatever a stranger sends, every check answers: no proof."""
    request = Request(
        method="POST",
        path=path,
        query=query,
        headers=tuple(headers),
        body=body,
        client=path,
        token_segment=segment,
    )
    for check in [*CHECKS, AllOf(checks=tuple(CHECKS)), AnyOf(checks=tuple(CHECKS))]:
        assert prove(check, request) is None


def test_no_repr_shows_a_secret() -> None:
    """Checks and proofs can be logged."""
    shown = repr(CHECKS) + repr(prove(HEADER, post(x_secret="hush", x_b="hush")))
    assert "hush" not in shown
    assert "aHVz" not in shown
    assert Secret("x").reveal() == "x"


def test_before_its_body_a_request_has_no_document() -> None:
    """A check that asks for one learns that it cannot be read, and proves nothing."""
    with pytest.raises(IntakeError):
        no_document_yet()
