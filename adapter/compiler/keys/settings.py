"""adapter.yaml and the environment's twins → settings and agents, or all of their problems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.agent import Agent
from adapter.compiler.fields.validation import read_fields
from adapter.compiler.keys.agents import agents
from adapter.compiler.keys.routes import Surroundings
from adapter.compiler.yaml.environment import Variables, expand
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Mark, Place, Sheet
from adapter.config.config import Address
from adapter.config.settings_shape import SettingsShape
from adapter.errors import Problem
from adapter.values.units import is_loopback

ENVIRONMENT = "environment"
PREFIX = "ADAPTER_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The sound settings by their fields' names, defaults filled in, and the agents.

    `agent_names` has the ill-shaped ones too: mappings may name them. `sheet` and `twins` are
    where a setting stands.
    """

    fields: Mapping[str, Any] = field(repr=False)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    agent_names: tuple[str, ...] = ()
    sheet: Sheet = field(repr=False)
    twins: Sheet = field(repr=False)

    def surroundings(self, *, is_lenient: bool = False) -> Surroundings:
        """Return what mappings need to know."""
        needs = {name: self.agents.get(name) for name in self.agent_names}
        return Surroundings(
            agent_variables={n: agent.variables if agent else None for n, agent in needs.items()},
            public_url=self.fields["public_url"] or "",
            is_lenient=is_lenient,
        )

    def problems(self, place: Place, message: str) -> list[Problem]:
        """Return a problem with a setting, in the file or in the environment, whichever gave it."""
        is_twin = place[0] in self.twins.value
        findings = Findings(self.twins if is_twin else self.sheet)
        findings.add(place, message)
        return _named(findings.problems) if is_twin else findings.problems


def compile_settings(sheet: Sheet, variables: Variables) -> tuple[Settings, list[Problem]]:
    """Compile adapter.yaml; a setting that the environment gives is not read from the file."""
    twins, problems = _twins(variables)
    value = sheet.value
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if key not in twins.sheet.value}
    expanded, unset = expand(replace(sheet, value=value), variables)
    findings = Findings(expanded)
    fields = read_fields(SettingsShape, expanded.value, (), findings)
    fields |= read_fields(SettingsShape, twins.sheet.value, (), twins, is_whole=False)
    made = agents(fields.pop("agents", {}), ("agents",), findings)
    settings = Settings(
        fields=_with_defaults(fields),
        agents=made,
        agent_names=_agent_names(expanded),
        sheet=expanded,
        twins=twins.sheet,
    )
    _check_together(settings.fields, findings, twins)
    return settings, [*problems, *unset, *findings.problems, *_named(twins.problems)]


def _named(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of twins under the names that the environment has for them."""
    return [replace(each, key=PREFIX + each.key.upper()) for each in problems]


def _twins(variables: Variables) -> tuple[Findings, list[Problem]]:
    """Return ADAPTER_<SETTING> as a sheet of its own; an empty one counts as unset."""
    value: dict[str, Any] = {}
    problems: list[Problem] = []
    for key in SettingsShape.fields_by_key():
        name = PREFIX + key.upper()
        if key == "agents":
            continue
        try:
            text = variables.read(name)
        except ValueError as error:
            problems.append(
                Problem(file=ENVIRONMENT, line=1, column=1, key=name, message=str(error))
            )
            continue
        if text:
            value[key] = text
    mark = Mark(line=1, column=1, key_line=1, key_column=1)
    marks: dict[Place, Mark] = {(): mark}
    for key, text in value.items():
        marks[key,] = replace(mark, raw=text)
    return Findings(Sheet(file=ENVIRONMENT, value=value, marks=marks)), problems


def _with_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: fields[name] if name in fields else shape.get_default(call_default_factory=True)
        for name, shape in SettingsShape.model_fields.items()
        if name != "agents"
    }


def _agent_names(sheet: Sheet) -> tuple[str, ...]:
    listed = sheet.value.get("agents") if isinstance(sheet.value, dict) else None
    return tuple(listed) if isinstance(listed, dict) else ()


def _check_together(fields: Mapping[str, Any], findings: Findings, twins: Findings) -> None:
    """Report settings that are sound each by itself and wrong together."""
    listen: Address = fields["listen"]
    admin: Address = fields["admin_listen"]
    here = twins if "admin_listen" in twins.sheet.value else findings
    if not is_loopback(admin.host) and not fields["admin_token"]:
        here.add(
            ("admin_listen",),
            "others than this machine can reach this address: set admin_token, or listen on"
            " 127.0.0.1",
        )
    if listen == admin and listen.port:
        here.add(("admin_listen",), "listen has this address already: choose another port")
