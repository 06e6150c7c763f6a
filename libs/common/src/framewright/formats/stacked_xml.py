"""XML as Kodi's files hold it: one root after another, blanks before the first, and anything at all behind the last.

Read with expat, which fetches nothing; what declares entities or is nested without end is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from framewright.domain.errors import Reject

DEEPEST = 32
MOST_ROOTS = 100
MOST_ELEMENTS = 50_000
"""Of one file: enough for thousands of actors, and about 20 MB while they are read."""

_BLANK = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first element: a byte order mark, and blanks that XML itself would not allow there."""


@dataclass(slots=True)
class Element:
    """One element with the text that stands directly in it; the tag is in lower case."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list[str])
    children: list["Element"] = field(default_factory=list["Element"])

    @property
    def plain(self) -> str:
        """The text without blanks around it."""
        return "".join(self.parts).strip()

    def all(self, *tags: str) -> list["Element"]:
        """The children of these names, in order."""
        return [child for child in self.children if child.tag in tags]

    def text(self, *tags: str) -> str:
        """The text of the first child of these names that has one; the order of the names counts."""
        return next((child.plain for tag in tags for child in self.all(tag) if child.plain), "")


def read_roots(data: bytes) -> Iterator[Element]:
    """The roots one after another, until something comes that is no element.

    Raises:
        Reject: code BAD_XML: a root that is not well-formed, too deep or too large, or entities declared.
    """
    rest, encoding = _single_bytes(data)
    left = MOST_ELEMENTS
    for number in range(MOST_ROOTS):
        reader = _Reader(encoding, left)
        reader.read(rest, needed=not number)
        if reader.root is None or reader.closed is None:
            return
        yield reader.root
        left, encoding = reader.left, reader.encoding
        rest = rest[reader.closed :].partition(b">")[2].lstrip(_BLANK)
        if not rest.startswith(b"<"):
            return
    raise _bad(f"it has more than {MOST_ROOTS} roots")


class _Reader:
    """Builds the elements of one root while expat reads it.

    `left` is how many elements there may still be, `closed` where the root's last tag begins, in bytes.
    """

    def __init__(self, encoding: str | None, left: int) -> None:
        self.root: Element | None = None
        self.encoding = encoding
        self.left = left
        self.closed: int | None = None
        self._open: list[Element] = []
        self._parser = expat.ParserCreate(encoding)
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = self._declared
        self._parser.EntityDeclHandler = _refuse_entities
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, data: bytes, *, needed: bool) -> None:
        """Read one root; what stands behind it may be anything, and where none is needed there may be none.

        Raises:
            Reject: code BAD_XML.
        """
        is_final = True
        try:
            self._parser.Parse(data, is_final)
        except expat.ExpatError as error:
            if self.closed is None and (needed or self.root is not None):
                raise _bad(f"it is not well-formed: {error}") from error

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = self.encoding or encoding

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.left -= 1
        if len(self._open) >= DEEPEST or self.left < 0:
            raise _bad("its elements are nested too deeply, or too many")
        element = Element(tag.lower(), attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()
        if not self._open:
            self.closed = self._parser.CurrentByteIndex

    def _text(self, text: str) -> None:
        self._open[-1].parts.append(text)


def _single_bytes(data: bytes) -> tuple[bytes, str | None]:
    """The text in an encoding in which markup is ASCII, and its name where it is not the one that is declared."""
    if data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return data.lstrip(_BLANK), None
    try:
        return data.decode("utf-16").encode().lstrip(_BLANK), "utf-8"
    except UnicodeError as error:
        raise _bad("it is no UTF-16") from error


def _refuse_entities(*_: object) -> None:
    raise _bad("it declares entities")


def _bad(reason: str) -> Reject:
    return Reject(reason, code="BAD_XML")
