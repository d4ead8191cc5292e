"""A changed way out is taken up like any other setting."""

import asyncio
import logging
import ssl
from pathlib import Path

import pytest
import trustme

from tests.harness.connect_proxy import ConnectProxy, connect_proxy
from tests.harness.raw_agent import answering, port_of, raw_agent
from tests.service.test_reloading import SETTINGS, Reloaded, play


def test_another_proxy_is_taken_up_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The next call goes out through it; what the old one showed is told, but for its password."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("agent.invalid").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    caplog.set_level(logging.DEBUG)
    password = "pass-word-of-the-proxy"

    def go_through(adapter: Reloaded, proxy: ConnectProxy) -> None:
        settings = SETTINGS.format(folder=adapter.folder, url="https://agent.invalid", key="a-key")
        url = proxy.url.replace("://", f"://me:{password}@")
        new = adapter.folder / "adapter.new"
        new.write_text(f"proxy: {url}\n{settings}", "utf-8")
        new.replace(adapter.folder / "adapter.yaml")

    async def scenario(adapter: Reloaded) -> None:
        ok = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        refusing = b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n"
        async with (
            raw_agent(ok, tls=tls) as raw,
            connect_proxy(port_of(raw), answer=refusing) as old,
            connect_proxy(port_of(raw)) as good,
        ):
            loaded_at = (await adapter.status())["config"]["loaded_at"]
            go_through(adapter, old)
            await adapter.until(lambda status: status["config"]["loaded_at"] != loaded_at)
            waiting = asyncio.create_task(adapter.post("+12025550115"))
            why = {"proxy:407": 1}
            await adapter.until(lambda status: status["agents"]["sales"]["retrying"] == why)
            go_through(adapter, good)
            assert (await waiting)["state"] == "rung"
            assert (len(good.heads), raw.connections) == (1, 1)

    play(tmp_path, scenario)
    logged = [str(line.__dict__) for line in caplog.records]
    assert not [line for line in logged if password in line or "Basic" in line]
