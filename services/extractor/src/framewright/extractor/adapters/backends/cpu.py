"""The default: the decoders of the PyAV wheel, one thread each."""

from dataclasses import dataclass

from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.walk import Gallery, IndexWalker, Projector, Walker


@dataclass(frozen=True, slots=True)
class Cpu:
    """Fulfils `Backend` with the film's own decoder; works for everything that can be decoded at all."""

    device: str

    def employ(self, film: Film, gallery: Gallery, look: Look) -> Walker:
        """See `Backend.employ`."""
        return IndexWalker(Projector(film, gallery, look))
