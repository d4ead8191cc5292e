"""`${VAR}` in values."""

from pathlib import Path

import pytest

from tests.harness.project import MAPPING, Project


def _description(project: Project, text: str) -> str:
    return project.source(f"{MAPPING}description: '{text}'\n").description


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("a ${A} and ${B}", {"A": "x", "B": "y"}, "a x and y"),
        ("${A:-z}", {}, "z"),
        ("${A:-z}", {"A": ""}, "z"),
        ("${A:-}", {}, ""),
        ("$${A}", {}, "${A}"),
        ("$A and $", {}, "$A and $"),
        ("${A}", {"A": "${B}"}, "${B}"),
    ],
)
def test_expansion(project: Project, text: str, environ: dict[str, str], expected: str) -> None:
    """Variables expand once, defaults as in a shell, `$${` is a plain `${`."""
    project.environ = environ
    assert _description(project, text) == expected


def test_a_file_stands_in_for_a_variable(project: Project, tmp_path: Path) -> None:
    """VAR_FILE is read where VAR is unset or empty, less the newline that ends a file."""
    (tmp_path / "secret").write_text("x y\n")
    for environ in ({}, {"A": ""}, {"A": " "}):
        project.environ = {**environ, "A_FILE": str(tmp_path / "secret")}
        assert _description(project, "${A}") == "x y"


PADDED = ["x\r", " x", "x\n", "\ufeffx", "x\r\n", "\tx "]


@pytest.mark.parametrize("text", PADDED)
def test_white_space_at_the_ends_is_left_out_and_told(project: Project, text: str) -> None:
    """One rule for the environment, for files of secrets, and for settings' twins."""
    project.environ = {"A": text, "ADAPTER_DATABASE": f"sqlite:///{text}"}
    loaded = project.load(mappings={"crm": f"{MAPPING}description: ${{A}}\n"})
    assert loaded.config is not None
    assert loaded.config.sources["crm"].description == "x"
    assert loaded.config.database.endswith("x") or loaded.config.database.endswith("/ x")
    warned = " ".join(str(problem) for problem in loaded.problems)
    assert "A has white space at its ends, which is left out" in warned
    secret = project.folder / "secret"
    secret.write_bytes(b"key\r\n")
    project.environ = {"A_FILE": str(secret)}
    assert _description(project, "${A}") == "key"


def test_an_emptied_secret_opens_nothing(project: Project) -> None:
    """A file that is there and empty is a problem, also of a setting's twin."""
    secret = project.folder / "secret"
    secret.write_text("\n")
    for environ in ({"A_FILE": str(secret)}, {"ADAPTER_ADMIN_TOKEN_FILE": str(secret), "A": "x"}):
        project.environ = environ
        (problem,) = project.problems(mapping=f"{MAPPING}description: ${{A}}\n")
        assert "names is empty: write the value into it" in problem


def test_the_variable_wins_over_its_file(project: Project) -> None:
    """VAR_FILE is not even read where VAR is set."""
    project.environ = {"A": "x", "A_FILE": "/nowhere"}
    assert _description(project, "${A}") == "x"


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ("${A}", {}, "the environment has no A"),
        ("${A}", {"A": "\r\n"}, "the environment has no A"),
        ("${A}", {"A_FILE": "/nowhere/at/all"}, "A_FILE names cannot be read"),
        ("${A", {}, "expected ${NAME}"),
        ("${1}", {}, "write $${"),
    ],
)
def test_what_cannot_expand_is_a_problem(
    project: Project, text: str, environ: dict[str, str], words: str
) -> None:
    """Unset variables, unreadable files and malformed references are found at their line."""
    project.environ = environ
    (problem,) = project.problems(mapping=f"{MAPPING}description: '{text}'\n")
    assert problem.startswith("4:14: description: ")
    assert words in problem


def test_an_unset_variable_is_one_problem(project: Project) -> None:
    """What an unset value cannot be is not reported on top."""
    problems = project.problems(mapping=MAPPING.replace("$.phone", "${PHONE}"))
    assert len(problems) == 1


def test_lenient_loading_warns_and_goes_on(project: Project) -> None:
    """With is_lenient, a project whose secrets are all unset still has a configuration."""
    settings = """\
public_url: ${URL}
admin_token: ${TOKEN}
agents:
  sales: {endpoint: "${E}", api_key: "${K}", secret: "${S}", timeout: "${T}", mode: "${M}"}
"""
    mapping = """\
auth:
  - {token: "${A}", ip: ["${IP}"]}
  - {hmac: {header: x-signature, secret: "${B}", secret_encoding: "${E:-hex}"}}
  - {hubspot: {client_secret: "${C}", version: v3}}
  - {standard_webhooks: {secret: "${D}"}}
agent: sales
phone: {path: $.phone, region: "${REGION}"}
"""
    loaded = project.load(settings, {"crm": mapping}, is_lenient=True)
    assert loaded.config is not None
    assert len(loaded.problems) == 13
    assert all(problem.is_warning for problem in loaded.problems)
    assert set(loaded.config.agents) == {"sales"}
    assert set(loaded.config.sources) == {"crm"}


def test_expanded_text_is_never_shown(project: Project) -> None:
    """A problem with a value that a variable gave shows the reference, not the value."""
    project.environ = {"X": "hunter2"}
    mapping = """\
auth: {token: "${X:-}", ip: "${X}", standard_webhooks: {secret: "${X}"}}
agent: ${X}
phone: {path: "${X}", region: "${X}"}
variables:
  a: {path: $.a, transform: "${X}"}
  b: {template: "${X}"}
  c: "$${X}"
  d: {path: "$.[${X}"}
dedupe: {window: "${X}"}
when: {path: $.a, gt: "${X}"}
"""
    problems = project.problems(mapping=mapping)
    assert len(problems) >= 9
    assert "hunter2" not in "\n".join(problems)
    assert "'${X}'" in "\n".join(problems)
