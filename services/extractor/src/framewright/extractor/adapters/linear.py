"""Path C: the whole file from end to end, for films without a trustworthy index.

Keyframes are decoded when their slot wants them. The packets between two keyframes are kept until the second one is
seen, since only then is it known which slots hold no keyframe and need decoding forward from the first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from framewright.extractor.adapters.container import VideoPacket, is_key, stamp_of
from framewright.extractor.adapters.walk import Projector
from framewright.extractor.domain.request import Mode
from framewright.extractor.domain.slots import Slot, choose, slots_between

KEEP_BYTES = 96 << 20
"""Packets kept of one group of pictures; a longer one is decoded as it comes."""


@dataclass(slots=True)
class Group:
    """Packets from one keyframe to before the next, or a piece of them when they are too many to keep.

    `until` is the next keyframe's time stamp, None at the end of the film or when not known yet.
    """

    packets: list[VideoPacket] = field(default_factory=list[VideoPacket])
    until: int | None = None
    first: bool = True
    last: bool = True


def groups(packets: Iterable[VideoPacket], *, keys_only: bool, keep_bytes: int = KEEP_BYTES) -> Iterator[Group]:
    """Cut a stream of packets at its keyframes; what comes before the first one cannot be decoded."""
    kept: list[VideoPacket] = []
    size, first = 0, True
    for packet in packets:
        if is_key(packet):
            if kept or not first:
                yield Group(kept, stamp_of(packet), first=first)
            kept, size, first = [], 0, True
        elif keys_only or (not kept and first):
            continue
        kept.append(packet)
        size += packet.size
        if size > keep_bytes:
            yield Group(kept, first=first, last=False)
            kept, size, first = [], 0, False
    if kept or not first:
        yield Group(kept, first=first)


class LinearWalker:
    """Fills the gallery from one pass over the file."""

    def __init__(self, projector: Projector, intervals_ms: Sequence[int], mode: Mode) -> None:
        self._projector = projector
        self._film = projector.film
        self._gallery = projector.gallery
        self._intervals = intervals_ms
        self._mode = mode

    def go(self, progress: Callable[[], None]) -> None:
        """Read to the end; `progress` is called once per group."""
        for group in groups(self._film.packets(), keys_only=self._mode is Mode.FAST):
            if group.first and group.last:
                self._serve(group)
            else:
                self._serve_piece(group)
            progress()

    def _serve(self, group: Group) -> None:
        start = stamp_of(group.packets[0])
        if start is None:
            return
        start_ms = self._film.ms(start)
        wants_key = bool(self._gallery.missing(self._around(start_ms)))
        targets = self._without_key(start_ms, group) if self._mode is Mode.WINDOW else []
        if targets:
            self._forward(group, targets, wants_key=wants_key)
        elif wants_key:
            found = self._projector.key_picture(group.packets[0])
            if found is not None:
                self._projector.show(*found)

    def _without_key(self, start_ms: int, group: Group) -> list[Slot]:
        """Slots that begin after this group's keyframe and end before the next one's."""
        if group.until is None:
            slots = slots_between(start_ms + 1, self._film.last_ms, self._intervals)
        else:
            until_ms = self._film.ms(group.until)
            slots = [slot for slot in slots_between(start_ms + 1, until_ms, self._intervals) if slot.end_ms <= until_ms]
        return self._gallery.missing(slots)

    def _forward(self, group: Group, targets: Sequence[Slot], *, wants_key: bool) -> None:
        early = self._gallery.coverage.early_ms
        pictures = self._projector.pictures(group.packets, "NONREF")
        for found in choose(self._projector.showing_first(pictures) if wants_key else pictures, targets, early):
            self._projector.show(*found)
        missing = self._gallery.missing(targets)
        for found in choose(self._projector.pictures(group.packets, "DEFAULT"), missing, early) if missing else ():
            self._projector.show(*found)

    def _serve_piece(self, piece: Group) -> None:
        """Without knowing what follows, the first picture of every slot is taken."""
        if piece.first:
            self._projector.begin("NONREF")
        for packet in [*piece.packets, *([None] if piece.last else [])]:
            for frame in self._projector.feed(packet):
                if frame.pts is not None and self._gallery.missing(self._around(self._film.ms(frame.pts))):
                    self._projector.show(self._film.ms(frame.pts), frame)

    def _around(self, time_ms: int) -> list[Slot]:
        """The slots that a picture of this time may stand for."""
        early = self._gallery.coverage.early_ms
        inside = (Slot(time_ms // every * every, (time_ms // every + 1) * every) for every in self._intervals)
        soon = ((time_ms + early) // every * every for every in self._intervals)
        ahead = (Slot(start, start + every) for start, every in zip(soon, self._intervals, strict=True))
        return [slot for slot in {*inside, *ahead} if slot.start_ms >= 0]
