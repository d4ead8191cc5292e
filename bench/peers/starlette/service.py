"""The same relay in Starlette, with aiohttp as the client: the adapter's own libraries, bare."""

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

AGENT_URL, API_KEY = os.environ["AGENT_URL"], os.environ["API_KEY"]
SECRET = os.environ["API_SECRET"].encode()
TIMEOUT = aiohttp.ClientTimeout(total=int(os.environ["AGENT_TIMEOUT_MS"]) / 1000)


async def relay(request: Request) -> JSONResponse:
    """Pick the fields, sign, POST, answer."""
    properties = orjson.loads(await request.body())["properties"]

    def text(name: str) -> str:
        return properties.get(name, {}).get("value") or ""

    call = {
        "phone": text("mobilephone") or text("phone"),
        "variables": {
            "name": text("firstname"),
            "last_name": text("lastname"),
            "company": text("company"),
        },
    }
    body = orjson.dumps(call)
    headers = {
        "api-key": API_KEY,
        "signature": hmac.digest(SECRET, body, "sha256").hex(),
        "content-type": "application/json",
    }
    try:
        async with request.state.agent.post(AGENT_URL, data=body, headers=headers) as answer:
            answer.raise_for_status()
    except (aiohttp.ClientError, TimeoutError):
        return JSONResponse({"ok": False}, 502)
    return JSONResponse({"ok": True}, 202)


@asynccontextmanager
async def client(_: Starlette) -> AsyncIterator[dict[str, object]]:
    """Keep one session, and so keep-alive."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield {"agent": session}


if __name__ == "__main__":
    app = Starlette(routes=[Route("/hooks/hubspot", relay, methods=["POST"])], lifespan=client)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
