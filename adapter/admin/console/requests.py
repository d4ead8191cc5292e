"""The form that a page of the console sends, read within bounds."""

from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest

from adapter.errors import IntakeError

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 100


async def form_of(http: HttpRequest) -> dict[str, str]:
    """Return the fields of a form; raises IntakeError (413, 415). Read once, it stays known."""
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise IntakeError(415, "Forms only", "The console takes urlencoded forms.")
    body = b""
    async for chunk in http.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise IntakeError(413, "Too large", "At most 64 KiB.")
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise IntakeError(413, "Too large", f"At most {_MOST_FIELDS} fields.") from None
    return dict(fields)
