"""Every key that the reader takes reaches what runs; one that is read and forgotten fails here."""

import pytest

from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.agents import AgentShape
from adapter.compiler.keys.mapping import MappingShape
from tests.harness.project import SETTINGS, Project

# For each key a line that is not its default.
OF_SETTINGS = {
    "listen": "127.0.0.1:1",
    "admin_listen": "127.0.0.1:2",
    "admin_token": "a-token-of-admins",
    "public_url": "https://hooks.example.com",
    "trusted_proxies": "10.0.0.0/8",
    "database": "sqlite:///other.db",
    "mappings": "elsewhere",
    "sources": "[]",
    "max_body": "2MiB",
    "max_items": "7",
    "max_connections": "7",
    "max_per_address": "7",
    "keep_alive": "7s",
    "proxy": "http://proxy.example.com:3128",
    "max_pending": "7",
    "retention": "1d",
    "cooldown": "1m",
    "expires_after": "1h",
    "max_age": "2d",
    "agents": '{other: {endpoint: "https://a.example.com", api_key: k, secret: s}}',
}
OF_AGENTS = {
    "endpoint": "https://other.example.com/call",
    "api_key": "another-key",
    "secret": "another-secret",
    "variables": "[name]",
    "mode": "dry_run",
    "timeout": "1s",
    "max_concurrent": "1",
    "max_per_minute": "1",
    "max_per_day": "1",
    "countries": "[ES]",
    "calling_hours": '{mon: "09:00-10:00"}',
    "not_rung": "[429]",
}
OF_MAPPINGS = {
    "use": "base",
    "description": "a form",
    "enabled": "false",
    "methods": "[GET]",
    "auth": "{token: another-token}",
    "handshake": "{echo: $.challenge}",
    "respond": "{status: 204}",
    "content_type": "application/xml",
    "charset": "windows-1252",
    "decode": "{json: $.text}",
    "each": "$.items[*]",
    "when": "{path: $.a, exists: true}",
    "agent": "support",
    "routes": "[{agent: sales, when: {path: $.a, exists: true}}]",
    "phone": "$.mobile",
    "variables": "{name: $.name}",
    "occurred_at": "$.at",
    "timezone": "$.zone",
    "lookup": '{url: "https://api.example.com/{$.id}"}',
    "burst": "5",
    "dedupe": "{key: $.id}",
    "examples": "[{name: none, request: {json: {}}, calls: [{refused: phone_missing}]}]",
}
TWO_AGENTS = SETTINGS + SETTINGS.partition("\n")[2].replace("sales:", "support:")


def lines(keys: dict[str, str], indent: str = "") -> str:
    """Return keys as YAML."""
    return "".join(f"{indent}{key}: {value}\n" for key, value in keys.items())


@pytest.mark.parametrize("key", AdapterShape.fields_by_key())
def test_every_setting_reaches_the_configuration(project: Project, key: str) -> None:
    """As its twin in the environment does."""
    (project.folder / "elsewhere").mkdir()
    value = OF_SETTINGS[key]
    plain = project.load(SETTINGS, {}).config
    text = f"{key}: {value}\n" + ("" if key == "agents" else SETTINGS)
    told = project.load(text, {}).config
    assert told is not None
    assert told != plain or key == "sources"
    if key == "sources":
        project.load(text)
        assert project.load(text).config != project.load(SETTINGS).config
    if key != "agents":
        project.environ[f"ADAPTER_{key.upper()}"] = value.strip("[]") or "[]"
        if value != "[]":
            assert project.load(SETTINGS, {}).config == told


@pytest.mark.parametrize("key", AgentShape.fields_by_key())
def test_every_key_of_an_agent_reaches_it(project: Project, key: str) -> None:
    """Else it would be read, and do nothing."""
    needed = {name: OF_AGENTS[name] + "0" for name in ("endpoint", "api_key", "secret")}
    plain, told = (
        project.load("agents:\n  sales:\n" + lines(keys, "    "), {}).config
        for keys in (needed, {**needed, key: OF_AGENTS[key]})
    )
    assert plain is not None
    assert told is not None
    assert told.agents["sales"] != plain.agents["sales"]


@pytest.mark.parametrize("key", MappingShape.fields_by_key())
def test_every_key_of_a_mapping_reaches_its_source(project: Project, key: str) -> None:
    """Else it would be read, and do nothing."""
    needed = {"auth": "{token: a-long-enough-token}", "agent": "sales", "phone": "$.phone"}
    if key == "routes":
        needed.pop("agent")
    base = lines({**needed, "agent": "support", "description": "the used one"})
    plain, told = (
        project.load(TWO_AGENTS, {"crm": lines(keys), "base": base}).config
        for keys in (needed | {"agent": "sales"}, {**needed, key: OF_MAPPINGS[key]})
    )
    assert plain is not None
    assert told is not None
    sources = plain.sources["crm"], told.sources["crm"]
    assert sources[0] != sources[1]
