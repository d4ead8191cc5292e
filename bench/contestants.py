"""What is measured side by side: the adapter, and what a user would run instead of it."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from bench import packages
from bench.programs import Program, free_port, running

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
listen: 127.0.0.1:{port}
admin_listen: 127.0.0.1:{admin_port}
database: sqlite:///{folder}/adapter.db
mappings: mappings
cooldown: 0          # the fictional numbers are few, and ring again and again
agents:
  sales:
    endpoint: "{endpoint}"
    api_key: ${{API_KEY}}
    secret: ${{API_SECRET}}
    max_concurrent: {max_concurrent}
    timeout: {timeout_ms}ms
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a contestant runs: a folder of its own, and the agent that it rings."""

    folder: Path
    agent_url: str
    timeout_ms: int = 15_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Contestant:
    """A way to relay leads.

    `install` returns the versions or raises MissingError; `command` may write files into the
    folder. A slow one gets a `share` of the leads, so that it takes no more time than the others.
    One that `answers_first` rings after its answer.
    `asked` counts, in what it stored, the calls that it asks a person about.
    """

    name: str
    about: str
    install: Callable[[], Mapping[str, str]]
    command: Callable[[Place, int], Sequence[str]]
    path: str = "/hooks/hubspot"
    environ: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    answers_first: bool = False
    asked: Callable[[Place], int] = lambda _: 0

    def start(self, place: Place) -> AbstractContextManager[Program]:
        """Run it inside the block; it may need a while to take its first lead."""
        told = {
            "AGENT_URL": place.agent_url,
            "AGENT_TIMEOUT_MS": str(place.timeout_ms),
            "AGENT_TIMEOUT_S": f"{place.timeout_ms / 1000:g}",
        }
        return running(
            "contestant",
            lambda port: self.command(place, port),
            environ={**_ENVIRON, **told, **self.environ},
            folder=place.folder,
        )


def start_agent(folder: Path) -> AbstractContextManager[Program]:
    """Run the agent that all of them ring."""
    script = str(Path(__file__).parent / "agent.js")
    return running("agent", lambda _: [packages.node(), script], environ=_ENVIRON, folder=folder)


def write_config(place: Place, port: int) -> Path:
    """Write an adapter.yaml with the shipped HubSpot mapping; return its path."""
    (place.folder / "mappings").mkdir(exist_ok=True)
    shutil.copy(ROOT / "mappings" / "hubspot.yaml", place.folder / "mappings")
    path = place.folder / "adapter.yaml"
    settings = _SETTINGS.format(
        port=port,
        admin_port=free_port(),
        folder=place.folder,
        endpoint=place.agent_url,
        max_concurrent=MAX_CONCURRENT,
        timeout_ms=place.timeout_ms,
    )
    path.write_text(settings, encoding="utf-8")
    return path


def config_environ() -> dict[str, str]:
    """Return what the configuration's `${…}` stand for."""
    return dict(_ENVIRON)


def _serve(place: Place, port: int) -> Sequence[str]:
    path = write_config(place, port)
    return [sys.executable, "-m", "adapter", "serve", "--config", str(path)]


def _uncertain(place: Place) -> int:
    with closing(sqlite3.connect(place.folder / "adapter.db")) as ledger:
        found = ledger.execute("SELECT count(*) FROM calls WHERE state = 'uncertain'").fetchone()
    return int(found[0])


ADAPTER = Contestant(
    name="adapter",
    about="proof of the sender, mapping, dedupe, gates; stored with fsync before the answer",
    install=lambda: {"adapter": version("crm-webhook-adapter")},
    command=_serve,
    path=f"/hooks/hubspot?token={_TOKEN}",
    answers_first=True,
    asked=_uncertain,
)
