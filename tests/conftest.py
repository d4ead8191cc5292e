"""The whole suite keeps one promise: no log line of any test tells a phone or a secret.

Each test is judged by what it, and the processes that it started, wrote. Under xdist every worker
judges its own tests.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness.effort import examples
from tests.harness.log_leaks import HEARD, listening_factory
from tests.harness.project import Project

# Tests that write such texts on purpose, and why.
EXEMPT = {
    "tests/test_telemetry.py": "gives the redactor, and the formatters, what they must hide",
    "tests/harness/test_log_leaks.py": "shows that this check finds them",
}


# A shared machine is slow at times: how long an example takes is no promise of ours.
settings.register_profile("ours", deadline=None, max_examples=examples(100))
settings.load_profile("ours")


def pytest_configure() -> None:
    """Note every log record from now on."""
    logging.setLogRecordFactory(listening_factory(HEARD))


def pytest_collection() -> None:
    """Learn every secret that any configuration holds."""
    from adapter.agent import Secret  # noqa: PLC0415 - after coverage began to measure it

    make = Secret.__init__

    def learnt(self: Secret, text: str) -> None:
        make(self, text)
        HEARD.secret(text)

    Secret.__init__ = learnt  # type: ignore[method-assign]  # the one place that all pass


@pytest.fixture(autouse=True)
def nobody_is_told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a log line told a phone or a secret."""
    logging.getLogger("adapter").setLevel(logging.INFO)  # as `adapter serve` sets it
    yield
    leaks = HEARD.leaks()
    if not any(request.node.nodeid.startswith(name) for name in EXEMPT):
        assert not leaks, f"{len(leaks)} log lines tell a phone or a secret: {leaks[:3]}"


@pytest.fixture(autouse=True, scope="session")
def nobody_is_told_afterwards() -> Iterator[None]:
    """Judge also what is written after the last test's end."""
    yield
    assert not HEARD.leaks()


@pytest.fixture(autouse=True, scope="session")
def _nobody_waits() -> None:
    """Let failed proofs be answered at once: tests fail hundreds of them from one address."""
    from adapter.intake import strangers  # noqa: PLC0415 - after coverage began to measure it

    strangers.WAIT_S = 0.0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with an empty environment."""
    return Project(tmp_path)
