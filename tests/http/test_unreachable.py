"""Why an agent could not be reached stands wherever an operator looks for it."""

import asyncio
import logging
import ssl
from pathlib import Path

import pytest
import trustme

from tests.harness.in_process import AGENTS, HandClock, Running, run, running
from tests.harness.loopback import Connections, listening

PHONE = "+12025550123"


def agents_at(url: str) -> str:
    """Return the agents of a configuration, with the one at another address."""
    return AGENTS.replace("${AGENT_URL}", url)


async def check_why(adapter: Running, caplog: pytest.LogCaptureFixture, why: str) -> None:
    """Ring once in vain and find `why` in the attempt, the call, the log, metric and status."""
    answer = await adapter.post(
        "crm", {"phone": PHONE, "name": "Ada"}, headers={"prefer": "wait=1"}
    )
    (told,) = answer.json()["calls"]
    # the sender hears of the agent's own codes alone
    assert (told["state"], told.get("code")) == ("waiting", None)
    while not (logged := [x.__dict__ for x in caplog.records if x.msg == "attempt_ended"]):
        await adapter.settled(told["id"], "waiting")
    assert {line["fields"]["code"] for line in logged} == {why}
    call = await adapter.call(told["id"])
    (first,) = call["attempts"]
    assert (first["outcome"], first["http_status"], first["code"]) == ("unreachable", None, why)
    assert (call["state"], call["reason"], call["detail"]) == ("waiting", "retry", why)
    kind = why.partition(":")[0]
    metrics = (await adapter.admin.get("/metrics")).text
    labels = f'{{agent="sales",code="{kind}",outcome="unreachable"}}'
    assert f"adapter_attempts_total{labels} " in metrics
    status = (await adapter.admin.get("/api/status")).json()
    assert status["agents"]["sales"]["retrying"] == {why: 1}


def test_an_agent_that_nobody_serves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its port is closed: refused."""
    caplog.set_level(logging.INFO, "adapter")

    async def play(adapter: Running) -> None:
        await check_why(adapter, caplog, "refused")

    run(tmp_path, play, agents=agents_at("http://127.0.0.1:1/call"), now=HandClock())


def test_an_agent_whose_certificate_nobody_vouches_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """TLS, with OpenSSL's reason: the operator sees that an authority is missing."""
    caplog.set_level(logging.INFO, "adapter")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)

    async def hang_up(*_: object) -> None:
        """Say nothing: no call gets as far."""

    async def play() -> None:
        async with listening(hang_up, Connections(), tls=tls) as port:
            agents = agents_at(f"https://127.0.0.1:{port}/call")
            async with running(tmp_path, agents=agents, now=HandClock()) as adapter:
                why = "tls:unable_to_get_local_issuer_certificate"
                await check_why(adapter, caplog, why)

    asyncio.run(play())
