"""No file, folder or text ends the process, or keeps it: each is a problem with its place."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.compiler.files import MAX_BYTES, mapping_files, read_file
from adapter.compiler.load import load_config
from adapter.compiler.watch import marks
from adapter.compiler.yaml.marks import read_sheet

TEXTS = [
    (b"a: 1\n%YAML 1.3\n---\na: 1\n", ""),
    (b"%YAML 1.3\n---\na: 1\n", "1:1: a directive stands here"),
    (b'a: 1\nb: "\\U00110000"\n', "2:5: this escape stands for no character"),
    (b'a: "\\UFFFFFFFF"\n', "1:5: this escape stands for no character"),
    (b"%TAG ! tag:x,2000:\n--- !x\n", "2:5: YAML tags are not read"),
]


@pytest.mark.parametrize(("body", "problem"), TEXTS)
def test_whatever_parsing_raises_is_a_problem_with_its_line(body: bytes, problem: str) -> None:
    """Also what the YAML library lets slip of its own code's errors."""
    _, problems = read_sheet("f.yaml", body)
    assert problems
    assert problem in str(problems[0])


@given(
    body=st.binary(max_size=60)
    | st.text(alphabet='%YAMLTG!&*{}[]:,-"\\Ux013 \n', max_size=40).map(str.encode)
)
def test_any_bytes_are_read_or_are_a_problem(body: bytes) -> None:
    """Never an exception."""
    document, problems = read_sheet("f.yaml", body)
    assert document is not None or problems


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)


@pytest.mark.parametrize("make", [_pipe, _loop, _device, _huge])
def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path, make: object) -> None:
    """A pipe, a looping link, a device, a file without end: a problem, and the rest is loaded."""
    path = tmp_path / "crm.yaml"
    make(path)  # type: ignore[operator]  # one of the four above
    document, problems = read_file(path)
    assert document is None
    assert str(problems[0]).startswith(f"{path}:1:1: this ")
    assert isinstance(marks(tmp_path / "adapter.yaml", [str(tmp_path)], {}), frozenset)


def test_a_folder_that_cannot_be_read_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EIO and ESTALE of a mounted folder, EMFILE of a process at its limit."""

    def fail(_: object) -> list[str]:
        raise OSError(5, "Input/output error")

    settings = tmp_path / "adapter.yaml"
    settings.write_text("agents: {}\n", "utf-8")
    monkeypatch.setattr("os.listdir", fail)
    assert mapping_files(tmp_path)[1][0].message == "this folder cannot be read: Input/output error"
    assert load_config(settings, {}).config is None
    assert marks(settings, [str(tmp_path)], {"X_FILE": "a\0b"})
