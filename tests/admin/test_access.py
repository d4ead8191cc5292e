"""Promises about who may use the admin listener."""

from pathlib import Path

import pytest

from adapter.admin.access import ADAPTER, ASKER, AdminAccess, token_proof
from adapter.agent import Secret
from adapter.errors import IntakeError
from tests.harness.in_process import Running, run

ADMIN = "an-admin-token"
JSON = "application/json"
BEARER = {"authorization": f"Bearer {ADMIN}"}
# where it listens, its token, the request's method and headers, the status (0: it passes)
CASES = [
    ("127.0.0.1", None, "GET", {"host": "localhost:8081"}, 0),
    ("127.0.0.1", None, "GET", {"host": "127.0.0.1"}, 0),
    ("::1", None, "GET", {"host": "[::1]:8081"}, 0),
    ("127.0.0.1", None, "GET", {"host": "evil.example:8081"}, 403),
    ("127.0.0.1", None, "GET", {"host": "127.0.0.1.evil.example"}, 403),
    ("127.0.0.1", None, "GET", {"host": "localhost.evil.example"}, 403),
    ("127.0.0.1", None, "GET", {"host": "192.0.2.7:8081"}, 403),
    ("127.0.0.1", None, "GET", {}, 403),
    ("127.0.0.1", None, "HEAD", {"host": "localhost"}, 0),
    ("127.0.0.1", None, "POST", {"host": "localhost", "content-type": JSON}, 0),
    ("127.0.0.1", None, "POST", {"host": "localhost", "content-type": f"{JSON}; charset=x"}, 0),
    ("127.0.0.1", None, "POST", {"host": "localhost", "content-type": "text/plain"}, 415),
    ("127.0.0.1", None, "POST", {"host": "localhost"}, 415),
    ("127.0.0.1", None, "DELETE", {"host": "localhost"}, 415),
    ("127.0.0.1", ADMIN, "GET", {"host": "localhost"}, 401),
    ("127.0.0.1", ADMIN, "GET", {"host": "localhost", **BEARER}, 0),
    ("127.0.0.1", ADMIN, "GET", {"host": "evil.example", **BEARER}, 403),
    ("0.0.0.0", ADMIN, "GET", {"host": "hooks.example.com", **BEARER}, 0),
    ("0.0.0.0", ADMIN, "GET", {"host": "hooks.example.com"}, 401),
    ("0.0.0.0", ADMIN, "GET", {"authorization": f"Bearer {ADMIN}x"}, 401),
    ("0.0.0.0", ADMIN, "GET", {"authorization": ADMIN}, 401),
    ("0.0.0.0", ADMIN, "GET", {"authorization": "Bearer ÿ"}, 401),
    ("0.0.0.0", ADMIN, "GET", {"authorization": "Bearer ☎"}, 401),
    ("0.0.0.0", None, "GET", {"host": "localhost"}, 401),
]


@pytest.mark.parametrize(("host", "token", "method", "headers", "status"), CASES)
def test_who_may_pass(
    host: str, token: str | None, method: str, headers: dict[str, str], status: int
) -> None:
    """Loopback answers to its own names, any other address to the bearer of the token."""
    access = AdminAccess(host=host, token=Secret(token) if token else None)
    if not status:
        access.check(method, headers)
        return
    with pytest.raises(IntakeError) as refusal:
        access.check(method, headers)
    assert refusal.value.status == status
    assert ADMIN not in f"{refusal.value} {refusal.value.detail}"


NONCE = "0123456789abcdef" * 4
ASKED = {"nonce": NONCE, "proof": token_proof(Secret(ADMIN), role=ASKER, port=1, nonce=NONCE)}
# a host, what was asked for, at which port, and whether the adapter has a token
UNPROVEN = [
    ("localhost", {}, 1, True),
    ("localhost", {"nonce": NONCE}, 1, True),
    ("localhost", {"nonce": NONCE, "proof": "ü"}, 1, True),
    ("localhost", {**ASKED, "nonce": NONCE[:-1] + "0"}, 1, True),
    ("localhost", {"nonce": "0", "proof": ASKED["proof"]}, 1, True),
    ("localhost", ASKED, 2, True),
    ("localhost", ASKED, 1, False),
    ("evil.example", ASKED, 1, True),
]


def test_a_proof_is_given_to_who_gives_one() -> None:
    """Each for its own role: neither is the other's."""
    access = AdminAccess(host="127.0.0.1", token=Secret(ADMIN))
    answer = access.prove({"host": "localhost"}, ASKED, port=1)
    expected = token_proof(Secret(ADMIN), role=ADAPTER, port=1, nonce=NONCE)
    assert answer == {"proof": expected}
    assert expected != ASKED["proof"]


@pytest.mark.parametrize(("host", "asked", "port", "has_token"), UNPROVEN)
def test_a_stranger_gets_no_proof_to_guess_at(
    host: str, asked: dict[str, str], port: int, has_token: bool
) -> None:
    """Whoever does not know the token, asks at another port, or comes from a web page."""
    access = AdminAccess(host="127.0.0.1", token=Secret(ADMIN) if has_token else None)
    with pytest.raises(IntakeError) as refusal:
        access.prove({"host": host}, asked, port=port)
    assert refusal.value.status == (401 if host == "localhost" else 403)


def test_a_token_beyond_ascii_is_compared_as_bytes() -> None:
    """Headers arrive as Latin-1; the token's UTF-8 bytes still match."""
    access = AdminAccess(host="::", token=Secret("schlüssel"))
    access.check("GET", {"authorization": "Bearer schlüssel".encode().decode("latin-1")})


def test_every_admin_route_is_protected(tmp_path: Path) -> None:
    """A rebound name sees no route, and a web page's form writes to none."""

    async def play(adapter: Running) -> None:
        rebound = {"host": "evil.example"}
        routes = adapter.adapter.admin_app().routes
        assert len(routes) >= 12
        for route in routes:
            path = getattr(route, "path", "").format(id="x", name="*")
            methods = getattr(route, "methods", None) or {"GET"}
            for method in methods:
                content: dict[str, str] | None = {} if method == "POST" else None
                answer = await adapter.admin.request(method, path, headers=rebound, json=content)
                assert answer.status_code == 403, path
            if "POST" in methods:
                form = {"origin": "http://evil.example", "content-type": "text/plain"}
                answer = await adapter.admin.post(path, content=b"{}", headers=form)
                assert answer.status_code == (415 if path.startswith("/api") else 403), path
                assert "access-control-allow-origin" not in answer.headers
        answer = await adapter.admin.options("/api/agents/*/pause")
        assert "access-control-allow-origin" not in answer.headers
        assert (await adapter.admin.get("/api/status")).json()["agents"]["sales"]["state"] == "live"

    run(tmp_path, play, has_engine=False)


def test_a_set_token_is_asked_for_on_loopback_too(tmp_path: Path) -> None:
    """Also for /metrics; with it, everything opens."""

    async def play(adapter: Running) -> None:
        for path in ("/metrics", "/api/status", "/api/calls"):
            assert (await adapter.admin.get(path)).status_code == 401
            assert (await adapter.admin.get(path, headers=BEARER)).status_code == 200

    run(tmp_path, play, settings=f"admin_token: {ADMIN}\n", has_engine=False)
