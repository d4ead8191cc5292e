"""What is measured side by side: the adapter, and the Node service that somebody would write."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.node_runtime import NODE_FOLDER, node
from bench.programs import Program, running

ROOT = Path(__file__).parent.parent
MAX_CONCURRENT = 64
_TOKEN = "bench-token"
# Only what a stranger's environment must not change: ADAPTER_… would be settings.
_ENVIRON = {name: text for name, text in os.environ.items() if not name.startswith("ADAPTER_")}
_ENVIRON |= {
    "API_KEY": "bench-key",
    "API_SECRET": "bench-secret",
    "HUBSPOT_TOKEN": _TOKEN,
    "NODE_ENV": "production",
}

_SETTINGS = """\
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
database: sqlite:///{folder}/adapter.db
mappings: mappings
cooldown: 0          # the fictional numbers are few, and ring again and again
agents:
  sales:
    endpoint: "{endpoint}"
    api_key: ${{API_KEY}}
    secret: ${{API_SECRET}}
    max_concurrent: {max_concurrent}
"""

Start = Callable[[str, Path], AbstractContextManager[Program]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contestant:
    """A way to relay leads. `start` takes the agent's URL and a folder of its own."""

    name: str
    path: str
    start: Start


def start_agent(folder: Path) -> AbstractContextManager[Program]:
    """Run the agent that all of them ring."""
    command = [node(), str(NODE_FOLDER / "agent.js")]
    return running("agent", command, environ=_ENVIRON, folder=folder)


def write_config(folder: Path, endpoint: str) -> Path:
    """Write an adapter.yaml with the shipped HubSpot mapping; return its path."""
    mapping = (ROOT / "mappings" / "hubspot.yaml").read_text(encoding="utf-8")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "hubspot.yaml").write_text(mapping, encoding="utf-8")
    path = folder / "adapter.yaml"
    settings = _SETTINGS.format(folder=folder, endpoint=endpoint, max_concurrent=MAX_CONCURRENT)
    path.write_text(settings, encoding="utf-8")
    return path


def config_environ() -> dict[str, str]:
    """Return what the configuration's `${…}` stand for."""
    return dict(_ENVIRON)


def _start_adapter(endpoint: str, folder: Path) -> AbstractContextManager[Program]:
    path = write_config(folder, endpoint)
    command = [sys.executable, "-m", "adapter", "serve", "--config", str(path)]
    return running("adapter", command, environ=_ENVIRON, folder=folder, url_field="webhooks")


def _start_service(endpoint: str, folder: Path) -> AbstractContextManager[Program]:
    environ = {**_ENVIRON, "AGENT_URL": endpoint}
    command = [node(), str(NODE_FOLDER / "service.js")]
    return running("service", command, environ=environ, folder=folder)


ADAPTER = Contestant(name="adapter", path=f"/hooks/hubspot?token={_TOKEN}", start=_start_adapter)
SERVICE = Contestant(name="node + axios", path="/hooks/hubspot", start=_start_service)
