"""The one place that writes to the terminal: nothing from outside acts there or hides in it.

Leads, vendors and files may hold escape sequences, line ends, and characters that turn the order of
text around. All that has no shape is printed as `\\u001b`; a line stays one line.
"""

import json
import shlex

import click

from adapter.values.text import escaped


def say(*lines: str, err: bool = False) -> None:
    """Print each text as one line, to standard error with `err`."""
    for line in lines:
        click.echo(escaped(line), err=err)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that may have several, for `say`."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def print_json(content: object) -> None:
    """Print JSON for a program to read; what has no shape is escaped as JSON does."""
    for line in json.dumps(content, ensure_ascii=False, indent=2).split("\n"):
        click.echo("".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in line))


def shell_word(text: str) -> str:
    """Return a text as one word of a shell, byte for byte, of characters that can be seen."""
    if text.isprintable():
        return shlex.quote(text)
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(sign if sign.isprintable() else _octets(sign) for sign in quoted) + "'"


def _octets(sign: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in sign.encode("utf-8", "surrogatepass"))
