"""The shipped sources, all of them, with something for every variable that they name."""

import re
import tempfile
from functools import cache
from pathlib import Path

from adapter.compiler.load import load_strict
from adapter.config.config import Config
from adapter.config.source import Source

MAPPINGS = Path(__file__).parents[2] / "mappings"
SETTINGS = """\
listen: 127.0.0.1:0
database: sqlite:///{folder}/adapter.db
mappings: {mappings}
public_url: https://hooks.example.com
agents: {{sales: {{endpoint: "http://127.0.0.1:9/", api_key: a-key, secret: a-secret}}}}
"""
# 32 bytes in hex: a secret, a key of any encoding, and an Ed25519 key.
_KEY = "5ec2e75e" * 8
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ADDRESS = re.compile(r"url: *['\"]?\$\{(\w+)\}")


def sources() -> list[Source]:
    """Return the shipped sources by name, in order."""
    texts = "".join(path.read_text("utf-8") for path in MAPPINGS.glob("*.yaml"))
    environ = dict.fromkeys(_VARIABLE.findall(texts), _KEY) | {"PHONE_REGION": "US"}
    environ |= dict.fromkeys(_ADDRESS.findall(texts), "https://crm.example.com")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.yaml"
        path.write_text(SETTINGS.format(folder=folder, mappings=MAPPINGS), "utf-8")
        config: Config = load_strict(path, environ)
    return [config.sources[name] for name in sorted(config.sources)]


@cache
def shipped(name: str) -> Source:
    """Return one shipped source; all are read at the first call."""
    return next(source for source in _all() if source.name == name)


@cache
def _all() -> tuple[Source, ...]:
    return tuple(sources())
