"""Which files a scan over several servers looked at already, each in eight bytes. Pure."""

from array import array
from collections.abc import Iterable

from framewright.domain.media import media_id

BUCKETS = 4096


class Taken:
    """Which files a scan over several servers had already: 8 bytes each (500,000 are 4 MB), looked up in small buckets."""

    def __init__(self) -> None:
        self._buckets = [array("Q") for _ in range(BUCKETS)]

    def __contains__(self, path: str) -> bool:
        mark = _mark(path)
        return mark in self._buckets[mark % BUCKETS]

    def add(self, path: str) -> None:
        """The scan has the file now."""
        mark = _mark(path)
        self._buckets[mark % BUCKETS].append(mark)

    def add_marks(self, marks: "array[int]") -> None:
        """The files of an earlier page."""
        for mark in marks:
            self._buckets[mark % BUCKETS].append(mark)


def marks_of(paths: Iterable[str]) -> "array[int]":
    """The files as they are stored."""
    return array("Q", map(_mark, paths))


def _mark(path: str) -> int:
    return int(media_id(path)[:16], 16)
