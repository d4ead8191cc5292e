"""What a run found, kept as JSON: bench/results/latest.json is the raw data behind every figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from bench.calm import Calm
from bench.relay import Round
from bench.rings import Rings

Figure = Callable[[Round], float]
FIGURES: Mapping[str, Figure] = {
    "relayed_cold": lambda measured: measured.cold.relayed_per_s,
    "relayed_warm": lambda measured: measured.warm.relayed_per_s,
    "accepted_warm": lambda measured: measured.warm.accepted_per_s,
    "p99_warm": lambda measured: measured.warm.p99_ms,
    "cpu_cold": lambda measured: measured.cold.cpu_ms_each,
    "cpu_warm": lambda measured: measured.warm.cpu_ms_each,
    "memory": lambda measured: measured.peak_mib,
    "first_lead": lambda measured: measured.first_lead_s,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """A median with the lowest and the highest of its rounds."""

    median: float
    low: float
    high: float


@dataclass(kw_only=True, slots=True)
class Entry:
    """A contestant in a run: rounds, calm, rings by misfortune; or why it did not run."""

    about: str
    versions: dict[str, str] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    rings: dict[str, Rings] = field(default_factory=dict)
    calm: Calm | None = None
    missing: str = ""

    def spread(self, figure: str) -> Spread:
        """Return a figure over the rounds."""
        return _spread([FIGURES[figure](measured) for measured in self.rounds])


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """A run: where and how, every contestant by its name, and the small parts by their titles."""

    where: dict[str, str]
    entries: dict[str, Entry]
    small: dict[str, dict[str, float]]

    def ratio(self, figure: str, name: str, other: str) -> Spread:
        """Return one contestant's figure as a multiple of another's, round by round."""
        of = FIGURES[figure]
        pairs = zip(self.entries[name].rounds, self.entries[other].rounds, strict=True)
        return _spread([of(mine) / (of(theirs) or 1) for mine, theirs in pairs])

    def save(self, path: Path) -> None:
        """Write all of it as JSON."""
        path.write_bytes(_JSON.dump_json(self, indent=1) + b"\n")


_JSON = TypeAdapter(Results)


def read(path: Path) -> Results:
    """Return what `save` wrote."""
    return _JSON.validate_json(path.read_bytes())


def _spread(figures: list[float]) -> Spread:
    return Spread(median=median(figures), low=min(figures), high=max(figures))
