"""Variables of a mapping → what mapping/ runs; None where that is impossible."""

from adapter.compiler.keys.paths import attempt, origin_of, source_at, whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.value_shape import NAMED_TRANSFORMS, TransformShape, ValueShape
from adapter.errors import MappingError
from adapter.mapping.mapping import Variable
from adapter.mapping.transforms import (
    Transform,
    date_transform,
    named_transform,
    replace_transform,
    truncate_transform,
)
from adapter.mapping.values import Constant, PathSource, Template, Value, compile_template
from adapter.mapping.variable_names import variable_name_fault
from adapter.values.text import to_text

ANY_NAME = "*"

_TEMPLATE_EXPECTED = 'a template such as "{$.first} {$.last}"'

_NOT_A_PATH = (
    "a path begins with $: write alternatives as $['a','b'] or $.((a)|(b)), "
    "and a constant that begins like this as {const: …}"
)


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
    value = _value(_value_shape(spec), place, findings)
    return None if value is None or fault else Variable(name=name, value=value)


def _value_shape(spec: object) -> ValueShape:
    if isinstance(spec, ValueShape):
        return spec
    is_path = isinstance(spec, str) and spec.startswith("$")
    return ValueShape.model_validate({"path" if is_path else "const": spec})


def _value(shape: ValueShape, place: Place, findings: Findings) -> Value | None:
    source = _source(shape, place, findings)
    steps = _transforms(shape, (*place, "transform"), findings)
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


def _transforms(
    shape: ValueShape, place: Place, findings: Findings
) -> tuple[Transform, ...] | None:
    made = [_transform(each, (*place, n), findings) for n, each in enumerate(shape.transform or [])]
    return whole(made)


def _transform(spec: str | TransformShape, place: Place, findings: Findings) -> Transform | None:
    if isinstance(spec, str):
        wanted = f"one of {NAMED_TRANSFORMS}"
        return attempt(findings, place, wanted, lambda: named_transform(spec))
    if spec.date is not None:
        return _date(spec.date, spec.timezone, place, findings)
    if spec.replace is not None:
        pattern, text = spec.replace
        wanted = "a regular expression and the text for its matches"
        at = (*place, "replace")
        return attempt(findings, at, wanted, lambda: replace_transform(pattern, text))
    return truncate_transform(spec.truncate or 1)


def _date(
    format_text: str, timezone: str | None, place: Place, findings: Findings
) -> Transform | None:
    wanted = "a format such as %d/%m/%Y"
    made = attempt(findings, (*place, "date"), wanted, lambda: date_transform(format_text, None))
    if timezone is None or made is None:
        return made
    wanted = "a time zone such as Europe/Madrid"
    return attempt(
        findings, (*place, "timezone"), wanted, lambda: date_transform(format_text, timezone)
    )
