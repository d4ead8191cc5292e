"""What XML's elements are in a document: values that also count as a list of one. Pure."""

from typing import Any


class Element(dict[str, Any]):
    """The value of an element, which paths also read as a list of one (contract §4)."""


class ElementText(str):
    """The text of an element without attributes and children, which is read so too."""

    __slots__ = ()


ELEMENTS = (Element, ElementText)


def as_elements(document: Any) -> Any:
    """Return an XML document that was stored as JSON with its elements as they were."""
    if isinstance(document, dict):
        return Element({name: as_elements(child) for name, child in document.items()})
    if isinstance(document, list):
        return [as_elements(child) for child in document]
    return ElementText(document) if isinstance(document, str) else document
