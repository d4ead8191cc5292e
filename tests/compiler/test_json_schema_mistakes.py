"""What the loader refuses by shape, an editor marks too, by an independent validator."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapter.cli.run.shipped import shipped_mappings
from adapter.compiler.json_schema import json_schema, mapping_schema, settings_schema
from adapter.compiler.yaml.marks import read_sheet
from tests.compiler.keys.test_calling_hours import MISTAKES as HOURS_MISTAKES
from tests.compiler.keys.test_mapping_problems import MISTAKES as MAPPING_MISTAKES
from tests.compiler.keys.test_mapping_problems import REST
from tests.compiler.keys.test_settings import AGENT_MISTAKES
from tests.compiler.keys.test_settings import MISTAKES as SETTINGS_MISTAKES
from tests.harness.project import SETTINGS

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = {"adapter.yaml": "adapter.schema.json", "mapping": "mapping.schema.json"}
MODELINE = "# yaml-language-server: $schema="

MAPPING = Draft202012Validator(mapping_schema())
OF_SETTINGS = Draft202012Validator(settings_schema())
AGENT = {"endpoint": "https://a.b/", "api_key": "the-key", "secret": "the-hush"}

# What no schema can know, and the loader does.
BEYOND_SHAPE = {
    'variables: {a: "($.b)|($.c)"}',  # a text like any other, to a schema
    # what there is: files, agents, countries, time zones, holidays
    "use: crm",
    "use: shop",
    "sources: [crn]",
    "sources: crm, zoho",
    "agent: sails",
    "routes: [{agent: x}]",
    "phone: {path: $.a, region: UK}",
    "phone: {path: $.a, region: XX}",
    "phone: {path: $.a, region: {path: $.c, map: {Spain: SP}}}",
    "countries: [ES, UK]",
    "variables: {a: {path: $.x, transform: {date: '%d', timezone: Mars}}}",
    "calling_hours: {mon: 09:00-20:00, timezone: Europe/Madird}",
    "calling_hours: {mon: 09:00-20:00, fallback_timezone: phone}",
    "calling_hours: {mon: 09:00-20:00, holidays: ZZ}",
    "calling_hours: {mon: 09:00-20:00, holidays: US-CAL}",
    "calling_hours: {mon: 09:00-20:00, holidays: GB-XX}",
    # what an expression, an address or a secret means
    "auth: {body: {path: $, value: a-long-enough-value}}",
    "auth: {hmac: {header: x, secret: s, signed: '{body}{bdy}'}}",
    "auth: {hmac: {header: x, secret: hush, secret_encoding: hex}}",
    "auth: {standard_webhooks: {secret: hush!}}",
    "phone: {path: $.a, region: {path: '$.c['}}",
    "variables: {a: $9 plan}",
    "variables: {a: {path: $.x, transform: {replace: ['(', x]}}}",
    "when: {path: '$[', equals: x}",
    "when: {path: $.a, matches: '('}",
    "each: '$..['",
    "timezone: '$['",
    "dedupe: {key: '$['}",
    "decode: {json: ['$[']}",
    "handshake: {echo: '$['}",
    "handshake: {echo_json: '$['}",
    "handshake: {echo_json: $.a.b}",
    "handshake: {echo_json: '$[0]'}",
    "handshake: {echo_json: $..a}",
    "public_url: 'https://[x'",
    "trusted_proxies: [10.0.0.1/8]",
    "endpoint: https://a.b:99999/",
    "lookup: {url: 'https://a.b/{$.id}#x'}",
    "lookup: {url: 'https://a.b/é/{$.id}'}",
    "lookup: {url: 'https://a.b/../{$.id}'}",
    "lookup: {url: 'https://a.b/{$.id'}",
    "lookup: {url: 'https://a.b/{$.}'}",
    # which look-up is made before which
    "lookup: {url: 'https://a.b/{$.lookup.x}'}",
    "lookup: {a: {url: 'https://a.b/{$.lookup.b.id}'}, b: {url: 'https://a.b/{$.id}'}}",
    "lookup: {a: {url: 'https://a.b/{$.lookup.b[?(@.x==1)].id}'}, b: {url: 'https://a.b/{$.id}'}}",
    "lookup: {url: 'https://a.b/{$.a}'}\neach: $.lookup.items",
    "lookup: {url: 'https://a.b/{$.a}'}\ndecode: {json: [$.lookup.text]}",
    # how much a text with a unit is, and which times come first
    "max_body: 2GiB",
    "cooldown: 9999d",
    "timeout: 1h",
    "lookup: {url: 'https://a.b/{$.a}', timeout: 1h}",
    "calling_hours: {mon: 20:00-09:00}",
    # what other keys and the environment say
    "auth: {token: '${EMPTY:-}'}",
    "auth: {hubspot: {client_secret: s, version: v3}}",
    "admin_listen: 0.0.0.0:8081",
    "admin_listen: 0.0.0.0:8080\nadmin_token: a-token-of-many-letters",
    "calling_hours: {timezone: phone}",
    "calling_hours: {mon: [], tue: []}",
    "calling_hours: {mon: 09:00-10:00, mon-fri: 09:00-20:00}",
    "calling_hours: {'mon,mon': 09:00-10:00}",
    # what a scalar looked like before YAML read it
    "variables: {a: 1.10}",
    "variables: {a: True}",
    "variables: {a: 007}",
    f"variables: {{a: {'9' * 500}}}",
    "variables: {a: {path: $.x, default: 1.0}}",
}


def value_of(text: str) -> Any:
    """Return what a YAML file holds."""
    sheet, _ = read_sheet("a.yaml", text.encode())
    assert sheet is not None
    return sheet.value


def mapping_with(line: str) -> str:
    """Return a mapping that is sound but for one line."""
    key = line.partition(":")[0]
    replaced = {"routes": "agent", "agents": "agent"}.get(key, key)
    rest = [f"{key}: {value}" for key, value in REST.items() if key != replaced]
    return "\n".join([line, *rest]) + "\n"


def agent_with(line: str) -> str:
    """Return settings that are sound but for one line of an agent."""
    key = line.partition(":")[0]
    lines = [line, *(f"{name}: {value}" for name, value in AGENT.items() if name != key)]
    return "agents:\n  sales:\n" + "".join(f"    {each}\n" for each in lines)


MISTAKES = [
    *((MAPPING, line, mapping_with(line)) for line, _ in MAPPING_MISTAKES),
    *((OF_SETTINGS, line, f"{line}\n{SETTINGS}") for line, _ in SETTINGS_MISTAKES),
    *((OF_SETTINGS, line, agent_with(line)) for line, _ in AGENT_MISTAKES),
    *(
        (OF_SETTINGS, f"calling_hours: {written}", agent_with(f"calling_hours: {written}"))
        for written, _ in HOURS_MISTAKES
    ),
]


@pytest.mark.parametrize(
    ("schema", "line", "text"), MISTAKES, ids=[line for _, line, _ in MISTAKES]
)
def test_an_editor_marks_what_the_loader_refuses(
    schema: Draft202012Validator, line: str, text: str
) -> None:
    """Every mistake that the loader's own tests know, but for those that are no matter of shape."""
    assert schema.is_valid(value_of(text)) == (line in BEYOND_SHAPE)


def test_every_exception_is_a_mistake_of_the_tables() -> None:
    """Nothing is excused that nobody tests."""
    assert {line for _, line, _ in MISTAKES} >= BEYOND_SHAPE


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ("use: crm", True),
        ("use: crm\nagent: sales\nphone: {region: ES}", False),
        ("use: crm\nagent: sales\nroutes: [{agent: sales}]", False),
        ("use: crm\nexamples: []\nburst: 5", True),
        ("use: ${PARENT}", True),
        ("phone: $.phone", False),
        ("auth: {token: a-long-enough-token}\nphone: $.phone", False),
        ("auth: {token: a-long-enough-token}\nphone: $.phone\nroutes: [{agent: a}]", True),
        (
            "auth: {token: a-long-enough-token}\nphone: $.phone\nagent: a\nroutes: [{agent: a}]",
            False,
        ),
    ],
)
def test_a_mapping_is_whole_or_uses_another(line: str, is_right: bool) -> None:
    """What `use` inherits need not stand in the file."""
    assert MAPPING.is_valid(value_of(line)) == is_right


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (MAPPING, mapping_with("enabled: ${ON:-true}")),
        (MAPPING, mapping_with('enabled: "true"')),
        (MAPPING, mapping_with("burst: ${BURST:-200}")),
        (MAPPING, mapping_with("burst: '200'")),
        (MAPPING, mapping_with("methods: GET")),
        (MAPPING, mapping_with('auth: {hubspot: {client_secret: s, version: "${V:-v3}"}}')),
        (MAPPING, mapping_with('auth: {ip: "10.0.0.0/8, 2001:db8::/32"}')),
        (MAPPING, mapping_with('phone: {path: $.a, region: "${REGION:-}"}')),
        (MAPPING, mapping_with("when: {path: $.a, gt: '17.5'}")),
        (MAPPING, mapping_with("variables: {a b: {path: $.x, transform: [lower, {truncate: 5}]}}")),
        (MAPPING, mapping_with("dedupe: {window: 1d12h}")),
        (OF_SETTINGS, f"sources: crm, shop\n{SETTINGS}"),
        (OF_SETTINGS, f"sources: [crm]\n{SETTINGS}"),
        (OF_SETTINGS, f"sources: ${{ON}}\n{SETTINGS}"),
        (OF_SETTINGS, f"max_body: ${{MAX}}\ncooldown: '0'\n{SETTINGS}"),
        (OF_SETTINGS, f"listen: '[::1]:8080'\nadmin_token:\n{SETTINGS}"),
        (OF_SETTINGS, agent_with("endpoint: http://127.0.0.1:9090/api?x=1")),
        (OF_SETTINGS, agent_with('mode: {redirect: "+34 600 000 000"}')),
        (OF_SETTINGS, agent_with("not_rung: ['429', ctc:007, 503]")),
        (OF_SETTINGS, agent_with("calling_hours: {Mon-Fri: '9:00-13:00, 15:00-24:00', sun: []}")),
    ],
)
def test_an_editor_marks_nothing_that_loads(schema: Draft202012Validator, text: str) -> None:
    """Variables for any scalar, quoted numbers, single values for lists."""
    schema.validate(value_of(text))


@pytest.mark.parametrize(
    "path", sorted(shipped_mappings().glob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_mappings_validate_and_say_by_what(path: Path) -> None:
    """Each begins with the line that gives it to an editor's language server."""
    text = path.read_text(encoding="utf-8")
    assert text.partition("\n")[0] == f"{MODELINE}../schema/mapping.schema.json"
    MAPPING.validate(value_of(text))


def test_the_shipped_settings_validate_and_say_by_what() -> None:
    """So does the adapter.yaml of the checkout."""
    text = (ROOT / "adapter.yaml").read_text(encoding="utf-8")
    assert text.partition("\n")[0] == f"{MODELINE}schema/adapter.schema.json"
    OF_SETTINGS.validate(value_of(text))


@pytest.mark.parametrize("name", SCHEMAS)
def test_committed_schemas_are_the_codes(name: str) -> None:
    """Write them anew with `adapter schema --for mapping > schema/mapping.schema.json`."""
    committed = (ROOT / "schema" / SCHEMAS[name]).read_text(encoding="utf-8")
    assert json.loads(committed) == json_schema()[name]
