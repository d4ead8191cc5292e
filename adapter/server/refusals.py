"""The answers to requests that go no further than the protocol."""

from adapter.webhook.answers import Answer, problem_answer

MAX_HEAD_BYTES = 64 * 1024
MAX_TARGET_BYTES = 32 * 1024
_PHRASES = {
    400: b"Bad Request",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    503: b"Service Unavailable",
}
BAD_REQUEST = problem_answer(400, "Bad request", "This is no HTTP/1.1 request that can be read.")
NO_PROXY = problem_answer(400, "Bad request", "This server is no proxy.")
ONE_HOST = problem_answer(400, "Bad request", "A request has one Host header.")
LONG_TARGET = problem_answer(
    414, "URL too long", f"A request's target may have {MAX_TARGET_BYTES} bytes."
)
LONG_HEAD = problem_answer(
    431, "Request head too large", f"Request line and headers may have {MAX_HEAD_BYTES} bytes."
)
OTHER_CODING = problem_answer(
    501, "Not implemented", "The one Transfer-Encoding that is read is chunked."
)
TOO_MANY = problem_answer(503, "Too many connections", "Every connection is in use; send it again.")


class Refused(Exception):  # noqa: N818 - no error of the program, but an answer
    """Raised inside the parser's callbacks; the parser stops there."""

    def __init__(self, answer: Answer | None) -> None:
        super().__init__()
        self.answer = answer


def raw_answer(answer: Answer) -> bytes:
    """Return an answer's bytes, after which the connection ends."""
    lines = [
        b"HTTP/1.1 %d %b" % (answer.status, _PHRASES[answer.status]),
        *(f"{name}: {value}".encode() for name, value in answer.headers),
        f"content-type: {answer.content_type}".encode(),
        b"content-length: %d" % len(answer.body),
        b"connection: close",
    ]
    return b"\r\n".join([*lines, b"", answer.body])
