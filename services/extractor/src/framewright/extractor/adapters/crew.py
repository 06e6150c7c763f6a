"""The threads that walk an index side by side; each has its own container over the one open file."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.reader import CancelledError, MediaFile
from framewright.extractor.adapters.walk import Walker
from framewright.extractor.domain.plan import Key, Walk

CHUNK = 8
"""Walks that a thread takes at a time."""

AHEAD = 4
"""Keyframes that the kernel is asked for ahead of the walk."""

FIRST_GUESS = 128 << 10
"""Bytes asked for while no keyframe of the film has been read yet and its index knows no sizes."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the crew works: the open file, how to open one more container on it, who walks it, when to stop."""

    media: MediaFile
    open_film: Callable[[], Film]
    employ: Callable[[Film], Walker]
    stopped: Callable[[], bool]
    advance: Callable[[float], None]


class Crew:
    """Walks lists of walks with at most `threads` threads; `film` serves the first of them."""

    def __init__(self, site: Site, film: Film, keys: Sequence[Key], threads: int) -> None:
        self._site = site
        self._film = film
        self._following = dict(pairwise(keys))
        self._threads = 1 if film.shared else threads
        self._lock = threading.Lock()
        self._waiting: deque[Walk] = deque()
        self._walked = 0
        self._total = 0
        self._usual_bytes = FIRST_GUESS
        self._failed = False
        self.faults = 0

    def go(self, walks: Sequence[Walk]) -> None:
        """Walk them all, in about the order given.

        Raises:
            CancelledError: the job is not wanted any more.
            DeviceFailedError: the device cannot go on; walks may be left over.
        """
        self._walked, self._total = 0, len(walks)
        # The long ones first: whoever takes one last keeps everybody waiting.
        self._waiting = deque([*filter(_is_long, walks), *(walk for walk in walks if not _is_long(walk))])
        threads = max(1, min(self._threads, len(walks) // 2))
        if threads == 1:
            self._waiting = deque(walks)
            self._work(self._film)
            return
        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(self._join, first=not number) for number in range(threads)]
        failures = [failure for future in futures if (failure := future.exception()) is not None]
        # One thread's failure ends the others as cancelled; it is the failure that counts.
        for failure in sorted(failures, key=lambda failure: isinstance(failure, CancelledError)):
            raise failure

    def _join(self, *, first: bool) -> None:
        """One thread's share; a failure of any thread ends them all."""
        whole = False
        try:
            if first:
                self._work(self._film)
            else:
                self._work_apart()
            whole = True
        finally:
            self._failed = self._failed or not whole

    def _work_apart(self) -> None:
        film = self._site.open_film()
        try:
            self._work(film)
            self._note_end(film)
        finally:
            film.close()

    def _work(self, film: Film) -> None:
        with closing(self._site.employ(film)) as walker:
            while chunk := self._next_chunk():
                self._walk_chunk(walker, chunk)
            walker.finish()
        with self._lock:
            self.faults += film.faults
        film.faults = 0

    def _next_chunk(self) -> Sequence[Walk]:
        """A long walk alone; else a few that follow each other in the file, fewer towards the end."""
        with self._lock:
            if not self._waiting:
                return ()
            share = len(self._waiting) // (2 * self._threads)
            count = 1 if _is_long(self._waiting[0]) else max(1, min(CHUNK, share))
            return [self._waiting.popleft() for _ in range(count)]

    def _walk_chunk(self, walker: Walker, chunk: Sequence[Walk]) -> None:
        for number, walk in enumerate(chunk):
            if self._failed or self._site.stopped():
                raise CancelledError
            ahead = chunk[number + 1 : number + 1 + AHEAD]
            self._site.media.prefetch(
                (near.key.pos, near.key.size or self._usual_bytes) for near in ahead if near.key.pos >= 0
            )
            before = walker.bytes_read
            walker.go(walk, self._following.get(walk.key))
            with self._lock:
                self._walked += 1
                if not walk.targets:
                    # A running mean: asking for more than a keyframe costs disk, asking for less costs time.
                    self._usual_bytes += (walker.bytes_read - before - self._usual_bytes) // AHEAD
            self._site.advance(self._walked / self._total)

    def _note_end(self, film: Film) -> None:
        with self._lock:
            if film.end_ms is not None:
                self._film.end_ms = max(self._film.end_ms or 0, film.end_ms)


def _is_long(walk: Walk) -> bool:
    return bool(walk.targets)
