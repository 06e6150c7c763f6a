"""Readarr's webhooks: books hold no video, but what ends like one is taken at its word."""

from functools import partial

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.arr.dialect import (
    IMPORT_FAILED,
    NOT_YET,
    ArrEvent,
    File,
    Shape,
    file_deleted,
    imported,
    of_instance,
    path_of,
    renamed,
    understand,
    videos_only,
)
from framewright.vendors.source import NO_VIDEO, Change, Payload, Source, word

NAME = "readarr"


class Author(msgspec.Struct, rename="camel"):
    """`path` is the folder of the author as Readarr sees it."""

    name: object = ""
    path: str = ""


class BookEvent(ArrEvent, rename="camel"):
    """The fields that are used, of every event type."""

    author: Author = msgspec.field(default_factory=Author)
    book_file: File | None = None
    book_files: list[File] = msgspec.field(default_factory=list[File])
    renamed_book_files: list[File] = msgspec.field(default_factory=list[File])


def recognises(payload: Payload) -> bool:
    """An event type beside an author or books, or the instance's name."""
    own = any(name in payload for name in ("author", "bookFiles", "bookFile"))
    return ("eventType" in payload and own) or of_instance(payload, NAME)


def _file(event: BookEvent) -> str:
    return path_of(event.author.path, event.book_file)


def _retagged(event: BookEvent) -> tuple[Change, ...]:
    """New tags are new content under the same name."""
    return (Change(ChangeKind.CHANGED, _file(event), why="retag"),) if _file(event) else ()


SHAPE = Shape(
    BookEvent,
    lambda event: word(event.author.name),
    {
        "Grab": lambda _event: NOT_YET,
        "Download": lambda event: videos_only(imported(event, event.author.path, event.book_files)),
        "Rename": lambda event: videos_only(renamed(event.author.path, event.renamed_book_files)),
        "Retag": lambda event: videos_only(_retagged(event)),
        "BookFileDelete": lambda event: videos_only(file_deleted(event, _file(event))),
        "ImportFailure": lambda _event: IMPORT_FAILED,
        "BookDelete": lambda _event: NO_VIDEO,
        "AuthorDelete": lambda _event: NO_VIDEO,
    },
)

SOURCE = Source(NAME, "Readarr", recognises, partial(understand, NAME, SHAPE))
