"""adapter.yaml and its environment twins."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapter.agent import Mode, Secret
from adapter.compiler.keys.agents import AgentShape
from adapter.config.config import Config
from adapter.model import Freshness
from adapter.values.addresses import Address
from tests.harness.project import MAPPING, SETTINGS, Project


def test_defaults_are_the_contracts(project: Project) -> None:
    """Every setting but the agents has the default that the contract lists."""
    config = project.config()
    expected = Config(agents=config.agents, sources=config.sources, files=config.files)
    assert config == expected
    assert config.listen == Address(host="0.0.0.0", port=8080)
    assert config.admin_listen == Address(host="127.0.0.1", port=8081)
    assert config.freshness == Freshness(
        expires_after=timedelta(hours=24), max_age=timedelta(days=7)
    )


def test_every_setting_is_read(project: Project) -> None:
    """What the file says arrives in the configuration, in the units of its names."""
    config = project.config(
        SETTINGS
        + """\
listen: 127.0.0.1:0
admin_listen: "[::1]:9000"
admin_token: open-sesame
public_url: https://hooks.example.com/in
trusted_proxies: [10.0.0.0/8, "::1"]
database: sqlite:////var/lib/adapter.db
mappings: mappings
max_body: 64KiB
max_pending: 10
retention: 1d
cooldown: 0
expires_after: 1h
max_age: 2h
"""
    )
    assert config.listen == Address(host="127.0.0.1", port=0)
    assert config.admin_listen == Address(host="::1", port=9000)
    assert config.admin_token == Secret("open-sesame")
    assert config.public_url == "https://hooks.example.com/in"
    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert config.database == "sqlite:////var/lib/adapter.db"
    assert (config.max_body_bytes, config.max_pending) == (65536, 10)
    assert (config.retention, config.cooldown) == (timedelta(days=1), timedelta())
    assert config.freshness == Freshness(
        expires_after=timedelta(hours=1), max_age=timedelta(hours=2)
    )
    assert [Path(file).name for file in config.files] == ["adapter.yaml", "mappings", "crm.yaml"]


def test_environment_twins_win(project: Project) -> None:
    """ADAPTER_<SETTING> overrides the file, even what is wrong there; lists have commas."""
    project.environ = {
        "ADAPTER_LISTEN": "127.0.0.1:1",
        "ADAPTER_MAX_PENDING": "7",
        "ADAPTER_COOLDOWN": "0",
        "ADAPTER_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
        "ADAPTER_RETENTION": "",
        "ADAPTER_PORT": "tcp://10.0.0.1:8080",
    }
    config = project.config(f"listen: ${{NOWHERE}}\nmax_pending: lots\nretention: 2d\n{SETTINGS}")
    assert config.listen == Address(host="127.0.0.1", port=1)
    assert config.max_pending == 7
    assert config.cooldown == timedelta()
    assert len(config.trusted_proxies) == 2
    assert config.retention == timedelta(days=2)


def test_a_twin_may_come_from_a_file(project: Project, tmp_path: Path) -> None:
    """ADAPTER_ADMIN_TOKEN_FILE gives the token, as with any variable."""
    (tmp_path / "token").write_text("open-sesame\n")
    project.environ = {"ADAPTER_ADMIN_TOKEN_FILE": str(tmp_path / "token")}
    assert project.config().admin_token == Secret("open-sesame")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"ADAPTER_MAX_BODY": "big"}, "ADAPTER_MAX_BODY: expected a size"),
        ({"ADAPTER_ADMIN_LISTEN": "0.0.0.0:1"}, "ADAPTER_ADMIN_LISTEN: others than this machine"),
        ({"ADAPTER_ADMIN_TOKEN_FILE": "/nowhere"}, "ADAPTER_ADMIN_TOKEN: the file that"),
    ],
)
def test_bad_twins_are_problems(project: Project, environ: dict[str, str], expected: str) -> None:
    """A problem in the environment names the variable."""
    project.environ = environ
    (problem,) = project.problems()
    assert problem.startswith("1:1: " + expected)


def test_a_short_admin_token_is_a_warning(project: Project) -> None:
    """It can be guessed; the configuration is taken up all the same."""
    told = "warning: admin_token: 15 characters can be guessed: take 16 or more, at random"
    assert project.problems(SETTINGS + "admin_token: fifteen-letters\n") == [f"6:14: {told}"]
    project.environ = {"ADAPTER_ADMIN_TOKEN": "sixteen-letters!"}
    assert project.problems() == []
    project.environ = {"ADAPTER_ADMIN_TOKEN": "fifteen-letters"}
    (twin,) = project.problems()
    assert "warning: ADAPTER_ADMIN_TOKEN: 15 characters" in twin


MISTAKES = [
    ("lisen: a:1", "1:1: lisen: unknown key (did you mean 'listen'?)"),
    ("sources: [crn]", "1:11: sources[0]: there is no mapping file crn.yaml (did you mean 'crm'?)"),
    ("sources: crm, zoho", "1:10: sources: there is no mapping file zoho.yaml (there are: crm)"),
    ("sources: [crm.yaml]", "1:11: sources[0]: expected the name of a mapping file without .yaml"),
    ("sources: ' , '", "1:10: sources: expected names of mapping files"),
    ("sources: {crm: true}", "1:10: sources: expected a list"),
    ("listen: 8080", "1:9: listen: expected host:port, such as 0.0.0.0:8080 or [::1]:8081,"),
    ("admin_listen: 0.0.0.0:8081", "1:15: admin_listen: others than this machine can reach"),
    (
        "admin_listen: 0.0.0.0:8080\nadmin_token: a-token-of-many-letters",
        "1:15: admin_listen: listen has this",
    ),
    ("admin_token: 12345", "1:14: admin_token: expected text: put it in quotes"),
    ('admin_token: "a\\nb"', "1:14: admin_token: expected visible ASCII"),
    ("public_url: https://a.b/", "1:13: public_url: expected an address without a slash"),
    ("public_url: ftp://a.b", "1:13: public_url: expected an address such as"),
    ("public_url: 'https://[x'", "1:13: public_url: expected an address such as"),
    ("public_url: 5", "1:13: public_url: expected an address such as"),
    ("trusted_proxies: [10.0.0.1/8]", "1:19: trusted_proxies[0]: expected an IP address"),
    ("trusted_proxies: {a: b}", "1:18: trusted_proxies: expected a list"),
    ("database: postgresql://a:secret@b/c", "1:11: database: expected sqlite:///PATH"),
    ("database: 'sqlite:///:memory:'", "1:11: database: a database in memory would lose"),
    ("max_body: 0", "1:11: max_body: expected 1 or more, found '0'"),
    ("max_body: 2GiB", "1:11: max_body: expected 1073741824 or less, found '2GiB'"),
    ("max_pending: true", "1:14: max_pending: expected a whole number, found 'true'"),
    ("retention: 30", "1:12: retention: expected a duration with its unit"),
    ("cooldown: 9999d", "1:11: cooldown: expected a duration from 0 to 365d, found '9999d'"),
    ("expires_after: 0", "1:16: expires_after: expected a duration from 1ms"),
    ("mappings: ''", "1:11: mappings: expected text that is not empty, found nothing"),
]


@pytest.mark.parametrize(("line", "expected"), MISTAKES, ids=[each for each, _ in MISTAKES])
def test_bad_settings_are_problems(project: Project, line: str, expected: str) -> None:
    """Each mistake is one problem, at its place, saying what was expected."""
    problems = project.problems(f"{line}\n{SETTINGS}")
    assert len(problems) == 1
    assert problems[0].startswith(expected)
    assert "secret" not in problems[0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("listen: a:1\n", "1:1: agents: this key is missing: name at least one voice agent"),
        ("agents: {}\n", "1:9: agents: expected at least 1 of them"),
        ("agents: [a]\n", "1:9: agents: expected a map of keys"),
        ("agents: {sales: x}\n", "1:17: agents.sales: expected a map of keys, found 'x'"),
    ],
)
def test_agents_are_required(project: Project, settings: str, expected: str) -> None:
    """An adapter without agents would ring nobody."""
    project.write(settings, {})
    assert [
        str(each).split("adapter.yaml:")[1].startswith(expected)
        for each in project.load(settings, {}).problems
    ] == [True]


def test_a_settings_file_that_is_no_map(project: Project) -> None:
    """A list where settings should be is one problem, beside those of the mappings."""
    problems = project.problems("- a\n")
    assert problems[0].startswith("1:1: expected a map of keys")


def test_agents_are_compiled(project: Project) -> None:
    """An agent has its limits, its proof of silence, and a fingerprint of what can halt it."""
    settings = """\
agents:
  sales:
    endpoint: http://127.0.0.1:9/call
    api_key: k
    secret: s
    variables: [name, product]
    mode: {redirect: "+34 600 000 000"}
    timeout: 500ms
    max_concurrent: 2
    not_rung: [ctc:007, 429, "503"]
    countries: [ES, PT]
    max_per_minute: 60
    max_per_day: 1000
  support: {endpoint: "http://[::1]:9/", api_key: k, secret: s, mode: dry_run}
"""
    mapping = "auth: {token: a-long-enough-token}\nagent: support\nphone: $.phone\n"
    agents = project.config(settings, mapping).agents
    sales = agents["sales"]
    assert (sales.api_key, sales.secret) == (Secret("k"), Secret("s"))
    assert (sales.mode, sales.redirect_to) == (Mode.REDIRECT, "+34600000000")
    assert (sales.timeout_s, sales.max_concurrent) == (0.5, 2)
    assert sales.not_rung == {"ctc:007", "429", "503"}
    assert sales.variables == ("name", "product")
    assert sales.countries == {"ES", "PT"}
    assert (sales.max_per_minute, sales.max_per_day) == (60, 1000)
    support = agents["support"]
    assert support.mode is Mode.DRY_RUN
    assert (support.countries, support.hours) == (frozenset(), None)
    assert (support.max_per_minute, support.max_per_day) == (None, None)
    assert len(sales.fingerprint) == 64
    assert sales.fingerprint != agents["support"].fingerprint


AGENT_MISTAKES = [
    ("endpoint: http://agents.example.com/", "endpoint: expected https://…, or http:// to"),
    ("endpoint: https://u:p@a.b/", "endpoint: the address may hold no credentials"),
    ("endpoint: https://a.b:99999/", "endpoint: expected https://"),
    ("endpoint: https://", "endpoint: expected https://"),
    ("endpoint: 5", "endpoint: expected https://"),
    ("api_key: ''", "api_key: expected text that is not empty: set the variable"),
    ("api_key: 123456789", "api_key: expected text: put it in quotes"),
    ('secret: " hush"', "secret: expected visible ASCII"),
    ("variables: [1x]", "variables[0]: a variable's name begins"),
    ("variables: [voiceb_id]", "variables[0]: 'voiceb_id' begins with"),
    ("variables: [a, a]", "variables[1]: 'a' stands here twice"),
    ("variables: [1]", "variables[0]: expected text: put it in quotes, found '1'"),
    ("mode: alive", "mode: expected live, dry_run or {redirect:"),
    ("mode: [live]", "mode: expected live, dry_run or {redirect:"),
    ("mode: {redirect: +34600000000}", "mode.redirect: expected a phone in quotes"),
    ("mode: {redirect: '600000000'}", "mode.redirect: expected a phone such as"),
    ("mode: {to: x}", "mode.to: unknown key"),
    ("timeout: 1h", "timeout: expected a duration from 50ms to 5m, found '1h'"),
    ("max_concurrent: 0", "max_concurrent: expected 1 or more, found '0'"),
    ("not_rung: [ctc:7]", "not_rung[0]: expected a code such as ctc:007"),
    ("not_rung: [200]", "not_rung[0]: a 2xx answer means"),
    ("not_rung: [true]", "not_rung[0]: expected a code"),
    ("max_per_minute: 0", "max_per_minute: expected 1 or more, found '0'"),
    ("max_per_day: 1k", "max_per_day: expected a whole number, found '1k'"),
    ("countries: []", "countries: expected at least 1 of them"),
    ("countries: [ES, UK]", "countries[1]: expected an ISO 3166 country code (did you mean GB"),
    ("countries: Spain", "countries: expected an ISO 3166 country code (did you mean ES?), f"),
    ("countries: [34]", "countries[0]: expected text: put it in quotes, found '34'"),
]


@pytest.mark.parametrize(
    ("line", "expected"), AGENT_MISTAKES, ids=[each for each, _ in AGENT_MISTAKES]
)
def test_bad_agents_are_problems(project: Project, line: str, expected: str) -> None:
    """Each mistake of an agent is one problem on its line, and hides no other file's."""
    sound = {
        "endpoint": "https://a.b/",
        "api_key": "the-key",
        "secret": "the-hush",
    }
    sound.pop(line.partition(":")[0], None)
    lines = [line, *(f"{key}: {value}" for key, value in sound.items())]
    settings = "agents:\n  sales:\n" + "".join(f"    {each}\n" for each in lines)
    problems = project.problems(settings, "variables: {'*': $.all}\n" + MAPPING)
    assert len(problems) == 1
    place, _, message = problems[0].partition(": ")
    assert place.startswith("3:")
    assert message.startswith(f"agents.sales.{expected}")
    assert "hush" not in message
    assert "123456789" not in message


def test_an_agents_name_goes_into_urls(project: Project) -> None:
    """`*` would mean all agents."""
    problems = project.problems(SETTINGS.replace("sales:", "'*':"))
    assert problems[0].startswith("2:3: agents.*: an agent's name has letters")


def test_missing_agent_keys_are_named(project: Project) -> None:
    """Endpoint, key and secret are each asked for, at the agent's own line."""
    problems = project.problems("agents:\n  sales: {}\n")
    assert [each.split(": this")[0] for each in problems] == [
        "2:3: agents.sales.endpoint",
        "2:3: agents.sales.api_key",
        "2:3: agents.sales.secret",
    ]


def test_secrets_are_in_no_repr(project: Project) -> None:
    """Neither the configuration nor its parts print what they must hide."""
    config = project.config(SETTINGS + "admin_token: open-sesame\n")
    for text in (repr(config), str(config)):
        assert "sesame" not in text
        assert "of-sales" not in text
        assert "a-long-enough-token" not in text


def test_shapes_show_nothing() -> None:
    """Between file and configuration secrets are plain text, so no repr shows them."""
    shape = AgentShape.model_validate(
        {"endpoint": "https://a.b/", "api_key": "hush", "secret": "hush"}
    )
    assert "hush" not in f"{shape!r} {shape}"
