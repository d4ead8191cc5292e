"""The setting `proxy`: an address, or what the environment says of one."""

import pytest

from adapter.config.proxy import Proxy
from tests.harness.project import SETTINGS, Project

ADDRESS = "http://proxy.example.com:3128"
PASSWORD = "pass-word-of-the-proxy"
FROM_ENVIRONMENT = f"proxy: env\n{SETTINGS}"


def test_none_is_used_unless_it_is_set(project: Project) -> None:
    """Whatever the environment says for other programs."""
    project.environ |= {"HTTPS_PROXY": ADDRESS, "ALL_PROXY": ADDRESS}
    assert project.config().proxy is None
    assert project.config(f'proxy: ""\n{SETTINGS}').proxy is None


def test_an_address_is_taken_with_its_password(project: Project) -> None:
    """Which may come from a variable of its own."""
    project.environ["PROXY_PASSWORD"] = PASSWORD
    url = "http://me:${PROXY_PASSWORD}@proxy.example.com:3128"
    proxy = project.config(f'proxy: "{url}"\n{SETTINGS}').proxy
    assert proxy == Proxy.from_url(f"http://me:{PASSWORD}@proxy.example.com:3128")
    assert PASSWORD not in repr(project.config(f'proxy: "{url}"\n{SETTINGS}'))


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("address", [ADDRESS, "proxy.example.com:3128"])
@pytest.mark.parametrize("exemptions", ["NO_PROXY", "no_proxy"])
def test_the_environment_is_read_as_other_programs_do(
    project: Project, name: str, address: str, exemptions: str
) -> None:
    """In capitals or small letters, with or without a scheme; NO_PROXY counts there alone."""
    project.environ |= {name: address, exemptions: "example.com"}
    assert project.config(FROM_ENVIRONMENT).proxy == Proxy.from_url(ADDRESS, "example.com")
    assert project.config(f"proxy: {ADDRESS}\n{SETTINGS}").proxy == Proxy.from_url(ADDRESS)


def test_an_environment_without_a_proxy_is_told_and_does_not_stop_a_start(
    project: Project,
) -> None:
    """The same image may run where there is one and where there is none."""
    loaded = project.load(FROM_ENVIRONMENT)
    assert loaded.config is not None
    assert loaded.config.proxy is None
    (problem,) = loaded.problems
    assert problem.is_warning
    assert str(problem).endswith("has no HTTPS_PROXY: calls and look-ups go out directly")


@pytest.mark.parametrize("value", [f"socks5://me:{PASSWORD}@proxy.example.com", "7", "[a]"])
def test_what_is_no_address_is_a_problem_that_does_not_show_it(
    project: Project, value: str
) -> None:
    """Nor what the environment gives for it, as a setting or as HTTPS_PROXY."""
    (problem,) = project.load(f"proxy: {value}\n{SETTINGS}").problems
    told = "expected env, or http:// or https:// and a proxy's address"
    assert (problem.line, problem.key) == (1, "proxy")
    assert problem.message.startswith(told)
    project.environ["ADAPTER_PROXY"] = value
    (twin,) = project.load().problems
    assert (twin.file, twin.key) == ("environment", "ADAPTER_PROXY")
    project.environ = {"HTTPS_PROXY": f"{value}://x"}
    (ours,) = project.load(FROM_ENVIRONMENT).problems
    assert ours.message.startswith("HTTPS_PROXY: expected http:// or https://")
    for each in (problem, twin, ours):
        assert PASSWORD not in str(each)


def test_a_file_that_should_hold_the_proxy_and_does_not_is_a_problem(project: Project) -> None:
    """An operator who hides the password in a file would otherwise go out without the proxy."""
    project.environ = {"HTTPS_PROXY_FILE": str(project.folder / "missing")}
    (problem,) = project.load(FROM_ENVIRONMENT).problems
    assert "the file that HTTPS_PROXY_FILE names cannot be read" in problem.message
    assert not problem.is_warning
