"""The port of a decoding backend."""

from typing import Protocol

from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.walk import Gallery, Walker


class Backend(Protocol):
    """Decodes on one device; called from several threads, each with a film of its own."""

    @property
    def device(self) -> str:
        """The device as reports name it."""
        ...

    def employ(self, film: Film, gallery: Gallery, look: Look) -> Walker:
        """Someone who walks this film and fills the gallery.

        Raises:
            DeviceFailedError: the device cannot decode this film; said here or later, by the walker.
        """
        ...
