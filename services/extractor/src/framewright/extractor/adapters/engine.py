"""The extraction of one file, start to end, in the calling thread and its own decoder threads."""

import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import av.logging

from framewright.domain.errors import FramewrightError, Retry
from framewright.extractor.adapters.backends import backend_for
from framewright.extractor.adapters.conclusion import Effort, concluded
from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.crew import Crew, Site
from framewright.extractor.adapters.linear import LinearWalker
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.reader import CancelledError, MediaFile, Reader
from framewright.extractor.adapters.timewalk import ForwardWalker, TimeWalker, searching
from framewright.extractor.adapters.walk import DeviceFailedError, Gallery, Projector, Walker
from framewright.extractor.domain.ending import Ending
from framewright.extractor.domain.plan import FilmIndex, Key, Plan, Walk, plan, replan
from framewright.extractor.domain.promise import HEAD_BYTES, promised_bytes
from framewright.extractor.domain.request import CPU, Extraction, ExtractionRequest, Mode
from framewright.extractor.domain.seeking import searched_slots, time_walks
from framewright.extractor.domain.slots import Coverage, Slot

WORTH_SEARCHING = 0.25
"""Share of slots that a search by time may leave without a keyframe; with more, the file is read from end to end."""

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


def _cpu_seconds() -> float:
    """Processor time of this process and of the decoders that it started and that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


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
    device: str = CPU
    refused: str = ""
    remarks: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float = field(default_factory=time.monotonic)
    cpu_began: float = field(default_factory=_cpu_seconds)

    def run(self) -> Extraction:
        """Plan, walk the index, fall back to searching by time or reading everything, report."""
        self.media.expect_random()
        film = self.open_film()
        try:
            self.choose_device(film)
            index = film.index()
            promised = promised_bytes(self.media.pread(HEAD_BYTES, 0))
            index = replace(index, data_end=max(index.data_end, promised), file_bytes=self.media.size)
            drawn = plan(index, self.request.intervals_ms, self.request.mode)
            gallery = Gallery(Coverage(film.frame_ms), self.tick)
            fault = drawn.linear or self.by_index(film, gallery, index, drawn)
            path = self.without_index(film, gallery, index, fault) if fault else "index"
            ending = Ending(index.duration_ms, drawn.duration_ms, film.video_ms, film.end_ms, index.cut_off)
            return replace(self.conclude(path, gallery, ending, drawn), video_width=film.width)
        finally:
            film.close()

    def choose_device(self, film: Film) -> None:
        """The wanted device, unless it is known that it cannot decode such a film."""
        if film.coding not in self.request.refused:
            self.device = self.request.device
            return
        self.remarks.append(f"{self.request.device} could not decode {film.coding} before, the CPU did")

    def open_film(self) -> Film:
        """One more container over the same open file."""
        reader = Reader(self.media, self.cancelled, self.tick)
        self.readers.append(reader)
        return Film(reader, self.request.path, self.request.threads)

    def tick(self, share: float | None = None) -> None:
        """Something was read, or a share of the work is done."""
        with self.lock:
            self.share = max(self.share, share or 0.0)
            self.progress(self.share)

    def by_index(self, film: Film, gallery: Gallery, index: FilmIndex, drawn: Plan) -> str:
        """Path A; then slots whose keyframe was broken or lay elsewhere are decoded forward from the one before.

        Answers why the index turned out to be no use, empty when it was good.
        """
        self.walk(film, gallery, index, drawn.walks)
        tried = {slot for walk in drawn.walks for slot in walk.targets}
        again = [slot for slot in gallery.missing(drawn.slots) if slot not in tried]
        if self.request.mode is Mode.WINDOW and len(again) <= len(drawn.slots) * WORTH_MENDING:
            self.walk(film, gallery, index, replan(index, again))
        return _doubt(drawn, gallery, index)

    def without_index(self, film: Film, gallery: Gallery, index: FilmIndex, fault: str) -> str:
        """Path B where it pays, else path C, both on the CPU; answers which."""
        if self.device != CPU:
            self.remarks.append(f"{self.device} was not used: a film without an index is decoded on the CPU")
            self.device = CPU
        slots = searched_slots(index, self.request.intervals_ms)
        walks = time_walks(index, slots, film.format)
        obstacle = self.by_time(film, gallery, slots, walks) if walks else ""
        if walks and not obstacle:
            self.remarks.append(f"searched by time stamps: {fault}")
            return "timestamp"
        self.remarks.append("read from end to end: " + "; ".join(filter(None, (fault, obstacle))))
        film.end_ms = self.linear(gallery)
        return "linear"

    def by_time(self, film: Film, gallery: Gallery, slots: Sequence[Slot], walks: Sequence[Walk]) -> str:
        """Path B: keyframes first, then slots without one; answers why it was given up, empty when it was not."""
        search = searching(film, slots)
        self.employ(film, (), lambda film: TimeWalker(Projector(film, gallery, self.look), search), walks)
        missing = gallery.missing(slots)
        torn = search.tally.verdict or search.tally.leap(self.media.size)
        if torn or len(missing) > len(slots) * WORTH_SEARCHING:
            return torn or "too many slots hold no keyframe"
        if self.request.mode is Mode.WINDOW:
            rest = [walk for walk in walks if gallery.missing(walk.targets)]
            self.employ(film, (), lambda film: ForwardWalker(Projector(film, gallery, self.look), search), rest)
        return ""

    def walk(self, film: Film, gallery: Gallery, index: FilmIndex, walks: Sequence[Walk]) -> None:
        """Walks of the index on the wanted device; what it cannot decode is decoded on the CPU, in place."""
        if self.device != CPU:
            try:
                backend = backend_for(self.device, self.request.device_threads)
                self.employ(film, index.keys, lambda film: backend.employ(film, gallery, self.look), walks)
            except DeviceFailedError as error:
                self.device, self.refused = CPU, film.coding
                self.remarks.append(f"{self.request.device} could not decode {film.coding}, the CPU did: {error}")
            else:
                return
        cpu = backend_for(CPU, 0)
        rest = [walk for walk in walks if not gallery.has(walk)]
        self.employ(film, index.keys, lambda film: cpu.employ(film, gallery, self.look), rest)

    def employ(self, film: Film, keys: Sequence[Key], walker: Callable[[Film], Walker], walks: Sequence[Walk]) -> None:
        """Send a crew of such walkers."""
        site = Site(self.media, self.open_film, walker, self.cancelled, self.tick)
        crew = Crew(site, film, keys, self.request.threads)
        try:
            crew.go(walks)
        finally:
            self.faults += crew.faults

    def linear(self, gallery: Gallery) -> int:
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

    def conclude(self, path: str, gallery: Gallery, ending: Ending, drawn: Plan) -> Extraction:
        """See `concluded`."""
        effort = Effort(
            path=path,
            bytes_read=sum(reader.bytes_read for reader in self.readers),
            file_bytes=self.media.size,
            wall_s=round(time.monotonic() - self.began, 3),
            cpu_s=round(_cpu_seconds() - self.cpu_began, 3),
            device=self.device,
            refused=self.refused,
        )
        damage = (f"{self.faults} damaged packets were left out",) if self.faults else ()
        remarks = (*self.remarks, *gallery.remarks, *drawn.warnings, *damage)
        return concluded(self.request, gallery, ending, effort, remarks)

    @property
    def look(self) -> Look:
        """What the request says about pictures."""
        return Look(self.request.widths, self.request.quality, self.request.tonemap)


def _doubt(drawn: Plan, gallery: Gallery, index: FilmIndex) -> str:
    """Why the index is no use after all, when its walks found too little of what it promises; else empty."""
    promised = [slot for slot in drawn.slots if slot.start_ms <= index.keys[-1].time_ms]
    if len(gallery.missing(promised)) <= len(promised) * WORTH_MENDING:
        return ""
    return "the index does not lead to pictures"
