"""Promises of `send`: what a sender would have posted, with the proof that the source asks for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from adapter.clock import utc_now
from adapter.compiler.load import load_strict
from adapter.webhook.auth.proof import Proof
from adapter.webhook.request import Request
from tests.cli.operate.test_ledger_commands import leave
from tests.cli.shop import ADA, Shop
from tests.harness.in_process import CRM, TOKEN


@dataclass(kw_only=True, slots=True)
class Hearing:
    """A listener that says yes to all; `url` is its own, `heard` what came."""

    url: str
    heard: list[Request] = field(default_factory=list)


@pytest.fixture
def hearing() -> Iterator[Hearing]:
    """Listen on a free port."""
    hearing = Hearing(url="")

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the request."""
            path, _, query = self.path.partition("?")
            hearing.heard.append(
                Request(
                    method=self.command,
                    path=path,
                    query=query,
                    headers=tuple((name.lower(), text) for name, text in self.headers.items()),
                    body=self.rfile.read(int(self.headers["content-length"])),
                    client="127.0.0.1",
                )
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        hearing.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield hearing
        server.shutdown()


def proof_of(shop: Shop, request: Request) -> Proof | None:
    """Ask the source's own check, as the adapter would."""
    auth = load_strict(shop.folder / "adapter.yaml", shop.environ).sources["crm"].auth
    return auth.prove(request, now=utc_now(), document=lambda: json.loads(request.body))


LEAD = {"phone": ADA, "name": "Ada", "key": TOKEN}
AUTHS = [
    f"token: {TOKEN}",
    f"header: {{name: X-Key, value: [{TOKEN}, old-{TOKEN}]}}",
    f"basic: {{username: ada, password: {TOKEN}}}",
    f"hmac: {{header: X-Sig, secret: {TOKEN}, prefix: sha256=}}",
    f"hmac: {{header: X-Sig, secret: {TOKEN}, encoding: base64, algorithm: sha1,"
    " signed: '{method}{path}?{query}.{timestamp}.{body}', timestamp: {header: X-Time}}",
    f"hmac: {{header: X-Sig, secret: {TOKEN}, prefix: v1=, wrapped: true,"
    " signed: '{timestamp}.{body}', timestamp: {field: t}}",
    f"hubspot: {{client_secret: {TOKEN}, version: v1}}",
    "standard_webhooks: {secret: whsec_c2VjcmV0LW9mLXRoZS1zaG9w}",
    f"body: {{path: $.key, value: {TOKEN}}}",
    f"token: {TOKEN}, ip: [127.0.0.0/8], header: {{name: X-Key, value: {TOKEN}}}",
    "none: this is a test",
]
EITHER = f"auth: [{{hubspot: {{client_secret: s, version: v1}}}}, {{token: {TOKEN}}}]"


@pytest.mark.parametrize("auth", [*(f"auth: {{{each}}}" for each in AUTHS), EITHER])
def test_the_proof_is_made_from_the_configuration(shop: Shop, hearing: Hearing, auth: str) -> None:
    """As the sender would: the source's own check takes it. The agent's secrets are not needed."""
    shop.environ = {}
    shop.write({"crm": CRM.replace(f"auth: {{token: {TOKEN}}}", auth)})
    how = ("--url", hearing.url, "--query", "form=7&x=%41")
    shown = shop.run("send", "crm", shop.file("lead.json", LEAD), *how).output
    assert TOKEN not in shown
    (request,) = hearing.heard
    assert (request.path, request.query) == ("/hooks/crm", "form=7&x=%41")
    assert (json.loads(request.body), request.header("content-type")) == (LEAD, "application/json")
    shop.environ = {"AGENT_URL": "https://agents.example.com/"}
    assert proof_of(shop, request) is not None


SIGNED = "auth: {hubspot: {client_secret: '${HS}', version: v1}, ip: [127.0.0.1/32]}"


def test_a_proof_whose_secret_is_unset_is_given_by_hand(shop: Shop, hearing: Hearing) -> None:
    """Or stands in the sample; a header that is given wins over one that is made."""
    shop.write({"crm": CRM.replace(f"auth: {{token: {TOKEN}}}", SIGNED)})
    send = ("send", "crm", shop.file("lead.json", LEAD), "--url", hearing.url)
    refused = shop.run(*send, status=2).output
    assert "error: HS is unset: the proof that crm asks for is made with it" in refused
    shop.run(*send, "--header", "X-HubSpot-Signature: 00")
    captured = f"curl http://localhost/ -H 'X-HubSpot-Signature: 11' -d '{json.dumps(LEAD)}'"
    shop.run("send", "crm", "-", "--url", hearing.url, stdin=captured)
    shop.write()
    shop.run(*send, "--header", "X-Webhook-Token: mine")
    assert [each.header("x-hubspot-signature") for each in hearing.heard] == ["00", "11", None]
    assert hearing.heard[2].header("x-webhook-token") == "mine"


def test_an_unset_secret_is_named(shop: Shop, hearing: Hearing) -> None:
    """A placeholder proves nothing; what else of the mapping is unset is not asked for."""
    mapping = CRM.replace(TOKEN, "'${CRM_TOKEN}'").replace("$.name", "'${GREETING}'")
    shop.write({"crm": mapping})
    send = ("send", "crm", shop.file("lead.json", LEAD), "--url", hearing.url)
    assert "error: CRM_TOKEN is unset" in shop.run(*send, status=2).output
    shop.run(*send, "--header", "X-Webhook-Token: mine")
    shop.environ = {"CRM_TOKEN": TOKEN}
    shop.run(*send)
    assert [each.header("x-webhook-token") for each in hearing.heard] == ["mine", TOKEN]


def test_what_try_takes_send_takes(shop: Shop, hearing: Hearing) -> None:
    """A HAR file, a curl command, the id of a stored webhook; with its headers and its query."""
    lead = {"phone": ADA, "name": "Ada"}
    body = json.dumps(lead)
    posted = {"mimeType": "application/json", "text": body}
    headers = [{"name": "X-Form", "value": "7"}, {"name": "Connection", "value": "close"}]
    seen = {"method": "POST", "url": "https://a.example/?a=1", "headers": headers}
    har = {"log": {"entries": [{"request": {**seen, "postData": posted}}]}}
    curl = f"curl 'http://localhost/?a=1' -H 'X-Form: 7' --json '{body}'"
    leave(shop.folder, lead, has_engine=False)
    (webhook,) = shop.json("webhooks")["webhooks"]
    for sample in (shop.file("a.har", har), shop.file("curl.txt", curl), webhook["id"]):
        shop.run("send", "crm", sample, "--url", hearing.url)
    for request in hearing.heard:
        assert json.loads(request.body) == lead
        assert request.header("x-webhook-token") == TOKEN
        assert request.header("content-type") == "application/json"
        assert request.header("connection") != "close"
    assert [(each.query, each.header("x-form")) for each in hearing.heard[:2]] == [("a=1", "7")] * 2


def test_a_source_with_problems_is_not_sent_to(shop: Shop) -> None:
    """They are told; another mapping's stop nobody."""
    shop.write({"crm": CRM, "broken": "auth: {tokn: x}\n"})
    shown = shop.run("send", "broken", "-", stdin=b"{}", status=2).output
    assert "did you mean 'token'?" in shown
    assert "'broken' has problems" in shown
    url = ("--url", "http://127.0.0.1:9")
    assert "no adapter answers" in shop.run("send", "crm", "-", *url, stdin=b"{}", status=2).output
