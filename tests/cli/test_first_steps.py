"""Promises of README's first steps: they work on a fresh clone, where no secret is set."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapter.cli import main
from tests.harness.doc_pages import ROOT, blocks, text_of

LEAD = {
    "id": 7,
    "form": "call_me",
    "lead": {"phone": "(202) 555-0123", "name": "Ada Lovelace", "product": "Solar"},
}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of what is shipped, as the folder that commands run in."""
    for name in ("mappings", "schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "adapter.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ):
        if re.match(r"ADAPTER_|SALES_|SHOP_|PHONE_|.*_(TOKEN|SECRET)(_FILE)?$", name):
            monkeypatch.delenv(name)
    return tmp_path


def test_the_mapping_of_the_readme_is_tried_and_checked(clone: Path) -> None:
    """Its own words: the file, `adapter try shop lead.json`, `adapter check`; status 0."""
    (mapping,) = [b.text for b in blocks("yaml") if "call-me form of our shop" in b.text]
    (clone / "mappings" / "shop.yaml").write_text(mapping)
    (clone / "lead.json").write_text(json.dumps(LEAD))
    for command in ("adapter try shop lead.json", "adapter check"):
        assert f"\n{command}\n" in text_of("README.md")
        result = CliRunner().invoke(main, command.split()[1:], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    assert re.search(r"; 0 problems, \d+ warnings\nserve would not start: ", result.output)


def test_a_draft_is_tried_and_checked(clone: Path) -> None:
    """The other way to a mapping, which the README shows next."""
    (clone / "lead.json").write_text(json.dumps(LEAD))
    new = "new shop --region US --from lead.json"
    for command in (new, "try shop lead.json", "check", "check mappings/shop.yaml"):
        result = CliRunner().invoke(main, command.split(), catch_exceptions=False)
        assert result.exit_code == 0, result.output
