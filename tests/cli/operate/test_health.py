"""Promises of `adapter health`, which a container's health check asks."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from adapter.cli import main
from tests.cli.shop import Shop
from tests.harness.adapter_process import AdapterProcess, free_port
from tests.harness.doc_pages import ROOT

# A proxy that is not there: whoever asks it gets no answer.
PROXIES = dict.fromkeys(
    ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:1"
)


def test_it_asks_at_the_configured_address_and_no_proxy(shop: Shop) -> None:
    """As the image does: a process of its own, in an environment that names proxies."""
    port = free_port()
    shop.write(settings=f"listen: 0.0.0.0:{port}\nadmin_listen: 127.0.0.1:0\n")
    asking = [sys.executable, "-m", "adapter", "health"]
    environ = {**PROXIES, "ADAPTER_CONFIG": str(shop.folder / "adapter.yaml"), "no_proxy": ""}
    with AdapterProcess(shop.folder, environ=shop.environ) as adapter:
        adapter.event("ready")
        healthy = subprocess.run(
            asking, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        with (shop.folder / "adapter.yaml").open("a") as spoilt:
            spoilt.write("max_items: many\ncolour: blue\n")
        adapter.event("configuration_refused")
        shop.run("health")  # it lives, by its old configuration
    assert (healthy.returncode, healthy.stderr) == (0, "")
    assert healthy.stdout == f"http://127.0.0.1:{port}/healthz: it lives\n"
    dead = shop.run("health", status=1)
    assert f"http://127.0.0.1:{port}/healthz: no answer: Connection refused" in dead.output


def test_settings_that_cannot_be_read_leave_the_usual_address(shop: Shop) -> None:
    """One that runs had read them; a supervisor learns whether it does."""
    path = shop.file("adapter.yaml", "listen: [")
    asked = CliRunner().invoke(main, ["health", "--config", path], catch_exceptions=False)
    assert asked.output.startswith("http://127.0.0.1:8080/healthz: ")


@contextmanager
def another_program(answer: bytes) -> Iterator[int]:
    """Answer every GET so, on a port of this machine."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "the answer has status 404"),
        (b"hello\r\n\r\n", "no answer: BadStatusLine"),
        (b"", "no answer: RemoteDisconnected"),
    ],
)
def test_another_program_at_its_address_is_no_adapter(
    shop: Shop, answer: bytes, problem: str
) -> None:
    """Status 1: the supervisor starts the adapter again."""
    with another_program(answer) as port:
        shop.write(settings=f"listen: 127.0.0.1:{port}\nadmin_listen: 127.0.0.1:0\n")
        assert problem in shop.run("health", status=1).output
