"""adapter.yaml as a whole: the settings, and the agents beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import Field

from adapter.agent import Agent
from adapter.compiler.fields import patterns
from adapter.compiler.keys.agents import AgentShape, agents
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.settings import Settings, SettingsShape, compile_settings
from adapter.compiler.yaml.environment import Variables
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import YamlDocument
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.errors import Problem


class AdapterShape(SettingsShape):
    """adapter.yaml: settings and agents. Every setting but `agents` has an environment twin."""

    agents: dict[str, AgentShape] = Field(
        description="The voice agents by name: endpoint, credentials and limits of each.",
        json_schema_extra=patterns.AGENT_NAMES,
        min_length=1,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterYaml:
    """The sound settings and agents; `agent_names` has the ill-shaped ones too.

    A mapping may name one of those.
    """

    settings: Settings = field(repr=False)
    agents: Mapping[str, Agent]
    agent_names: tuple[str, ...]

    def mapping_context(self, *, is_lenient: bool = False) -> MappingContext:
        """Return what mappings need to know."""
        needs = {name: self.agents.get(name) for name in self.agent_names}
        return MappingContext(
            agent_variables={n: agent.variables if agent else None for n, agent in needs.items()},
            public_url=self.settings.fields["public_url"] or "",
            max_items=self.settings.fields["max_items"],
            is_lenient=is_lenient,
        )

    def config(
        self, sources: Mapping[str, Source], *, files: tuple[str, ...], off: tuple[str, ...]
    ) -> Config:
        """Return the configuration of these settings and agents, and of these sources."""
        settings = self.settings.config(files=files)
        return replace(settings, agents=dict(self.agents), sources=dict(sources), off=off)


def compile_adapter_yaml(
    sheet: YamlDocument, variables: Variables
) -> tuple[AdapterYaml, list[Problem]]:
    """Compile adapter.yaml; a setting that the environment gives is not read from the file."""
    settings, problems = compile_settings(sheet, variables, AdapterShape)
    findings = Findings(settings.sheet)
    made = agents(settings.fields.get("agents", {}), ("agents",), findings)
    whole = AdapterYaml(settings=settings, agents=made, agent_names=_agent_names(settings.sheet))
    return whole, [*problems, *findings.problems]


def _agent_names(sheet: YamlDocument) -> tuple[str, ...]:
    listed: Any = sheet.value.get("agents") if isinstance(sheet.value, dict) else None
    return tuple(listed) if isinstance(listed, dict) else ()
