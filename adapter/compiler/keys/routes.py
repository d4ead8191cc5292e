"""A mapping's `agent` or `routes`, and whether those agents get all that their scripts need."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import Field

from adapter.compiler.fields.shape import (
    FilledText,
    Shape,
)
from adapter.compiler.keys.conditions import Conditions, all_conditions
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.variables import ANY_NAME
from adapter.compiler.yaml.findings import Findings, did_you_mean, is_misspelt
from adapter.compiler.yaml.marks import Place
from adapter.mapping.mapping import Route


class RouteShape(Shape):
    """An agent, and the conditions under which it rings."""

    when: Conditions | None = Field(
        default=None, description="Conditions that must all hold; without any, this always does."
    )
    agent: FilledText = Field(description="The agent's name in adapter.yaml.")


def routes(
    fields: Mapping[str, Any], findings: Findings, context: MappingContext, known: Collection[str]
) -> tuple[Route, ...] | None:
    """Compile `agent` or `routes`, of which a mapping has exactly one; `known` are all its keys."""
    raw = findings.sheet.value if isinstance(findings.sheet.value, dict) else {}
    given = [key for key in ("agent", "routes") if raw.get(key) is not None]
    if len(given) == 2:
        findings.add(("routes",), "agent stands here too: keep either agent or routes", at_key=True)
    if not given and not is_misspelt("agent", raw, known):
        findings.add_missing(
            ("agent",), "this key is missing: name the agent that rings, or routes"
        )
    for name, place in _named_agents(fields):
        _check_known(name, place, findings, context)
    if "agent" in given:
        return (Route(guard=None, agent=fields.get("agent") or ""),)
    made = [
        _route(shape, ("routes", n), findings)
        for n, shape in enumerate(fields.get("routes") or [])
        if shape is not None
    ]
    return None if None in made else tuple(route for route in made if route is not None)


def _route(shape: RouteShape, place: Place, findings: Findings) -> Route | None:
    if not shape.when:
        return Route(guard=None, agent=shape.agent)
    guard = all_conditions(shape.when, (*place, "when"), findings)
    return None if guard is None else Route(guard=guard, agent=shape.agent)


def _named_agents(fields: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    if fields.get("agent"):
        yield fields["agent"], ("agent",)
    for n, shape in enumerate(fields.get("routes") or []):
        if shape is not None:
            yield shape.agent, ("routes", n, "agent")


def _check_known(name: str, place: Place, findings: Findings, context: MappingContext) -> None:
    if name in context.agent_variables:
        return
    if context.is_standalone:
        findings.add(place, "this agent cannot be checked without adapter.yaml", is_warning=True)
        return
    hint = did_you_mean(name, context.agent_variables)
    findings.add(
        place, f"adapter.yaml has no such agent{hint}", shows_found=True, is_warning=context.is_off
    )


def check_supply(
    fields: Mapping[str, Any], findings: Findings, context: MappingContext, known: Collection[str]
) -> None:
    """Report the variables that an agent's script references and the mapping does not give."""
    raw = findings.sheet.value if isinstance(findings.sheet.value, dict) else {}
    listed = raw.get("variables")
    # By the file's own keys: an ill-shaped variable is there, and has its own problem.
    supplied = set(listed) if isinstance(listed, dict) else set()
    if ANY_NAME in supplied or is_misspelt("variables", raw, known):
        return
    needs = {name: context.agent_variables.get(name) or () for name, _ in _named_agents(fields)}
    for agent, needed in needs.items():
        missing = [name for name in needed if name not in supplied]
        if missing:
            wanted = ", ".join(missing)
            message = f"the script of agent {agent!r} also references {wanted}: supply that too"
            # What another file supplies is right there; the choice of the agent is wrong here.
            if listed is None or findings.sheet.file_of(("variables",)) != findings.sheet.file:
                findings.add_missing(("variables",), message)
            else:
                findings.add(("variables",), message, at_key=True)
