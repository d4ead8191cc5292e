"""Variables of a mapping → what mapping/ runs; None where that is impossible."""

import re
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field, Tag, model_validator

from adapter.compiler.fields.rules import Rule, beside, never_beside
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Flag,
    PathText,
    Scalar,
    Shape,
    TemplateText,
    broken_rule,
    text_or_map,
)
from adapter.compiler.keys.paths import (
    FROM_DESCRIPTION,
    OriginWord,
    attempt,
    origin_of,
    source_at,
    whole,
)
from adapter.compiler.keys.transforms import TRANSFORM_WORDS, TransformSpecs, transforms
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.errors import MappingError
from adapter.mapping.mapping import Variable
from adapter.mapping.values import Constant, PathSource, Template, Value, compile_template
from adapter.mapping.variable_names import variable_name_fault
from adapter.values.text import to_text

_VALUE_EXPECTED = "a path such as $.name, a constant, or a map with path, template or const"


class ValueShape(Shape):
    """A value: path → text → join → map → transform → default if empty → required."""

    one_of: ClassVar[tuple[str, ...]] = ("path", "template", "const")
    rules: ClassVar[tuple[Rule, ...]] = (beside("join", "path"), never_beside("const", "from"))

    path: PathText | None = Field(
        default=None,
        description='Reads the first match; absent and null are `""`, a list of scalars is joined'
        " with `, `, an object is refused as `not_a_scalar`.",
    )
    template: TemplateText | None = Field(
        default=None, description='Text with paths in braces: `"{$.first} {$.last}"`.'
    )
    const: Scalar | None = Field(
        default=None, description="A constant, needed only for one that begins with `$`."
    )
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    false_is_empty: Flag = Field(
        default=False, description='Makes a false `""` rather than `false`.'
    )
    join: str | None = Field(
        default=None, description="Joins all matches with this text; default the first match."
    )
    map: dict[str, Scalar] | None = Field(
        default=None,
        description="Replaces the text by this table; what is not in it becomes empty.",
    )
    transform: TransformSpecs | None = Field(
        default=None,
        description=f"One transform, or a list of them in order: {TRANSFORM_WORDS}.",
    )
    default: Scalar | None = Field(default=None, description="The text where there is none.")
    required: Flag = Field(
        default=False,
        description="Refuses the call as `variable_missing` where there is still none.",
    )

    @model_validator(mode="after")
    def _check_origin(self) -> "ValueShape":
        if self.join is not None and self.path is None:
            raise broken_rule("join stands beside path only")
        if self.from_ is not None and self.const is not None:
            raise broken_rule("a constant is read from nowhere: drop from")
        return self


ValueSpec: TypeAlias = Annotated[
    Annotated[Scalar, Tag(TEXT)] | Annotated[ValueShape, Tag(MAP)], text_or_map(_VALUE_EXPECTED)
]


ANY_NAME = "*"
_TEMPLATE_EXPECTED = 'a template such as "{$.first} {$.last}"'
_NOT_A_PATH = (
    "a path begins with $: write alternatives as $['a','b'] or $.((a)|(b)), "
    "and a constant that begins like this as {const: …}"
)


# What people write who forget the `$.` of a path.
_LIKE_A_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\w*\])+", re.ASCII)


def variables(
    specs: dict[str, object], place: Place, findings: Findings
) -> tuple[Variable, ...] | None:
    """Compile all variables but `"*"`, in file order."""
    made = [
        _variable(name, spec, (*place, name), findings)
        for name, spec in specs.items()
        if name != ANY_NAME
    ]
    return whole(made)


def passthrough(spec: object, place: Place, findings: Findings) -> PathSource | None:
    """Compile `"*"`: a path, with `from` or without, and nothing else."""
    at = (*place, ANY_NAME)
    shape = _value_shape(spec)
    if shape.path is None or shape.given() - {"path", "from"}:
        findings.add(at, '"*" copies an object: expected a path such as $.variables')
        return None
    return source_at(shape.path, shape.from_, (*at, "path"), findings)


def scalar_text(value: object, place: Place, findings: Findings) -> str:
    """Return a scalar of the file as text, if that is just what the file shows.

    `1.10` would be sent as 1.1, `True` as true: such a scalar must be quoted.
    """
    if isinstance(value, str):
        return value
    try:
        text = to_text(value)
    except MappingError:
        findings.add(place, "this number is too long: put it in quotes")
        return ""
    raw = findings.raw(place)
    if raw is not None and raw != text:
        findings.add(place, f"this would be read as {text}: put it in quotes", shows_found=True)
    return text


def _variable(name: str, spec: object, place: Place, findings: Findings) -> Variable | None:
    fault = variable_name_fault(name)
    if fault:
        findings.add(place, fault, at_key=True)
    if isinstance(spec, str) and spec.startswith("($"):
        findings.add(place, _NOT_A_PATH)
    if isinstance(spec, str) and _LIKE_A_PATH.fullmatch(spec):
        message = (
            "this is a constant, which the agent says as it stands: write"
            f" $.{spec} for the value at that path, or {{const: …}} if the text is meant"
        )
        findings.add(place, message, is_warning=True)
    value = _value(_value_shape(spec), place, findings)
    return None if value is None or fault else Variable(name=name, value=value)


def _value_shape(spec: object) -> ValueShape:
    if isinstance(spec, ValueShape):
        return spec
    is_path = isinstance(spec, str) and spec.startswith("$")
    return ValueShape.model_validate({"path" if is_path else "const": spec})


def _value(shape: ValueShape, place: Place, findings: Findings) -> Value | None:
    source = _source(shape, place, findings)
    steps = transforms(shape.transform, (*place, "transform"), findings)
    table = None
    if shape.map is not None:
        at = (*place, "map")
        table = {key: scalar_text(v, (*at, key), findings) for key, v in shape.map.items()}
    default = (
        "" if shape.default is None else scalar_text(shape.default, (*place, "default"), findings)
    )
    if source is None or steps is None:
        return None
    return Value(
        source=source,
        join=shape.join,
        map=table,
        transforms=steps,
        default=default,
        required=shape.required,
        false_is_empty=shape.false_is_empty,
    )


def _source(
    shape: ValueShape, place: Place, findings: Findings
) -> PathSource | Template | Constant | None:
    if shape.const is not None:
        return Constant(text=scalar_text(shape.const, (*place, "const"), findings))
    if shape.template is not None:
        return template(shape.template, shape.from_, (*place, "template"), findings)
    return source_at(shape.path or "", shape.from_, (*place, "path"), findings)


def template(text: str, origin: str | None, place: Place, findings: Findings) -> Template | None:
    """Compile a template."""
    return attempt(
        findings, place, _TEMPLATE_EXPECTED, lambda: compile_template(text, origin_of(origin))
    )
