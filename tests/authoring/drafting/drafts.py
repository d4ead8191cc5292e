"""A draft of anything, and what the tests ask of every one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from adapter.admin.trial_request import build_request
from adapter.authoring.drafting.draft import Draft, draft_mapping
from adapter.authoring.drafting.parts import Order
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.yaml.marks import read_sheet

PUBLIC_URL = "https://hooks.example.com"


def drafted(
    document: Any = None,
    *,
    body: bytes | None = None,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    query: str = "",
    method: str = "POST",
    needed: Sequence[str] = (),
    region: str | None = None,
    public_url: str = PUBLIC_URL,
    name: str = "shop",
    schema: str = "",
) -> Draft:
    """Return the draft for a request with this document, which loads and whose examples pass."""
    request = build_request(
        method=method,
        query=query,
        headers=headers or {},
        content_type=content_type,
        body=json.dumps(document, ensure_ascii=False).encode() if body is None else body,
    )
    order = Order(
        name=name,
        agent="sales",
        needed=needed,
        public_url=public_url,
        region=region,
        schema=schema,
    )
    around = MappingContext(agent_variables={"sales": tuple(needed)}, public_url=public_url)
    made = draft_mapping(request, order, around)
    shown = f"{request.body!r} for region {region} was drafted as\n{made.text}"
    assert not made.problems, f"{'; '.join(made.problems)}\n{shown}"
    assert made.is_right, f"the example does not ring where the sample does:\n{shown}"
    return made


def mapping_of(draft: Draft) -> dict[str, Any]:
    """Return what the file says, as the adapter reads it."""
    sheet, problems = read_sheet("shop.yaml", draft.text.encode())
    assert sheet is not None
    assert problems == []
    value: dict[str, Any] = sheet.value
    return value


def phone_of(draft: Draft) -> Any:
    """Return the phone's path, its paths or its template."""
    phone = mapping_of(draft)["phone"]
    return next(phone[key] for key in ("path", "paths", "template") if key in phone)


def example_of(draft: Draft, number: int = 0) -> dict[str, Any]:
    """Return one example."""
    example: dict[str, Any] = mapping_of(draft)["examples"][number]
    return example
