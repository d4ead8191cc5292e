"""The key `transform`."""

import pytest

from adapter.mapping.transforms import TRANSFORMS_WITH_SETTING
from tests.harness.project import MAPPING, Project


@pytest.mark.parametrize("written", TRANSFORMS_WITH_SETTING.values())
def test_every_transform_with_a_setting_is_read_as_it_is_written(
    project: Project, written: str
) -> None:
    """As the table of transforms shows it to those who forgot the setting."""
    text = f"{MAPPING}variables: {{name: {{path: $.name, transform: {written}}}}}\n"
    (variable,) = project.source(text).mapping.variables
    assert len(variable.value.transforms) == 1
