"""A copy of the program to which something is added, as an engineer would."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.doc_pages import ROOT

AGENT = """\
agents:
  sales: {endpoint: "https://a.example.com", api_key: a-long-key, secret: a-long-secret%s}
"""
MAPPING = "auth: %s\nagent: sales\nphone: $.phone\n"
BEGINNING = """\
from dataclasses import replace
from pathlib import Path

from adapter.compiler.json_schema import mapping_schema, settings_schema
from adapter.compiler.load import load_config
from tests.harness import doc_tables

assert Path(doc_tables.__file__).is_relative_to(Path.cwd())

def load(environ={}, **how):
    loaded = load_config(Path("project/adapter.yaml"), environ, **how)
    assert how or not loaded.problems, loaded.problems
    return loaded.sound

def page(name):
    doc_tables.write()
    return (doc_tables.ROOT / "docs" / f"{name}.md").read_text()

"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addition:
    """What is written into which files: beside a text that stands there, before it or after."""

    before: Mapping[str, Mapping[str, str]]
    settings: str = AGENT % ""
    mapping: str = MAPPING % "{token: a-long-enough-token}"
    program: str


def see_added(addition: Addition, folder: Path) -> None:
    """Copy the program into a folder, make the addition, and run what sees it work."""
    unread = shutil.ignore_patterns("__pycache__", "*.pyc")
    for room in ("adapter", "docs", "mappings", "tests/harness"):
        shutil.copytree(ROOT / room, folder / room, ignore=unread)
    for name in ("README.md", "CHANGELOG.md", "tests/__init__.py", "tests/test_docs.py"):
        shutil.copy(ROOT / name, folder / name)
    for name, texts in addition.before.items():
        patch(folder / name, texts)
    (folder / "project" / "mappings").mkdir(parents=True)
    (folder / "project" / "adapter.yaml").write_text(addition.settings, "utf-8")
    (folder / "project" / "mappings" / "shop.yaml").write_text(addition.mapping, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", BEGINNING + addition.program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def patch(path: Path, texts: Mapping[str, str]) -> None:
    """Write each text before the first line that begins as it says; a file that is new is made."""
    if "" in texts:
        path.write_text(texts[""], "utf-8")
        return
    text = path.read_text("utf-8")
    for line, added in texts.items():
        text, count = re.subn(f"^(?={re.escape(line)})", lambda _: added, text, count=1, flags=re.M)  # noqa: B023
        assert count == 1, f"{path.name} has no line that begins with {line!r}"
    path.write_text(text, "utf-8")
