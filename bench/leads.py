"""The leads of a run: HubSpot contacts as its workflows send them, every one a new person's."""

import json

# Numbers reserved for fiction; the agent is on this machine, and nothing here reaches any other.
_PHONES = [f"+1 202-555-01{last:02}" for last in range(100)]
_FIRST = ("Ada", "Bo", "Chloé", "Dita", "Emil", "Fátima", "Gus", "Hana")
_LAST = ("Example", "Muster", "Sample", "Ejemplo", "Prøve")
_STAMP_MS = 1_760_000_000_000


def lead_body(number: int) -> bytes:
    """Return the JSON body of one lead.

    Contacts with different numbers are never duplicates, and the agent can tell them apart.
    """
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    email = f"{first.lower()}.{number}@example.com"
    filled = {
        "firstname": first,
        "lastname": last,
        "email": email,
        "mobilephone": _PHONES[number % len(_PHONES)],
        "phone": "",
        "country": "United States",
        "company": f"{last} Works {number}",
        "jobtitle": "Owner",
        "city": "Springfield",
        "lifecyclestage": "lead",
        "hs_lead_status": "NEW",
        "hs_analytics_source": "ORGANIC_SEARCH",
        "createdate": str(_STAMP_MS + number),
        "lastmodifieddate": str(_STAMP_MS + number),
        "num_conversion_events": "1",
    }
    contact = {
        "vid": number,
        "canonical-vid": number,
        "merged-vids": [],
        "portal-id": 1000001,
        "is-contact": True,
        "properties": {name: _property(text) for name, text in filled.items()},
        "identity-profiles": [{"vid": number, "identities": [{"type": "EMAIL", "value": email}]}],
        "associated-company": {"properties": {"name": {"value": f"{last} Works"}}},
    }
    return json.dumps(contact, ensure_ascii=False, separators=(",", ":")).encode()


def _property(text: str) -> dict[str, object]:
    return {"value": text, "versions": [{"value": text, "source-type": "FORM", "selected": False}]}


def post(path: str, body: bytes) -> bytes:
    """Return a whole HTTP request, as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
