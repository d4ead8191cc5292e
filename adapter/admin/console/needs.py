"""What needs a person, the gravest first, each with what to do. Values in, values out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from adapter.admin.meanings import meaning_of_reason
from adapter.model import Reason, State, WebhookState

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """Something that a person must see to.

    `resumes` is ("agent" or "source", its name) where that is the cure; `link` leads to what it is
    about, under the words `see`. `lines` are texts of their own, such as problems of a file.
    """

    title: str
    says: str
    see: str = ""
    link: str = ""
    resumes: tuple[str, str] | None = None
    lines: tuple[str, ...] = ()
    is_advice: bool = False


def needs_of(status: Row, today: Row) -> list[Need]:
    """Return what needs a person, by the status and the day of the API."""
    return [
        *_configuration(status["config"]),
        *_uncertain(status),
        *_agents(status["agents"], today),
        *_missing(today),
        *_sources(status["sources"], today),
        *_only_refusals(today),
        *_advice(status["agents"]),
    ]


def _configuration(config: Row) -> Iterator[Need]:
    if config.get("refused"):
        yield Need(
            title="The changed configuration was refused",
            says="The old one goes on. Mend these problems; it is read again when a file changes.",
            lines=tuple(config["refused"]),
        )
    if config.get("restart_needed"):
        settings = ", ".join(config["restart_needed"])
        yield Need(title="A restart is needed", says=f"It takes up the change of {settings}.")


def _uncertain(status: Row) -> Iterator[Need]:
    count = status["calls"][State.UNCERTAIN]
    if count:
        yield Need(
            title=f"{_calls(count)} may have rung",
            says="Find out in the agent's own log, then say of each whether it rang.",
            see="Resolve them",
            link="/calls?state=uncertain",
        )


def _agents(agents: Row, today: Row) -> Iterator[Need]:
    for name, agent in agents.items():
        held = sum(
            count["count"]
            for count in today["calls"]
            if count["agent"] == name and count["state"] == State.HELD
        )
        link = f"/calls?{urlencode({'state': State.HELD.value, 'agent': name})}"
        stops = {
            "halted": (
                f"Agent {name} is halted by {agent.get('halted_by')}",
                _halt(agent.get("halted_by") or ""),
            ),
            "paused": (f"Agent {name} is paused", "A person paused it."),
            "full": (
                f"Agent {name} has rung its max_per_day",
                "It goes on with its next day, or when it is resumed.",
            ),
        }
        if agent["state"] in stops:
            title, says = stops[agent["state"]]
            yield Need(
                title=title,
                says=f"{says} {_calls(held)} held for it." if held else says,
                see="See its held calls" if held else "",
                link=link,
                resumes=("agent", name),
            )


def _halt(by: str) -> str:
    code = meaning_of_reason("", by)
    if code.cure and by.startswith("ctc:"):
        return f"{code.says} {code.cure}"
    return f"It answered {by}. {meaning_of_reason(State.HELD, Reason.AGENT_HALTED).cure}"


def _missing(today: Row) -> Iterator[Need]:
    names = {c["agent"] for c in today["calls"] if c["reason"] == Reason.AGENT_MISSING}
    for name in sorted(filter(None, names)):
        meaning = meaning_of_reason(State.HELD, Reason.AGENT_MISSING)
        yield Need(
            title=f"Agent {name} is missing",
            says=f"{meaning.says} {meaning.cure}",
            see="See its held calls",
            link=f"/calls?{urlencode({'reason': Reason.AGENT_MISSING.value, 'agent': name})}",
        )


def _sources(sources: Row, today: Row) -> Iterator[Need]:
    stops = {
        "burst": ("sent too many at once", "Look at its calls; if they should ring, resume it."),
        "paused": ("is paused", "A person paused it; what it sends is stored and held."),
        "denied": (
            "is denied its look-ups",
            meaning_of_reason(State.HELD, Reason.LOOKUP_DENIED).cure,
        ),
    }
    for name, source in sources.items():
        if source["state"] in stops:
            title, says = stops[source["state"]]
            yield Need(
                title=f"Source {name} {title}",
                says=says,
                see="See its held calls",
                link=f"/calls?{urlencode({'state': State.HELD.value, 'source': name})}",
                resumes=("source", name),
            )


def _only_refusals(today: Row) -> Iterator[Need]:
    by_source: dict[str, list[Row]] = {}
    for count in today["webhooks"]:
        by_source.setdefault(count["source"], []).append(count)
    for name, counts in by_source.items():
        if any(count["state"] != WebhookState.REFUSED for count in counts):
            continue
        most = max(counts, key=lambda count: int(count["count"]))
        meaning = meaning_of_reason(State.REFUSED, most["reason"])
        query = {"source": name, "state": WebhookState.REFUSED.value, "time": "today"}
        yield Need(
            title=f"All webhooks of {name} were refused today",
            says=f"Most as {most['reason']}: {meaning.says} {meaning.cure}",
            see="See them",
            link=f"/webhooks?{urlencode(query)}",
        )


def _advice(agents: Row) -> Iterator[Need]:
    lacking: dict[str, list[str]] = {}
    for name, agent in agents.items():
        lacks = {
            "calling hours": agent["has_calling_hours"],
            "countries": agent["countries"],
            "max_per_day": agent["max_per_day"],
        }
        missing = [what for what, is_there in lacks.items() if not is_there]
        if missing:
            lacking.setdefault(_listed(missing, "or"), []).append(name)
    for missing_text, names in lacking.items():
        who = f"Agent {names[0]} has" if len(names) == 1 else f"Agents {_listed(names)} have"
        yield Need(
            title=f"{who} no {missing_text}",
            says="What adapter.yaml does not bound rings at any hour, in any country, without end.",
            is_advice=True,
        )


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _listed(words: list[str], joint: str = "and") -> str:
    return f" {joint} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
