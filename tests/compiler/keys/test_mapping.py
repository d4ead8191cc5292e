"""Mapping files to sources."""

from datetime import timedelta

import pytest

from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall
from adapter.telemetry import secrets_in
from adapter.webhook.answers import SALESFORCE_ACK, Respond
from adapter.webhook.auth.checks import AllOf, AnyOf, IpRange, NoAuth
from adapter.webhook.auth.hubspot import HubSpot
from adapter.webhook.auth.shared_secrets import Basic, BodySecret, HeaderSecret, Token
from adapter.webhook.auth.signatures import Hmac, Place, Written
from adapter.webhook.auth.standard_webhooks import StandardWebhooks
from adapter.webhook.handshakes import (
    EchoHandshake,
    EchoHeaderHandshake,
    LinkedInHandshake,
    MetaHandshake,
    PingHandshake,
)
from adapter.webhook.request import Request
from tests.harness.project import MAPPING, SETTINGS, Project

FULL = """\
description: contacts of a CRM
enabled: false
methods: [GET]
auth: {token: [one-long-enough-token, two-long-enough-tokens]}
handshake: {echo: $.challenge}
respond: {status: 200, body: ok, content_type: text/plain}
decode: {json: $.inner, xml: [$.soap]}
each: $.leads[*]
when:
  - {path: $.stage, equals: lead, reason: not_a_lead}
  - {any: [{path: $.age, gt: 17}, {not: {path: $.age, exists: true}}]}
routes:
  - {when: [{path: $.country, in: [ES, PT]}, {path: $.x, not_equals: 1}], agent: iberia}
  - {agent: sales}
phone:
  paths: [$.mobile, {path: $.phone, from: query}]
  region: {path: $.c, map: {Spain: ES}, default: FR}
variables:
  name: $.name
  plan: {path: $.plan, map: {1: Basic, true: Pro}, default: none, transform: lower}
  full: {template: "{$.first} {$.last}", transform: [title, {truncate: 9}]}
  day: {path: $.day, transform: {date: "%d/%m", timezone: Europe/Madrid}}
  price: {const: $9}
  tags: {path: "$.tags[*]", join: " and ", transform: [{replace: [a, b]}]}
  floor: 3
  vip: true
  "*": $.more
occurred_at: {path: $.at}
timezone: {path: $.tz, from: query}
burst: 200
dedupe: {key: [$.id, {path: $.id, from: headers}], window: 5d}
"""
TWO_AGENTS = SETTINGS + SETTINGS.partition("\n")[2].replace("sales:", "iberia:")


def _calls(project: Project, mapping: str, body: str) -> tuple[MappedCall, ...]:
    source = project.config(TWO_AGENTS, mapping).sources["crm"]
    request = Request(method="POST", path="/hooks/crm", body=body.encode())
    return RequestReading(source.mapping, request).mapped().calls


def test_every_key_is_compiled(project: Project) -> None:
    """A mapping that uses each key arrives as the runtime objects that it describes."""
    source = project.config(TWO_AGENTS, FULL).sources["crm"]
    assert (source.name, source.description) == ("crm", "contacts of a CRM")
    assert not source.is_enabled
    assert source.methods == {"GET", "POST"}
    assert isinstance(source.auth, Token)
    assert isinstance(source.handshake, EchoHandshake)
    assert source.respond == Respond(status=200, body="ok", content_type="text/plain")
    assert source.burst == 200
    assert source.mapping.timezone is not None
    assert [path.text for path in source.mapping.decode_json] == ["$.inner"]
    assert [path.text for path in source.mapping.decode_xml] == ["$.soap"]
    mapping = source.mapping
    assert [guard.reason for guard in mapping.when] == ["not_a_lead", "guard"]
    assert [route.agent for route in mapping.routes] == ["iberia", "sales"]
    assert mapping.dedupe.window == timedelta(days=5)
    assert source.file.endswith("crm.yaml")


def test_a_compiled_mapping_maps(project: Project) -> None:
    """Variables, routes, region and guards do what the file says."""
    body = """{"leads": [
      {"stage": "lead", "country": "ES", "c": "Spain", "mobile": "612345678", "name": "Ann",
       "plan": 1, "first": "jo", "last": "van berg", "day": "2026-03-04T23:30:00Z",
       "tags": ["a", "c"], "more": {"extra": 5, "name": "no"}},
      {"stage": "customer"}]}"""
    first, second = _calls(project, FULL, body)
    assert (first.agent, first.phone, second.reason) == ("iberia", "+34612345678", "not_a_lead")
    assert first.variables == {
        "name": "Ann",
        "plan": "basic",
        "full": "Jo Van Be",
        "day": "05/03",
        "price": "$9",
        "tags": "b bnd c",
        "floor": "3",
        "vip": "true",
        "extra": "5",
    }


SIX_MISTAKES = """\
auth: {token: a-long-enough-token}
desciption: a CRM
agent: slaes
phone: {path: $.phone, region: UK}
variables:
  name: $.a[
  plan: {path: $.plan, transform: titel}
"""


def test_six_mistakes_are_six_problems(project: Project) -> None:
    """One run shows every mistake of a file, each at its own place."""
    settings = TWO_AGENTS + "    variables: [product]\n"
    mapping = SIX_MISTAKES.replace("agent: slaes", "routes: [{agent: slaes}, {agent: iberia}]")
    problems = project.problems(settings, mapping)
    assert [each.split(" ", 2)[:2] for each in problems] == [
        ["2:1:", "desciption:"],
        ["3:18:", "routes[0].agent:"],
        ["4:32:", "phone.region:"],
        ["5:1:", "variables:"],
        ["6:9:", "variables.name:"],
        ["7:35:", "variables.plan.transform:"],
    ]
    for problem, word in zip(
        problems, ["'description'", "'sales'", "GB", "product", "$.a[", "title"], strict=True
    ):
        assert word in problem


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        ("{token: a-long-enough-token}", Token),
        ("{header: {name: X-Key, value: [a-long-enough-value, another-long-value]}}", HeaderSecret),
        ("{basic: {username: u, password: a-long-enough-word}}", Basic),
        ("{body: {path: $.key, value: a-long-enough-value}}", BodySecret),
        ("{ip: [203.0.113.0/24]}", IpRange),
        ("{ip: '203.0.113.1, 203.0.113.2'}", IpRange),
        ("{hmac: {header: X-Sig, secret: s, prefix: 'sha256='}}", Hmac),
        ("{hubspot: {client_secret: s, version: v1}}", HubSpot),
        ("{standard_webhooks: {secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}", StandardWebhooks),
        ("{none: 'behind the VPN'}", NoAuth),
        ("{token: a-long-enough-token, ip: 203.0.113.1}", AllOf),
        ("[{token: a-long-enough-token}, {ip: 203.0.113.1}]", AnyOf),
        ("[{token: a-long-enough-token}]", Token),
    ],
)
def test_ways_of_proof(project: Project, auth: str, kind: type) -> None:
    """Keys of one map must all hold, of a list of maps any may."""
    source = project.source(f"auth: {auth}\nagent: sales\nphone: $.phone\n")
    assert isinstance(source.auth, kind)


def test_hmac_is_read_whole(project: Project) -> None:
    """Every key of hmac arrives; names of headers are lower-case."""
    auth = (
        "{hmac: {header: X-Sig, secret: [s, t], algorithm: sha1, encoding: base64, prefix: 'v1=',"
        " signed: '{timestamp}.{body}', timestamp: {field: t}, tolerance: 1m}}"
    )
    check = project.source(f"auth: {auth}\nagent: sales\nphone: $.phone\n").auth
    assert isinstance(check, Hmac)
    assert (len(check.secrets), check.algorithm, check.key_encoding) == (2, "sha1", "text")
    signature = check.signature
    assert (signature.place, signature.timestamp) == (Place(header="x-sig"), None)
    assert (signature.signed, signature.tolerance) == ("{timestamp}.{body}", timedelta(minutes=1))
    assert signature.written == Written(
        encoding="base64", prefix="v1=", separator=",", timestamp="t"
    )


def test_what_the_secret_and_the_header_of_an_hmac_are(project: Project) -> None:
    """`secret_encoding` and `wrapped` arrive."""
    auth = "{hmac: {header: X-Sig, secret: '0a1b', secret_encoding: hex, wrapped: true}}"
    check = project.source(f"auth: {auth}\nagent: sales\nphone: $.phone\n").auth
    assert isinstance(check, Hmac)
    assert (check.key_encoding, check.signature.written.is_wrapped) == ("hex", True)


@pytest.mark.parametrize(
    ("handshake", "kind"),
    [
        ("{meta: {verify_token: v}}", MetaHandshake),
        ("{linkedin: {client_secret: s}}", LinkedInHandshake),
        ("{echo: $.challenge}", EchoHandshake),
        ("{echo_json: $.challenge}", EchoHandshake),
        ("{echo_json: \"$['a challenge']\"}", EchoHandshake),
        ("{echo_header: X-Hook-Secret}", EchoHeaderHandshake),
        ("{ping: {path: $.webhook_id, exists: true}}", PingHandshake),
    ],
)
def test_handshakes(project: Project, handshake: str, kind: type) -> None:
    """Each kind of challenge is compiled."""
    mapping = f"{MAPPING}handshake: {handshake}\n"
    assert isinstance(project.source(mapping).handshake, kind)


def test_the_secrets_of_proofs_and_handshakes_are_known(project: Project) -> None:
    """What must be in no log line is found, wherever a mapping holds it."""
    source = project.source(
        "auth: {hmac: {header: X-Sig, secret: '0a1b2c', secret_encoding: hex}}\n"
        "handshake: {linkedin: {client_secret: [the-first, the-other]}}\n"
        "agent: sales\nphone: $.phone\n"
    )
    found = {secret.reveal() for secret in secrets_in(source)}
    assert found == {"0a1b2c", "the-first", "the-other"}


def test_the_salesforce_answer_has_a_name(project: Project) -> None:
    """`respond: salesforce_ack` needs no body."""
    mapping = f"{MAPPING}respond: salesforce_ack\n"
    assert project.source(mapping).respond is SALESFORCE_ACK


@pytest.mark.parametrize("region", ["NO", "${REGION:-}", "${REGION:-ES}"])
def test_regions_that_yaml_or_variables_might_spoil(project: Project, region: str) -> None:
    """Norway is no boolean, and an empty text is no region."""
    source = project.source(
        "auth: {token: a-long-enough-token}\nagent: sales\n"
        f"phone: {{path: $.phone, region: '{region}'}}\n"
    )
    expected = {"NO": "NO", "${REGION:-}": None, "${REGION:-ES}": "ES"}[region]
    assert source.mapping.phone.region.fixed == expected


def test_star_supplies_what_an_agent_needs(project: Project) -> None:
    """With "*" what is absent is sent as the empty text, so nothing is missing."""
    settings = SETTINGS + "    variables: [name]\n"
    mapping = f"{MAPPING}variables: {{'*': $.all}}\n"
    source = project.config(settings, mapping).sources["crm"]
    assert source.mapping.agent_variables == {"sales": ("name",)}
    request = Request(method="POST", path="/", body=b'{"phone": "+34612345678", "all": {"a": 1}}')
    (call,) = RequestReading(source.mapping, request).mapped().calls
    assert call.variables == {"a": "1", "name": ""}


@pytest.mark.parametrize(
    ("written", "is_told"),
    [
        ("lead.product", True),
        ("items[0].name", True),
        ("custom_fields.size_2", True),
        ("{const: lead.product}", False),
        ("Solar", False),
        ("Solar panels. Cheap.", False),
        ("24.5", False),
        ("a.", False),
        ("$.lead.product", False),
    ],
)
def test_a_path_without_its_dollar_is_told(
    project: Project, written: str, *, is_told: bool
) -> None:
    """It loads, and the agent would say `lead.product`: a warning says what to write."""
    loaded = project.load(mappings={"crm": f"{MAPPING}variables:\n  x: {written}\n"})
    told = [problem for problem in loaded.problems if problem.key == "variables.x"]
    assert bool(told) is is_told
    assert all(problem.is_warning for problem in told)
    assert all(f"write $.{written} for the value" in problem.message for problem in told)
