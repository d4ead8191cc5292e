"""A 405 says which methods to use, and those are the ones that work: on every route."""

import re
from pathlib import Path

import pytest

from tests.harness.in_process import CRM, TOKEN, Running, run

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
META = f"handshake: {{meta: {{verify_token: {TOKEN}}}}}\n"
MAPPINGS = {
    "crm": CRM,
    "meta": CRM + META,
    "pixel": CRM + "methods: [GET]\n",
}
CHALLENGE = f"?hub.mode=subscribe&hub.challenge=c&hub.verify_token={TOKEN}"


@pytest.mark.parametrize("listener", ["public", "admin"])
def test_allow_is_true_on_every_route(tmp_path: Path, listener: str) -> None:
    """Each method is tried on each route: listed are those that are not answered with 405."""

    async def play(adapter: Running) -> None:
        opened = await adapter.order("/api/captures", {"source": "shop"})
        app = getattr(adapter.adapter, f"{listener}_app")()
        routes = {route.path for route in app.routes}
        assert len(routes) > 3
        paths = {
            re.sub(r"{source}", source, re.sub(r"{(?!source)[^}]+}", TOKEN, route))
            for route in routes
            for source in MAPPINGS
        }
        if listener == "public":
            paths.add(f"/hooks/meta{CHALLENGE}")
            paths.add("/" + opened.json()["url"].split("/", 3)[3])
        for path in sorted(paths):
            await check(adapter, listener, path)

    async def check(adapter: Running, listener: str, path: str) -> None:
        client = getattr(adapter, listener)
        answers = {method: await client.request(method, path, json={}) for method in METHODS}
        taken = {method for method, answer in answers.items() if answer.status_code != 405}
        assert taken < set(METHODS), path
        for method, answer in answers.items():
            assert answer.status_code != 500, (method, path)
            is_told = answer.status_code in (204, 405)
            if not is_told:
                continue
            allowed = set(answer.headers["allow"].split(", "))
            # A GET that is no challenge is not taken; one that is, is.
            assert allowed - {"GET"} == taken - {"GET"}, (method, path)
            assert (method in allowed) == (method in taken), (method, path)
            if "hub.mode" in path:
                assert allowed == taken, (method, path)

    run(tmp_path, play, mappings=MAPPINGS, has_engine=False)
