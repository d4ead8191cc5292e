"""The mapping's `phone`: paths in order, and the region whose numbers stand there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapter.errors import MappingError
from adapter.mapping.values import PathSource, Template, View
from adapter.model import Reason
from adapter.values.number_readings import NO_COUNTRY
from adapter.values.numbering_plans import is_region
from adapter.values.phone_numbers import read_phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """A number that may be rung, and the path or template that gave it."""

    e164: str
    matched: str


@dataclass(kw_only=True, slots=True)
class RegionTrace:
    """The text at the region's path, and the code that it names, maybe by the map.

    `code` is what counts in the end, where a default has its say too.
    """

    code: str = ""
    text: str = ""
    found: str = ""
    is_mapped: bool = False


@dataclass(kw_only=True, slots=True)
class NumberTrace:
    """One path or template: its text, and the number or the refusal."""

    text: str = ""
    e164: str = ""
    fault: MappingError | None = None


@dataclass(kw_only=True, slots=True)
class PhoneTrace:
    """The region, and the paths in order as far as the first number that may be rung."""

    region: RegionTrace = field(default_factory=RegionTrace)
    tries: list[NumberTrace] = field(default_factory=list)

    def attempt(self) -> NumberTrace:
        """Add the path that is tried next."""
        self.tries.append(NumberTrace())
        return self.tries[-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """Whose national numbers are meant: one ISO code, or what a path says, mapped to one."""

    fixed: str | None = None
    path: PathSource | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None

    def code(self, view: View, trace: RegionTrace | None = None) -> str | None:
        """Return an ISO code, or None where nothing tells."""
        if self.path is None:
            return self.fixed or self.default
        try:
            text = self.path.read(view).text
        except MappingError:
            return self.default
        code = self.map.get(text, text.upper())
        is_found = is_region(code)
        if trace is not None:
            trace.text, trace.found = text, code if is_found else ""
            trace.is_mapped = text in self.map
        return code if is_found else self.default


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneRule:
    """The mapping's `phone`: sources in order of preference, and the region of their numbers."""

    sources: tuple[PathSource | Template, ...]
    region: Region = field(default_factory=Region)

    def phone(self, view: View, trace: PhoneTrace | None = None) -> Phone:
        """Return the first usable number, or raise the fault of the first that was not empty."""
        region = self.region.code(view, None if trace is None else trace.region)
        if trace is not None:
            trace.region.code = region or ""
        faults: list[MappingError] = []
        for source in self.sources:
            number = None if trace is None else trace.attempt()
            try:
                return _read(source, view, region, number)
            except MappingError as error:
                faults.append(error)
                if number is not None:
                    number.fault = error
        told = (fault for fault in faults if fault.reason != Reason.PHONE_MISSING)
        raise next(told, faults[0])


def _read(
    source: PathSource | Template, view: View, region: str | None, trace: NumberTrace | None
) -> Phone:
    read = source.read(view)
    named = source.path.text if isinstance(source, PathSource) else source.text
    if trace is not None:
        trace.text = read.text
    try:
        # A template's own signs ("+") are no number: something must have been inserted.
        e164 = read_phone(read.text if read.matched else "", region)
    except MappingError as error:
        why = ", and the mapping names no region" if error.detail.endswith(NO_COUNTRY) else ""
        raise MappingError(error.reason, f"{named}: {error.detail}{why}") from error
    if trace is not None:
        trace.e164 = e164
    return Phone(e164=e164, matched=read.matched)
