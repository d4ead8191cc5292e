"""Promises about scripts: what they may say, and how a wrong one is explained."""

from pathlib import Path

import pytest

from adapter.errors import ConfigError
from adapter.mock_agent.script import (
    ACCEPTED,
    ACTS,
    CODES,
    Script,
    Scripted,
    answer_of_code,
    load_script,
    read_script,
    script_of,
)

PHONE = "+12025550123"


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_is_answered_with_its_documented_status(code: str) -> None:
    """The body names the code, as VoiceB's do in some shape."""
    scripted = script_of(code).default[0]
    assert scripted == answer_of_code(code)
    assert (scripted.label, scripted.status) == (code, CODES[code][0])
    assert code in scripted.body
    assert not scripted.rings


@pytest.mark.parametrize("act", sorted(ACTS))
def test_after_an_act_a_phone_may_ring(act: str) -> None:
    """The POST was read, so the oracle counts the worst."""
    assert script_of(act).default == (Scripted(label=act, act=act),)
    assert script_of(act).default[0].rings


@pytest.mark.parametrize(
    ("status", "rings"), [(200, True), (299, True), (301, False), (408, False), (599, False)]
)
def test_a_status_rings_where_it_is_2xx(status: int, rings: bool) -> None:
    """Any status from 200 to 599 can be scripted."""
    scripted = script_of(status).default[0]
    assert (scripted.status, scripted.label, scripted.rings) == (status, str(status), rings)


def test_a_map_sets_every_part_of_an_answer() -> None:
    """Numbers are good header values too."""
    text = "- {status: 429, body: slow down, headers: {Retry-After: 7, X-A: b}, delay_s: 0.5}\n- {}"
    assert read_script(text).default == (
        Scripted(
            label="429",
            status=429,
            body="slow down",
            headers=(("Retry-After", "7"), ("X-A", "b")),
            delay_s=0.5,
        ),
        ACCEPTED,
    )


def test_answers_come_in_order_and_then_200_for_ever() -> None:
    """The last one is not repeated."""
    script = read_script("- ctc:007\n- 503\n- drop\n")
    labels = [script.answer(PHONE, position).label for position in range(5)]
    assert labels == ["ctc:007", "503", "drop", "200", "200"]


def test_a_phone_may_have_answers_of_its_own() -> None:
    """All others share the default list."""
    script = read_script(f'default: [503]\nphones:\n  "{PHONE}": [drop, hang]\n')
    assert [script.list_key(PHONE), script.list_key("+12025550124")] == [PHONE, ""]
    assert [script.answer(PHONE, place).label for place in range(3)] == ["drop", "hang", "200"]
    assert script.answer("+12025550124", 0).label == "503"


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "{}", "default: []"])
def test_an_empty_script_accepts_everything(text: str) -> None:
    """As no script does."""
    assert read_script(text).answer(PHONE, 0) == ACCEPTED == Script().answer(PHONE, 9)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- 200\n- dropp\n", ["s.yaml:2:3: [1]: 'dropp' is no answer; expected one of: ctc:001,"]),
        ("- ctc:009\n", ["s.yaml:1:3: [0]: 'ctc:009' is no answer"]),
        ("- 199\n- true\n", ["s.yaml:1:3: [0]: 199 is", "s.yaml:2:3: [1]: True is no answer"]),
        ("drop\n", ["s.yaml:1:1: expected a list of answers"]),
        (
            "- {stats: 1, body: 5}\n",
            [
                "s.yaml:1:4: [0].stats: unknown key; expected one of: status, body",
                "s.yaml:1:14: [0].body: expected text",
            ],
        ),
        (
            "- status: 700\n  delay_s: -1\n  headers: {a: [b]}\n",
            [
                "s.yaml:1:3: [0].status: expected a status from 200 to 599",
                "s.yaml:2:3: [0].delay_s: expected seconds",
                "s.yaml:3:3: [0].headers: expected a map",
            ],
        ),
        ('- headers: {a: "b\\r\\nc"}\n', ["s.yaml:1:3: [0].headers: expected a map"]),
        ("- headers: 7\n", ["s.yaml:1:3: [0].headers: expected a map"]),
        ("- headers: {a b: c}\n", ["s.yaml:1:3: [0].headers: expected a map"]),
        ("default: 7\n", ["s.yaml:1:1: default: expected a list of answers"]),
        ("phones: [drop]\n", ["s.yaml:1:1: phones: expected a map of phone to answers"]),
        ("phones:\n  +12025550123: [drop]\n", ['s.yaml:2:3: phones: expected a quoted number, "+']),
        ("defalt: [drop]\n", ["s.yaml:1:1: defalt: unknown key; expected one of: default, phones"]),
        ("- [\n", ["s.yaml:2:1: not readable as YAML: "]),
        ("- 200\n--- \n- 200\n", ["s.yaml:2:1: not readable as YAML: "]),
        ("- \x00\n", ["s.yaml:1:1: not readable as YAML"]),
    ],
)
def test_a_wrong_script_is_explained_line_by_line(text: str, found: list[str]) -> None:
    """Every problem at once, with what would be right."""
    with pytest.raises(ConfigError) as caught:
        read_script(text, file="s.yaml")
    lines = str(caught.value).splitlines()
    assert [line.startswith(start) for line, start in zip(lines, found, strict=True)] == (
        [True] * len(found)
    ), lines


def test_a_wrong_script_in_code_is_explained_too() -> None:
    """Tests write scripts without YAML."""
    with pytest.raises(ConfigError, match="'nope' is no answer"):
        script_of("nope")


def test_a_script_is_loaded_from_its_file(tmp_path: Path) -> None:
    """As `adapter mock-agent --script` does."""
    path = tmp_path / "s.yaml"
    path.write_text("- drop\n", encoding="utf-8")
    assert load_script(path) == script_of("drop")


@pytest.mark.parametrize(
    ("body", "found"), [(None, "cannot be read: No such file"), (b"\xff", "not UTF-8 text")]
)
def test_a_file_that_is_no_text_is_explained(
    tmp_path: Path, body: bytes | None, found: str
) -> None:
    """With its name."""
    path = tmp_path / "s.yaml"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(ConfigError, match=f"s.yaml:1:1: {found}"):
        load_script(path)
