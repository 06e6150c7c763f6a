"""What a Jellyfin server is set to and therefore wants; pure."""

from dataclasses import dataclass

from framewright.domain.frames import Rendition
from framewright.domain.media import is_under, segments
from framewright.domain.publishing import PublishTarget
from framewright.vendors.jellyfin.client import TrickplayOptions
from framewright.vendors.mediabrowser.dialect import VirtualFolder


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options as last read, at `read_at` monotonic seconds; None when the server does not tell them."""

    options: TrickplayOptions | None
    folders: tuple[VirtualFolder, ...]
    read_at: float

    @property
    def tiles(self) -> tuple[int, int]:
        """Columns and rows of a sheet."""
        options = self.options or TrickplayOptions()
        return options.tile_width, options.tile_height

    def rendition(self, wanted: Rendition) -> Rendition:
        """The server's interval always; the wanted width where the server has it, else the server's first."""
        if self.options is None:
            return wanted
        widths = self.options.widths or (wanted.width,)
        width = wanted.width if wanted.width in widths else widths[0]
        return Rendition(width - width % 2, self.options.interval_ms)

    def with_media(self, target: PublishTarget) -> bool | None:
        """Whether the file's library keeps tiles beside the video; None when no library is known to hold the file."""
        for folder in self.folders:
            if folder.options is not None and target.library_id and folder.item_id == target.library_id:
                return folder.options.save_trickplay_with_media
        holding = [
            (len(segments(place)), folder.options.save_trickplay_with_media)
            for folder in self.folders
            for place in folder.locations or ()
            if folder.options is not None and any(is_under(path, place) for path in target.remote_paths)
        ]
        return max(holding)[1] if holding else None
