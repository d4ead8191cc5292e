"""The mapping's `phone`: paths in order, and the region whose numbers stand there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.transforms import Transform
from adapter.mapping.values import PathSource, Template, Text, View
from adapter.model import Reason
from adapter.values.countries import country_code, load_countries, name_key
from adapter.values.number_search import numbers_among
from adapter.values.numbering_plans import is_region, load_plans
from adapter.values.phone_numbers import NO_COUNTRY, invalid, numbers_in, read_phone
from adapter.values.text import scalar_text, texts_in
from adapter.values.written_numbers import is_rounded


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """A number that may be rung, and the path or template that gave it."""

    e164: str
    matched: str


@dataclass(kw_only=True, slots=True)
class RegionTrace:
    """The text at the region's path, and the code that counts in the end, `""` for none.

    `is_unknown`: something stands there, and names no country; `is_mapped`: the map knew it.
    """

    code: str = ""
    text: str = ""
    is_unknown: bool = False
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
class Country:
    """Whose national numbers are meant, if told; `is_unknown` where what is there names none."""

    code: str | None = None
    is_unknown: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """The country of national numbers: one ISO code, or the country that a path names.

    `map` adds words to those that are understood anyway; `default` is for no country at all.
    """

    fixed: str | None = None
    path: PathSource | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None

    def country(self, view: View, trace: RegionTrace | None = None) -> Country:
        """Return the country of national numbers in a request."""
        try:
            text = "" if self.path is None else self.path.read(view).text
        except MappingError:  # an object stands there
            text, country = "", Country(is_unknown=True)
        else:
            country = self._named(text) if text else Country(code=self.fixed or self.default)
        if trace is not None:
            trace.text, trace.code = text, country.code or ""
            trace.is_unknown = country.is_unknown
            trace.is_mapped = bool(text) and self._mapped(text) is not None
        return country

    def _named(self, text: str) -> Country:
        code = self._mapped(text) or country_code(text)
        is_known = code is not None and is_region(code)
        return Country(code=code) if is_known else Country(is_unknown=True)

    def _mapped(self, text: str) -> str | None:
        key = name_key(text)
        words = (code for word, code in self.map.items() if name_key(word) == key)
        return self.map.get(text) or next(words, None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneRule:
    """The mapping's `phone`: sources in order of preference, and the region of their numbers."""

    sources: tuple[PathSource | Template, ...]
    region: Region = field(default_factory=Region)
    transforms: tuple[Transform, ...] = ()

    def phone(self, view: View, trace: PhoneTrace | None = None) -> Phone:
        """Return the first usable number, or raise the fault of the first that was not empty."""
        country = self.region.country(view, None if trace is None else trace.region)
        faults: list[MappingError] = []
        for source in self.sources:
            number = None if trace is None else trace.attempt()
            try:
                return self._number(source, view, country, number)
            except MappingError as error:
                faults.append(error)
                if number is not None:
                    number.fault = error
        told = (fault for fault in faults if fault.reason != Reason.PHONE_MISSING)
        raise next(told, faults[0])

    def numbers(self, view: View, phone: str | None) -> tuple[str, ...]:
        """Return what a call can be found by beside its phone, though nobody is to ring it.

        All that stands where the mapping looks; and where nothing does, all of the item that may
        be a number. See `search_terms`.
        """
        if phone is not None and len(self.sources) == 1:
            return ()
        country = self.region.country(view)
        found = [number for source in self.sources for number in self._found(source, view, country)]
        if not found and view.lookup is None:
            return numbers_among(texts_in(view.document), country.code)
        return tuple(dict.fromkeys(found))

    def _found(
        self, source: PathSource | Template, view: View, country: Country
    ) -> tuple[str, ...]:
        try:
            text = _source_text(source, view).text
            for transform in self.transforms:
                text = transform.change(text)
        except MappingError:  # no text: an object, a number that has lost digits
            return ()
        is_plus = isinstance(source, PathSource) and source.loses_plus(view)
        return numbers_in(text, country.code, blank_is_plus=is_plus)

    def _number(
        self,
        source: PathSource | Template,
        view: View,
        country: Country,
        trace: NumberTrace | None,
    ) -> Phone:
        read = _source_text(source, view)
        text = read.text
        for transform in self.transforms:
            text = transform.change(text)
        if trace is not None:
            trace.text = text.strip()
        phone = _phone(Text(text=text, matched=read.matched), source, view, country)
        if trace is not None:
            trace.e164 = phone.e164
        return phone


def _phone(read: Text, source: PathSource | Template, view: View, country: Country) -> Phone:
    # A template's own signs ("+") are no number: something must have been inserted.
    text = read.text if read.matched else ""
    blank_is_plus = False
    if isinstance(source, PathSource):
        # Whether the digits are a number at home as well, only a known country tells.
        blank_is_plus = source.loses_plus(view) and not country.is_unknown
    try:
        e164 = read_phone(text, country.code, blank_is_plus=blank_is_plus)
    except MappingError as error:
        raise _named(error, source.text, country) from error
    return Phone(e164=e164, matched=read.matched)


def _named(error: MappingError, named: str, country: Country) -> MappingError:
    """Return the fault with its path, and with why it lacks a country."""
    if not error.detail.endswith(NO_COUNTRY):
        return MappingError(error.reason, f"{named}: {error.detail}")
    if country.is_unknown:
        detail = f"{named}: a national number, and its country is none that is understood"
        return MappingError(Reason.COUNTRY_UNKNOWN, detail)
    return MappingError(error.reason, f"{named}: {error.detail}, and the mapping names no region")


def _source_text(source: PathSource | Template, view: View) -> Text:
    """Return the text of a path or template, a leading blank kept where it may be a plus."""
    if isinstance(source, PathSource):
        return source.read(view, _number_text)
    read = source.read(view, _number_text)
    first, *rest = source.parts
    # "+{$.code}{$.number}" without its code is no international number.
    is_codeless = first == "+" and isinstance(rest[0], PathSource) and not rest[0].read(view).text
    return Text(text=read.text.removeprefix("+"), matched=read.matched) if is_codeless else read


def _number_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_number_text, value)))
    if isinstance(value, float | Decimal) and is_rounded(value):
        raise invalid("it is a JSON number that has lost digits")
    text = scalar_text(value)
    return f" {text}" if text and isinstance(value, str) and value[0].isspace() else text


def load_tables() -> None:
    """Read the numbering plans and the names of countries now, and not with the first lead."""
    load_plans()
    load_countries()
