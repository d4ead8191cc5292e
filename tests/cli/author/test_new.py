"""Promises about `adapter new`: the forms of a sample, what it writes, and what it refuses."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adapter.clock import utc_now
from adapter.ledger.ledger import Ledger
from adapter.model import Webhook, WebhookState
from tests.cli.shop import ADA, Shop
from tests.harness.in_process import AGENTS

LEAD = {"id": "L7", "phone": "+1 202-555-0188", "name": "Zoe Roe", "product": "Tiles"}
SECRET = "s3cr3t-of-the-sample"


def _said(shop: Shop, name: str = "form") -> str:
    return (shop.folder / "mappings" / f"{name}.yaml").read_text("utf-8")


def test_a_raw_body_becomes_a_mapping(shop: Shop) -> None:
    """It is told what was found, `adapter check` finds nothing, and the sample would ring."""
    sample = shop.file("lead.json", LEAD)
    (shop.folder / "mappings" / "crm.yaml").unlink()
    told = shop.run("new", "form", "--from", sample).stdout
    for line in (
        "phone          $.phone   <- by its key",
        "{{name}}       $.name",
        "dedupe         $.id",
        "auth           token: set FORM_TOKEN in the environment",
        "  set FORM_TOKEN (or the path of its file in FORM_TOKEN_FILE) in the environment, and",
        "restart a running `adapter serve`: it sees changes of such a file",
        "  adapter check",
        f"  adapter try form {sample}",
        "  enter at the CRM: /hooks/form?token=…, behind your own host",
    ):
        assert line in told
    assert "1 of 1 examples pass in 1 mapping; 0 problems" in shop.run("check").stdout
    assert shop.json("try", "form", sample)["calls"][0]["phone"] == "+12025550188"
    assert "Zoe" not in _said(shop) + told
    assert "0188" not in _said(shop) + told


def test_the_first_agent_and_its_variables_are_served(shop: Shop) -> None:
    """Whatever else adapter.yaml has."""
    shop.write(agents=f"{AGENTS}    variables: [name, budget]\n")
    (shop.folder / "mappings" / "crm.yaml").unlink()
    shop.run("new", "form", "--from", shop.file("lead.json", LEAD))
    assert "agent: sales" in _said(shop)
    assert 'budget: ""' in _said(shop)
    assert "0 problems" in shop.run("check").stdout


def test_the_new_url_is_told(shop: Shop) -> None:
    """With the public URL where that is known, and a token only where the source takes one."""
    shop.write(settings="public_url: https://hooks.example.com\n")
    sample = shop.file("lead.json", LEAD)
    told = shop.run("new", "form", "--from", sample).stdout
    assert "enter at the CRM: https://hooks.example.com/hooks/form?token=…\n" in told
    told = shop.run("new", "two", "--from", shop.file("page.har", HARS[0])).stdout
    assert "set TWO_SECRET (or the path of its file in TWO_SECRET_FILE) in the env" in told
    assert "enter at the CRM: https://hooks.example.com/hooks/two\n" in told


HEADERS = {"Content-Type": "application/json", "X-Api-Key": SECRET, "host": "x", ":path": "/"}


def _har(*requests: dict[str, Any]) -> str:
    return json.dumps({"log": {"entries": [{"request": each} for each in requests]}})


def _posted(**posted: Any) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in HEADERS.items()]
    url = f"https://hooks.example.com/hooks/form?token={SECRET}"
    return {"method": "POST", "url": url, "headers": pairs, "postData": posted}


LEAD_TEXT = json.dumps(LEAD)
FORM_TEXT = "phone=%2B12025550188&name=Zoe&product=Tiles"
FIELDS = [
    {"name": "phone", "value": "+12025550188"},
    {"name": "name", "value": "Zoe"},
    {"name": "cv", "fileName": "cv.pdf"},
]
HARS = [
    _har({"method": "GET", "url": "https://x"}, _posted(text=LEAD_TEXT)),
    _har(_posted(text=base64.b64encode(LEAD_TEXT.encode()).decode(), encoding="base64")),
    _har(_posted(params=FIELDS, mimeType="multipart/form-data")),
    _har({"method": "POST", "url": "", "postData": {"text": FORM_TEXT, "mimeType": "text/x"}}),
]


@pytest.mark.parametrize("har", HARS[:3], ids=["text", "base64", "fields"])
def test_a_har_file_is_read(shop: Shop, har: str) -> None:
    """Headers, query and body of its first POST with a body; no secret is kept."""
    sample = shop.file("page.har", har)
    shop.run("new", "form", "--from", sample)
    assert "X-Api-Key" in _said(shop)
    assert SECRET not in _said(shop)
    assert shop.json("try", "form", sample)["calls"][0]["phone"] == "+12025550188"


def test_of_several_posts_the_one_taken_is_named(shop: Shop) -> None:
    """By its number and host, without its query."""
    har = _har({"method": "GET"}, _posted(text=LEAD_TEXT), _posted(text=FORM_TEXT))
    result = shop.run("new", "form", "--from", shop.file("page.har", har))
    assert "2 requests of this HAR file" in result.stderr
    assert "took entry 2, to hooks.example.com" in result.stderr
    assert SECRET not in result.output


def test_a_har_entry_may_name_the_type_beside_its_body(shop: Shop) -> None:
    """The type of the posted body counts where the headers have none; --content-type wins."""
    sample = shop.file("page.har", HARS[3])
    assert "text/x" in shop.run("new", "form", "--from", sample, status=2).stderr
    form = "application/x-www-form-urlencoded"
    shop.run("new", "form", "--from", sample, "--content-type", form)
    assert "form: {phone" in _said(shop)


NO_HARS = [
    ('{"log": {"entries": []}}', "found none in it"),
    (_har({"method": "POST", "postData": {}}), "found none in it"),
    (_har(_posted(text="a", encoding="base64")), "and it is not"),
]


@pytest.mark.parametrize(("har", "message"), NO_HARS)
def test_a_har_file_without_a_sample_is_refused(shop: Shop, har: str, message: str) -> None:
    """Status 2."""
    assert message in shop.run("new", "form", "--from", shop.file("a.har", har), status=2).stderr


@pytest.mark.parametrize("text", ['{"entries": 1', '{"entries": 1}', '{"log": {"entries": 1}}'])
def test_what_only_looks_like_a_har_file_is_a_body(shop: Shop, text: str) -> None:
    """Of whatever it is."""
    status = 2 if text.count("{") > text.count("}") else 1
    shop.run("new", "form", "--from", shop.file("a.har", text), status=status)


JSON = "application/json"
URL = f"'https://hooks.example.com/hooks/form?token={SECRET}'"
CURLS = [
    f"curl {URL} -d '{LEAD_TEXT}'",
    f"$ curl -sS -X POST {URL} \\\n  -H 'Content-Type: {JSON}' \\\n  --data-raw '{LEAD_TEXT}'",
    f"curl --location --request POST {URL} --json '{LEAD_TEXT}'",
    f"curl {URL} --data @lead.json -H content-type:application/json",
    f"curl {URL} --data-binary @lead.json -A agent/1 --compressed | jq .",
    f"curl {URL} -d phone=%2B12025550188 -d name=Zoe --url https://other.example",
    f"curl {URL} --data-urlencode 'phone=+12025550188' --data-urlencode name@name.txt",
    f"curl {URL} -F phone=+12025550188 -F 'name=<name.txt' -F cv=@cv.pdf --form-string product=@x",
    f"curl {URL} -H'Content-Type: application/json' -XPOST -d'{LEAD_TEXT}'",
    f"curl -G {URL} --data-urlencode phone=+12025550188 --data-urlencode '=x' --data-urlencode y",
    "curl 'https://x.example/?phone=%2B12025550188&name=Zoe'",
    r"curl https://x.example -d $'{\"phone\":\"+12025550188\",\"name\":\"Zoe\u0021 O\'Roe\x21\"}'",
    'curl ^\r\n https://x.example ^\r\n --data-raw "phone=%2B12025550188"',
    f"curl -u zoe:{SECRET} https://x.example -d 'phone=%2B12025550188' -o /dev/null -m 5 -k",
    f"curl --oauth2-bearer {SECRET} https://x.example -d 'phone=%2B12025550188' -H nothing",
]


@pytest.mark.parametrize("command", CURLS, ids=range(len(CURLS)))
def test_a_curl_command_is_read(shop: Shop, command: str) -> None:
    """As documentation and browsers write them; files are those beside it."""
    shop.file("lead.json", LEAD)
    shop.file("name.txt", "Zoe")
    sample = shop.file("sample.sh", command)
    shop.run("new", "form", "--from", sample)
    assert SECRET not in _said(shop)
    assert "Zoe" not in _said(shop)
    shown = shop.json("try", "form", sample)
    assert shown["calls"][0]["phone"] == "+12025550188"


def test_a_curl_command_shows_how_the_sender_proves_itself(shop: Shop) -> None:
    """`-u` is Basic, a header of its own is a secret header."""
    shop.run("new", "form", "--from", shop.file("sample.sh", CURLS[13]))
    assert 'basic: {username: "${FORM_USERNAME}"' in _said(shop)
    shop.run("new", "got", "--from", shop.file("sample.sh", CURLS[9]))
    assert "methods: [GET]" in _said(shop, "got")


NO_CURLS = [
    ("curl 'https://x.example", "quotes do not close"),
    ("curl https://x.example -d @none.json", "the curl command reads none.json"),
    ("curl https://x.example -d @-", "save that as a file"),
]


@pytest.mark.parametrize(("command", "message"), NO_CURLS)
def test_a_curl_command_that_is_not_whole_is_refused(
    shop: Shop, command: str, message: str
) -> None:
    """Status 2, and what is wanting."""
    sample = shop.file("sample.sh", command)
    assert message in shop.run("new", "form", "--from", sample, status=2).stderr


def test_a_stored_webhook_is_a_sample(shop: Shop) -> None:
    """By its id, from the ledger; also a body that is no UTF-8."""
    for name, body in (("one", LEAD_TEXT.encode()), ("two", LEAD_TEXT.encode("utf-16"))):
        webhook_id = _stored(shop, body)
        shop.run("new", name, "--from", webhook_id)
        assert "path: $.phone" in _said(shop, name)
        assert shop.json("try", name, webhook_id)["calls"][0]["phone"] == "+12025550188"
    missing = "0" * 26
    assert "no such webhook" in shop.run("new", "form", "--from", missing, status=2).stderr


def _stored(shop: Shop, body: bytes) -> str:
    """Store a webhook with this body, and return its id."""
    ledger = Ledger.open(f"sqlite:///{shop.folder / 'adapter.db'}", now=utc_now)
    webhook = Webhook(
        id=ledger.new_id(),
        source="crm",
        received_at=utc_now(),
        headers=(("content-type", "application/json"),),
        body=body,
        state=WebhookState.REFUSED,
        reason="malformed_body",
    )
    try:
        asyncio.run(ledger.accept(webhook, ()))
    finally:
        ledger.close()
    return webhook.id


def test_standard_input_and_output(shop: Shop) -> None:
    """`--from -` and `-o -`: the draft alone on standard output, the rest beside it."""
    result = shop.run("new", "form", "--from", "-", "-o", "-", stdin=FORM_TEXT)
    assert result.stdout.startswith("# Drafted by `adapter new`")
    assert "phone          $.phone" in result.stderr
    assert not (shop.folder / "mappings" / "form.yaml").exists()
    assert "adapter try form -" in shop.run("new", "form", "--from", "-", stdin=FORM_TEXT).stdout


def test_another_file_can_be_named(shop: Shop, tmp_path: Path) -> None:
    """Outside the folder of mappings too; where there is no folder, nothing is written."""
    sample, target = shop.file("lead.json", LEAD), tmp_path / "elsewhere.yaml"
    told = shop.run("new", "form", "--from", sample, "-o", str(target)).stdout
    assert "FORM_TOKEN" in target.read_text()
    home = shop.folder / "mappings" / "form.yaml"
    assert f"next:\n  move it to {home}\n" in told
    target.rename(home)
    shop.run("try", "form", sample)
    told = shop.run("new", "form", "--from", sample, "-o", str(target)).stdout
    assert f"move it to {home}, in place of the file that is there" in told
    other = home.with_stem("other")
    assert "move it" not in shop.run("new", "other", "--from", sample, "-o", str(other)).stdout
    nowhere = str(tmp_path / "none" / "x.yaml")
    assert (
        "cannot write" in shop.run("new", "form", "--from", sample, "-o", nowhere, status=2).stderr
    )


def test_the_schema_is_named_where_it_is(shop: Shop) -> None:
    """From the file to it, for editors."""
    (shop.folder / "schema").mkdir()
    (shop.folder / "schema" / "mapping.schema.json").write_text("{}")
    shop.run("new", "form", "--from", shop.file("lead.json", LEAD))
    first = _said(shop).splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schema/mapping.schema.json"


def test_nothing_is_overwritten(shop: Shop) -> None:
    """Status 2, and the way out."""
    before = _said(shop, "crm")
    result = shop.run("new", "crm", "--from", shop.file("lead.json", LEAD), status=2)
    assert "-o FILE" in result.stderr
    assert _said(shop, "crm") == before


def test_a_sample_without_a_phone_is_a_finding(shop: Shop) -> None:
    """Status 1; the draft is there, sound, and says what to do."""
    result = shop.run("new", "form", "--from", shop.file("a.json", {"objectId": 7}), status=1)
    assert "no phone of the lead was found in this sample" in result.stdout
    assert "`lookup`" in result.stdout
    assert (
        "1 of 1 examples" in shop.run("check", str(shop.folder / "mappings" / "form.yaml")).stdout
    )


def test_a_companys_number_is_named_and_not_taken(shop: Shop) -> None:
    """And the place beside the lead's name is guessed."""
    lead = {"company": {"phone": "+12025550188"}, "contact": {"name": "Zoe"}}
    told = shop.run("new", "form", "--from", shop.file("a.json", lead), status=1).stdout
    assert "phone          $.contact.phone   <- a guess" in told
    assert (
        "note: $.company.phone is a company's number and is not taken;"
        " write it as `phone:` if it is the lead's"
    ) in told


def test_a_lead_without_a_name_is_told(shop: Shop) -> None:
    """A script that greets by name would greet nobody."""
    nameless = shop.file("a.json", {"phone": "+12025550188", "product": "Tiles"})
    assert "no variable is the lead's name" in shop.run("new", "form", "--from", nameless).stdout
    named = shop.file("b.json", LEAD)
    assert "no variable is the" not in shop.run("new", "two", "--from", named).stdout


def test_a_body_that_would_not_be_let_in_is_told(shop: Shop) -> None:
    """Of which there may be more."""
    shop.write(settings="max_body: 1KiB\n")
    sample = shop.file("a.json", LEAD | {"note": "x" * 2_000})
    told = shop.run("new", "form", "--from", sample).stdout
    assert "bytes, and max_body is 1,024: raise that in adapter.yaml" in told


NO_LEADS: list[tuple[str | bytes, str]] = [
    ("", "the body is empty"),
    (" \n", "the body is empty"),
    ("curl 'https://x.example/?token=abc' -X POST", "the body is empty"),
    ("hello", "this is no JSON, form or XML: say with --content-type what it is"),
    ("42", "this is no JSON, form or XML"),
    ("<!DOCTYPE html><html><p>+12025550188</p></html>", "this is no JSON, form or XML"),
    ("<HTML><phone>+12025550188</phone></HTML>", "this is no JSON, form or XML"),
    ('"hello"', "expected an object or a list with a lead in it, found one value alone"),
]


@pytest.mark.parametrize(("content", "message"), NO_LEADS)
def test_what_is_no_lead_is_not_drafted(shop: Shop, content: str | bytes, message: str) -> None:
    """Status 2, and nothing is written."""
    sample = shop.file("sample", content)
    assert message in shop.run("new", "form", "--from", sample, status=2).stderr
    assert not (shop.folder / "mappings" / "form.yaml").exists()


def test_a_body_of_another_charset_is_drafted_as_it_is_read(shop: Shop) -> None:
    """What is no UTF-8 is windows-1252, as in intake."""
    sample = shop.file(
        "a.json", json.dumps(LEAD | {"city": "Málaga"}, ensure_ascii=False).encode("cp1252")
    )
    shop.run("new", "form", "--from", sample)
    assert "city: $.city" in _said(shop)


def test_a_national_number_asks_for_its_country(shop: Shop) -> None:
    """Until somebody states it."""
    sample = shop.file("a.json", {"phone": "612 345 678", "dnd": False})
    told = shop.run("new", "form", "--from", sample).stdout
    assert "the number in this sample has no country" in told
    assert "guard          do_not_call: $.dnd" in told
    assert "has no country" not in shop.run("new", "two", "--from", sample, "--region", "es").stdout
    assert "region: ES" in _said(shop, "two")


OTHERS: list[tuple[Any, str]] = [
    ({"tel": {"country": "34", "number": "612345678"}}, "<- country and number stand apart"),
    ({"from": "12025550134"}, "<- international, without its plus"),
    ({"q7": "+1 202-555-0188"}, "<- it is written as only a phone is"),
    ([{"phone": "+1 202-555-0188"}], "each           $[*]"),
    ({"phone": "+1 202-555-0188"}, "the sample has no id for it"),
]


@pytest.mark.parametrize(("document", "line"), OTHERS)
def test_the_report_says_why(shop: Shop, document: Any, line: str) -> None:
    """Paths and reasons, and nothing that stood in the sample."""
    told = shop.run("new", "form", "--from", "-", stdin=json.dumps(document)).stdout
    assert line in told
    assert "612345678" not in told


def test_a_draft_that_is_off_is_told_so(shop: Shop) -> None:
    """The note names the place of `sources`: the file, or the environment, which wins."""
    sample = shop.file("lead.json", LEAD)
    shop.write(settings="sources: [crm]\n")
    assert "add form to `sources` in" in shop.run("new", "form", "--from", sample).stdout
    shop.environ = shop.environ | {"ADAPTER_SOURCES": "crm"}
    told = shop.run("new", "two", "--from", sample).stdout
    assert "add two to ADAPTER_SOURCES, or it stays off; then restart" in told
    assert "to `sources`" not in told


MISTAKES = [
    (["new", "Form", "--from", "{lead}"], "lower-case letters"),
    (["new", "form", "--from", "{missing}"], "No such file"),
    (["new", "form"], "Missing option '--from'"),
    (["new", "form"], "`adapter new form --from lead.json`"),
    (["new", "form"], "new [OPTIONS] NAME --from SAMPLE"),
    (["new", "form", "--from", "{lead}", "--region", "spain"], "did you mean ES?"),
    (["new", "form", "--from", "{lead}", "--region", "??"], "found '??'"),
    (["new", "form", "--from", "{broken}", "--content-type", "image/png"], "as image/png"),
    (["new", "form", "--from", "{broken}"], "expected JSON, found an error"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES)
def test_wrong_usage_writes_nothing(shop: Shop, arguments: list[str], message: str) -> None:
    """Status 2."""
    places = {
        "{lead}": shop.file("lead.json", LEAD),
        "{missing}": str(shop.folder / "missing"),
        "{broken}": shop.file("broken.json", "{"),
    }
    result = shop.run(*(places.get(each, each) for each in arguments), status=2)
    assert message in result.output
    assert not (shop.folder / "mappings" / "form.yaml").exists()


def test_settings_that_are_wrong_are_named(shop: Shop) -> None:
    """A draft needs an agent to ring, and a folder to be written to."""
    sample = shop.file("lead.json", LEAD)
    shop.file("adapter.yaml", "agnts: {}\n")
    assert "mend these settings first" in shop.run("new", "form", "--from", sample, status=2).stderr
    shop.write(settings="mappings: none\n")
    assert "there is no folder" in shop.run("new", "form", "--from", sample, status=2).stderr
    missing = str(shop.folder / "none.yaml")
    assert (
        "there is no" in shop.run("new", "form", "--from", sample, status=2, config=missing).stderr
    )


def test_a_draft_that_is_no_sound_mapping_is_not_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported instead."""
    monkeypatch.setattr(
        "adapter.authoring.drafting.draft.write_mapping", lambda *_: "auth: {tokn: x}\n"
    )
    result = shop.run("new", "form", "--from", shop.file("lead.json", LEAD), status=2)
    assert "did you mean 'token'?" in result.stderr
    assert "nothing was written" in result.stderr
    assert not (shop.folder / "mappings" / "form.yaml").exists()
    assert ADA not in result.output
