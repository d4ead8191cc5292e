"""The pages say what the code does: no key, command or reason is missing, none is made up."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from adapter.compiler.fields.shape import Shape
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.agents import AgentShape
from adapter.compiler.keys.auth import AuthShape
from adapter.compiler.keys.conditions import COMBINATIONS
from adapter.compiler.keys.handshake import HandshakeShape
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.keys.transforms import TransformShape
from adapter.compiler.keys.variables import ValueShape
from adapter.compiler.load import load_config
from adapter.config.config import Config
from adapter.config.examples import run_examples
from adapter.mapping.guards import OPERATORS
from adapter.mapping.reading import RequestReading
from adapter.mapping.transforms import NAMED_TRANSFORMS
from adapter.mock_agent.script import read_script
from adapter.model import Reason, State
from adapter.telemetry import LIBRARY_MESSAGE, Metrics
from adapter.webhook.request import Request
from tests.harness import doc_tables
from tests.harness.doc_pages import (
    NAMES,
    ROOT,
    Block,
    anchors,
    blocks,
    code_spans,
    links,
    prose,
    table,
    text_of,
)

MAPPING, SETTINGS = "docs/mapping.md", "docs/configuration.md"
OPERATIONS = "docs/operations.md"
AGENTS = """\
agents:
  sales: {endpoint: "https://a.example.com", api_key: key-of-sales, secret: secret-of-sales}
  support: {endpoint: "https://a.example.com", api_key: key-of-support, secret: secret-of-support}
"""
# What the short examples leave out.
REQUIRED = {
    "auth": "auth: {token: a-long-enough-token}",
    "agent": "agent: sales",
    "phone": "phone: $.phone",
}


def keys(shape: type[Shape]) -> set[str]:
    """Return a shape's keys as YAML has them."""
    return set(shape.fields_by_key())


TABLES = [
    (MAPPING, "# Mappings", keys(MappingShape)),
    (MAPPING, "## Auth", keys(AuthShape)),
    (MAPPING, "## Handshake", keys(HandshakeShape)),
    (MAPPING, "## Guards", {*OPERATORS, *COMBINATIONS}),
    (MAPPING, "## Variables", keys(ValueShape)),
    (SETTINGS, "## Settings", keys(AdapterShape)),
    (SETTINGS, "## Agents", keys(AgentShape)),
    (OPERATIONS, "## States of a call", {state.value for state in State}),
]


@pytest.mark.parametrize(
    ("page", "heading", "known"), TABLES, ids=[heading for _, heading, _ in TABLES]
)
def test_tables_have_just_what_the_code_has(page: str, heading: str, known: set[str]) -> None:
    """Every key is documented, and no other."""
    assert set(table(page, heading)) == known


@pytest.mark.parametrize("table", doc_tables.TABLES, ids=lambda table: table.name)
def test_tables_of_keys_are_as_the_code_describes_them(table: doc_tables.DocTable) -> None:
    """Write them anew with `python -m tests.harness.doc_tables`."""
    page = text_of(table.page)
    assert doc_tables.written(table, page) == page


def test_every_nested_key_of_a_mapping_is_named() -> None:
    """Also those that no table lists: hmac's, an example's, a route's."""
    spans = " ; ".join(code_spans(prose(MAPPING)))
    found = {key for shape in _shapes(MappingShape, set()) for key in keys(shape)}
    assert not {key for key in found if not re.search(rf"(?<![\w.$]){re.escape(key)}(?!\w)", spans)}


def _shapes(shape: type[Shape], seen: set[type[Shape]]) -> Iterator[type[Shape]]:
    if shape in seen:
        return
    seen.add(shape)
    yield shape
    for field in shape.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel) and issubclass(part, Shape):
                yield from _shapes(part, seen)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def test_every_transform_is_documented() -> None:
    """Those with a name, and those with a setting."""
    rows = {re.sub(r"^\{(\w+):.*", r"\1", row) for row in table(MAPPING, "### Transforms")}
    assert rows == {*NAMED_TRANSFORMS, *keys(TransformShape)} - {"timezone"}


def test_every_reason_is_explained() -> None:
    """Each reason stands with a state, and each refusal with its meaning."""
    states = table(OPERATIONS, "## States of a call")
    spans = {span for row in states.values() for span in code_spans(row[2])}
    assert {reason.value for reason in Reason} <= spans
    assert set(code_spans(states["refused"][2])) == set(table(MAPPING, "## Why a call is refused"))


def test_every_metric_and_its_labels_are_documented() -> None:
    """As Prometheus shows them."""
    metrics = Metrics()
    known = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in metrics.registry.collect()
    }
    assert set(table(OPERATIONS, "## Metrics")) == known
    rows = table(OPERATIONS, "## Metrics")
    assert code_spans(rows["adapter_calls_total"][2]) == list(metrics.calls._labelnames)
    assert code_spans(rows["adapter_attempts_total"][2]) == list(metrics.attempts._labelnames)
    assert code_spans(rows["adapter_webhooks_total"][2]) == list(metrics.webhooks._labelnames)


def _found_in_code(pattern: str, folder: str = ".") -> set[str]:
    files = (ROOT / "adapter" / folder).rglob("*.py")
    return {found for file in files for found in re.findall(pattern, file.read_text())}


def test_every_log_event_is_documented() -> None:
    """By its name."""
    assert set(table(OPERATIONS, "## Logs")) == {
        *_found_in_code(r'log_event\(\s*"(\w+)"'),
        LIBRARY_MESSAGE,
    }


def test_every_route_of_the_admin_api_is_documented() -> None:
    """Method and path."""
    routes = re.findall(r'\("(GET|POST|DELETE)", "(/[^"]*)"', text_of("adapter/admin/api.py"))
    assert set(table(OPERATIONS, "## Admin API")) == {" ".join(route) for route in routes}


def test_every_status_of_intake_is_documented() -> None:
    """Those that it answers by name of an error."""
    statuses = _found_in_code(r"IntakeError\(\s*(\d{3})", "intake")
    assert statuses
    assert statuses <= set(table(OPERATIONS, "## Answers to a webhook"))


SECRET = "5ec2e75ec2e75ec2"
# By the end of a variable's name; 32 bytes in hex are a key of Ed25519.
VALUES = {"PUBLIC_KEY": "ab" * 32, "_URL": "https://api.example.com"}


def _load(folder: Path, settings: str = AGENTS, mapping: str = "") -> Config:
    """Write and load a project, every `${NAME}` without a default set."""
    given = {line.split(":")[0] for line in mapping.splitlines()}
    if "routes" in given:
        given.add("agent")
    if "use" in given:
        given |= REQUIRED.keys()
    mapping += "".join(f"\n{text}" for key, text in REQUIRED.items() if key not in given)
    shutil.copytree(ROOT / "mappings", folder / "mappings", dirs_exist_ok=True)
    if "sources:" not in settings:
        settings += "sources: [shop]\n"
    (folder / "mappings" / "shop.yaml").write_text(mapping, encoding="utf-8")
    (folder / "adapter.yaml").write_text(settings, encoding="utf-8")
    shipped = (path.read_text("utf-8") for path in (ROOT / "mappings").glob("*.yaml"))
    names = re.findall(r"\$\{(\w+)\}", "".join([settings, mapping, *shipped]))
    environ = {
        name: next((value for end, value in VALUES.items() if name.endswith(end)), SECRET)
        for name in names
    }
    loaded = load_config(folder / "adapter.yaml", environ)
    assert loaded.config, "\n".join(map(str, loaded.problems))
    return loaded.config


def _defaults(heading: str, shape: type[Shape]) -> list[tuple[str, str]]:
    rows = table(SETTINGS, heading)
    return [(key, rows[key][1]) for key in shape.fields_by_key() if key in rows]


@pytest.mark.parametrize(("key", "default"), _defaults("## Settings", AdapterShape))
def test_defaults_of_settings_are_as_written(tmp_path: Path, key: str, default: str) -> None:
    """To write the documented default changes nothing."""
    field = AdapterShape.model_fields[key]
    assert field.is_required() == (default == "required")
    if default in ("required", "none"):
        assert field.is_required() or field.default is None
        return
    written = _load(tmp_path, f"{AGENTS}{key}: {default.strip('`')}\n")
    assert replace(written, sources={}) == replace(_load(tmp_path), sources={})


@pytest.mark.parametrize("key", sorted(keys(AdapterShape) - {"agents"}))
def test_every_setting_names_its_twin(key: str) -> None:
    """In the column of the environment."""
    assert table(SETTINGS, "## Settings")[key][2] == f"`ADAPTER_{key.upper()}`"


@pytest.mark.parametrize(("key", "default"), _defaults("## Agents", AgentShape))
def test_defaults_of_agents_are_as_written(tmp_path: Path, key: str, default: str) -> None:
    """To write the documented default changes nothing."""
    field = AgentShape.model_fields[key]
    assert field.is_required() == (default == "required")
    if default in ("required", "none"):
        assert field.is_required() or field.default is None
        return
    settings = AGENTS.replace("key-of-sales,", f"key-of-sales, {key}: {default.strip('`')},")
    assert _load(tmp_path, settings).agents == _load(tmp_path).agents


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.name)
def test_every_yaml_block_loads(tmp_path: Path, block: Block) -> None:
    """As settings, a mapping (its examples pass too), a script of answers, or a part of a Pod."""
    document = YAML(typ="safe", pure=True).load(block.text)
    if isinstance(document, list) or document.keys() == {"default", "phones"}:
        assert read_script(block.text)
    elif "containers" in document:
        assert document["containers"][0]["name"] == "adapter"  # tests/test_deploy.py compares it
    elif document.keys() & (keys(AdapterShape) - {"mappings"}):
        assert _load(tmp_path, block.text, 'variables: {"*": $}')
    else:
        config = _load(tmp_path, f"public_url: https://hooks.example.com\n{AGENTS}", block.text)
        results = run_examples(config.sources["shop"])
        assert [difference for result in results for difference in result.differences] == []


def test_the_mapping_of_the_readme_is_short_and_maps(tmp_path: Path) -> None:
    """Twelve lines at most, and a call comes of a lead."""
    block = next(block for block in blocks("yaml") if block.name.startswith("README"))
    assert len(block.text.splitlines()) <= 12
    body = b'{"id":7,"form":"call_me","lead":{"phone":"(202) 555-0123","name":"Ada Example"}}'
    headers = (("content-type", "application/json"),)
    request = Request(
        method="POST", path="", query="", headers=headers, body=body, client="127.0.0.1"
    )
    source = _load(tmp_path, mapping=block.text).sources["shop"]
    (call,) = RequestReading(source.mapping, request).mapped().calls
    assert (call.state, call.agent, call.phone) == (State.WAITING, "sales", "+12025550123")
    assert call.variables == {"name": "Ada", "product": "", "campaign": "Spring sale"}


def test_the_readme_names_the_test_command_and_its_targets_exist() -> None:
    """`make demo` and `make test`, as a stranger types them."""
    lines = [
        line for b in blocks("sh") if b.name.startswith("README") for line in b.text.splitlines()
    ]
    wanted = {line.split()[1] for line in lines if line.startswith("make ")}
    wanted |= {
        span.split()[1] for n in NAMES for span in code_spans(prose(n)) if span.startswith("make ")
    }
    assert {"demo", "test"} <= wanted
    assert wanted <= set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """To a file that is there, and a heading in it."""
    for link in links(name):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(str(target.resolve().relative_to(ROOT))), link


def test_every_source_is_on_a_page() -> None:
    """Each shipped mapping has a page of its own."""
    shipped = {path.stem for path in (ROOT / "mappings").glob("*.yaml")}
    assert {path.stem for path in (ROOT / "docs" / "sources").glob("*.md")} == shipped


SOURCES = {
    re.sub(r".*\(sources/([\w-]+)\.md\)$", r"\1", link): cells
    for link, (_, *cells) in table("docs/sources.md", "## What each is known by").items()
}


@pytest.mark.parametrize(
    "mapping", sorted((ROOT / "mappings").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_source_has_a_full_row(mapping: Path) -> None:
    """It links to the page, names the proof, and says whether there is a look-up; none is blank."""
    written = YAML(typ="safe", pure=True).load(mapping.read_text("utf-8"))
    proofs = written["auth"] if isinstance(written["auth"], list) else [written["auth"]]
    assert mapping.stem in SOURCES, "write its row into docs/sources.md"
    cells = SOURCES[mapping.stem]
    assert len(cells) == 6
    assert all(cells)
    assert set(code_spans(cells[0])) == {key for proof in proofs for key in proof}
    assert (cells[2] == "yes") == ("lookup" in written)


def test_no_row_is_of_a_source_that_is_not_shipped() -> None:
    """A source that went has taken its row along."""
    assert set(SOURCES) == {path.stem for path in (ROOT / "mappings").glob("*.yaml")}


def test_the_readme_counts_the_sources() -> None:
    """As many as there are."""
    count = len(list((ROOT / "mappings").glob("*.yaml")))
    assert f"{count} sources are [there already]" in text_of("README.md")


def test_every_mapping_names_its_page() -> None:
    """Whoever opens the file finds the way to what must be clicked."""
    for path in (ROOT / "mappings").glob("*.yaml"):
        named = re.search(r"docs/sources/([a-z0-9-]+)\.md", path.read_text("utf-8"))
        assert named is not None, path.name
        assert named[1] == path.stem


@pytest.mark.parametrize("page", ["docs/guarantees.md", "docs/threat-model.md"])
def test_the_tests_that_a_page_names_exist(page: str) -> None:
    """By file and function."""
    named = re.findall(r"`(tests/\S+)::(test_\w+)`", text_of(page))
    assert len(named) >= 20
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", text_of(file), re.M), test
