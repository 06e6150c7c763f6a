"""The CPU beside a device: it decodes what the device left out, and shows by that whose fault it was."""

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from framewright.extractor.adapters.backends.sample import Sample
from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.picture import FilmTags, Look, Renderer
from framewright.extractor.adapters.walk import DeviceFailedError, Gallery, IndexWalker, Projector
from framewright.extractor.domain.plan import Key, Walk

LENIENCE = 3
"""So many pictures a device may leave out; above that, it must not be more than half of them."""

ODD_COLOURS = "this kind of Dolby Vision is decoded on the CPU"
"""Said in the report where a device was asked for."""


class Witness(Projector):
    """A projector that counts what it shows."""

    def __init__(self, film: Film, gallery: Gallery, look: Look, codec: VideoCodecContext | None = None) -> None:
        super().__init__(film, gallery, look, codec)
        self.look = look
        self.shown = 0

    def expect(self, sample: Sample, width: int, height: int) -> None:
        """From now on the frames are the whole film squeezed into this size."""
        tags = FilmTags(sample.aspect(width, height), sample.transfer, sample.codec_tag)
        self._renderer = Renderer(self.look, tags, self.gallery.remark)

    def show(self, time_ms: int, frame: VideoFrame) -> None:
        """See `Projector.show`."""
        super().show(time_ms, frame)
        self.shown += 1


class Mender:
    """Path A on the CPU for one thread, and the verdict over the device that it stands in for."""

    def __init__(self, film: Film, gallery: Gallery, look: Look) -> None:
        self.projector = Witness(film, gallery, look)
        self._walker = IndexWalker(self.projector)
        self._walks = 0
        self._misses = 0
        self._proven = False

    def go(self, walk: Walk, following: Key | None) -> None:
        """Fetch what the walk wants, on the CPU."""
        self._walker.go(walk, following)

    def approve(self) -> None:
        """The device showed something of a walk."""
        self._walks += 1
        self._proven = True

    def mend(self, walk: Walk, following: Key | None, reason: str) -> None:
        """Fetch what a walk wants of which the device showed nothing, for this reason.

        Raises:
            DeviceFailedError: the film was not to blame, and the device never showed anything, or fails too often.
        """
        self._walks += 1
        before = self.projector.shown
        self.go(walk, following)
        if self.projector.shown == before:
            return
        self._misses += 1
        if not self._proven or self._misses > max(LENIENCE, self._walks // 2):
            raise DeviceFailedError(reason)
