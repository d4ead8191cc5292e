"""Promises of the admin API about captures: who may open one, for how long, and what is shown."""

from pathlib import Path
from typing import Any

from tests.harness.in_process import CRM, HandClock, Running, run
from tests.harness.log_leaks import HEARD

MAPPINGS = {"crm": CRM, "parked": CRM + "enabled: false\n", "off": CRM}
SETTINGS = "sources: [crm, parked]"


def test_what_is_open_is_shown_without_its_token(tmp_path: Path) -> None:
    """In the answer that opens it the URL, once; in lists and in the status never again."""

    async def play(adapter: Running) -> None:
        opened = (await adapter.order("/api/captures", {"source": "shop"})).json()
        assert opened.keys() == {"source", "url", "until"}
        assert opened["until"] == "2026-03-02T10:00:00.000Z"
        token = opened["url"].rpartition("/")[2]
        HEARD.secret(token)
        assert len(token) == 32
        await adapter.order("/api/captures", {"source": "ads", "for": "24h"})
        await adapter.public.post(f"/hooks/shop/{token}", json={"name": "Ada"})
        listed = await adapter.admin.get("/api/captures")
        rows = [
            {"source": "ads", "until": "2026-03-03T09:00:00.000Z", "webhooks": 0},
            {"source": "shop", "until": "2026-03-02T10:00:00.000Z", "webhooks": 1},
        ]
        assert listed.json() == {"captures": rows}
        status = await adapter.admin.get("/api/status")
        assert status.json()["captures"] == rows
        for answer in (listed, status, await adapter.admin.get("/metrics")):
            assert token not in answer.text

    run(tmp_path, play, now=HandClock(), has_engine=False)


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 400, 'Send {"source": name}'),
    ({"source": 7}, 400, 'Send {"source": name}'),
    ({"source": ""}, 400, "lower-case letters"),
    ({"source": "Shop"}, 400, "lower-case letters"),
    ({"source": "../shop"}, 400, "lower-case letters"),
    ({"source": "shop", "for": "soon"}, 400, "a duration with its unit"),
    ({"source": "shop", "for": 3600}, 400, "a duration with its unit"),
    ({"source": "shop", "for": "0"}, 400, "more than 0 and at most 24h"),
    ({"source": "shop", "for": "24h1s"}, 400, "more than 0 and at most 24h"),
    ({"source": "crm"}, 409, "source crm has a mapping: use `adapter try`"),
    ({"source": "parked"}, 409, "source parked has a mapping"),
    ({"source": "off"}, 409, "source off has a mapping"),
]


def test_what_cannot_be_captured_is_refused_with_a_way_out(tmp_path: Path) -> None:
    """A wrong name or time, and a source with a mapping: on, parked or off."""

    async def play(adapter: Running) -> None:
        for content, status, said in REFUSED:
            answer = await adapter.order("/api/captures", content)
            assert answer.status_code == status, content
            assert said in answer.json()["detail"]
        assert (await adapter.admin.get("/api/captures")).json() == {"captures": []}
        closed = await adapter.admin.request("DELETE", "/api/captures", json={"source": "shop"})
        assert (closed.status_code, closed.json()["title"]) == (404, "Not found")

    run(tmp_path, play, mappings=MAPPINGS, settings=SETTINGS, has_engine=False)
