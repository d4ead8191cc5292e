"""A mapping's `lookup` → the requests that lookup/ makes; None where that is impossible."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from adapter.agent import Secret
from adapter.compiler.keys.paths import whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.lookup_shape import LookupShape
from adapter.mapping.compile_error import CompileError
from adapter.mapping.lookup import Lookup, LookupUrl, compile_lookup_url
from adapter.mapping.paths import Path
from adapter.mapping.values import PathSource
from adapter.values.units import ENDPOINT_EXPECTED, is_bare, read_endpoint

_Spec = LookupShape | Mapping[str, LookupShape] | None


def lookups(spec: _Spec, place: Place, findings: Findings) -> tuple[Lookup, ...] | None:
    """Compile the look-ups in file order; each may read the answers of those before it."""
    if spec is None:
        return ()
    if isinstance(spec, LookupShape):
        return whole([_lookup("", spec, place, (), findings)])
    names = tuple(spec)
    return whole(
        [
            _lookup(name, shape, (*place, name), names[:n], findings)
            for n, (name, shape) in enumerate(spec.items())
        ]
    )


def check_unanswered(
    paths: Iterable[Path | None], place: Place, spec: _Spec, findings: Findings
) -> None:
    """Report paths that are read when a webhook comes in, and name an answer that comes later."""
    for path in paths:
        if spec is not None and path is not None and PathSource(path=path).reads_lookup:
            findings.add(place, "this is decided before the look-up: it cannot read $.lookup")


def fingerprint(asked: tuple[Lookup, ...]) -> str:
    """Return a digest that changes with whatever a vendor may have denied; "" for no look-up."""
    if not asked:
        return ""
    facts = [
        [
            lookup.name,
            [part if isinstance(part, str) else part.path.text for part in lookup.url.parts],
            [(name, secret.reveal()) for name, secret in lookup.headers],
        ]
        for lookup in asked
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _lookup(
    name: str, shape: LookupShape, place: Place, earlier: tuple[str, ...], findings: Findings
) -> Lookup | None:
    url = _url(shape.url, (*place, "url"), findings)
    if url is None:
        return None
    for source in url.sources:
        _check_order(source, (*place, "url"), earlier, findings)
    return Lookup(
        name=name,
        url=url,
        headers=tuple((header, Secret(value)) for header, value in shape.headers.items()),
        timeout_s=shape.timeout.total_seconds(),
    )


def _url(text: str, place: Place, findings: Findings) -> LookupUrl | None:
    try:
        url = compile_lookup_url(text)
    except CompileError as error:  # its words show paths alone, never the address
        findings.add(place, str(error))
        return None
    try:
        is_sound = is_bare(read_endpoint(url.origin))
    except ValueError:
        findings.add(place, f"expected {ENDPOINT_EXPECTED}")
        return None
    if not is_sound:
        findings.add(place, "the address may hold no credentials: send them in headers")
    return url if is_sound else None


def _check_order(
    source: PathSource, place: Place, earlier: tuple[str, ...], findings: Findings
) -> None:
    steps = source.path.steps or ()
    named = steps[1] if len(steps) > 1 else None
    if source.reads_lookup and named not in earlier:
        found = f"; those before are: {', '.join(earlier)}" if earlier else ""
        findings.add(place, f"{source.path.text} reads a look-up that is not made before{found}")
