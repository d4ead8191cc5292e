"""What names a lead for good, and when it happened. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapter.authoring.drafting.choose.guards import is_happening
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import (
    BESIDE_LEAD,
    CREATED,
    EVENT_ID,
    LEAD,
    LOOKED_UP,
    OTHERS_ZONE,
    PERSON_ID,
    RECORD,
    RECORD_ID,
    SUBMISSION_ID,
    SUBMITTED,
    ZONE,
)
from adapter.authoring.key_words import RECEIVER, STRANGER_OWN, words
from adapter.values.moments import read_moment
from adapter.values.time_zones import is_time_zone

_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_EPOCH = re.compile(r"1\d{9}(\d{3})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class DedupeChoice:
    """The parts of a dedupe key, and of what they are the id."""

    parts: tuple[Leaf, ...] = ()
    of: str = ""


def choose_key(leaves: Sequence[Leaf], event: Leaf | None) -> DedupeChoice:
    """Return what is the same when a sender repeats itself, and differs between leads."""
    usable = [leaf for leaf in leaves if _is_id(leaf)]
    token = next((leaf for leaf in usable if _is_response_token(leaf)), None)
    if token is not None:
        return DedupeChoice(parts=(token,), of="submission")
    for pattern, of, depth in (
        (SUBMISSION_ID, "submission", 4),
        (EVENT_ID, "event", 3),
        (RECORD_ID, "record", 3),
        (PERSON_ID, "person", 4),
    ):
        found = [leaf for leaf in usable if pattern.fullmatch(leaf.own) and leaf.depth <= depth]
        if of in ("record", "person"):
            found = [leaf for leaf in found if not _is_past_the_lead(leaf)]
        if of == "record":
            found = [leaf for leaf in found if _is_a_records(leaf)]
        if not found:
            continue
        best = min(found, key=lambda leaf: (leaf.depth, leaf.place != found[0].place))
        with_event = of in ("record", "person") and event is not None and event.joins(best)
        parts = (best, event) if with_event and event is not None else (best,)
        return DedupeChoice(parts=parts, of=of)
    return DedupeChoice()


def choose_record(leaves: Sequence[Leaf], key: DedupeChoice) -> Leaf | None:
    """Return the id of the record that a webhook names instead of a phone; None if it names none.

    Bitrix24 has it as `data.FIELDS.ID`.
    """
    if key.of in ("record", "person"):
        return key.parts[0]
    named = [leaf for leaf in leaves if _is_id(leaf) and _names_a_record(leaf)]
    return min(named, key=lambda leaf: leaf.depth, default=None)


def _names_a_record(leaf: Leaf) -> bool:
    is_of_fields = leaf.own == "id" and leaf.above.endswith("fields")
    return is_of_fields or LOOKED_UP.fullmatch(leaf.own) is not None


def _is_id(leaf: Leaf) -> bool:
    if isinstance(leaf.value, bool | list) or leaf.texts or not 1 <= len(leaf.text) <= 200:
        return False
    return " " not in leaf.text and leaf.text.strip("0") != ""


def _is_past_the_lead(leaf: Leaf) -> bool:
    """Whether an id is that of a thing beside the lead: a form, an owner, an address."""
    return leaf.above != "meta" and BESIDE_LEAD.search(leaf.above) is not None


def _is_a_records(leaf: Leaf) -> bool:
    """Whether an id stands at the top, or in what is a lead or a record by its key.

    A workflow's or an account's would make each later lead a duplicate.
    """
    keys = [words(key) for key in leaf.place[len(leaf.root) : -1] if isinstance(key, str)]
    return not keys or any(pattern.search(keys[-1]) for pattern in (RECORD, LEAD))


def _is_response_token(leaf: Leaf) -> bool:
    return leaf.name == "token" and leaf.above.endswith("response")


def choose_moment(leaves: Sequence[Leaf], event: Leaf | None) -> Leaf | None:
    """Return when the lead happened, only where that cannot be when a record was first made.

    A contact that was created years ago and enrols today would else be too old to ring.
    """
    timed = [leaf for leaf in leaves if _is_moment(leaf)]
    submitted = [leaf for leaf in timed if SUBMITTED.fullmatch(leaf.own)]
    if submitted:
        return min(submitted, key=lambda leaf: leaf.depth)
    is_new = event is not None and is_happening(event.text)
    created = [leaf for leaf in timed if CREATED.fullmatch(leaf.own) and is_new]
    return next((leaf for leaf in created if leaf.depth == 1 or leaf.above == "meta"), None)


def _is_moment(leaf: Leaf) -> bool:
    if isinstance(leaf.value, bool | list) or read_moment(leaf.value) is None:
        return False
    # Without a zone it may be hours off; other digits are anything.
    return bool(_ZONED.fullmatch(leaf.text) or _EPOCH.fullmatch(leaf.text))


def is_zoned_moment(text: str) -> bool:
    """Whether a text is a time that leaves no doubt."""
    return _ZONED.fullmatch(text) is not None


def choose_zone(leaves: Sequence[Leaf], others: Sequence[Leaf] = ()) -> Leaf | None:
    """Return where the lead's own time zone stands, with the first attendee where nowhere else.

    `others` are leaves in lists that the call is not made of.
    """
    zone = next(filter(_is_own_zone, leaves), None)
    if zone is not None:
        return zone
    listed = next((leaf for leaf in others if _is_own_zone(leaf) and _is_first_lead(leaf)), None)
    if listed is None or listed.each is None:
        return None
    path = f"{listed.each.removesuffix('[*]')}[0]{listed.path[1:]}"
    return replace(listed, path=path, each=None, root=())


def _is_own_zone(leaf: Leaf) -> bool:
    around = f"{leaf.above}_{leaf.name}"
    is_zone = "/" in leaf.text and is_time_zone(leaf.text) and ZONE.search(leaf.name) is not None
    strangers = (OTHERS_ZONE, STRANGER_OWN, RECEIVER)
    return is_zone and not any(pattern.search(around) for pattern in strangers)


def _is_first_lead(leaf: Leaf) -> bool:
    """Whether it is in the first entry of a list of leads by its key: `attendees`."""
    *above, holder, index = leaf.root or ("", "")
    is_alone = all(isinstance(key, str) for key in above)
    return is_alone and index == 0 and LEAD.fullmatch(words(str(holder))) is not None
