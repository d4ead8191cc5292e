"""A curl command, as documentation and browsers give it, → the request that it would send."""

import base64
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from adapter.authoring.drafting.read.vocabulary import vocabulary
from adapter.cli.author.captured import Captured, split_url
from adapter.cli.options import fail

CURL = re.compile(r"\s*(\$ |> )?curl(\.exe)?\s")
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
# Options whose next word is theirs; one of these in front of the URL must not be taken for it.
_WITH_VALUE = vocabulary(
    "--request --header --form --form-string --user --url --json --oauth2-bearer --user-agent "
    "--cookie --cookie-jar --referer --cert --cacert --key --max-time --connect-timeout --retry "
    "--retry-delay --output --write-out --proxy --proxy-user --resolve --interface --limit-rate "
    "--upload-file --config --ciphers --tls-max --range --dump-header --max-redirs --unix-socket "
    "--retry-max-time --connect-to --cert-type"
)
_SHORT_WITH_VALUE = "XHdFubAeEcmowxTKrDU"
# `$'…'`: how browsers write a body with quotes or line breaks.
_ANSI = re.compile(r"(?<![\w'\"])\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{1,4}|x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(kw_only=True, slots=True)
class _Command:
    """The parts of a request, from the words of the command that were read so far."""

    folder: Path
    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    is_get: bool = False
    is_json: bool = False


def read_curl(text: str, folder: Path) -> Captured:
    """Return a command's request; files are read from `folder`. Ends with status 2 on failure."""
    words = _shell_words(text)
    command = _Command(folder=folder)
    position = 1
    while position < len(words):
        option, value, used = _next_option(words, position)
        _apply_option(command, option, value)
        position += used
    return _captured(command)


def _shell_words(text: str) -> list[str]:
    # A prompt in front, and the line continuations of sh and of Windows.
    text = re.sub(r"[\\^][ \t]*\r?\n", " ", text.strip().removeprefix("$ ").removeprefix("> "))
    text = _ANSI.sub(lambda quoted: shlex.quote(_unescaped(quoted[1])), text)
    try:
        words = shlex.split(text)
    except ValueError as error:
        fail(f"error: expected a curl command, found one whose quotes do not close: {error}")
    ends = [n for n, word in enumerate(words) if word in ("|", ";", "&&", ">", "2>")]
    return words[: ends[0]] if ends else words


def _unescaped(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        code = escape[1]
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:], 16))
        return _ESCAPED.get(code, code)

    return _ESCAPE.sub(character, text)


def _next_option(words: list[str], position: int) -> tuple[str, str, int]:
    """Return (option, value, words used); a URL has the option ""."""
    word = words[position]
    after = words[position + 1] if position + 1 < len(words) else ""
    if not word.startswith("-") or word == "-":
        return "", word, 1
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if equals:
            return name, value, 1
        return name, after, 2 if _takes_value(name) else 1
    for n, letter in enumerate(word[1:], 1):
        if letter == "G":
            return "-G", "", 1
        if letter in _SHORT_WITH_VALUE:
            attached = word[n + 1 :]
            return f"-{letter}", attached or after, 1 if attached else 2
    return word, "", 1


def _takes_value(name: str) -> bool:
    return name in _WITH_VALUE or name.startswith("--data")


def _apply_option(command: _Command, option: str, value: str) -> None:
    if option in ("", "--url"):
        command.url = command.url or value
    elif option in ("-X", "--request"):
        command.method = value.upper()
    elif option in ("-G", "--get"):
        command.is_get = True
    elif option in ("-F", "--form", "--form-string"):
        _apply_field(command, value, is_plain=option == "--form-string")
    elif option in ("-d", "--json") or option.startswith("--data"):
        command.is_json = command.is_json or option == "--json"
        command.parts.append(_body_part(command, option, value))
    else:
        _apply_header(command, option, value)


def _apply_header(command: _Command, option: str, value: str) -> None:
    if option in ("-H", "--header"):
        name, colon, text = value.partition(":")
        if colon and name.strip():
            command.headers[name.strip().lower()] = text.strip()
    elif option in ("-u", "--user"):
        proof = base64.b64encode(value.encode()).decode()
        command.headers["authorization"] = f"Basic {proof}"
    elif option == "--oauth2-bearer":
        command.headers["authorization"] = f"Bearer {value}"


def _apply_field(command: _Command, value: str, *, is_plain: bool) -> None:
    name, _, text = value.partition("=")
    if is_plain or not text.startswith(("@", "<")):
        command.fields.append((name, text if is_plain else text.partition(";type=")[0].strip('"')))
    elif text.startswith("<"):
        command.fields.append((name, _file_content(command, text[1:]).decode("utf-8", "replace")))


def _body_part(command: _Command, option: str, value: str) -> bytes:
    if option == "--data-urlencode":
        return _urlencoded_part(command, value)
    if not value.startswith("@") or option == "--data-raw":
        return value.encode("utf-8", "surrogateescape")
    content = _file_content(command, value[1:])
    return content if option in ("--data-binary", "--json") else re.sub(rb"[\r\n\0]", b"", content)


def _urlencoded_part(command: _Command, value: str) -> bytes:
    """Return `name=content`, `=content`, `content`, `name@file` or `@file`, encoded."""
    sign = next((sign for sign in value if sign in "=@"), "")
    name, _, content = value.partition(sign) if sign else ("", "", value)
    text = _file_content(command, content).decode("utf-8", "replace") if sign == "@" else content
    return (f"{name}=" if name else "").encode() + quote(text, safe="").encode()


def _file_content(command: _Command, name: str) -> bytes:
    if name == "-":
        fail("error: this curl command reads its body from standard input: save that as a file")
    try:
        return (command.folder / name).read_bytes()
    except OSError as error:
        fail(f"error: the curl command reads {name}, which cannot be read: {error.strerror}")


def _captured(command: _Command) -> Captured:
    _, query = split_url(command.url)
    body = (b"" if command.is_json else b"&").join(command.parts)
    if command.is_get:
        more = body.decode("utf-8", "replace")
        query = "&".join(filter(None, (query, more)))
        return Captured(method="GET", query=query, headers=command.headers)
    headers = command.headers
    if command.fields:
        # The same document as multipart, whose boundary is nowhere here.
        body = urlencode(command.fields).encode()
        headers = headers | {"content-type": _FORM}
    elif command.parts and "content-type" not in headers:
        # A person who writes `-d '{…}'` means JSON, though curl would say that it is a form.
        is_json = command.is_json or body.lstrip()[:1] in (b"{", b"[")
        headers = headers | {"content-type": _JSON if is_json else _FORM}
    method = command.method or ("POST" if body else "GET")
    return Captured(method=method, query=query, headers=headers, body=body)
