"""The base of all shapes: unknown keys are refused, and a union fails with one clear problem."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from adapter.compiler.fields import patterns
from adapter.compiler.fields.rules import Rule, one_of
from adapter.values import units
from adapter.values.addresses import Address, Network
from adapter.values.header_names import HEADER_NAME, HEADER_VALUE
from adapter.values.source_names import SOURCE_NAME, SOURCE_NAME_EXPECTED

T = TypeVar("T")

TEXT, MAP = "(text)", "(map)"


def default_of(owner: type, name: str) -> Any:
    """Return the default of a dataclass's field: defaults are stated where values are kept."""
    (found,) = (field for field in dataclasses.fields(owner) if field.name == name)
    if found.default is not dataclasses.MISSING:
        return found.default
    if found.default_factory is dataclasses.MISSING:
        raise TypeError(f"{owner.__name__}.{name} has no default")
    return found.default_factory()


def expected(text: str) -> PydanticCustomError:
    """Return the error that reads `expected …, found …`."""
    return PydanticCustomError("expected", "{text}", {"text": text})


def broken_rule(text: str, key: str = "") -> PydanticCustomError:
    """Return the error that reads as it is; `key` names the culprit within a map."""
    return PydanticCustomError("rule", "{text}", {"text": text, "key": key})


def _add_rules(schema: Rule, shape: type["Shape"]) -> None:
    """Put the rules of a shape into its JSON Schema."""
    rules = [*shape.rules, *([one_of(*shape.one_of)] if shape.one_of else [])]
    if rules:
        schema["allOf"] = rules


class Shape(BaseModel):
    """A map of known keys. All unknown ones are reported together, with the known ones.

    Exactly one of the keys in `one_of` is there, if it names any. `rules` tells editors what else
    the shape's own validators ask of its keys together.
    """

    one_of: ClassVar[tuple[str, ...]] = ()
    rules: ClassVar[tuple[Rule, ...]] = ()

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra=_add_rules
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            known = list(cls.fields_by_key())
            unknown = [key for key in value if key not in known]
            if unknown:
                raise PydanticCustomError(
                    "unknown_keys", "unknown keys", {"unknown": unknown, "known": known}
                )
        return value

    @classmethod
    def fields_by_key(cls) -> dict[str, str]:
        """Return the keys as written in YAML → the names of their fields here."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Show no field: tokens and keys are plain text here, until they are compiled."""
        return []

    def given(self) -> set[str]:
        """Return the keys that the file has and that are not null."""
        names = {name: key for key, name in self.fields_by_key().items()}
        return {names[name] for name in self.model_fields_set if getattr(self, name) is not None}

    @model_validator(mode="after")
    def _require_one_of(self) -> Self:
        given = [key for key in self.one_of if key in self.given()]
        if self.one_of and len(given) != 1:
            listed = ", ".join(self.one_of)
            found = ", ".join(given) or "none of them"
            raise broken_rule(f"expected exactly one of {listed}; found {found}")
        return self


def text_or_map(expectation: str) -> Discriminator:
    """Choose between a scalar and a map, so that only one branch of the union can complain."""

    def kind(value: Any) -> str | None:
        if isinstance(value, Mapping | BaseModel):
            return MAP
        return None if value is None or isinstance(value, list) else TEXT

    return Discriminator(
        kind,
        custom_error_type="expected",
        custom_error_message=expectation,
    )


def parsed(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn a reader from units, whose ValueError says what it expects, into a validator."""

    def validate(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise expected(str(error)) from None

    return validate


def within(low: timedelta, high: timedelta, text: str) -> BeforeValidator:
    """Return the reader of durations from `low` to `high`, with its pattern; `text` names both.

    Beside a type: `Annotated[timedelta, within(…)]`. A bare 0 is read where `low` is none.
    """

    def validate(value: Any) -> timedelta:
        try:
            duration = units.read_duration(value)
        except ValueError as error:
            raise expected(str(error)) from None
        if not low <= duration <= high:
            raise expected(f"a duration {text}")
        return duration

    pattern = patterns.DURATION if low else patterns.DURATION_OR_0
    return BeforeValidator(validate, json_schema_input_type=pattern)


def as_list(value: Any) -> Any:
    """Put what stands alone where a list may stand into one."""
    return [value] if value is not None and not isinstance(value, list) else value


def _count(value: Any) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise expected("a whole number")
    return value


def as_parts(value: Any) -> Any:
    """Split what a variable gives, parts with commas between, into a list."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _as_chosen(value: Any) -> Any:
    """Return the sources that are on; text without a name is a mistake, only `[]` means none."""
    parts = as_parts(value)
    if isinstance(value, str) and not parts:
        raise expected("names of mapping files, such as hubspot, pardot; [] for none of them")
    return parts


def as_source_name(value: Any) -> str:
    """Return the name of a source, which is that of its mapping file."""
    if not isinstance(value, str) or not SOURCE_NAME.fullmatch(value):
        raise expected(SOURCE_NAME_EXPECTED)
    return value


def as_header_name(value: Any) -> str:
    """Return a header's name as headers are kept: in lower case."""
    if not isinstance(value, str) or not HEADER_NAME.fullmatch(value):
        raise expected("the name of a header, such as X-Signature")
    return value.lower()


def as_reason(value: Any) -> str:
    """Return a guard's reason."""
    if not isinstance(value, str) or not re.fullmatch(patterns.REASON_PATTERN, value):
        raise expected("a word of lower-case letters, digits and '_', such as not_a_lead")
    return value


def _flag(value: Any) -> bool:
    choice = {"true": True, "false": False}.get(str(value).strip().lower())
    if choice is None:
        raise expected("true or false")
    return choice


def _scalar(value: Any) -> str | int | float | bool:
    if isinstance(value, str | int | float):
        return value
    raise expected("text, a number, true or false")


def _path_text(value: Any) -> str:
    if isinstance(value, str) and value.startswith("$"):
        return value
    raise expected("a JSONPath, such as $.phone")


def as_filled(value: Any) -> str:
    """Return text that is not empty."""
    if not isinstance(value, str):
        raise expected("text: put it in quotes")
    if not value.strip():
        raise expected("text that is not empty")
    return value


def as_credential(value: Any) -> str:
    """Return text that a header can carry."""
    if not isinstance(value, str):
        raise expected("text: put it in quotes")
    if not value:
        raise expected("text that is not empty: set the variable")
    if not HEADER_VALUE.fullmatch(value):
        raise broken_rule("expected visible ASCII characters without white space around them")
    return value


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    """Beside a type: what it reads is a secret, and stands at or below one of SECRET_KEYS."""


Count = Annotated[int, BeforeValidator(_count, json_schema_input_type=int)]
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=bool)]
Scalar = Annotated[
    str | int | float | bool,
    BeforeValidator(_scalar, json_schema_input_type=str | int | float | bool),
]
PathText = Annotated[str, BeforeValidator(_path_text, json_schema_input_type=patterns.PATH)]
FilledText = Annotated[str, BeforeValidator(as_filled, json_schema_input_type=patterns.FILLED)]
Credential = Annotated[
    str, BeforeValidator(as_credential, json_schema_input_type=patterns.CREDENTIAL), Hidden()
]
TemplateText = Annotated[str, BeforeValidator(as_filled, json_schema_input_type=patterns.TEMPLATE)]
Size = Annotated[
    int, BeforeValidator(parsed(units.read_size), json_schema_input_type=patterns.SIZE)
]
ListenAddress = Annotated[
    Address,
    BeforeValidator(parsed(units.read_address), json_schema_input_type=patterns.ADDRESS),
]
HeaderName = Annotated[
    str, BeforeValidator(as_header_name, json_schema_input_type=patterns.HEADER_NAME)
]
NetworkText = Annotated[
    Network,
    BeforeValidator(parsed(units.read_network), json_schema_input_type=patterns.NETWORK),
]
Networks = Annotated[
    list[NetworkText],
    BeforeValidator(as_parts, json_schema_input_type=patterns.NETWORKS),
]
SourceName = Annotated[str, BeforeValidator(as_source_name, json_schema_input_type=patterns.SOURCE)]
SourceNames = Annotated[
    list[SourceName],
    BeforeValidator(_as_chosen, json_schema_input_type=patterns.SOURCES),
]
Secrets = Annotated[
    list[FilledText],
    BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.FILLED)),
    Field(json_schema_extra={"minItems": 1}),
    Hidden(),
]
