"""Local stand-ins of the vendors' APIs: a few records, for whoever asks as they document it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

API_TOKEN = "a-token-of-the-vendors-api"
LOOPBACK = "127.0.0.1"
_REASONS = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """How a vendor documents one GET: which address a record has, and what proves the asker.

    `variable` is what moves the mapping from the vendor's host to this one; `root` begins every
    address, where that is what proves the asker. `unknown` is the answer about a record that is not
    there; None is no document at all.
    """

    variable: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    unknown: tuple[int, Any] = (404, {"error": "no such record"})


def _bearer(scheme: str = "Bearer") -> dict[str, str]:
    return {"authorization": f"{scheme} {API_TOKEN}"}


APIS = {
    "meta": Api(
        variable="META_GRAPH_URL",
        target="/v25.0/{id}?fields=field_data,form_id,platform",
        headers=_bearer(),
    ),
    "hubspot-app": Api(
        variable="HUBSPOT_API_URL",
        target="/crm/v3/objects/contacts/{id}?properties="
        "firstname,lastname,phone,mobilephone,company,country,lifecyclestage,do_not_call",
        headers=_bearer(),
    ),
    "linkedin": Api(
        variable="LINKEDIN_API_URL",
        target="/rest/leadFormResponses/{id}"
        "?fields=id,submittedAt,testLead,formResponse,form:(id,name,content)",
        headers=_bearer() | {"linkedin-version": "202606", "x-restli-protocol-version": "2.0.0"},
    ),
    "keap": Api(
        variable="KEAP_API_URL",
        target="/crm/rest/v2/contacts/{id}",
        headers={"x-keap-api-key": API_TOKEN},
    ),
    "close": Api(
        variable="CLOSE_API_URL",
        target="/api/v1/lead/{id}/?_fields=id,display_name,status_label,contacts",
        headers=_bearer("Basic"),
    ),
    "copper": Api(
        variable="COPPER_API_URL",
        target="/developer_api/v1/people/{id}",
        headers={
            "x-pw-accesstoken": API_TOKEN,
            "x-pw-application": "developer_api",
            "x-pw-useremail": "ada@example.com",
        },
    ),
    "zoho-notification": Api(
        variable="ZOHO_API_URL",
        target="/crm/v8/Leads/{id}",
        headers=_bearer("Zoho-oauthtoken"),
    ),
    "pipedrive-deal": Api(
        variable="PIPEDRIVE_API_URL",
        target="/api/v2/persons/{id}",
        headers={"x-api-token": API_TOKEN},
    ),
    "acuity": Api(
        variable="ACUITY_API_URL",
        target="/api/v1/appointments/{id}",
        headers=_bearer("Basic"),
    ),
    "brevo": Api(
        variable="BREVO_API_URL", target="/v3/contacts/{id}", headers={"api-key": API_TOKEN}
    ),
    "klaviyo": Api(
        variable="KLAVIYO_API_URL",
        target="/api/profiles/{id}",
        headers=_bearer("Klaviyo-API-Key") | {"revision": "2025-10-15"},
    ),
    "kommo": Api(variable="KOMMO_API_URL", target="/api/v4/{id}", headers=_bearer()),
    "bitrix24": Api(
        variable="BITRIX24_URL",
        target=f"/rest/{API_TOKEN}/crm.lead.get?id={{id}}",
        root=f"/rest/{API_TOKEN}/",
        unknown=(400, {"error": "", "error_description": "Not found"}),
    ),
}


@dataclass(kw_only=True, slots=True)
class StandIn:
    """One vendor's API with records by id; `asked` are the addresses asked for, in order."""

    api: Api
    records: Mapping[str, Any] = field(repr=False)
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Return status and document, as the vendor would."""
        if method != "GET":
            return 405, {"error": "only GET"}
        wrong = [name for name, value in self.api.headers.items() if headers.get(name) != value]
        if wrong or not target.startswith(self.api.root):
            return 401, {"error": "who are you?"}
        self.asked.append(unquote(target))
        for record_id, record in self.records.items():
            if self.asked[-1] == self.target_of(record_id):
                return 200, record
        return self.api.unknown

    def target_of(self, record_id: str) -> str:
        """Return the address of a record, less the host."""
        return self.api.target.format(id=record_id)


@asynccontextmanager
async def stand_in(source: str, records: Mapping[str, Any]) -> AsyncIterator[StandIn]:
    """Serve one vendor's API on a real socket until the block ends."""
    vendor = StandIn(api=APIS[source], records=records)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, document = vendor.answer(*_read(head))
            body = b"" if document is None else json.dumps(document).encode()
            lines = [
                f"HTTP/1.1 {status} {_REASONS[status]}",
                "content-type: application/json",
                f"content-length: {len(body)}",
                "connection: close",
            ]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the asker hung up first
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    vendor.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    try:
        yield vendor
    finally:
        server.close()
        await server.wait_closed()


def _read(head: str) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = [line.split(": ", 1) for line in rest]
    return method, target, {name.lower(): value for name, value in pairs}
