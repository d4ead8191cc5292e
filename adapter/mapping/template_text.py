"""The syntax of templates: `{$.path}` is inserted, `{{` and `}}` are braces. Pure text."""

from adapter.errors import CompileError

_QUOTES = frozenset("'\"`")


def split_template(text: str) -> tuple[list[str], list[str]]:
    """Return the literal parts and the path texts between them (one literal more than paths)."""
    literals, paths = [""], []
    position = 0
    while position < len(text):
        sign = text[position]
        if sign in "{}" and text[position : position + 2] == sign * 2:
            literals[-1] += sign
            position += 2
        elif sign == "{":
            end = _end_of_path(text, position + 1)
            paths.append(text[position + 1 : end])
            literals.append("")
            position = end + 1
        elif sign == "}":
            raise CompileError(f"template {text!r}: a lone '}}'; write '}}}}' for a brace")
        else:
            literals[-1] += sign
            position += 1
    return literals, paths


def _end_of_path(text: str, start: int) -> int:
    """Return the index of the brace that closes the path; braces in its quotes do not."""
    quote = ""
    position = start
    while position < len(text):
        sign = text[position]
        if quote:
            position += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign == "}":
            return position
        elif sign in _QUOTES:
            quote = sign
        position += 1
    raise CompileError(f"template {text!r}: a '{{' is not closed; write '{{{{' for a brace")
