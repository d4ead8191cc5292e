"""The written pages as tests read them: tables, fenced blocks, inline code, links, headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = (
    "README.md",
    "CHANGELOG.md",
    *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md")),
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block: its language, its text, and where it stands."""

    name: str
    language: str
    text: str


def text_of(name: str) -> str:
    """Return a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[Block]:
    """Return the fenced blocks of this language on all pages; `name` is page:line."""
    return [
        Block(
            name=f"{name}:{page[: match.start()].count(chr(10)) + 1}",
            language=match[1],
            text=match[2],
        )
        for name in NAMES
        for page in [text_of(name)]
        for match in _FENCE.finditer(page)
        if match[1] == language
    ]


def prose(name: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text_of(name))


def code_spans(text: str) -> list[str]:
    """Return what stands between backticks, folded lines joined."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def table(name: str, heading: str) -> dict[str, list[str]]:
    """Return the first table below a heading: first cell without its backticks → all cells."""
    below = text_of(name).split(f"\n{heading}\n", 1)[-1] if heading else text_of(name)
    found = re.search(r"(?:^\|.*\n)+", below, re.M)
    assert found, f"{name} has no table below {heading!r}"
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in found[0].splitlines()
    ]
    return {row[0].strip("`"): row for row in rows[2:]}


def anchors(name: str) -> set[str]:
    """Return the anchors that a page's headings give, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(name), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(name: str) -> list[str]:
    """Return the targets of a page's links."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(name))
