"""The admin token goes to the adapter alone, whoever else listens where it should."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapter.admin.access import ADAPTER, token_proof
from adapter.agent import Secret
from tests.cli.shop import ADA, Shop
from tests.harness.adapter_process import AdapterProcess

ADMIN = "an-admin-token-of-the-street"
# Asked by somebody, at a port: what the impostor answers.
Answer = Callable[[str, int], str]
COMMANDS = [
    ("status",),
    ("calls",),
    ("webhooks",),
    ("pause", "--all"),
    ("block", ADA),
    ("forget", ADA),
    ("capture", "crm"),
]


@contextmanager
def impostor(answer: Answer) -> Iterator[tuple[int, bytearray]]:
    """Listen on a port; give it, and all bytes that anybody ever sent there."""
    heard = bytearray()

    class Impostor(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            heard.extend(f"{self.requestline}\n{self.headers}".encode() + content)
            body = answer(self.path, self.connection.getsockname()[1]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Impostor) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_port, heard
        server.shutdown()


def nonce_in(path: str) -> str:
    """Return the number that is used once."""
    return parse_qs(urlsplit(path).query).get("nonce", [""])[0]


def _status(_path: str, _port: int) -> str:
    return json.dumps({"version": "0", "agents": {}, "proof": "0" * 64})


def _echo(path: str, _port: int) -> str:
    """Send the asker's own proof back."""
    return json.dumps({"proof": parse_qs(urlsplit(path).query).get("proof", [""])[0]})


def _guess(path: str, port: int) -> str:
    """Prove another token."""
    guess = token_proof(Secret("a-guess"), role=ADAPTER, port=port, nonce=nonce_in(path))
    return json.dumps({"proof": guess})


def _no_text(_path: str, _port: int) -> str:
    return json.dumps({"proof": [1]})


def _no_object(_path: str, _port: int) -> str:
    return "[" * 4_000


@pytest.mark.parametrize("answer", [_status, _echo, _guess, _no_text, _no_object])
def test_an_impostor_is_not_told_the_token(shop: Shop, answer: Answer) -> None:
    """Nor what the command is about; it is named as what it is, with status 2."""
    with impostor(answer) as (port, heard):
        shop.write(settings=f"listen: 127.0.0.1:0\nadmin_listen: localhost:{port}\n")
        shop.environ["ADAPTER_ADMIN_TOKEN"] = ADMIN
        for command in COMMANDS:
            shown = shop.run(*command, status=2).output
            assert "does not prove that it knows `admin_token`" in shown
            assert ADMIN not in shown
        told = heard.decode()
        assert told.count("/api/proof?") == len(COMMANDS)
        assert ADMIN not in told
        assert "authorization" not in told.lower()
        assert ADA[1:] not in told
        nonces = {nonce_in(line) for line in told.split("\n") if "nonce=" in line}
        assert len(nonces) == len(COMMANDS)


def test_an_impostor_who_asks_the_adapter_learns_nothing(shop: Shop) -> None:
    """A proof counts for the port at which it was asked for."""
    shop.environ["ADAPTER_ADMIN_TOKEN"] = ADMIN
    with AdapterProcess(shop.folder, environ=shop.environ) as adapter:

        def passed_on(path: str, _port: int) -> str:
            return httpx.get(f"{adapter.admin}{path}", trust_env=False).text

        with impostor(passed_on) as (port, heard):
            shop.environ["ADAPTER_ADMIN_LISTEN"] = f"127.0.0.1:{port}"
            shop.run("status", status=2)
            assert b"/api/proof?" in heard
            assert ADMIN.encode() not in heard


def test_a_token_is_sent_on_the_connection_that_was_proven(shop: Shop) -> None:
    """Not on another one, if the adapter ended in between and somebody took its place."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def play() -> None:
            """Prove it once, as the adapter, and hang up; then be whoever came after it."""
            first, _ = server.accept()
            with first:
                path = first.recv(65536).decode().split(" ")[1]
                proof = token_proof(Secret(ADMIN), role=ADAPTER, port=port, nonce=nonce_in(path))
                body = json.dumps({"proof": proof})
                head = (
                    f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
                )
                first.sendall((head + body).encode())
            server.settimeout(1)
            try:
                second, _ = server.accept()
            except TimeoutError:
                return
            with second:
                heard.extend(second.recv(65536))

        thread = Thread(target=play, daemon=True)
        thread.start()
        shop.write(settings=f"listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:{port}\n")
        shop.environ["ADAPTER_ADMIN_TOKEN"] = ADMIN
        shop.run("status")  # none runs, so it opens the ledger
        thread.join(20)
    assert ADMIN.encode() not in heard


def test_the_adapter_proves_itself(shop: Shop) -> None:
    """Under each name of loopback, also where it listens everywhere; a command then works."""
    shop.environ["ADAPTER_ADMIN_TOKEN"] = ADMIN
    for host in ("127.0.0.1", "0.0.0.0", "localhost", "[::1]", "[::]"):
        shop.write(settings=f'listen: 127.0.0.1:0\nadmin_listen: "{host}:0"\n')
        with AdapterProcess(shop.folder, environ=shop.environ) as adapter:
            port = adapter.admin.rpartition(":")[2]
            shop.environ["ADAPTER_ADMIN_LISTEN"] = f"{host}:{port}"
            assert "running" in shop.run("status").stdout
            assert "no such call" in shop.run("calls", "show", "a b?ü", status=2).output
        del shop.environ["ADAPTER_ADMIN_LISTEN"]


def test_a_token_that_is_wanting_is_told(shop: Shop) -> None:
    """Where the adapter has one and the command has none."""
    with AdapterProcess(
        shop.folder, environ={**shop.environ, "ADAPTER_ADMIN_TOKEN": ADMIN}
    ) as adapter:
        shop.environ["ADAPTER_ADMIN_LISTEN"] = adapter.admin.removeprefix("http://")
        assert "wants an `admin_token`" in shop.run("status", status=2).output
