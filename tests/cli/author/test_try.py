"""Promises of `adapter try`: what a captured request would ring, to the byte, and nothing else."""

import hashlib
import hmac
import json
import os
import pty
import shlex
import subprocess
import sys
from typing import Any

from tests.cli.shop import ADA, Shop
from tests.harness.doc_pages import table
from tests.harness.in_process import AGENTS, API_KEY, API_SECRET, CRM, TOKEN

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


SHOP = f"""\
auth: {{body: {{path: $.key, value: {TOKEN}}}}}
agent: sales
when:
  - {{path: $.form, equals: call_me, reason: another_form}}
  - {{not: {{path: $.test, exists: true}}, reason: a_test}}
phone: {{path: $.lead.phone, region: {{path: $.lead.country, default: US}}}}
variables:
  name: {{path: $.lead.name, transform: [first_word, title], default: there}}
  product: $.lead.product
  via: {{path: $.via, from: query}}
  campaign: Spring sale
dedupe: {{key: $.id}}
occurred_at: $.at
"""
GOOD: dict[str, Any] = {
    "key": TOKEN,
    "form": "call_me",
    "id": 7,
    "at": "2026-01-01T09:00:00Z",
    "lead": {"phone": "(202) 555-0123", "name": " ada LOVELACE", "product": "Solar"},
}


def tried(shop: Shop, document: dict[str, Any], *how: str, status: int = 1) -> str:
    """Run `adapter try` on a document of the shop and return what a person sees."""
    return shop.run("try", "shop", *how, stdin=json.dumps(document), status=status).stdout


def tried_body(shop: Shop, body: bytes, *how: str) -> str:
    """Run `adapter try` on a body that makes no call and return what a person sees."""
    return shop.run("try", "crm", *how, stdin=body, status=1).stdout


def check_lines(shown: str, *lines: str) -> None:
    """Check that each of these stands somewhere."""
    assert [line for line in lines if line not in shown] == [], shown


def test_a_call_that_goes_well_is_short(shop: Shop) -> None:
    """One line a value: its path, what that matched, and the steps that changed it."""
    shop.write({"shop": SHOP})
    shown = tried(shop, GOOD, "--query", "via=ad", status=0)
    check_lines(
        shown,
        'phone          +12025550123                <- $.lead.phone  "(202) 555-0123"',
        '{{name}}       Ada                         <- $.lead.name  " ada LOVELACE"',
        'text: " ada LOVELACE" -> "ada LOVELACE"',
        'first_word: "ada LOVELACE" -> "ada"',
        'title: "ada" -> "Ada"',
        "{{product}}    Solar                       <- $.lead.product\n",
        "{{via}}        ad                          <- $.via (from query)\n",
        "{{campaign}}   Spring sale\n",
        'occurred_at    2026-01-01T09:00:00+00:00   <- $.at  "2026-01-01T09:00:00Z"',
        "dedupe         own key, for 96 h           <- $.id  7",
    )
    for word in ("when", "region", "found nothing", "write"):
        assert word not in shown


def test_verbose_shows_every_part(shop: Shop) -> None:
    """The guards that held, the region, and the default dedupe key."""
    shop.write({"shop": SHOP.replace("dedupe: {key: $.id}\n", "")})
    check_lines(
        tried(shop, GOOD, "-v", status=0),
        'when 1         holds  $.form equals call_me, found "call_me"',
        "when 2         holds  not:",
        "fails  $.test exists true, found nothing",
        "region         US",
        "<- $.lead.country found nothing, so its default",
        "dedupe         phone and variables, for 24 h\n",
    )


def test_a_misspelt_path_is_found(shop: Shop) -> None:
    """The output has the last step, near paths and the line that mends it; no default hides it."""
    shop.write({"shop": SHOP})
    lead = {"phone_number": "(202) 555-0123", "first_name": "Ada", "product": "x" * 200}
    shown = tried(shop, {"form": "call_me", "lead": lead, "ID": 7})
    check_lines(
        shown,
        "phone_missing",
        "<- $.lead.phone  found nothing",
        "$.lead exists and has the keys: phone_number, first_name, product",
        "did you mean $.lead.phone_number?",
        "write under phone:  path: $.lead.phone_number",
        'default: "" -> "there"',
        "write under variables.name:  path: $.lead.first_name",
        "x" * 79 + "…",
        "<- the key is empty: $.id  found nothing",
        "did you mean $.ID?",
        "occurred_at    -",
        "found nothing, so when it is received",
    )
    assert "x" * 100 not in shown


def test_a_guard_that_turned_the_call_away_is_shown(shop: Shop) -> None:
    """Which one, what it wanted and what it found; nothing else, unless asked for."""
    shop.write({"shop": SHOP})
    shown = tried(shop, {**GOOD, "form": "Call_Me", "test": 1})
    check_lines(
        shown,
        'when 1         fails  $.form equals call_me, found "Call_Me"  -> ignored/another_form\n',
        "write under when:  equals: Call_Me",
        "when 2         fails  not:  -> ignored/a_test; not asked, since an earlier one decided",
    )
    assert "phone" not in shown
    assert "+12025550123" in tried(shop, {**GOOD, "form": "x"}, "--verbose")


ROUTES = f"""\
auth: {{token: {TOKEN}}}
routes:
  - {{when: {{path: $.team, from: query, equals: a}}, agent: sales}}
  - {{when: {{any: [{{path: $.score, gt: 5}}, {{path: $.vip, exists: true}}]}}, agent: sales}}
phone:
  paths: ["$.fields[?(@.name=='phone')].value", $.mobile]
  region: {{path: $.land}}
variables: {{name: $.name, topics: {{path: "$.topics[*]", join: " and "}}}}
timezone: $.tz
"""


def test_a_route_miss_shows_what_each_route_saw(shop: Shop) -> None:
    """Each condition, down to those inside; and the one agent could take all else."""
    shop.write({"shop": ROUTES})
    check_lines(
        tried(shop, {"score": 3, "fields": [{"name": "tel", "value": "1"}]}),
        "route 1        fails  $.team (from query) equals a, found nothing",
        "route 2        fails  any:",
        "  fails  $.score gt 5, found 3",
        "@.name is one of: tel",
        "mend           write under routes:  - {agent: sales}",
    )


def test_the_route_that_was_taken_is_shown(shop: Shop) -> None:
    """Its number; with `-v` what each saw, and which was not asked."""
    lead = {"mobile": "+12025550123", "topics": ["a", "b"], "tz": "Europe/Madrid", "vip": 1}
    shop.write({"shop": ROUTES})
    check_lines(
        tried(shop, lead, "-v", status=0),
        "<- route 2 of 2",
        "fails  $.team (from query) equals a",
        "any:  -> sales",
        '"a", "b" (2 matches)',
        'join: ["a", "b"] -> "a and b"',
        "timezone       Europe/Madrid",
    )
    shop.write({"shop": ROUTES.replace("{when: {path: $.team, from: query, equals: a}, ", "{")})
    shown = tried(shop, lead, "-v", status=0)
    check_lines(shown, "route 1        holds  always  -> sales", "(not asked)")


def test_a_missing_region_is_told_where_the_document_suggests_one(shop: Shop) -> None:
    """Never taken silently: the line is shown, and the call stays refused."""
    shop.write({"shop": ROUTES.replace("$.score, gt: 5", "$.mobile, exists: true")})
    check_lines(
        tried(shop, {"mobile": "612 345 678", "contact": {"country": "Spain"}, "Land": "x"}),
        "region         -",
        "did you mean $.Land?",
        'with region: ES it would be a number ($.contact.country says "Spain")',
        "write under phone:  region: {path: $.contact.country}",
    )


def test_an_object_where_text_is_wanted_shows_its_keys(shop: Shop) -> None:
    """And the one that is like the variable's name."""
    shop.write({"shop": SHOP})
    lead = {**GOOD["lead"], "product": {"id": 1, "product_name": "S"}}
    check_lines(
        tried(shop, {**GOOD, "lead": lead}),
        "not_a_scalar",
        "$.lead.product is an object with the keys: id, product_name",
        "write under variables:  product: $.lead.product.product_name",
    )


def test_a_body_that_breaks_is_shown_where(shop: Shop) -> None:
    """Line and column as the decoder knows them, what stands there, and what it may be instead."""
    check_lines(
        tried_body(shop, b'{"name": "Ada",\n "phone" "x"}'),
        "at line 2, column 10: Expecting ':' delimiter",
        'line 2, where >>> stands: "phone"  >>> "x"}',
    )
    form = "with Content-Type application/x-www-form-urlencoded it could be read"
    for kind, told in (
        ("application/json", form),
        ("image/png", 'Content-Type is "image/png"; what is read: JSON'),
    ):
        assert told in tried_body(shop, b"phone=%2B1&name=a", "--content-type", kind)
    for body in (b"no form at all", b'{"a":', b'"\xff"'):
        assert "could" not in tried_body(shop, body, "--content-type", "application/json")
    xml = ("--content-type", "text/xml")
    told = "read as JSON, which the body wholly is; Content-Type said text/xml"
    assert told in tried_body(shop, b'{"phone":"x"}', *xml)
    told = "no strict JSON, and read all the same: a comma behind the last item"
    assert told in tried_body(shop, b'{"phone":"x",}')
    assert "could be read" not in tried_body(shop, b'{"phone"', *xml)
    old_lines = tried_body(shop, b"<a>\r<b>\r</a>", *xml)  # XML counts these as lines, we do not
    assert "at line 3" in old_lines
    assert ">>>" not in old_lines
    shop.write({"crm": f"{CRM}decode: {{json: $.inner}}\n"})
    assert ">>>" not in tried_body(shop, b'{"inner": "{"}')


def test_no_items_shows_what_each_could_be(shop: Shop) -> None:
    """Under the webhook, as there is no call."""
    shop.write({"crm": f"{CRM}each: $.leads\n"})
    shown = tried_body(shop, b'{"Leads": [{"phone": "+12025550123"}]}')
    check_lines(shown, "did you mean $.Leads?", "write:  each: $.Leads")


def test_of_very_many_calls_the_last_are_shown_plainly(shop: Shop) -> None:
    """All of them are shown, the first fifty with their reasons."""
    shop.write({"crm": f"{CRM}each: $\n"})
    leads = json.dumps([{"phone": ADA, "name": "Ada"}] * 51)
    shown = shop.run("try", "crm", stdin=leads).stdout
    assert shown.count("<- $.phone") == 50
    assert shown.count(f"phone          {ADA}") == 51
    calls = shop.json("try", "crm", stdin=leads)["calls"]
    assert [call["explanation"] is None for call in calls] == [False] * 50 + [True]


def test_the_border_says_which_line_would_open_it(shop: Shop) -> None:
    """The agent's countries, with the number's among them."""
    shop.write(agents=f"{AGENTS}    countries: [ES, PT]\n")
    shown = tried_body(shop, json.dumps(LEAD).encode())
    assert "write under agents.sales of adapter.yaml:  countries: [ES, PT, US]" in shown


def test_the_explanation_is_plain_values(shop: Shop) -> None:
    """Beside the keys of the contract, in the shape that docs/cli.md tells."""
    shop.write({"shop": SHOP})
    shown = shop.json("try", "shop", stdin=json.dumps({**GOOD, "lead": {}}), status=1)
    assert shown["webhook"]["explanation"] == {"hints": [], "fixes": []}
    told = shown["calls"][0]["explanation"]
    assert (told["state"], told["reason"], told["agent"]) == ("refused", "phone_missing", "sales")
    assert set(table("docs/cli.md", "### The explanation")) == set(told)
    assert told["variables"][1]["looks"] == [
        {
            "path": "$.lead.product",
            "origin": "item",
            "found": None,
            "count": 0,
            "hints": ["$.lead exists and is an empty object"],
            "near": [],
        }
    ]


def test_no_secret_is_shown(shop: Shop) -> None:
    """Neither the one that the sample holds, nor a part of it."""
    shop.write({"shop": SHOP.replace("product: $.lead.product", "product: $")})
    assert TOKEN in json.dumps(GOOD)
    for how in ((), ("-v",), ("--json",)):
        shown = tried(shop, GOOD, *how)
        assert "not_a_scalar" in shown
        assert TOKEN[:8] not in shown


def test_what_cannot_be_seen_is_escaped(shop: Shop) -> None:
    """A sample does not steer the terminal."""
    sample = {"phone": "\x1b[2J\u202e", "\x1b]0;": 1}
    shown = tried_body(shop, json.dumps(sample).encode())
    assert r"\u001b[2J\u202e" in shown
    assert shown.replace("\n", "").isprintable()


LOOKUP = """\
auth: {token: a-long-enough-token}
agent: sales
lookup: {url: "https://api.example.com/leads/{$.id}?key=hush", headers: {x-key: hush-hush-hush}}
phone: $.lookup.phone
variables: {name: $.lookup.name, form: $.form}
"""


def test_a_look_up_is_shown_and_not_made(shop: Shop) -> None:
    """The record that would be asked for is shown without a token; an answer gives the rest."""
    shop.write({"asking": LOOKUP}, agents=f"{AGENTS}    countries: [US]\n")
    lead = shop.file("lead.json", {"id": 77, "form": "f"})
    shown = shop.run("try", "asking", lead).stdout
    assert "waiting/lookup" in shown
    assert "https://api.example.com/…" in shown
    assert "$.id  77" in shown
    assert "hush" not in shown
    answer = shop.file("answer.json", {"phone": ADA, "name": "Ada"})
    (call,) = shop.json("try", "asking", lead, "--lookup", answer)["calls"]
    assert (call["state"], call["reason"], call["phone"]) == ("waiting", "new", ADA)
    assert json.loads(call["body"])["variables"] == {"name": "Ada", "form": "f"}
    nothing = shop.file("nothing.json", "null")
    (call,) = shop.json("try", "asking", lead, "--lookup", nothing, status=1)["calls"]
    assert (call["state"], call["reason"]) == ("refused", "phone_missing")


def test_an_answer_that_is_no_json_is_a_usage_error(shop: Shop) -> None:
    """It says which file."""
    lead, broken = shop.file("lead.json", LEAD), shop.file("broken.json", "{")
    assert "--lookup" in shop.run("try", "crm", lead, "--lookup", broken, status=2).output


def test_look_up_answers_are_for_mappings_that_ask(shop: Shop) -> None:
    """Elsewhere one is told that the answer is not used."""
    lead, answer = shop.file("lead.json", LEAD), shop.file("answer.json", {})
    result = shop.run("try", "crm", lead, "--lookup", answer)
    assert "--lookup is ignored: the mapping of crm has no `lookup`" in result.stderr


def test_another_mapping_s_problem_stops_nobody(shop: Shop) -> None:
    """It is told; a source with problems of its own is not tried."""
    shop.write({"crm": CRM, "broken": f"{CRM}colour: blue\n"})
    lead = shop.file("lead.json", LEAD)
    result = shop.run("try", "crm", lead, "--json")
    assert json.loads(result.stdout)["calls"][0]["phone"] == ADA
    assert "broken.yaml:5:1: colour: unknown key" in result.stderr
    result = shop.run("try", "broken", lead, status=2)
    assert "colour: unknown key" in result.stderr
    assert "source 'broken' has problems, which are listed above" in result.stderr


def test_a_person_at_a_terminal_is_told_what_is_awaited(shop: Shop) -> None:
    """Without FILE the body is typed, or pasted."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"{}\n\x04")
    command = [sys.executable, "-m", "adapter", "try", "crm"]
    result = subprocess.run(
        command,
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
        cwd=shop.folder,
        env=os.environ | shop.environ,
        timeout=60,
    )
    os.close(keyboard)
    os.close(terminal)
    assert result.returncode == 1
    assert "reading from standard input" in result.stderr
    assert "phone_missing" in result.stdout
