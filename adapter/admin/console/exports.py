"""Calls as CSV, for a spreadsheet: no cell is a formula there."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

from starlette.responses import Response, StreamingResponse

from adapter.admin.console.pages import HEADERS
from adapter.admin.console.wording import phone, value

COLUMNS = (
    *("created_at", "state", "reason", "phone", "source", "agent", "variables", "attempts"),
    *("due_at", "updated_at", "duplicate_of", "id", "webhook"),
)
_FORMULA = re.compile(r"[=\-@\t\r]|\+(?!\d+$)")


async def csv_answer(pages: AsyncIterator[list[dict[str, Any]]], is_shown: bool) -> Response:
    """Return the calls of all pages as a file, a page at a time.

    The first page is asked for at once: what the filters have wrong is said before the file begins.
    """
    first = await anext(pages)

    async def texts() -> AsyncIterator[str]:
        yield _lines([COLUMNS]) + _lines(_cells(call, is_shown) for call in first)
        async for calls in pages:
            yield _lines(_cells(call, is_shown) for call in calls)

    headers = {**HEADERS, "content-disposition": 'attachment; filename="calls.csv"'}
    return StreamingResponse(texts(), media_type="text/csv; charset=utf-8", headers=headers)


def _cells(call: dict[str, Any], is_shown: bool) -> list[str]:
    told = {name: value(text, is_shown) for name, text in call["variables"].items()}
    number = call["phone"] if is_shown else phone(call["phone"], is_shown=False)
    shown = {**call, "phone": number, "variables": json.dumps(told, ensure_ascii=False)}
    return [plain_cell("" if shown[name] is None else str(shown[name])) for name in COLUMNS]


def plain_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _lines(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
