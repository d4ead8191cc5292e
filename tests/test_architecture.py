"""The house holds: the table of its rooms, and what keeps them small and plain.

docs/architecture.md has the drawing; `python -m tests.harness.rooms --write` brings it up to date.
"""

import ast
import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.harness import rooms
from tests.harness.rooms import FILES, place_of


@dataclass(frozen=True, slots=True)
class Room:
    """The rooms that a room may import, and whether it keeps its hands off the machine."""

    imports: str = ""
    is_pure: bool = False


# Each room imports from those above it alone. A file with a row of its own follows that row.
ROOMS = {
    "errors": Room(is_pure=True),
    "model": Room("errors", is_pure=True),
    "agent": Room(is_pure=True),
    "values": Room("errors model", is_pure=True),
    # who sent it, and what does it say?
    "webhook": Room("errors model agent values", is_pure=True),
    # whom to call, and what to say?
    "mapping": Room("errors model agent values", is_pure=True),
    "mapping/reading": Room("errors model values webhook", is_pure=True),
    "config": Room("errors model agent values webhook mapping", is_pure=True),
    # may it ring, and what did the answer prove?
    "policy": Room("errors model agent values config", is_pure=True),
    "clock": Room(),
    "telemetry": Room("model agent clock"),
    # what is durable, looked up, rung
    "ledger": Room("errors model agent values clock"),
    "lookup": Room("errors model values webhook mapping config policy clock telemetry ledger"),
    "lookup/answers": Room("model mapping policy", is_pure=True),
    "ringing": Room("errors model agent values config policy clock telemetry ledger"),
    "ringing/signing": Room("agent", is_pure=True),
    "workers": Room("errors model agent config policy clock telemetry ledger lookup ringing"),
    # tools for the authors of mappings, which no lead meets
    "compiler": Room("errors model agent values webhook mapping config policy"),
    "authoring": Room(
        "errors model agent values webhook mapping config policy telemetry ringing compiler",
        is_pure=True,
    ),
    "mock_agent": Room("errors values"),
    # what listens, takes webhooks in, obeys people and keeps house
    "server": Room("errors values webhook telemetry"),
    "admin": Room(
        "errors model agent values webhook mapping config clock telemetry ledger authoring server"
    ),
    "intake": Room(
        "errors model values webhook mapping config policy clock telemetry ledger workers server"
    ),
    "service": Room(
        "errors model agent mapping config policy clock telemetry ledger lookup ringing workers"
        " compiler"
    ),
    "app": Room(
        "errors model agent values mapping config policy clock telemetry ledger lookup ringing"
        " workers compiler server admin intake service"
    ),
    "cli": Room(
        "errors model agent values webhook mapping config clock telemetry ledger workers compiler"
        " authoring mock_agent admin service app"
    ),
    "__main__": Room("cli"),
    "__init__": Room(),
}
# The places that may import a library: one, so that its errors are translated once, or, where it is
# spoken throughout a room, that room.
LIBRARIES = {
    "cryptography": "webhook/auth/public_keys",
    "jwt": "webhook/auth/json_web_token",
    "aiohttp": "ringing/sender",
    "alembic": "ledger",
    "click": "cli",
    "h11": "mock_agent/connection",
    "holidays": "values/holidays",
    "httptools": "server/protocol",
    "httpx": "ringing/sender lookup/fetcher cli/client cli/author/send cli/run/demo",
    "httpx_aiohttp": "ringing/sender",
    "jinja2": "admin/console/pages",
    "jsonpath_ng": "mapping/paths mapping/path_tree",
    "orjson": "webhook/formats/json ledger/rows telemetry",
    "phonenumbers": "values/numbering_plans",
    "prometheus_client": "telemetry admin/api",
    "pydantic": "compiler",
    "pydantic_core": "compiler/fields",
    "python_multipart": "webhook/formats",
    "re2": "mapping/patterns",
    "rich": "cli/output",
    "ruamel": "compiler/yaml/marks mock_agent/script",
    "sqlalchemy": "ledger",
    "starlette": "intake admin server app",
    "uvicorn": "server",
}


def row_of(place: str) -> str:
    """Return the name of the row that a file follows: its own, or its room's."""
    return place if place in ROOMS else place.partition("/")[0]


def is_within(place: str, wider: str) -> bool:
    """Tell whether a file is one of these places, or in one of these folders."""
    return any(place == name or place.startswith(f"{name}/") for name in wider.split())


def test_every_room_stands_in_the_table_once() -> None:
    """A new room gets a row, in which it says what it may import; an old row goes with its room."""
    rows = {row_of(place_of(path)) for path in FILES}
    assert rows == ROOMS.keys()


def test_the_table_runs_one_way() -> None:
    """Every room imports from the rooms above it alone."""
    names = list(ROOMS)
    for name, room in ROOMS.items():
        below = names[: names.index(name)]
        allowed = {*below, name.split("/")[0]}
        assert set(room.imports.split()) <= allowed, name


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_a_file_imports_what_its_room_may(path: Path) -> None:
    """No import runs back up, and none passes by a room's row."""
    row = row_of(place_of(path))
    allowed = {row.split("/")[0], *ROOMS[row].imports.split()}
    assert {
        place for place in rooms.places_imported_by(path) if place.split("/")[0] not in allowed
    } == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    """Any file can be read with what it rests on, and without what rests on it."""
    _check_no_circle(rooms.imports_between_files())


@pytest.mark.parametrize("folder", rooms.folders(), ids=lambda folder: folder or "adapter")
def test_no_folders_import_each_other_in_a_circle(folder: str) -> None:
    """The files and folders side by side in a folder have an order too."""
    _check_no_circle(rooms.imports_between_children(folder))


def _check_no_circle(graph: rooms.Graph) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize(
    "path", [path for path in FILES if ROOMS[row_of(place_of(path))].is_pure], ids=place_of
)
def test_pure_rooms_touch_no_machine(path: Path) -> None:
    """Pure rooms import nothing that reads a clock, a socket, a disk or chance."""
    assert not rooms.libraries_of(path) & rooms.MACHINE


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_each_library_has_its_place(path: Path) -> None:
    """A foreign library is imported where the table says, and every one stands in the table."""
    for library in rooms.foreign_libraries_of(path):
        assert library in LIBRARIES, library
        assert is_within(place_of(path), LIBRARIES[library]), library


@pytest.mark.parametrize("path", FILES, ids=place_of)
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
    """`except Exception` stands around reading YAML, one call of the ringer, and the chores."""
    places = [place_of(p) for p in FILES if re.search(r"except Exception\b", p.read_text())]
    assert places == ["compiler/yaml/marks", "ringing/ringer", "service/chores"]


def test_no_banned_nouns() -> None:
    """Names say what a thing is; nothing is called a manager, a helper or data."""
    banned = re.compile(
        r"(?i)(^|_)(managers?|handlers?|helpers?|utils?|common|base|data|info|item|obj|process)(_|$)"
    )
    hooks_of_libraries = {"process_bind_param", "process_result_value", "data_received"}
    names = [
        f"{place_of(path)}:{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name not in hooks_of_libraries
        and banned.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name))
    ]
    assert not names
    assert not [place_of(path) for path in FILES if banned.search(path.stem)]


def test_the_drawing_leaves_out_the_arrows_that_longer_ways_show() -> None:
    """What a room rests on can still be followed, arrow by arrow."""
    graph = {"app": {"ledger", "model"}, "ledger": {"model"}, "model": set[str]()}
    assert rooms.reduced(graph) == {"app": {"ledger"}, "ledger": {"model"}, "model": set()}


def test_the_page_has_the_drawing_of_today() -> None:
    """docs/architecture.md shows the rooms as they are; `--write` above brings it up to date."""
    assert rooms.drawn_in(rooms.PAGE.read_text("utf-8")) == rooms.drawing()
