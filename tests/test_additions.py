"""To add something, touch the files that docs/architecture.md names, and no other list of it.

Each test patches a copy of the program as an engineer would, and sees the addition work in the
reader, in the editors' schema and in the pages' tables.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.additions import AGENT, MAPPING, Addition, see_added


@pytest.fixture
def add(tmp_path: Path) -> Callable[[Addition], None]:
    """Make an addition to a copy of the program, and see it work."""
    return lambda addition: see_added(addition, tmp_path)


SETTING = Addition(
    before={
        "adapter/config/config.py": {
            "    retention: timedelta =": '    region: str = ""\n',
        },
        "adapter/compiler/keys/settings.py": {
            "    retention: Annotated[": """\
    region: str = Field(
        default=default_of(Config, "region"), description="The part of the world."
    )
""",
            '            retention=fields["retention"],': """\
            region=fields["region"],
""",
        },
    },
    settings=AGENT % "" + "region: ${REGION:-}\n",
    program="""
assert load({"REGION": "us"}).region == "us"
assert load({"REGION": "us", "ADAPTER_REGION": "asia"}).region == "asia"
assert list(load(is_lenient=True).agents) == ["sales"]
assert load().region == ""
assert settings_schema()["properties"]["region"]["default"] == ""
assert '| `region` | `""` | `ADAPTER_REGION` | The part of the world. |' in page("configuration")
""",
)
AGENT_SETTING = Addition(
    before={
        "adapter/agent.py": {"    timeout_s: float = 15.0": '    greeting: str = "hello"\n'},
        "adapter/compiler/keys/agents.py": {
            "    timeout: Annotated[": """\
    greeting: Annotated[Literal["hello", "hi"], Field()] = Field(
        default=default_of(Agent, "greeting"), description="How it begins: `hello` or `hi`."
    )
""",
            "        timeout_s=shape": "        greeting=shape.greeting,\n",
            "from typing import": "from typing import Literal\n",
        },
    },
    settings=AGENT % ', greeting: "${GREETING}"',
    program="""
assert load({"GREETING": "hi"}).agents["sales"].greeting == "hi"
assert load(is_lenient=True).agents.keys() == {"sales"}
of_agents = settings_schema()["$defs"]["AgentShape"]["properties"]
assert of_agents["greeting"]["description"] == "How it begins: hello or hi."
assert "| `greeting` | `hello` | How it begins: `hello` or `hi`. |" in page("configuration")
""",
)
MAPPING_KEY = Addition(
    before={
        "adapter/config/source.py": {"    burst: int": '    owner: str = ""\n'},
        "adapter/compiler/keys/mapping.py": {
            "    burst: Annotated[": """\
    owner: FilledText = Field(
        default=default_of(Source, "owner"), description="Who knows about this source."
    )
""",
            '        burst=fields.get("burst"),': '        owner=fields["owner"],\n',
        },
    },
    mapping=MAPPING % "{token: a-long-enough-token}" + "owner: Ada\n",
    program="""
assert load().sources["shop"].owner == "Ada"
assert mapping_schema()["properties"]["owner"]["description"] == "Who knows about this source."
assert "| `owner` | Who knows about this source. |" in page("mapping")
""",
)
TRANSFORM = Addition(
    before={
        "adapter/mapping/transforms.py": {
            "# Every transform that takes no": """\
def _reverse(text: str) -> str:
    return text[::-1]


""",
            '    "strip_html": _strip_html,': '    "reverse": _reverse,\n',
        },
    },
    mapping=MAPPING % "{token: a-long-enough-token}"
    + """\
variables: {name: {path: $.name, transform: reverse}}
examples:
  - name: a name
    request: {json: {phone: "+12025550123", name: Ada}}
    calls: [{variables: {name: adA}}]
""",
    program="""
from adapter.config.examples import run_examples
(result,) = run_examples(load().sources["shop"])
assert result.has_passed, result.differences
assert '"reverse"' in __import__("json").dumps(mapping_schema())
from adapter.mapping.transforms import named_transform
assert named_transform("reverse").name == "reverse"
assert "| `reverse` | `24 neirb'o" in page("mapping")
assert "reverse, strip_html" in page("mapping")
""",
)
TRANSFORM_WITH_SETTING = Addition(
    before={
        "adapter/mapping/transforms.py": {
            "def truncate_transform": '''\
def repeat_transform(times: int) -> Transform:
    """Say it several times."""
    return Transform(name=f"repeat: {times}", change=lambda text: " ".join([text] * times))


''',
            '    "truncate": "{trunc': '    "repeat": "{repeat: 2}",\n',
        },
        "adapter/compiler/keys/transforms.py": {
            "    named_transform,": "    repeat_transform,\n",
            "    truncate: Annotated[": """\
    repeat: Count | None = Field(default=None, description="How often it is said.")
""",
            "_COMPILED: ": """\
def _repeat(spec: TransformShape, place: Place, findings: Findings) -> Transform | None:
    return repeat_transform(spec.repeat or 1)


""",
            '    "truncate": _truncate,': '    "repeat": _repeat,\n',
        },
    },
    mapping=MAPPING % "{token: a-long-enough-token}"
    + """\
variables: {name: {path: $.name, transform: [lower, {repeat: 2}]}}
examples:
  - name: a name
    request: {json: {phone: "+12025550123", name: Ada}}
    calls: [{variables: {name: ada ada}}]
""",
    program="""
from adapter.config.examples import run_examples
(result,) = run_examples(load().sources["shop"])
assert result.has_passed, result.differences
assert "repeat" in mapping_schema()["$defs"]["TransformShape"]["properties"]
assert "| `{repeat: 2}` | How often it is said. |" in page("mapping")
shop = Path("project/mappings/shop.yaml")
shop.write_text(shop.read_text().replace("{repeat: 2}", "{repeat: often}"))
(problem,) = load_config(Path("project/adapter.yaml"), {}).problems
assert "transform[1].repeat" in str(problem), problem
""",
)
OPERATOR = Addition(
    before={
        "adapter/mapping/guards.py": {
            "OPERATORS: ": """\
def _begins(matches: list[Any], operand: Any) -> bool:
    return any(form.startswith(tuple(operand)) for form in _text_forms(matches))


""",
            '    "exists": Operator(': """\
    "begins": Operator(prepare=_one_text, holds=_begins),
""",
        },
        "adapter/compiler/keys/conditions.py": {
            "    exists: Flag": """\
    begins: Scalar | None = Field(default=None, description="Holds if a match begins so.")
""",
        },
    },
    mapping=MAPPING % "{token: a-long-enough-token}"
    + """\
when:
  - {path: $.kind, begins: lead, reason: no_lead}
examples:
  - name: a lead
    request: {json: {phone: "+12025550123", kind: lead.new}}
    calls: [{phone: "+12025550123"}]
  - name: none
    request: {json: {phone: "+12025550123", kind: a.lead}}
    calls: [{ignored: no_lead}]
""",
    program="""
from adapter.config.examples import run_examples
for result in run_examples(load().sources["shop"]):
    assert result.has_passed, result.differences
assert "begins" in mapping_schema()["$defs"]["ConditionShape"]["properties"]
assert "| `begins` | Holds if a match begins so. |" in page("mapping")
""",
)
AUTH_SCHEME = Addition(
    before={
        "adapter/webhook/auth/cookie.py": {
            "": '''\
"""A check by a secret in a cookie."""

from dataclasses import dataclass, replace

from adapter.agent import Secret
from adapter.webhook.auth.proof import Proof, adding
from adapter.webhook.auth.shared_secrets import HeadCheck


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookie(HeadCheck):
    """A secret in the cookie `key`."""

    secret: Secret

    def prove(self, request, *, now, document):
        """Return the proof if the cookie is there."""
        cookie = ("cookie", f"key={self.secret.reveal()}")
        if cookie not in request.headers:
            return None
        left = tuple(pair for pair in request.headers if pair != cookie)
        return Proof(without=replace(request, headers=left))

    def sign(self, request, *, now):
        """Return the request with the cookie."""
        return adding(request, {"cookie": f"key={self.secret.reveal()}"})
''',
        },
        "adapter/compiler/keys/auth.py": {
            "from adapter.webhook.auth.checks": "from adapter.webhook.auth.cookie import Cookie\n",
            "class AuthShape(Shape):": '''\
class CookieShape(SchemeShape):
    """A cookie."""

    expected: ClassVar[str] = "a secret"

    secret: Secrets = Field(description="The secret.")

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return Cookie(secret=secrets_of(self.secret)[0])


''',
            "    hmac: HmacShape": """\
    cookie: CookieShape | None = Field(default=None, description="A secret cookie.")
""",
        },
    },
    mapping=MAPPING % '{cookie: {secret: "${COOKIE}"}}',
    program="""
from adapter.clock import utc_now
from adapter.webhook.request import Request
check = load({"COOKIE": "a-long-enough-cookie"}).sources["shop"].auth
request = Request(method="POST", path="", query="", headers=(), body=b"", client="")
assert check.prove(request, now=utc_now(), document=dict) is None
signed = check.sign(request, now=utc_now())
assert check.prove(signed, now=utc_now(), document=dict)
assert "cookie" in mapping_schema()["$defs"]["AuthShape"]["properties"]
assert "| `cookie` | A secret cookie. |" in page("mapping")
text = Path("project/mappings/shop.yaml").read_text()
Path("project/mappings/shop.yaml").write_text(text.replace("secret:", "secrets:"))
problems = load_config(Path("project/adapter.yaml"), {"COOKIE": "a-long-enough-cookie"}).problems
assert problems and "a-long-enough-cookie" not in str(problems)

from tests.harness.in_process import run
async def play(adapter):
    for cookie, status in (("key=a-long-enough-guess", 401), ("key=a-long-enough-cookie", 202)):
        answer = await adapter.post(
            "shop", {"phone": "+12025550123"}, token=None, headers={"cookie": cookie}
        )
        assert answer.status_code == status, answer.text
    await adapter.mock.wait_for_rings(1)
    assert b"a-long-enough-cookie" not in adapter.stored_bytes()
run(Path("project"), play, mappings={"shop": text}, environ={"COOKIE": "a-long-enough-cookie"})
""",
)
REASON = Addition(
    before={
        "adapter/model.py": {
            "    PHONE_INVALID =": '    ZZ_SHORT = "zz_short"\n',
        },
        "adapter/values/phone_numbers.py": {
            "    number = first_number(written, region)": """\
    if len(text) < 4:
        raise MappingError(Reason.ZZ_SHORT, "expected a phone number, found a few signs")
""",
        },
    },
    mapping=MAPPING % "{token: a-long-enough-token}"
    + """\
examples:
  - name: too short
    request: {json: {phone: "12"}}
    calls: [{refused: zz_short}]
""",
    program="""
from adapter.config.examples import run_examples
(result,) = run_examples(load().sources["shop"])
assert result.has_passed, result.differences
from tests.test_docs import test_every_reason_is_explained as test
try:
    test()
except AssertionError:
    pass
else:
    raise SystemExit("nobody misses the reason on the pages")
for name, old, new in (
    ("operations", "`phone_missing` `phone_i", "`phone_missing` `zz_short` `phone_i"),
    ("mapping", "| `phone_invalid` |", "| `zz_short` | a few signs |\\n| `phone_invalid` |"),
):
    path = doc_tables.ROOT / "docs" / f"{name}.md"
    path.write_text(path.read_text().replace(old, new))
test()
""",
)


def test_a_setting_touches_two_files(add: Callable[[Addition], None]) -> None:
    """Config, which has the default, and the key; an unset variable costs no agent."""
    assert len(SETTING.before) == 2
    add(SETTING)


def test_an_agent_setting_touches_two_files(add: Callable[[Addition], None]) -> None:
    """Agent, which has the default, and the key; an unset variable costs no agent."""
    assert len(AGENT_SETTING.before) == 2
    add(AGENT_SETTING)


def test_a_key_of_mappings_touches_two_files(add: Callable[[Addition], None]) -> None:
    """Source, which has the default, and the key."""
    assert len(MAPPING_KEY.before) == 2
    add(MAPPING_KEY)


def test_a_transform_touches_one_file(add: Callable[[Addition], None]) -> None:
    """The table of transforms: reader, schema and page take it from there."""
    assert len(TRANSFORM.before) == 1
    add(TRANSFORM)


def test_a_transform_with_a_setting_touches_two_files(add: Callable[[Addition], None]) -> None:
    """The table of transforms, and the key of its setting."""
    assert len(TRANSFORM_WITH_SETTING.before) == 2
    add(TRANSFORM_WITH_SETTING)


def test_an_operator_of_conditions_touches_two_files(add: Callable[[Addition], None]) -> None:
    """The table of operators, and its key."""
    assert len(OPERATOR.before) == 2
    add(OPERATOR)


def test_a_scheme_of_auth_touches_two_files(add: Callable[[Addition], None]) -> None:
    """The check, which proves and signs, and the key; its secret is hidden."""
    assert len(AUTH_SCHEME.before) == 2
    add(AUTH_SCHEME)


def test_a_reason_touches_the_table_and_who_decides(add: Callable[[Addition], None]) -> None:
    """A test then asks for its line on the pages, which no code can write."""
    assert len(REASON.before) == 2
    add(REASON)
