"""XML to a document: no DTD, no entities, bounded depth."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from adapter.values.elements import Element, ElementText, as_elements
from adapter.webhook.formats.media_type import decode_text, malformed_body

MAX_DEPTH = 64
_NIL = "http://www.w3.org/2001/XMLSchema-instance nil"
_TRUE = frozenset({"true", "1"})  # XML Schema's booleans
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?\sencoding\s{0,20}=\s{0,20}[\"']([A-Za-z0-9._:-]{1,40})"
)
# What tells the encoding (XML 1.0, appendix F): a byte order mark, or the zero byte beside `<`.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_ZEROS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def xml_document(body: bytes, charset: str | None) -> dict[str, Any]:
    """Return `{root: …}` of an XML body; raises IntakeError (400 `malformed_body`, 415).

    Prefixes are dropped, attributes are `@name`, text beside attributes or children is `#text`,
    repeated elements are lists, empty and `xsi:nil` elements None.
    """
    encoding = _started(body, _MARKS) or charset or _encoding(body.lstrip())
    return xml_from_text(decode_text(body, encoding))


def xml_inside(value: Any) -> Any:
    """Return the document of an XML text; one that was stored decoded has its elements again."""
    return xml_from_text(value) if isinstance(value, str) else as_elements(value)


def xml_from_text(text: str) -> dict[str, Any]:
    """Return `{root: …}` of an XML text, whatever encoding its declaration names."""
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.take_text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n"), True)
    except expat.ExpatError as error:
        where = f"at line {error.lineno}, column {error.offset + 1}"
        problem = expat.ErrorString(error.code)
        raise malformed_body(f"expected XML, found an error {where}: {problem}") from None
    return Element(tree.root.children)


@dataclass(kw_only=True, slots=True)
class _Element:
    """An element while it is open; `children` hold settled values by local name."""

    name: str
    attributes: dict[str, str]
    is_nil: bool = False
    children: dict[str, Any] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    def adopt(self, name: str, value: Any) -> None:
        """Add a child; the second of a name makes a list of it."""
        if name not in self.children:
            self.children[name] = value
        elif name in self.repeated:
            self.children[name].append(value)
        else:
            self.repeated.add(name)
            self.children[name] = [self.children[name], value]

    def settled(self) -> Any:
        """Return the value of the element once it is closed."""
        text = "".join(self.texts).strip()
        if self.is_nil:
            return None
        if not self.attributes and not self.children:
            return ElementText(text) if text else None
        return Element({**self.attributes, **self.children, **({"#text": text} if text else {})})


class _Tree:
    """Builds values as expat calls; `root` stands above the document's own root."""

    def __init__(self) -> None:
        self.root = _Element(name="", attributes={})
        self._open = [self.root]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise malformed_body(f"expected at most {MAX_DEPTH} levels of elements, found more")
        is_nil = attributes.pop(_NIL, "").strip() in _TRUE
        named = {f"@{_local(key)}": text for key, text in attributes.items()}
        self._open.append(_Element(name=_local(name), attributes=named, is_nil=is_nil))

    def end(self, _name: str) -> None:
        element = self._open.pop()
        self._open[-1].adopt(element.name, element.settled())

    def take_text(self, text: str) -> None:
        self._open[-1].texts.append(text)


def _local(name: str) -> str:
    """Drop the namespace, which expat puts before the local name."""
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> NoReturn:
    # Entities need a DTD: without one there is nothing to expand and nothing to fetch.
    raise malformed_body("expected XML without a DTD, found <!DOCTYPE: send the message without it")


def _encoding(body: bytes) -> str | None:
    declared = _DECLARED.match(body)
    encoding = declared[1].decode("ascii").lower() if declared else ""
    if declared and not encoding.startswith(("utf-16", "utf-32")):
        return encoding
    return _started(body, _ZEROS)  # a declaration in bytes is in no UTF-16, whatever it says


def _started(body: bytes, starts: Sequence[tuple[bytes, str]]) -> str | None:
    return next((encoding for start, encoding in starts if body.startswith(start)), None)
