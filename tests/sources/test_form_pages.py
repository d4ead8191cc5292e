"""The pages about form tools say what to change, and that works as written."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from adapter.compiler.load import load_strict
from adapter.config.source import Source
from adapter.mapping.reading import RequestReading
from adapter.webhook.request import Request
from tests.harness.in_process import write_project
from tests.http.senders import FORM, form_body
from tests.sources.doors import MAPPINGS, SECRET, Door, mapping_of
from tests.sources.test_forms import DOORS

PAGES = MAPPINGS.parent / "docs" / "sources"

# The keys that a page tells to change, and what the changed mapping then reads.
VARIANTS: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    (
        "jotform",
        {"rawRequest": '{"q5_phone":{"area":"202","phone":"555-0123"},"q3_name":{"first":"Ada"}}'},
        {"name": "Ada", "last_name": "", "form": ""},
    ),
    (
        "gravity-forms",
        {"14": "0491 570 156", "15.6": "Australia", "11.3": "Ada", "11.6": "Example", "12": "Inc"},
        {"name": "Ada", "last_name": "Example", "company": "Inc"},
    ),
    (
        "elementor",
        {"Phone": "+1 202-555-0123", "Name": "Ada", "Company": "Inc", "form_name": "Solar"},
        {"name": "Ada", "company": "Inc", "form": "Solar"},
    ),
    (
        "wufoo",
        {"Field17": "2025550123", "Field21": "United States", "Field3": "Ada", "Field20": "Inc"},
        {"name": "Ada", "last_name": "", "company": "Inc"},
    ),
)


@pytest.mark.parametrize(("source", "form", "variables"), VARIANTS, ids=[v[0] for v in VARIANTS])
def test_the_variant_on_a_page_reads_what_it_says(
    tmp_path: Path, source: str, form: dict[str, str], variables: dict[str, str]
) -> None:
    """With the page's keys in the place of the mapping's own."""
    loaded = _variant(tmp_path, source)
    request = Request(
        method="POST",
        path=f"/hooks/{source}",
        query="",
        headers=(("content-type", FORM),),
        body=form_body(form),
        client="203.0.113.9",
    )
    (call,) = RequestReading(loaded.mapping, request).mapped().calls
    assert call.phone in {"+12025550123", "+61491570156"}, call.detail
    assert call.variables == variables


@pytest.mark.parametrize("source", ["webflow", "unbounce", "chatwoot"])
def test_the_other_proof_on_a_page_loads(tmp_path: Path, source: str) -> None:
    """With the page's `auth` in the place of the mapping's own."""
    assert _variant(tmp_path, source).auth != _loaded(tmp_path, source, {}).auth


def _variant(folder: Path, source: str) -> Source:
    page = (PAGES / f"{source}.md").read_text(encoding="utf-8")
    block = page.split("```yaml\n")[1].split("```")[0]
    return _loaded(folder, source, dict(YAML(typ="safe", pure=True).load(block)))


def _loaded(folder: Path, source: str, changes: Mapping[str, Any]) -> Source:
    mapping = {**mapping_of(source), **changes, "examples": []}
    stream = StringIO()
    YAML(typ="safe", pure=True).dump(mapping, stream)
    write_project(folder, {source: stream.getvalue()})
    environ = {"AGENT_URL": "https://a.example.com"}
    environ |= {
        f"{source.upper()}_{kind}".replace("-", "_"): SECRET for kind in ("TOKEN", "SECRET")
    }
    return load_strict(folder / "adapter.yaml", environ).sources[source]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.source)
def test_each_page_is_short_and_names_url_and_secret(door: Door) -> None:
    """Forty lines at most."""
    page = (PAGES / f"{door.source}.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 40
    assert f"https://hooks.example.com/hooks/{door.source}" in page
    assert f"`{door.variable}`" in page
