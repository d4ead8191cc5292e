"""The same relay in Flask and requests: a session, and so keep-alive, for each thread."""

import hmac
import json
import os
import threading

import flask
import requests

AGENT_URL, API_KEY = os.environ["AGENT_URL"], os.environ["API_KEY"]
SECRET = os.environ["API_SECRET"].encode()
TIMEOUT_S = int(os.environ["AGENT_TIMEOUT_MS"]) / 1000

app = flask.Flask(__name__)
of_thread = threading.local()


def session() -> requests.Session:
    """Return this thread's session."""
    if not hasattr(of_thread, "session"):
        of_thread.session = requests.Session()
        of_thread.session.trust_env = False
    return of_thread.session


@app.post("/hooks/hubspot")
def relay() -> tuple[dict[str, bool], int]:
    """Pick the fields, sign, POST, answer."""
    properties = flask.request.get_json()["properties"]

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
    body = json.dumps(call).encode()
    headers = {
        "api-key": API_KEY,
        "signature": hmac.digest(SECRET, body, "sha256").hex(),
        "content-type": "application/json",
    }
    try:
        session().post(AGENT_URL, body, headers=headers, timeout=TIMEOUT_S).raise_for_status()
    except requests.RequestException:
        return {"ok": False}, 502
    return {"ok": True}, 202
