"""The facts of adapter.yaml that a mapping is compiled with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapter.compiler.fields.shape import default_of
from adapter.mapping.mapping import SourceMapping

UNSET_URL = "https://unset.invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingContext:
    """The facts of adapter.yaml that a mapping needs.

    `agent_variables` is by agent, None for one that is itself ill-shaped; with
    `is_standalone` there is no adapter.yaml, and unknown agents are warnings. So they are with
    `is_off`, for a mapping that `sources` leaves out. With `is_lenient` it is a warning that
    `public_url` is wanting: installations differ in it as they do in variables.
    """

    agent_variables: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    public_url: str = ""
    max_items: int = field(default=default_of(SourceMapping, "max_items"))
    is_standalone: bool = False
    is_off: bool = False
    is_lenient: bool = False

    def when_off(self) -> "MappingContext":
        """Return what a mapping is checked against that nobody here has to need."""
        return MappingContext(
            agent_variables=dict.fromkeys(self.agent_variables),
            public_url=self.public_url or UNSET_URL,
            max_items=self.max_items,
            is_standalone=self.is_standalone,
            is_off=True,
        )
