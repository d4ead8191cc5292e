"""What the rooms of `adapter/` import: read from the files, and drawn.

`python -m tests.harness.rooms` prints the drawing that docs/architecture.md holds between two
markers; with `--write` it puts it there.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Set
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ADAPTER = PROJECT / "adapter"
FILES = sorted(ADAPTER.rglob("*.py"))
PAGE = PROJECT / "docs/architecture.md"
BEGIN = "<!-- rooms: python -m tests.harness.rooms --write -->"
END = "<!-- /rooms -->"
# A library that reads a clock, a socket, a disk or chance.
MACHINE = {"asyncio", "httpx", "aiohttp", "sqlalchemy", "starlette"} | {
    *("os", "time", "random", "logging", "socket"),
}
_DRAWN_APART = {"__init__", "__main__"}

Graph = Mapping[str, Set[str]]


def place_of(path: Path) -> str:
    """Return a file's place in the house: `mapping/paths`."""
    return path.relative_to(ADAPTER).with_suffix("").as_posix()


@cache
def modules_of(path: Path) -> frozenset[str]:
    """Return every module that a file imports, at its head or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return frozenset(found)


def libraries_of(path: Path) -> set[str]:
    """Return the libraries that a file imports: ours, Python's and foreign ones."""
    return {module.split(".")[0] for module in modules_of(path)}


def foreign_libraries_of(path: Path) -> set[str]:
    """Return the libraries that a file imports and that are neither ours nor Python's."""
    return libraries_of(path) - {"adapter"} - sys.stdlib_module_names


def places_imported_by(path: Path) -> set[str]:
    """Return the places of our own files that a file imports."""
    ours = [module.split(".")[1:] for module in modules_of(path) if module.startswith("adapter.")]
    places = {"/".join(parts) for parts in ours}
    return {place for place in places if (ADAPTER / f"{place}.py").exists()} | {
        f"{place}/__init__" for place in places if (ADAPTER / place / "__init__.py").exists()
    }


def imports_between_files() -> Graph:
    """Return what each file of ours imports of ours, by place."""
    return {place_of(path): places_imported_by(path) for path in FILES}


def imports_between_children(folder: str) -> Graph:
    """Return what the files and folders right inside a folder import of each other.

    "" is the adapter's own folder, whose children are the rooms.
    """
    inside = f"{folder}/" if folder else ""
    graph: dict[str, set[str]] = defaultdict(set)
    for importer, imported in imports_between_files().items():
        if not importer.startswith(inside):
            continue
        child = importer.removeprefix(inside).split("/")[0]
        graph[child] |= {
            place.removeprefix(inside).split("/")[0]
            for place in imported
            if place.startswith(inside)
        }
    return {child: imported - {child} for child, imported in graph.items()}


def folders() -> list[str]:
    """Return every folder of the adapter, "" for its own."""
    return sorted({"", *(place.rpartition("/")[0] for place in imports_between_files())})


def reduced(graph: Graph) -> Graph:
    """Return a graph without the arrows whose ends a longer way joins as well."""
    reach: dict[str, set[str]] = {}
    for node in TopologicalSorter(graph).static_order():
        direct = graph.get(node, set())
        reach[node] = set(direct).union(*(reach[other] for other in direct))
    return {
        node: {other for other in direct if not any(other in reach[third] for third in direct)}
        for node, direct in graph.items()
    }


def touches_the_machine(room: str) -> bool:
    """Tell whether any file of a room imports what pure rooms may not."""
    own = [path for path in FILES if place_of(path).split("/")[0] == room]
    return any(libraries_of(path) & MACHINE for path in own)


def drawing() -> str:
    """Return the rooms, and who imports whom, as a Mermaid flowchart.

    A room that touches the machine has round ends. Where a longer way shows that one room rests
    on another, there is no arrow of its own.
    """
    graph = {
        room: imported - _DRAWN_APART
        for room, imported in imports_between_children("").items()
        if room not in _DRAWN_APART
    }
    lines = ["flowchart TD"]
    lines += [
        f"    {room}([{room}])" if touches_the_machine(room) else f"    {room}[{room}]"
        for room in sorted(graph)
    ]
    lines += [
        f"    {room} --> {' & '.join(sorted(imported))}"
        for room, imported in sorted(reduced(graph).items())
        if imported
    ]
    return "\n".join(lines)


def drawn_in(page: str) -> str:
    """Return the drawing that a page holds."""
    found = re.search(f"{re.escape(BEGIN)}\n```mermaid\n(.*?)\n```\n{re.escape(END)}", page, re.S)
    return found[1] if found else ""


def main() -> None:
    """Print the drawing, or write it to its page."""
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text("utf-8")
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        fresh = f"{head}{BEGIN}\n```mermaid\n{drawing()}\n```\n{END}{tail}"
        PAGE.write_text(fresh, "utf-8")
    else:
        sys.stdout.write(drawing() + "\n")


if __name__ == "__main__":
    main()
