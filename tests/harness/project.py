"""A project of configuration files that a test writes and loads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapter.compiler.load import Loaded, load_config
from adapter.config.config import Config
from adapter.config.source import Source

SETTINGS = """\
agents:
  sales:
    endpoint: https://agents.example.com/call
    api_key: key-of-sales
    secret: secret-of-sales
"""
# What keeps `check` from warning of an agent; stands below the agent that comes last.
BRAKES = "    countries: [US, ES]\n    max_per_day: 1000\n"
MAPPING = """\
auth: {token: a-long-enough-token}
agent: sales
phone: $.phone
"""


@dataclass
class Project:
    """A folder with an adapter.yaml and mappings."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def load(
        self,
        settings: str = SETTINGS,
        mappings: Mapping[str, str] | None = None,
        *,
        is_lenient: bool = False,
    ) -> Loaded:
        """Write the files and load them; without mappings there is one sound one, `crm`."""
        self.write(settings, mappings)
        return load_config(self.folder / "adapter.yaml", self.environ, is_lenient=is_lenient)

    def write(self, settings: str = SETTINGS, mappings: Mapping[str, str] | None = None) -> None:
        """Write the files."""
        (self.folder / "mappings").mkdir(exist_ok=True)
        (self.folder / "adapter.yaml").write_text(settings, encoding="utf-8")
        for name, text in ({"crm": MAPPING} if mappings is None else mappings).items():
            (self.folder / "mappings" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def config(self, settings: str = SETTINGS, mapping: str = MAPPING) -> Config:
        """Return the configuration of sound files."""
        loaded = self.load(settings, {"crm": mapping})
        assert loaded.config is not None, "\n".join(map(str, loaded.problems))
        return loaded.config

    def source(self, mapping: str) -> Source:
        """Return the source of one sound mapping."""
        return self.config(mapping=mapping).sources["crm"]

    def problems(self, settings: str = SETTINGS, mapping: str = MAPPING) -> list[str]:
        """Return `line:column: key: message` of all problems."""
        loaded = self.load(settings, {"crm": mapping})
        assert (loaded.config is None) == any(not each.is_warning for each in loaded.problems)
        return [str(each).removeprefix(f"{each.file}:") for each in loaded.problems]
