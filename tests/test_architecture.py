"""The house holds: who may import whom, what the pure rooms may not touch, and the file sizes."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "adapter"
FILES = sorted(ROOT.rglob("*.py"))
IO = {"asyncio", "httpx", "sqlalchemy", "starlette", "os", "time", "random", "logging", "socket"}

# A file may import from rooms of its own level or below; the first pattern that matches counts.
LEVELS = [
    (0, r"errors|__init__|.*/__init__"),
    (1, r"model|agent|time_zones"),
    (2, r"ringing/(signing|outcomes|backoff|gates|hours|holiday_calendar|limits|bulletin)"),
    (2, r"mapping/.*|mock_script|clock|shipped|lookup/answers"),
    (2, r"intake/(?!routes|reception|reading|capturing).*"),
    (3, r"config/.*|telemetry|clock_watch"),
    (
        4,
        r"ledger/.*|ringing/(sender|first_gates)|lookup/(fetcher|batches)|trial|mock_agent|mock_line|drafting/.*",
    ),
    (5, r"ringing/ringer|engines/.*|lookup/looker"),
    (
        6,
        r"intake/(routes|reception|reading|capturing)|console/.*|web|wire|chores|reloading|listeners|signals",
    ),
    (7, r"app"),
    (8, r"cli/.*|__main__"),
]
PURE = re.compile(
    r"errors|model|agent|time_zones|mapping/.*|intake/(?!routes|reception|capturing).*"
    r"|ringing/(signing|outcomes|backoff|gates|hours|holiday_calendar|limits)|lookup/answers|drafting/.*"
)
# One importer a library, so that its errors are translated once.
SOLE_IMPORTERS = {
    "jsonpath_ng": {"mapping/paths"},
    "phonenumbers": {"mapping/phone", "mapping/region_names"},
    "holidays": {"ringing/holiday_calendar"},
    "httpx": {"ringing/sender", "lookup/fetcher", "cli/client", "cli/send", "cli/demo"},
    "aiohttp": {"ringing/sender"},
    "httpx_aiohttp": {"ringing/sender"},
}
ROOM_IMPORTERS = {"sqlalchemy": "ledger/", "alembic": "ledger/", "click": "cli/", "rich": "cli/"}


def name_of(path: Path) -> str:
    """Return a file's place in the house: `mapping/paths`."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def level_of(name: str) -> int:
    """Return the level of a file."""
    return next(level for level, pattern in LEVELS if re.fullmatch(pattern, name))


def imports_of(path: Path) -> set[str]:
    """Return the modules that a file imports, but for those that only type checkers read."""
    found: set[str] = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_files(modules: set[str]) -> set[str]:
    """Return those modules that are files of ours, by their place."""
    names = {
        m.removeprefix("adapter.").replace(".", "/") for m in modules if m.startswith("adapter.")
    }
    return {name for name in names if (ROOT / f"{name}.py").exists()}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    """A file imports from its own level or below."""
    level = level_of(name_of(path))
    above = {name for name in own_files(imports_of(path)) if level_of(name) > level}
    assert not above


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_two_halves_do_not_know_each_other(path: Path) -> None:
    """Mapping and the pure intake meet only in config/translation and above."""
    name = name_of(path)
    if level_of(name) > 2:
        return
    halves = {each.split("/")[0] for each in own_files(imports_of(path))} & {"mapping", "intake"}
    assert halves <= {name.split("/")[0]}


@pytest.mark.parametrize("path", [p for p in FILES if PURE.fullmatch(name_of(p))], ids=name_of)
def test_pure_files_touch_no_machine(path: Path) -> None:
    """Pure files import nothing that reads a clock, a socket, a disk or chance."""
    tops = {module.split(".")[0] for module in imports_of(path)}
    assert not tops & IO


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_library_has_one_importer(path: Path) -> None:
    """A foreign library is imported where its errors are translated."""
    name = name_of(path)
    tops = {module.split(".")[0] for module in imports_of(path)}
    for library in tops & SOLE_IMPORTERS.keys():
        assert name in SOLE_IMPORTERS[library], library
    for library in tops & ROOM_IMPORTERS.keys():
        assert name.startswith(ROOM_IMPORTERS[library]), library


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    """No file is past 300 lines and no function past 50."""
    text = path.read_text()
    assert text.count("\n") <= 300
    sizes = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: size for name, size in sizes.items() if size > 50}


def test_one_place_catches_everything() -> None:
    """`except Exception` stands in exactly one place, the guard around one call in the ringer."""
    places = [name_of(p) for p in FILES if re.search(r"except Exception\b", p.read_text())]
    assert places == ["ringing/ringer"]


def test_no_banned_nouns() -> None:
    """Names say what a thing is; nothing is called a manager, a helper or data."""
    banned = re.compile(
        r"(?i)(^|_)(managers?|handlers?|helpers?|utils?|common|base|data|info|item|obj|process)(_|$)"
    )
    hooks_of_libraries = {"process_bind_param", "process_result_value", "data_received"}
    names = [
        f"{name_of(path)}:{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name not in hooks_of_libraries
        and banned.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name))
    ]
    assert not names
    assert not [name_of(path) for path in FILES if banned.search(path.stem)]
