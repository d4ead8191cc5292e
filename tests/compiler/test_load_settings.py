"""Promises of reading the settings alone: whatever else is wrong, the adapter can be reached."""

from pathlib import Path

import pytest

from adapter.compiler.load_settings import load_settings
from adapter.values.addresses import Address

SETTINGS = 'admin_listen: "127.0.0.1:9001"\nadmin_token: ${TOKEN}\n'


def adapter_yaml(folder: Path, text: str) -> Path:
    """Write an adapter.yaml and return its path."""
    path = folder / "adapter.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "agents", ["", "agents: 5\n", 'agents: {sales: {endpoint: "${UNSET}", colour: blue}}\n']
)
def test_agents_and_mappings_are_not_read(tmp_path: Path, agents: str) -> None:
    """The folder of mappings need not even be there."""
    loaded = load_settings(
        adapter_yaml(tmp_path, SETTINGS + agents), {"TOKEN": "a-token-of-many-letters"}
    )
    assert loaded.problems == ()
    assert loaded.config is not None
    assert loaded.config.admin_listen == Address(host="127.0.0.1", port=9001)
    assert loaded.config.admin_token is not None
    assert loaded.config.admin_token.reveal() == "a-token-of-many-letters"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    """As it does where the whole configuration is read."""
    environ = {"TOKEN": "a-token-of-many-letters", "ADAPTER_ADMIN_LISTEN": "127.0.0.1:9002"}
    config = load_settings(adapter_yaml(tmp_path, SETTINGS), environ).config
    assert config is not None
    assert config.admin_listen.port == 9002


def test_an_unset_variable_is_a_warning(tmp_path: Path) -> None:
    """Something stands for it, since the command may not need it."""
    loaded = load_settings(adapter_yaml(tmp_path, SETTINGS), {})
    assert loaded.config is not None
    assert [(problem.unset, problem.is_warning) for problem in loaded.problems] == [("TOKEN", True)]


MISTAKES = [
    ("admin_listen: nowhere\ncolour: blue\n", [(1, "admin_listen"), (2, "colour")]),
    ("- a list\n", [(1, "")]),
    ("admin_listen: [\n", [(2, "")]),
]


@pytest.mark.parametrize(("text", "found"), MISTAKES)
def test_a_wrong_setting_is_a_problem(
    tmp_path: Path, text: str, found: list[tuple[int, str]]
) -> None:
    """All of them by line; there is no configuration then."""
    loaded = load_settings(adapter_yaml(tmp_path, text), {})
    assert loaded.config is None
    assert [(problem.line, problem.key) for problem in loaded.problems] == found


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """It raises nothing."""
    loaded = load_settings(tmp_path / "none.yaml", {})
    assert loaded.config is None
    assert [problem.message for problem in loaded.problems] == ["there is no such file"]
