"""A connection to the running adapter, to which the admin token is sent once it is known to be one.

Another program may listen at its address: a neighbour's, after the adapter has ended or moved.
"""

import http.client
import json
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from adapter.admin.access import ADAPTER, ASKER, token_proof
from adapter.agent import Secret
from adapter.config.config import Config
from adapter.values.units import reach_url

_TIMEOUT_S = 30.0
_PROOF_BYTES = 4096


class SilentError(Exception):
    """Nothing answers as HTTP does."""


class UnprovenError(Exception):
    """What answers did not prove that it knows the admin token, and was not told it."""


def ask(
    config: Config, method: str, path: str, *, params: Mapping[str, Any], content: object
) -> tuple[int, bytes]:
    """Ask the admin API; return the status and the body. SilentError or UnprovenError."""
    target = quote(path, safe="/*") + (f"?{urlencode(params)}" if params else "")
    body = None if content is None else json.dumps(content).encode()
    with _connected(config) as connection:
        headers = {"content-type": "application/json"} if body is not None else {}
        if config.admin_token is not None:
            _check_is_adapter(connection, config.admin_token)
            headers["authorization"] = f"Bearer {config.admin_token.reveal()}"
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def _connected(config: Config) -> Iterator[http.client.HTTPConnection]:
    """Give one connection, which is never made anew: who proves himself is who is told."""
    parts = urlsplit(reach_url(config.admin_listen))
    host = parts.hostname or ""
    try:
        # A name means the address at which the adapter listens under it, and no other.
        address = host if ":" in host else socket.gethostbyname(host)
        connection = http.client.HTTPConnection(address, parts.port, timeout=_TIMEOUT_S)
        connection.auto_open = 0
        with closing(connection):
            connection.connect()
            yield connection
    except (OSError, http.client.HTTPException) as error:
        raise SilentError(type(error).__name__) from error


def _check_is_adapter(connection: http.client.HTTPConnection, token: Secret) -> None:
    nonce, port = secrets.token_hex(32), connection.port
    asked = {"nonce": nonce, "proof": token_proof(token, role=ASKER, port=port, nonce=nonce)}
    connection.request("GET", f"/api/proof?{urlencode(asked)}")
    body = connection.getresponse().read(_PROOF_BYTES)
    expected = token_proof(token, role=ADAPTER, port=port, nonce=nonce)
    try:
        proof = json.loads(body)["proof"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnprovenError from None
    if not isinstance(proof, str) or not secrets.compare_digest(proof.encode(), expected.encode()):
        raise UnprovenError
