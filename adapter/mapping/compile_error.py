"""What a part of a mapping raises when it cannot be compiled."""


class CompileError(ValueError):
    """The operator must mend the mapping; the message says what to write instead."""
