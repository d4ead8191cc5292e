"""A coverage-guided fuzzer over what a stranger's bytes reach first: documents, auth, mapping.

`python -m tests.fuzz.guided -max_total_time=60` (libFuzzer's options). The first byte picks the
content type, the second the source; the rest is the body. Whatever is raised but a named refusal
is a finding, and ends it with the bytes that did it.
"""

import json
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["adapter.intake", "adapter.mapping"]):
    from adapter.config.source import Source
    from adapter.errors import IntakeError
    from adapter.mapping.reading import Mapped, RequestReading
    from adapter.model import Reason, State
    from adapter.ringing.signing import call_body
    from adapter.webhook.formats.decode import BodyReader
    from adapter.webhook.request import Request
    from tests.harness.shipped import sources

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=windows-1252",
    "multipart/form-data; boundary=x",
    "text/xml",
    "application/soap+xml; charset=utf-16",
    "text/plain",
    "",
)
ENCODINGS = (None, "gzip")


@dataclass(frozen=True, slots=True)
class Target:
    """What one input goes through: content encoding, auth, document, mapping, the signed body."""

    sources: list[Source]

    def __call__(self, given: bytes) -> None:
        """Try one input."""
        if len(given) < 3:
            return
        source = self.sources[given[1] % len(self.sources)]
        headers = (("content-type", TYPES[given[0] % len(TYPES)]), ("x-webhook-token", "a"))
        try:
            reader = BodyReader(
                max_bytes=100_000, content_encoding=ENCODINGS[given[0] // 16 % len(ENCODINGS)]
            )
            reader.feed(given[2:])
            request = Request(method="POST", path="/", headers=headers, body=reader.finish())
        except IntakeError:
            return
        source.auth.prove(request, now=NOW, document=dict)
        check(RequestReading(source.mapping, request).mapped())
        if source.mapping.lookups:  # the same bytes as what the vendor answers
            with suppress(IntakeError):
                answer = RequestReading(source.mapping, request).document()
                check(RequestReading(source.mapping, source.examples[0].request).mapped(answer))


def check(mapped: Mapped) -> None:
    """Check that what would be rung can be."""
    for call in mapped.calls:
        if call.state is State.WAITING and call.reason != Reason.LOOKUP:
            assert call.phone
            call_body(call.phone, call.variables).decode()


def plant(folder: Path, known: list[Source]) -> None:
    """Write every shipped example as a seed: from there the fuzzer finds its way quickly."""
    for number, source in enumerate(known):
        for example in source.examples:
            kind = example.request.header("content-type") or ""
            place = next((n for n, each in enumerate(TYPES) if each and kind.startswith(each)), 7)
            seed = bytes([place, number]) + example.request.body
            (folder / f"{number}-{example.line}").write_bytes(seed)
            if example.lookup is not None:
                answer = bytes([0, number]) + json.dumps(example.lookup).encode()
                (folder / f"{number}-{example.line}-answer").write_bytes(answer)


def main() -> None:
    """Fuzz until the time is over, or something was found."""
    known = sources()
    with tempfile.TemporaryDirectory() as folder:
        plant(Path(folder), known)
        atheris.Setup([*sys.argv, folder], Target(known))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
