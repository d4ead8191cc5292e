"""Promises of `adapter try`: what a captured request would ring, to the byte, and nothing else."""

import hashlib
import hmac
import json
import shlex

from tests.cli.shop import ADA, Shop
from tests.running import AGENTS, API_KEY, API_SECRET, CRM

LEAD = {"phone": "+1 202-555-0123", "name": "Zoë “Q” </script>\u2028"}
BODY = '{"phone":"+12025550123","variables":{"name":"Zoë “Q” </script>"}}'


def test_json_has_the_keys_of_the_contract(shop: Shop) -> None:
    """The exact body, its signature, a masked key, and which paths matched."""
    shown = shop.json("try", "crm", shop.file("lead.json", LEAD))
    assert shown.keys() == {"webhook", "calls"}
    assert (shown["webhook"]["state"], shown["webhook"]["reason"]) == ("mapped", "")
    (call,) = shown["calls"]
    assert call.keys() >= {"agent", "phone", "variables", "state", "reason", "body", "headers"}
    assert (call["agent"], call["phone"], call["state"]) == ("sales", ADA, "waiting")
    assert call["body"] == BODY
    wanted = hmac.new(API_SECRET.encode(), BODY.encode(), hashlib.sha256).hexdigest()
    assert call["headers"]["signature"] == wanted
    assert call["headers"]["content-type"] == "application/json"
    assert API_KEY not in call["headers"]["api-key"]
    assert call["matched"] == {"phone": "$.phone", "name": "$.name"}
    assert not (shop.folder / "adapter.db").exists()


def test_people_see_the_same(shop: Shop) -> None:
    """Phone, variables, body and the path that gave each."""
    shown = shop.run("try", "crm", stdin=json.dumps(LEAD)).stdout
    for part in (ADA, "<- $.phone", "{{name}}", BODY, "signature", "***"):
        assert part in shown


def test_curl_lines_are_what_would_be_sent(shop: Shop) -> None:
    """A shell reads the body to the byte; the key stays a variable."""
    shown = shop.run("try", "crm", "--curl", stdin=json.dumps(LEAD)).stdout
    words = shlex.split(shown)
    assert words[words.index("--data-binary") + 1] == BODY
    assert "api-key: $API_KEY" in words
    assert "would be sent" in shop.run("try", "crm", "--curl", stdin=b"{}", status=2).output


def test_nothing_that_would_ring_is_status_1(shop: Shop) -> None:
    """Refused, ignored, unreadable: the reason is shown, and the status is 1."""
    for body, reason in (
        (b"{}", "phone_missing"),
        (b"{", "malformed_body"),
        (b"", "phone_missing"),
    ):
        shown = shop.json("try", "crm", stdin=body, status=1)
        assert (shown["webhook"]["state"], shown["webhook"]["reason"]) == ("refused", reason)
        assert all(call["body"] is None for call in shown["calls"])


def test_a_country_that_the_agent_does_not_ring_is_shown(shop: Shop) -> None:
    """The one gate that needs neither the time nor the ledger."""
    shop.write(agents=f"{AGENTS}    countries: [ES, PT]\n")
    lead = shop.file("lead.json", LEAD)
    shown = shop.json("try", "crm", lead, status=1)
    (call,) = shown["calls"]
    assert (call["state"], call["reason"]) == ("refused", "country_not_allowed")
    assert (shown["webhook"]["state"], call["body"]) == ("refused", None)
    assert "the number's country is US" in shop.run("try", "crm", lead, status=1).stdout
    spanish = shop.file("spanish.json", {**LEAD, "phone": "+34612345678"})
    assert shop.json("try", "crm", spanish)["calls"][0]["state"] == "waiting"


def test_the_request_can_be_told_in_every_part(shop: Shop) -> None:
    """Content type, headers, query and method; a type that is not given is guessed."""
    reads = """\
variables:
  name: $.name
  form: {path: $.form, from: query}
  via: {path: $.x-via, from: headers}
methods: [GET]
"""
    shop.write({"crm": CRM.replace("variables: {name: $.name}\n", reads)})
    more = ("--header", "X-Via: shop", "--query", "form=7&phone=%2B12025550123&name=Ada")
    bodies = (
        ("phone=%2B12025550123&name=Ada", ()),
        ('{"phone":"+12025550123","name":"Ada"}', ()),
        ('{"phone":"+12025550123","name":"Ada"}', ("--content-type", "application/json")),
        ('{"phone":"+12025550123","name":"Ada"}', ("--header", "Content-Type: text/plain")),
        ("", ("--method", "get")),
        (
            '--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+12025550123\r\n'
            '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--b--\r\n',
            (),
        ),
    )
    for body, how in bodies:
        (call,) = shop.json("try", "crm", "-", *more, *how, stdin=body)["calls"]
        assert call["phone"] == ADA, body
        assert call["variables"] == {"name": "Ada", "form": "7", "via": "shop"}, body


def test_try_works_before_the_secrets_are_there(shop: Shop) -> None:
    """An unset variable is a warning on standard error; the call is shown all the same."""
    shop.environ = {}
    result = shop.run("try", "crm", "--json", stdin=json.dumps(LEAD))
    assert json.loads(result.stdout)["calls"][0]["body"] == BODY
    assert "AGENT_URL" in result.stderr
