"""Regular expressions that the operator wrote, compiled once. Pure."""

import re

from adapter.errors import CompileError

# Bounds what a slow pattern can cost; no field that is read to somebody is longer.
MAX_INPUT = 1_000


def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression, or raise CompileError with the place of the fault."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise CompileError(f"{text!r} is not a regular expression: {error}") from error
