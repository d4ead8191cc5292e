"""The agents of adapter.yaml → model.Agent."""

import hashlib
import json
import re

from adapter.agent import Agent, Mode, Secret
from adapter.compiler.keys.calling_hours import calling_hours
from adapter.compiler.keys.phone import is_region_code
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.agent_shape import AgentShape
from adapter.errors import MappingError
from adapter.mapping.phone import read_phone
from adapter.mapping.variable_names import variable_name_fault

# A name stands in URLs (/api/agents/NAME/pause), where `*` means all.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def agents(shapes: dict[str, AgentShape], place: Place, findings: Findings) -> dict[str, Agent]:
    """Compile every agent; what is wrong with one is reported."""
    return {name: _agent(name, shape, (*place, name), findings) for name, shape in shapes.items()}


def _agent(name: str, shape: AgentShape, place: Place, findings: Findings) -> Agent:
    if not _NAME.fullmatch(name):
        message = "an agent's name has letters, digits, '-', '_' and '.', 64 at most"
        findings.add(place, message, at_key=True)
    return Agent(
        name=name,
        endpoint=shape.endpoint,
        api_key=Secret(shape.api_key),
        secret=Secret(shape.secret),
        variables=_variables(shape, (*place, "variables"), findings),
        mode=Mode(shape.mode) if isinstance(shape.mode, str) else Mode.REDIRECT,
        redirect_to=_redirect_to(shape, (*place, "mode", "redirect"), findings),
        timeout_s=shape.timeout.total_seconds(),
        max_concurrent=shape.max_concurrent,
        not_rung=frozenset(shape.not_rung),
        countries=_countries(shape, (*place, "countries"), findings),
        hours=calling_hours(shape.calling_hours, (*place, "calling_hours"), findings),
        max_per_minute=shape.max_per_minute,
        max_per_day=shape.max_per_day,
        fingerprint=fingerprint(shape.endpoint, shape.api_key, shape.secret),
    )


def fingerprint(endpoint: str, api_key: str, secret: str) -> str:
    """Return a digest that changes with whatever may have halted an agent."""
    return hashlib.sha256(json.dumps([endpoint, api_key, secret]).encode()).hexdigest()


def _variables(shape: AgentShape, place: Place, findings: Findings) -> tuple[str, ...]:
    """Return the sound names: mappings are asked for no others."""
    names: list[str] = []
    for n, name in enumerate(shape.variables):
        fault = variable_name_fault(name)
        if fault:
            findings.add((*place, n), fault)
        elif name in names:
            findings.add((*place, n), f"{name!r} stands here twice: keep one")
        else:
            names.append(name)
    return tuple(names)


def _countries(shape: AgentShape, place: Place, findings: Findings) -> frozenset[str]:
    codes = [code.strip() for code in shape.countries or []]
    return frozenset(
        code for n, code in enumerate(codes) if is_region_code(code, (*place, n), findings)
    )


def _redirect_to(shape: AgentShape, place: Place, findings: Findings) -> str:
    if isinstance(shape.mode, str):
        return ""
    try:
        return read_phone(shape.mode.redirect, None)
    except MappingError as error:
        findings.add(place, f'expected a phone such as "+34600000000": {error.detail}')
        return ""
