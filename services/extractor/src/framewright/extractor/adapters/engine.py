"""The extraction of one file, start to end, in the calling thread and its own decoder threads."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import av.logging

from framewright.domain.errors import FramewrightError, Reject, Retry
from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.crew import Crew, Site
from framewright.extractor.adapters.linear import LinearWalker
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.reader import CancelledError, MediaFile, Reader
from framewright.extractor.adapters.walk import Gallery, Projector
from framewright.extractor.domain.ending import Ending
from framewright.extractor.domain.plan import FilmIndex, Plan, plan, replan
from framewright.extractor.domain.promise import HEAD_BYTES, promised_bytes
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Mode
from framewright.extractor.domain.slots import Coverage, count_slots
from framewright.formats.framepack import ExtractionReport

WORTH_MENDING = 0.5
"""Share of its slots that an index must have served; with less, it leads astray and the file is read from end to end."""


def extract(request: ExtractionRequest, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Extraction:
    """Pictures for every slot of the file, or as many as it holds.

    `progress` is called with the share done, 0 to 1, after every read and every decoded frame; never by two threads at once.

    Raises:
        Retry: `FILE_MISSING`, `UNREADABLE`, `FILE_CHANGED`, `CANCELLED`.
        Reject: `NOT_A_FILE`, `NOT_MEDIA`, `NO_VIDEO`, `NO_PICTURE`.
    """
    av.logging.set_level(None)
    with MediaFile(request.path) as media:
        try:
            extraction = _Job(request, media, progress, cancelled).run()
        except CancelledError as error:
            raise Retry(f"the extraction of {request.path} was cancelled", code="CANCELLED") from error
        except FramewrightError:
            # A file that is still being written looks like a broken one.
            media.check_unchanged()
            raise
        media.check_unchanged()
        return extraction


@dataclass(slots=True)
class _Job:
    """One run of the engine: what it was asked, what it has open, how far it is."""

    request: ExtractionRequest
    media: MediaFile
    progress: Callable[[float], None]
    cancelled: Callable[[], bool]
    share: float = 0.0
    faults: int = 0
    readers: list[Reader] = field(default_factory=list[Reader])
    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float = field(default_factory=time.monotonic)
    cpu_began: float = field(default_factory=time.process_time)

    def run(self) -> Extraction:
        """Plan, walk the index, fall back to reading everything, report."""
        self.media.expect_random()
        film = self.open_film()
        try:
            index = film.index()
            promised = promised_bytes(self.media.pread(HEAD_BYTES, 0))
            index = replace(index, data_end=max(index.data_end, promised), file_bytes=self.media.size)
            drawn = plan(index, self.request.intervals_ms, self.request.mode)
            gallery = Gallery(Coverage(film.frame_ms), self.tick)
            if not drawn.linear:
                self.walk_index(film, gallery, index, drawn)
                drawn = _doubted(drawn, gallery, index)
            seen_ms = self.walk_linear(gallery) if drawn.linear else film.end_ms
            ending = Ending(index.duration_ms, drawn.duration_ms, film.video_ms, seen_ms, index.cut_off)
            return self.conclude(drawn, gallery, ending)
        finally:
            film.close()

    def open_film(self) -> Film:
        """One more container over the same open file."""
        reader = Reader(self.media, self.cancelled, self.tick)
        self.readers.append(reader)
        return Film(reader, self.request.path)

    def tick(self, share: float | None = None) -> None:
        """Something was read, or a share of the work is done."""
        with self.lock:
            self.share = max(self.share, share or 0.0)
            self.progress(self.share)

    def walk_index(self, film: Film, gallery: Gallery, index: FilmIndex, drawn: Plan) -> None:
        """Path A; then slots whose keyframe was broken or lay elsewhere are decoded forward from the one before."""
        site = Site(self.media, self.open_film, gallery, self.look, self.cancelled, self.tick)
        crew = Crew(site, film, index.keys, self.request.threads)
        crew.go(drawn.walks)
        tried = {slot for walk in drawn.walks for slot in walk.targets}
        again = [slot for slot in gallery.missing(drawn.slots) if slot not in tried]
        if self.request.mode is Mode.WINDOW and len(again) <= len(drawn.slots) * WORTH_MENDING:
            crew.go(replan(index, again))
        self.faults += crew.faults

    def walk_linear(self, gallery: Gallery) -> int:
        """Path C over a fresh container; where the film ends."""
        self.media.expect_sequential()
        film = self.open_film()
        try:
            walker = LinearWalker(Projector(film, gallery, self.look), self.request.intervals_ms, self.request.mode)
            walker.go(lambda: self.tick(film.reader.tell() / self.media.size))
            self.faults += film.faults
            return film.last_ms
        finally:
            film.close()

    @property
    def look(self) -> Look:
        """What the request says about pictures."""
        return Look(self.request.width, self.request.quality, self.request.tonemap)

    def conclude(self, drawn: Plan, gallery: Gallery, ending: Ending) -> Extraction:
        """The pictures and the report.

        Raises:
            Reject: `NO_PICTURE` when nothing could be decoded.
        """
        if not gallery.pictures:
            raise Reject(f"{self.request.path} holds no picture that can be decoded", code="NO_PICTURE")
        finest = min(self.request.intervals_ms)
        owed = ending.owed_ms(finest)
        report = ExtractionReport(
            path="linear" if drawn.linear else "index",
            slots=count_slots(owed, self.request.intervals_ms),
            decoded=gallery.decoded,
            holes=gallery.coverage.holes(owed, self.request.intervals_ms),
            bytes_read=sum(reader.bytes_read for reader in self.readers),
            file_bytes=self.media.size,
            wall_s=round(time.monotonic() - self.began, 3),
            cpu_s=round(time.process_time() - self.cpu_began, 3),
            device="cpu",
            warnings=(*drawn.warnings, *self.remarks(drawn, ending)),
        )
        frames = tuple(sorted(gallery.pictures.items()))
        return Extraction(
            frames, self.request.width, gallery.height, ending.duration_ms, ending.partial(finest), report
        )

    def remarks(self, drawn: Plan, ending: Ending) -> list[str]:
        """What a person should know about the way there, in words."""
        said: list[str] = []
        if drawn.linear:
            said.append(f"read from end to end: {drawn.linear}")
        if ending.partial(min(self.request.intervals_ms)):
            said.append(f"the file is cut off: the film ends at {ending.duration_ms / 1000:.1f} s")
        if self.faults:
            said.append(f"{self.faults} damaged packets were left out")
        return said


def _doubted(drawn: Plan, gallery: Gallery, index: FilmIndex) -> Plan:
    """The plan, turned linear when its walks found too little of what the index promises."""
    promised = [slot for slot in drawn.slots if slot.start_ms <= index.keys[-1].time_ms]
    if len(gallery.missing(promised)) <= len(promised) * WORTH_MENDING:
        return drawn
    return replace(drawn, walks=(), linear="the index does not lead to pictures")
