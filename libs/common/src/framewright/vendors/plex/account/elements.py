"""XML answers of plex.tv as a small tree; documents that declare entities are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

DEEPEST = 16


@dataclass(slots=True)
class Element:
    """A tag with its attributes and what is inside; text is not kept, plex.tv says everything in attributes."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list["Element"])

    def named(self, tag: str) -> Iterator["Element"]:
        """The direct children of that tag."""
        return (child for child in self.children if child.tag == tag)

    def text(self, name: str) -> str:
        """An attribute, empty when it is not there."""
        return self.attributes.get(name, "")

    def flag(self, name: str) -> bool:
        """An attribute that says yes or no."""
        return self.text(name).lower() in {"1", "true"}


def read(document: bytes) -> Element:
    """The root element.

    Raises:
        ValueError: not XML, no element, nested too deeply, or with entities of its own.
    """
    top = Element("", {})
    path = [top]

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes)
        path[-1].children.append(element)
        path.append(element)
        if len(path) > DEEPEST:
            raise ValueError("nested too deeply")

    def on_end(_tag: str) -> None:
        path.pop()

    def on_entity(*_: object) -> None:
        raise ValueError("entity declarations are refused")

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.EntityDeclHandler = on_entity
    is_final = True
    try:
        parser.Parse(document, is_final)
    except expat.ExpatError as error:
        raise ValueError("not XML") from error
    return top.children[0]
