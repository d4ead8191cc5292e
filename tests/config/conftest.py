"""Fixtures of the configuration's tests."""

from pathlib import Path

import pytest

from tests.config.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with an empty environment."""
    return Project(tmp_path)
