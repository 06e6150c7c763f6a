"""Path B: from slot to slot by time stamps, in films that have no index but can be searched."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from framewright.extractor.adapters.container import Film, VideoPacket, is_key, stamp_of
from framewright.extractor.adapters.walk import Projector
from framewright.extractor.domain.plan import Key, Walk
from framewright.extractor.domain.seeking import Tally
from framewright.extractor.domain.slots import Slot, choose

FIRST_LEAD_MS = 200.0
"""How much earlier a seek is aimed than the picture it wants, until the first keyframe shows how far decoding runs ahead."""

BACK_MS = (4000, 12_000, 36_000)
"""How far before a slot without a keyframe the search for the one before it begins, in turn."""

SOUGHT_SLOTS = 3
SOUGHT_BYTES = 4 << 20
"""A seek that has read as much as these slots usually take, and so many bytes, without a keyframe is given up."""


@dataclass(slots=True)
class Search:
    """What the threads of one search share: the tally and how far decoding runs ahead of showing."""

    tally: Tally
    lead_ms: float = FIRST_LEAD_MS
    lock: threading.Lock = field(default_factory=threading.Lock)


class TimeWalker:
    """Path B for one thread: the first keyframe of every slot, as long as the search pays."""

    def __init__(self, projector: Projector, search: Search) -> None:
        self._projector = projector
        self._film = projector.film
        self._gallery = projector.gallery
        self._search = search

    @property
    def bytes_read(self) -> int:
        """Bytes that this thread has asked of the file."""
        return self._film.reader.bytes_read

    def go(self, walk: Walk, following: Key | None) -> None:  # noqa: ARG002 - there is no index
        """Find the slot's first keyframe; a slot that is served already, or a hopeless search, costs nothing."""
        for slot in self._gallery.missing(walk.targets):
            if self._search.tally.verdict:
                return
            before = self.bytes_read
            self._film.seek_time(slot.start_ms - self._search.lead_ms)
            found_ms = self._first_key(slot, before)
            with self._search.lock:
                self._search.tally.note(slot, found_ms, self.bytes_read - before)

    def finish(self) -> None:
        """See `Walker.finish`; every picture is there when `go` returns."""

    def close(self) -> None:
        """See `Walker.close`; the decoder belongs to the film."""

    def _first_key(self, slot: Slot, before: int) -> int | None:
        """Time of the first keyframe that shows within the slot or after it; its picture is kept when a slot wants it."""
        early_ms = self._gallery.coverage.early_ms
        most = before + max(SOUGHT_BYTES, int(self._search.tally.bytes_per_slot * SOUGHT_SLOTS))
        for packet in self._film.packets():
            stamp = stamp_of(packet)
            if stamp is None or not is_key(packet):
                if self.bytes_read > most:
                    return None
                continue
            time_ms = self._film.ms(stamp)
            if time_ms < slot.start_ms - early_ms:
                continue
            self._learn(packet, time_ms)
            if time_ms >= slot.end_ms or self._take(packet):
                return time_ms
        return None

    def _take(self, packet: VideoPacket) -> bool:
        found = self._projector.key_picture(packet)
        if found is not None:
            self._projector.show(*found)
        return found is not None

    def _learn(self, packet: VideoPacket, time_ms: int) -> None:
        """From a keyframe that was found: where it lies, and how far decoding runs ahead of showing."""
        with self._search.lock:
            if packet.pos is not None:
                self._search.tally.places.append((time_ms, packet.pos))
            if packet.pts is None or packet.dts is None:
                return
            ahead_ms = float((packet.pts - packet.dts) * self._film.time_base * 1000) + 2 * self._film.frame_ms
            self._search.lead_ms = min(FIRST_LEAD_MS * 4, max(self._search.lead_ms, ahead_ms))


class ForwardWalker(TimeWalker):
    """Decodes forward to slots without a keyframe, from the keyframe before them."""

    def go(self, walk: Walk, following: Key | None) -> None:  # noqa: ARG002 - there is no index
        """Find the keyframe before the slot, ever further back, and walk from there."""
        for slot in self._gallery.missing(walk.targets):
            for back_ms in BACK_MS:
                self._film.seek_time(slot.start_ms - back_ms)
                packets = list(self._group_before(slot))
                if packets or slot.start_ms <= back_ms:
                    self._forward(packets, slot)
                    break

    def _group_before(self, slot: Slot) -> Iterator[VideoPacket]:
        """The packets from the last keyframe before the slot to the slot's end; nothing when there is no such keyframe."""
        kept: list[VideoPacket] = []
        for packet in self._film.packets():
            stamp = stamp_of(packet)
            time_ms = self._film.ms(stamp) if stamp is not None else 0
            if is_key(packet):
                if time_ms > slot.start_ms:
                    break
                kept = [packet]
            elif kept:
                kept.append(packet)
            if time_ms > slot.end_ms + self._search.lead_ms:
                break
        yield from kept

    def _forward(self, packets: Sequence[VideoPacket], slot: Slot) -> None:
        for skip in ("NONREF", "DEFAULT"):
            pictures = self._projector.pictures(packets, skip)
            for found in choose(pictures, self._gallery.missing([slot]), self._gallery.coverage.early_ms):
                self._projector.show(*found)


def searching(film: Film, slots: Sequence[Slot]) -> Search:
    """A search that has not begun."""
    return Search(Tally(film.reader.size / max(1, len(slots))))
