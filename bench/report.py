"""A run in Markdown: `python -m bench.report` prints bench/results/latest.json again.

docs/performance.md holds the same text between its markers; `--write` puts it there.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.calm import Calm
from bench.contestants import ADAPTER, ROOT
from bench.results import Entry, Results, Spread, read

LATEST = Path(__file__).parent / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench -->\n", "<!-- end of bench -->\n"
_NONE = "-"


def report(results: Results) -> str:
    """Return everything that a run found."""
    parts = [
        _table(["", ""], results.where.items()),
        _table(
            [
                "leads relayed",
                "cold /s",
                "warm /s",
                "ours : it, cold",
                "warm",
                "accepted /s",
                "p99 ms",
            ],
            (_rates(results, name) for name in results.entries),
        ),
        _table(
            [
                "cost of a lead",
                "CPU ms cold",
                "CPU ms warm",
                "ours : it, warm",
                "peak MiB",
                "start to first lead s",
            ],
            (_costs(results, name) for name in results.entries),
        ),
        _calm(results.entries),
        _rings(results.entries),
        _table(
            ["contestant", "what it is", "versions"],
            ([name, entry.about, _versions(entry)] for name, entry in results.entries.items()),
        ),
        *(_small(title, figures) for title, figures in results.small.items()),
    ]
    return "\n".join(part for part in parts if part)


def _rates(results: Results, name: str) -> Sequence[str]:
    entry = results.entries[name]
    if entry.missing:
        return [name, f"missing: {entry.missing}", *[_NONE] * 5]
    return [
        name,
        _text(entry.spread("relayed_cold"), ",.0f"),
        _text(entry.spread("relayed_warm"), ",.0f"),
        _ratio(results, "relayed_cold", name),
        _ratio(results, "relayed_warm", name),
        _text(entry.spread("accepted_warm"), ",.0f"),
        _text(entry.spread("p99_warm"), ",.0f"),
    ]


def _costs(results: Results, name: str) -> Sequence[str]:
    entry = results.entries[name]
    if entry.missing:
        return [name, "missing", *[_NONE] * 4]
    return [
        name,
        _text(entry.spread("cpu_cold"), ".2f"),
        _text(entry.spread("cpu_warm"), ".2f"),
        _ratio(results, "cpu_warm", name),
        _text(entry.spread("memory"), ",.0f"),
        _text(entry.spread("first_lead"), ".1f"),
    ]


def _ratio(results: Results, figure: str, name: str) -> str:
    ours = results.entries.get(ADAPTER.name)
    if name == ADAPTER.name or ours is None or ours.missing:
        return _NONE
    return _text(results.ratio(figure, ADAPTER.name, name), ".2f")


def _calm(entries: Mapping[str, Entry]) -> str:
    head = [
        "when little happens",
        "one at a time: CPU ms",
        "to the agent, ms",
        "answer p99 at 200/s, ms",
        "accepted /s while the agent hangs",
    ]
    rows = ([name, *_calm_figures(entry.calm)] for name, entry in entries.items() if entry.calm)
    return _table(head, rows)


def _calm_figures(calm: Calm) -> Sequence[str]:
    figures = (
        (calm.alone_cpu_ms, ".2f"),
        (calm.alone_to_agent_ms, ".1f"),
        (calm.steady_p99_ms, ",.0f"),
        (calm.hanging_per_s, ",.0f"),
    )
    return [_NONE if figure is None else f"{figure:{style}}" for figure, style in figures]


def _rings(entries: Mapping[str, Entry]) -> str:
    ran = {name: entry for name, entry in entries.items() if entry.rings}
    misfortunes = list(dict.fromkeys(title for entry in ran.values() for title in entry.rings))
    rows = ([name, *(_ring(entry, title) for title in misfortunes)] for name, entry in ran.items())
    return _table(["rings per lead", *misfortunes], rows)


def _ring(entry: Entry, misfortune: str) -> str:
    rings = entry.rings[misfortune]
    notes = {"rang again": rings.twice, "never rang": rings.never, "asked about": rings.asked}
    noted = ", ".join(f"{count} {note}" for note, count in notes.items() if count)
    return f"{rings.per_lead:.2f}" + (f" ({noted} of {rings.leads})" if noted else "")


def _versions(entry: Entry) -> str:
    if entry.missing:
        return f"missing: {entry.missing}"
    return ", ".join(f"{name} {version}" for name, version in entry.versions.items())


def _small(title: str, figures: Mapping[str, float]) -> str:
    first = next(iter(figures.values()))
    ratios = {name: f"{figure / first:.2f}" if first else "" for name, figure in figures.items()}
    rows = ([name, f"{figure:,.0f}", ratios[name]] for name, figure in figures.items())
    return _table([title, "", "to the first"], rows)


def _text(spread: Spread, style: str) -> str:
    if spread.low == spread.high:
        return f"{spread.median:{style}}"
    return f"{spread.median:{style}} ({spread.low:{style}} to {spread.high:{style}})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; nothing where it has no row."""
    lines = [head, ["---"] * len(head), *rows]
    if len(lines) == 2:
        return ""
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def on_page(page: str, text: str) -> str:
    """Return a page with this text between its markers."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"


def write(results: Results) -> None:
    """Put a run's report onto its page."""
    PAGE.write_text(on_page(PAGE.read_text("utf-8"), report(results)), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(read(LATEST))
    else:
        print(report(read(LATEST)))
