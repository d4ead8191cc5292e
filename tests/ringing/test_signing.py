"""Promises about the bytes that leave: what Node, openssl and a receiver make of them."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.agent import Agent, Mode, Secret
from adapter.ringing.signing import call_body, sign_call, signature
from tests.harness.effort import examples
from tests.harness.node import node_path

# Answers one line for each base64 line: whether Node, parsing and writing anew, gets these bytes.
_NODE = """
const lines = require('readline').createInterface({input: process.stdin});
lines.on('line', (line) => {
  const body = Buffer.from(line, 'base64');
  const anew = Buffer.from(JSON.stringify(JSON.parse(body.toString('utf8'))), 'utf8');
  console.log(anew.equals(body) ? 'same' : 'different');
});
"""
_NODE_HMAC = """
const hmac = require('crypto').createHmac('sha256', process.argv[1]);
process.stdin.on('data', (chunk) => hmac.update(chunk));
process.stdin.on('end', () => console.log(hmac.digest('hex')));
"""
_NAMES = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_ -]{0,63}\Z")
_TEXTS = st.text(st.characters(codec=None), max_size=40)


@pytest.fixture(scope="module")
def node() -> Iterator["subprocess.Popen[str]"]:
    """One Node process for all examples."""
    with subprocess.Popen(
        [node_path(), "-e", _NODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        yield running
        running.terminate()


def _judged_by(node: "subprocess.Popen[str]", body: bytes) -> str:
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(base64.b64encode(body).decode() + "\n")
    node.stdin.flush()
    return node.stdout.readline().strip()


def _agent(mode: Mode = Mode.LIVE) -> Agent:
    return Agent(
        name="sales",
        endpoint="https://voice.example/api/click-to-call",
        api_key=Secret("key-of-sales"),
        secret=Secret("sécret"),
        mode=mode,
        redirect_to="+12025550199" if mode is Mode.REDIRECT else "",
    )


def test_the_documented_body_comes_out_byte_for_byte() -> None:
    """The vendor's own example, compact and in its key order."""
    body = call_body("+34612345678", {"name": "John", "product": "VoiceB AI"})
    wanted = b'{"phone":"+34612345678","variables":{"name":"John","product":"VoiceB AI"}}'
    assert body == wanted


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë", '"Zoë"'.encode()),
        ("😀", '"😀"'.encode()),
        ("\u2028\x7f", '"\u2028\x7f"'.encode()),
        ('"\\/', b'"\\"\\\\/"'),
        ("\b\t\n\f\r\x00\x1f", b'"\\b\\t\\n\\f\\r\\u0000\\u001f"'),
        ("\ud83d", b'"\\ud83d"'),
        ("\ud83d\ude00", '"😀"'.encode()),
        ("\ude00\ud83d", b'"\\ude00\\ud83d"'),
    ],
)
def test_text_is_written_as_node_writes_it(
    text: str, written: bytes, node: "subprocess.Popen[str]"
) -> None:
    """UTF-8 unescaped, short escapes, and a lone surrogate as Node's escape."""
    body = call_body("+12025550123", {"name": text})
    assert body == b'{"phone":"+12025550123","variables":{"name":' + written + b"}}"
    assert _judged_by(node, body) == "same"


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(variables=st.dictionaries(_NAMES, _TEXTS, max_size=6))
def test_any_variables_survive_node_unchanged(
    node: "subprocess.Popen[str]", variables: dict[str, str]
) -> None:
    """A receiver may hash the raw bytes or write the parsed body anew: both give one signature."""
    body = call_body("+12025550123", variables)
    assert _judged_by(node, body) == "same"
    assert list(json.loads(body)["variables"]) == list(variables)


def test_a_variable_called_proto_survives_node(node: "subprocess.Popen[str]") -> None:
    """The one name that JavaScript objects treat in a way of their own."""
    assert _judged_by(node, call_body("+12025550123", {"__proto__": "x", "name": "y"})) == "same"


@pytest.mark.parametrize("secret", ["s3cret", "sécret"])
def test_openssl_computes_the_same_signature(secret: str) -> None:
    """An implementation that is not ours agrees, for a non-ASCII key too."""
    # The command line tool, or where there is none, the OpenSSL that is linked into Node.
    path = shutil.which("openssl")
    tool = [path, "dgst", "-sha256", "-hmac"] if path else [node_path(), "-e", _NODE_HMAC]
    body = call_body("+12025550123", {"name": "Zoë"})
    told = subprocess.run([*tool, secret], input=body, capture_output=True, check=True)
    assert told.stdout.split()[-1].decode() == signature(body, Secret(secret))


def test_a_signed_call_carries_the_three_headers_over_its_own_bytes() -> None:
    """api-key, the signature of exactly the body, and the content type; to the endpoint."""
    signed = sign_call(_agent(), "+12025550123", {"name": "Ann"})
    assert signed.url == "https://voice.example/api/click-to-call"
    assert signed.headers == (
        ("api-key", "key-of-sales"),
        ("signature", signature(signed.body, Secret("sécret"))),
        ("content-type", "application/json"),
    )
    assert json.loads(signed.body) == {"phone": "+12025550123", "variables": {"name": "Ann"}}


def test_redirect_mode_rings_the_tester_with_the_variables_of_the_lead() -> None:
    """Everything but the phone stays."""
    signed = sign_call(_agent(Mode.REDIRECT), "+12025550123", {"name": "Ann"})
    assert json.loads(signed.body) == {"phone": "+12025550199", "variables": {"name": "Ann"}}


def test_the_repr_of_a_signed_call_hides_credentials_and_person() -> None:
    """A stray log line must not leak."""
    shown = repr(sign_call(_agent(), "+12025550123", {"name": "Ann"}))
    assert not [word for word in ("key-of-sales", "+12025550123", "Ann") if word in shown]
