"""Payloads about movies: Radarr and Whisparr v3. There is no batch event, and `folderPath` is the movie's folder."""

import msgspec

from framewright.vendors.arr.dialect import (
    NOT_YET,
    ArrEvent,
    File,
    Shape,
    file_deleted,
    folder_deleted,
    imported,
    path_of,
    renamed,
)
from framewright.vendors.source import Change, word


class Movie(msgspec.Struct, rename="camel"):
    """`folder_path` is the folder of the movie as the program sees it."""

    title: object = ""
    folder_path: str = ""


class FilmEvent(ArrEvent, rename="camel"):
    """The fields that are used, of every event type."""

    movie: Movie = msgspec.field(default_factory=Movie)
    movie_file: File | None = None
    renamed_movie_files: list[File] = msgspec.field(default_factory=list[File])


def _imported(event: FilmEvent) -> tuple[Change, ...]:
    """The shortest payload names the folder only; then the folder stands for its videos."""
    folder = event.movie.folder_path
    return imported(event, folder, [event.movie_file or File(path=folder)])


SHAPE = Shape(
    FilmEvent,
    lambda event: word(event.movie.title),
    {
        "Grab": lambda _event: NOT_YET,
        "Download": _imported,
        "Rename": lambda event: renamed(event.movie.folder_path, event.renamed_movie_files),
        "MovieFileDelete": lambda event: file_deleted(event, path_of(event.movie.folder_path, event.movie_file)),
        "MovieDelete": lambda event: folder_deleted(event, event.movie.folder_path),
    },
)
