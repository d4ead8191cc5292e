"""An agent to ring through, for tests that ask how an attempt ends."""

from adapter.agent import Agent, Secret


def agent_at(url: str, *, timeout_s: float = 5.0) -> Agent:
    """Return an agent at an address."""
    return Agent(
        name="sales",
        endpoint=url,
        api_key=Secret("key"),
        secret=Secret("secret"),
        timeout_s=timeout_s,
    )
