"""A folder with a configuration, and the command line at work in it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from adapter.cli import main
from tests.harness.in_process import API_KEY, API_SECRET, CRM, write_project

ADA, BEN = "+12025550123", "+12025550145"
NOWHERE = "http://127.0.0.1:9/api/click-to-call"


@dataclass(kw_only=True, slots=True)
class Shop:
    """Runs commands in this process, as from a shell in `folder`."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: {"AGENT_URL": NOWHERE})

    def write(self, mappings: Mapping[str, str] | None = None, **parts: str) -> None:
        """Write adapter.yaml and the mappings, and no others."""
        shutil.rmtree(self.folder / "mappings", ignore_errors=True)
        write_project(self.folder, mappings or {"crm": CRM}, **parts)

    def file(self, name: str, content: str | bytes | dict[str, Any]) -> str:
        """Write a file and return its path."""
        if isinstance(content, dict):
            content = json.dumps(content)
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def run(
        self, *arguments: str, status: int = 0, stdin: str | bytes = b"", config: str | None = None
    ) -> Result:
        """Run a command with `--config`; it must end with this status, and never by a bug."""
        path = config or str(self.folder / "adapter.yaml")
        result = CliRunner(env=self.environ).invoke(
            main, [*arguments, "--config", path], input=stdin, catch_exceptions=False
        )
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        assert API_KEY not in result.output
        assert API_SECRET not in result.output
        return result

    def json(self, *arguments: str, status: int = 0, stdin: str | bytes = b"") -> Any:
        """Run a command with `--json` and return what it printed to standard output."""
        return json.loads(self.run(*arguments, "--json", status=status, stdin=stdin).stdout)
