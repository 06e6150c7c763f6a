"""Decoding in an ffmpeg child: VAAPI, Quick Sync, Vulkan and VideoToolbox, which the library's wheel does not hold.

This process reads the film sparsely and sends only the packets that are needed; the child never sees the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from framewright.extractor.adapters.backends.child import FAREWELL_SECONDS, Child
from framewright.extractor.adapters.backends.feed import Feed
from framewright.extractor.adapters.backends.mending import ODD_COLOURS, Mender, Witness
from framewright.extractor.adapters.backends.passages import Passages
from framewright.extractor.adapters.backends.receipt import Receipt
from framewright.extractor.adapters.backends.restart import Restart
from framewright.extractor.adapters.backends.sample import Sample, Sampler
from framewright.extractor.adapters.container import Film, VideoPacket, stamp_of
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.walk import OVERSHOOT_MS, Gallery, Walker
from framewright.extractor.domain.acceleration import Acceleration, pipe_arguments
from framewright.extractor.domain.plan import Key, Walk
from framewright.extractor.domain.slots import Slot

PATIENCE = 30.0
"""Seconds without a sign of life after which a child is given up."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Fulfils `Backend` with one child per thread; `ffmpeg` is the program, `threads` caps its CPU threads (0: not)."""

    device: str
    acceleration: Acceleration
    ffmpeg: str
    threads: int = 0
    patience: float = PATIENCE
    sampler: Sampler = field(default_factory=Sampler, compare=False)

    def employ(self, film: Film, gallery: Gallery, look: Look) -> Walker:
        """See `Backend.employ`."""
        return PipeWalker(self, film, gallery, look)


class PipeWalker:
    """Path A for one thread, with the decoder in a child that is started with the first walk."""

    def __init__(self, pipe: Pipe, film: Film, gallery: Gallery, look: Look) -> None:
        self._pipe = pipe
        self._film = film
        self._gallery = gallery
        self._look = look
        self._mender = Mender(film, gallery, look)
        self._line: _Line | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes that this thread has asked of the file."""
        return self._film.reader.bytes_read

    def go(self, walk: Walk, following: Key | None) -> None:
        """Send what the walk wants; its pictures come later. What a pipe cannot do is done here on the CPU."""
        sample = self._pipe.sampler.take(self._mender.projector, walk)
        if sample is None or sample.peculiar:
            if sample is not None:
                self._gallery.remark(ODD_COLOURS)
            self._mender.go(walk, following)
            return
        if self._line is None:
            self._line = _Line(self._pipe, Witness(self._film, self._gallery, self._look), sample)
        if not self._line.send(walk, following, self._packets(walk, following)):
            self._mender.go(walk, following)

    def finish(self) -> None:
        """See `Walker.finish`; what the child left out is decoded on the CPU."""
        if self._line is None:
            return
        reason = self._line.finish()
        for passage in self._line.passages.all:
            if passage.shown:
                self._mender.approve()
        for passage in self._line.passages.all:
            if not passage.shown:
                self._mender.mend(passage.walk, passage.following, reason)
            elif self._gallery.missing(passage.walk.targets):
                self._mender.go(passage.walk, passage.following)

    def close(self) -> None:
        """See `Walker.close`; no child outlives its walker."""
        if self._line is not None:
            self._line.close()

    def _packets(self, walk: Walk, following: Key | None) -> Iterator[VideoPacket]:
        """The keyframe's packet, then those up to the first picture of the last target."""
        self._film.seek(walk.key, following)
        packets = self._film.packets_from(walk.key)
        if not walk.targets:
            return islice(packets, 1)
        return until_shown(self._film, packets, max(walk.targets))


class _Line:
    """A child at work: what goes in, what comes out, and which picture belongs to which walk."""

    def __init__(self, pipe: Pipe, witness: Witness, sample: Sample) -> None:
        film, picture = witness.film, sample.picture(max(witness.look.widths))
        witness.expect(sample, picture.width, picture.height)
        arguments = pipe_arguments(pipe.acceleration, pipe.device, picture, pipe.threads)
        costume = pipe.sampler.costume(sample, picture.width, picture.height, picture.pixels)
        stored = film.stream.codec_context
        self.passages = Passages(film.time_base)
        self._restart = Restart(stored.codec.canonical_name, stored.extradata or b"")
        self._restart.offer(sample.packet)
        self._film = film
        self._child = Child([pipe.ffmpeg, *arguments], pipe.patience, self._ask)
        self._receipt = Receipt(self._child, self.passages, witness, costume, picture)
        self._feed = Feed(film, self._child, self.passages)

    def send(self, walk: Walk, following: Key | None, packets: Iterator[VideoPacket]) -> bool:
        """Send a walk's packets; False when the child could make nothing of them and nothing was sent.

        Raises:
            DeviceFailedError: the child is gone, or silent for too long.
        """
        self._receipt.check()
        first = next(packets, None)
        if first is None:
            return True
        key = bytes(first)
        self._restart.offer(key)
        reset = bool(self.passages.all) and self._restart.reset_needed(key)
        if not _stamped(first, walk) or (reset and not self._restart.reset):
            return False
        passage = self.passages.open(walk, following, stamp_of(first) or 0)
        if reset:
            self._feed.send_reset(self._restart.reset)
        self._feed.send_key(passage, self._restart.fresh(key))
        for packet in packets:
            self._feed.send(passage, packet)
        return True

    def finish(self) -> str:
        """Wait for the last pictures; answers what to say of walks without one.

        Raises:
            DeviceFailedError: the child failed.
        """
        self._feed.end()
        self._receipt.wait()
        self._child.conclude()
        shown = sum(passage.shown > 0 for passage in self.passages.all)
        return self._child.reason(f"ffmpeg gave pictures for {shown} of {len(self.passages.all)} keyframes")

    def close(self) -> None:
        """End everything, however far it is."""
        self._child.kill()
        self._receipt.leave(FAREWELL_SECONDS)
        self._feed.abandon()
        self._child.release()

    def _ask(self) -> None:
        """Whether waiting still makes sense; a read of nothing only asks whether the job is wanted."""
        self._film.reader.read(0)
        self._receipt.check()


def _stamped(first: VideoPacket, walk: Walk) -> bool:
    """Whether pictures can be told apart by time: a walk forward needs presentation times, some old formats have none."""
    return first.pts is not None if walk.targets else stamp_of(first) is not None


def until_shown(film: Film, packets: Iterable[VideoPacket], last: Slot) -> Iterator[VideoPacket]:
    """Packets up to where nothing that follows can show earlier than the first picture of this slot.

    A decoder needs no more to have that picture, though it may keep it until it is told of an end.
    """
    first_ms = last.end_ms + OVERSHOOT_MS
    for packet in packets:
        stamp = stamp_of(packet)
        shown_ms = film.ms(stamp) if stamp is not None else 0
        # Without a decode time, the greatest distance to the time of showing is assumed.
        decoded_ms = film.ms(packet.dts) if packet.dts is not None else shown_ms - OVERSHOOT_MS
        if decoded_ms > first_ms:
            return
        if shown_ms >= last.start_ms:
            first_ms = min(shown_ms, first_ms)
        yield packet
