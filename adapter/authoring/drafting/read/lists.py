"""Lists that hold one thing: name-and-value pairs, and somebody's several phones. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.authoring.drafting.read.vocabulary import (
    CHOICES,
    COLLECTION,
    ENTRY_KINDS,
    LABEL_TITLES,
    LABELS,
    MOBILE_KIND,
    PAIR_VALUES,
    PHONE,
    PREFERRED,
    RECORD_KEYS,
)
from adapter.authoring.key_words import words

_MAX_KEYS = 10
_MAX_LABEL = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """A pair of a list: what names it, the filter that finds it, and the keys of its value."""

    index: int
    name: str
    filter: str
    label: tuple[str, ...]
    value: tuple[str, ...]


def labelled(pairs: Sequence[Any], above: str, document: Any) -> list[Labelled]:
    """Return the pairs of a list of name-and-value pairs; none where it is no such list."""
    if not all(isinstance(pair, dict) and len(pair) <= _MAX_KEYS for pair in pairs):
        return []
    typed = _typed(pairs, document)
    if typed:
        return typed
    if is_collection(above):
        return []
    found = [named for n, pair in enumerate(pairs) if (named := _pair(n, pair, pairs))]
    return found if len(found) * 2 > len(pairs) else []


def _pair(index: int, pair: dict[str, Any], pairs: Sequence[Any]) -> Labelled | None:
    value = next((key for key in PAIR_VALUES if key in pair), None)
    if value is None:
        return None
    usable = LABELS[: LABELS.index("ref")] if _is_record(pair, value) else LABELS
    names = [key for key in usable if key != value and _names_one(key, pair, pairs)]
    if not names:
        return None
    kind = pair.get("type")
    label = names[0]
    if isinstance(kind, str) and _says_phone(kind) and not _says_phone(pair[label]):
        label = "type" if "type" in names else label
    told = f"{pair[label]} {pair.get('column_name') or ''}" if label == "column_id" else pair[label]
    return Labelled(
        index=index,
        name=told if len(words(told)) < _MAX_LABEL else "",
        filter=_filter(f"@.{label}", pair[label]),
        label=(label,),
        value=(value,),
    )


def _is_record(pair: dict[str, Any], value: str) -> bool:
    """Whether it is one thing of its own, a message say, whose id and type name no field."""
    return isinstance(pair[value], dict) or not RECORD_KEYS.isdisjoint(map(words, pair))


def label_of(key: str | int, pair: dict[str, Any]) -> tuple[str, str] | None:
    """Return the key of an object's value and the label beside it, where its own key is a number.

    `{"3": {"name": "phone", "answer": "…"}}`
    """
    if not isinstance(key, str) or not any(sign.isdecimal() for sign in key):
        return None
    value = next((key for key in PAIR_VALUES if key in pair), None)
    label = next((pair[key] for key in LABEL_TITLES if isinstance(pair.get(key), str)), "")
    return (value, label) if value is not None and _is_label(label) and words(label) else None


def _says_phone(label: str) -> bool:
    return PHONE.search(words(label)) is not None


def _names_one(key: str, pair: dict[str, Any], pairs: Sequence[Any]) -> bool:
    label = pair.get(key)
    if not isinstance(label, str) or not label.strip() or not _is_label(label):
        return False
    return [other.get(key) for other in pairs].count(label) == 1


def _is_label(text: str) -> bool:
    """Whether a text may be a field's name: it goes into the mapping as it is."""
    digits = sum(sign.isdecimal() for sign in text)
    has_digits_only = digits >= 7 and not any(sign.isalpha() for sign in text)
    return "@" not in text and not has_digits_only and len(text) <= _MAX_LABEL and "\n" not in text


def _typed(answers: Sequence[Any], document: Any) -> list[Labelled]:
    """Typeform: `{type: text, text: …, field: {ref: …}}`; titles stand in the form's definition."""
    return [
        found
        for n, answer in enumerate(answers)
        if isinstance(answer.get("field"), dict) and (found := _typed_one(n, answer, document))
    ]


def _typed_one(index: int, answer: dict[str, Any], document: Any) -> Labelled | None:
    kind, asked = answer.get("type"), answer["field"]
    by = next((key for key in ("ref", "id") if isinstance(asked.get(key), str)), None)
    value = CHOICES.get(str(kind), (str(kind),))
    if by is None or not _has(answer, value):
        return None
    title = _title(document, by, asked[by]) or asked.get("title") or asked[by]
    told = f"{kind}" if kind == "phone_number" else str(title)
    if kind == "phone_number":
        step, label = _filter("@.type", "phone_number"), ("type",)
        return Labelled(index=index, name=told, filter=step, label=label, value=value)
    step = _filter(f"@.field.{by}", asked[by])
    return Labelled(index=index, name=told, filter=step, label=("field", by), value=value)


def _has(value: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _title(value: Any, by: str, wanted: str) -> str | None:
    """Return the title of the question that has this ref or id, wherever it is defined."""
    if isinstance(value, dict):
        if value.get(by) == wanted and isinstance(value.get("title"), str):
            return str(value["title"])
        value = list(value.values())
    if not isinstance(value, list):
        return None
    return next((found for part in value if (found := _title(part, by, wanted))), None)


def _filter(where: str, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"?({where}=='{escaped}')"


def is_collection(name: str) -> bool:
    """Whether a list of this name holds phones, e-mails or addresses of one person."""
    return COLLECTION.search(name) is not None


def preferred(entries: Sequence[Any]) -> Iterator[tuple[str, int, str]]:
    """Return (step, index, key) of the entries to read: the primary one, a mobile, the first.

    The step filters by the key; it is empty where the step takes whatever comes.
    """
    objects = [(n, entry) for n, entry in enumerate(entries) if isinstance(entry, dict)]
    flag = next((key for key in PREFERRED if any(_is_flag(o.get(key)) for _, o in objects)), None)
    if flag is not None:
        for wanted in (True, False):
            index = next((n for n, entry in objects if entry.get(flag) is wanted), None)
            if index is not None:
                yield f"?(@.{flag}=={str(wanted).lower()})", index, flag
        return
    mobile = next(
        ((n, k) for n, entry in objects for k in ENTRY_KINDS if _is_mobile(entry.get(k))), None
    )
    if mobile is not None:
        yield f"?(@.{mobile[1]}=='{entries[mobile[0]][mobile[1]]}')", mobile[0], mobile[1]
    if entries and (mobile is None or mobile[0] != 0):
        yield "*", 0, ""


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_mobile(value: Any) -> bool:
    return isinstance(value, str) and value.isalpha() and MOBILE_KIND.search(value) is not None
