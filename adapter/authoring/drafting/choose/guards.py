"""What must not ring: tests, people who said no, and events that are no new lead. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.drafting.read.leaves import DOCUMENT, HEADERS, Leaf
from adapter.authoring.drafting.read.vocabulary import (
    EVENT,
    EVENT_HEADER,
    FLAGS,
    HAPPENING,
    OTHER_CHANNEL,
    OTHERWISE,
)
from adapter.authoring.key_words import words
from adapter.mapping.path_text import child_path

_TRUE = "^(?i:1|true|yes|on|y|x)$"
_FALSE_TEXTS = {"true": "false", "1": "0", "yes": "no", "on": "off", "y": "n", "x": ""}
_EVENT_TEXT = re.compile(r"[A-Za-z][A-Za-z_.:/-]{2,48}")


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardChoice:
    """A condition that must hold, as the mapping writes it, and the leaf that it reads."""

    reason: str
    leaf: Leaf
    condition: Mapping[str, Any]
    is_flag: bool = True


def choose_guards(leaves: Sequence[Leaf], event: Leaf | None) -> tuple[GuardChoice, ...]:
    """Return the guards that a document's own flags ask for, and the event that the sample is."""
    guards = [guard for leaf in leaves if (guard := _flag(leaf)) is not None]
    guards = list({guard.leaf.path: guard for guard in guards}.values())[:4]
    if event is not None:
        condition = {**event.spec, "equals": event.text, "reason": "other_event"}
        guards.insert(
            0, GuardChoice(reason="other_event", leaf=event, condition=condition, is_flag=False)
        )
    return tuple(guards)


def _flag(leaf: Leaf) -> GuardChoice | None:
    reason = _reason(leaf)
    if reason is None or leaf.depth > 4:
        return None
    if isinstance(leaf.value, bool):
        test: dict[str, Any] = {"equals": True}
    elif leaf.text.casefold() in {"", "0", "false", "no", "off", "n", *_FALSE_TEXTS}:
        test = {"matches": _TRUE}
    else:
        return None
    condition = {"not": {"path": leaf.path, **test}, "reason": reason}
    return GuardChoice(reason=reason, leaf=leaf, condition=condition)


def _reason(leaf: Leaf) -> str | None:
    name = leaf.name if leaf.own == "value" else leaf.own
    if OTHER_CHANNEL.search(name):
        return None
    return next((reason for reason, pattern in FLAGS if pattern.fullmatch(name)), None)


def choose_event(
    leaves: Sequence[Leaf], headers: Sequence[tuple[str, str]], outside: Sequence[Leaf] = ()
) -> Leaf | None:
    """Return where the request says that something new happened: a header, or near the top.

    `outside` are the leaves beside the list whose items ring.
    """
    for name, text in headers:
        if EVENT_HEADER.fullmatch(name) and _EVENT_TEXT.fullmatch(text) and is_happening(text):
            return Leaf(
                path=child_path("$", name),
                place=(name,),
                name=words(name),
                above="",
                value=text,
                origin=HEADERS,
            )
    found = [leaf for leaf in leaves if _is_event(leaf)]
    found = found or [replace(leaf, origin=DOCUMENT) for leaf in outside if _is_event(leaf)]
    return min(found, key=lambda leaf: (len(leaf.place), leaf.name == "type"), default=None)


def _is_event(leaf: Leaf) -> bool:
    return (
        leaf.depth <= 2
        and isinstance(leaf.value, str)
        and not leaf.is_pair
        and not leaf.path.rpartition(".")[2].startswith("@")
        and EVENT.fullmatch(leaf.key) is not None
        and _EVENT_TEXT.fullmatch(leaf.text) is not None
        and is_happening(leaf.text)
    )


def is_happening(text: str) -> bool:
    """Whether an event's name says that a lead came into being."""
    return HAPPENING.search(text) is not None and not OTHERWISE.search(text)


def lowered(value: Any) -> Any:
    """Return a flag's value as it is where nothing speaks against ringing."""
    if isinstance(value, list):  # conditions read a list as one text: no part of it may say yes
        return [lowered(part) for part in value]
    if isinstance(value, bool):
        return False
    return _FALSE_TEXTS.get(str(value).strip().casefold(), value)


def raised(value: Any) -> Any:
    """Return a flag's value as it is where nobody may be rung."""
    return True if isinstance(value, bool) else "1"
