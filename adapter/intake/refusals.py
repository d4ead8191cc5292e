"""The two ways in which a body is unreadable, as named errors (SPEC §5: 400 and 415)."""

from adapter.errors import IntakeError
from adapter.model import Reason


def malformed_body(detail: str) -> IntakeError:
    """Return the error for a body that is not what its content type says."""
    return IntakeError(400, "Malformed body", detail, reason=Reason.MALFORMED_BODY)


def unsupported_media_type(detail: str) -> IntakeError:
    """Return the error for a content type, charset or content encoding that we cannot read."""
    return IntakeError(415, "Unsupported media type", detail, reason=Reason.UNSUPPORTED_MEDIA_TYPE)
