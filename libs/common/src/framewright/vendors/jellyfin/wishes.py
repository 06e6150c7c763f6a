"""What a Jellyfin server is set to: what it therefore wants, shows and deletes; pure."""

from dataclasses import dataclass

from framewright.domain.frames import NARROWEST, WIDEST, Rendition
from framewright.domain.media import is_under, segments
from framewright.domain.publishing import Hindrance, PublishTarget
from framewright.formats.tiling import width_for
from framewright.vendors.jellyfin.client import TrickplayOptions
from framewright.vendors.jellyfin.manifest import COUNTED_RIGHT
from framewright.vendors.mediabrowser.dialect import LibraryOptions, VirtualFolder

DELETES = Hindrance(
    "SERVER_DELETES",
    "Jellyfin deletes tiles that it did not make while EnableTrickplayImageExtraction of the library is off: turn it on,"
    " or run version 12 with SaveTrickplayWithMedia",
)

AT_REFRESH = "Jellyfin adopts the tiles when it refreshes the item, for which it is asked"

DAILY = (
    "Jellyfin adopts the tiles at its daily task unless ExtractTrickplayImagesDuringLibraryScan of"
    " the library is on or the plugin Media Preview Bridge is installed"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options as last read, at `read_at` monotonic seconds; None when the server does not tell them.

    `major` is the version's first number, 0 where it is not known; `bridged` says that Media Preview Bridge is there.
    """

    options: TrickplayOptions | None
    folders: tuple[VirtualFolder, ...]
    read_at: float
    major: int = 0
    bridged: bool = False

    @property
    def tiles(self) -> tuple[int, int]:
        """Columns and rows of a sheet."""
        options = self.options or TrickplayOptions()
        return options.tile_width, options.tile_height

    @property
    def keeps_rows(self) -> bool:
        """Whether a row that the server has of a width stays as it is, whatever is written afterwards.

        So it is in every version; from 12.0 on it goes when the folder that it names has no sheets any more.
        """
        return self.major > 0 and not self.bridged

    def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """The server's interval at each of its widths, the narrowest first; what is wanted where it does not tell them."""
        if self.options is None:
            return (wanted,)
        even = {width - width % 2 for width in self.options.widths}
        widths = sorted(width for width in even if NARROWEST <= width <= WIDEST) or [wanted.width]
        return tuple(Rendition(width, self.options.interval_ms) for width in widths)

    def fitted(self, target: PublishTarget) -> tuple[Rendition, ...]:
        """As `renditions`, but none wider than the film: wider tiles would lie where the server does not look."""
        renditions = self.renditions(target.rendition)
        if not target.video_width:
            return renditions
        fitted = (Rendition(width_for(one.width, target.video_width), one.interval_ms) for one in renditions)
        return tuple(dict.fromkeys(fitted))

    def with_media(self, target: PublishTarget) -> bool | None:
        """Whether the file's library keeps tiles beside the video; None when no library is known to hold the file."""
        library = self.library(target)
        return None if library is None else library.save_trickplay_with_media

    def hindrance(self, target: PublishTarget) -> Hindrance | None:
        """Why tiles would be deleted, with the cure; None when they would stay.

        With extraction off, servers before 12.0 delete every tile at a refresh or at the daily task; from 12.0 on they
        leave those beside the video alone.
        """
        library = self.library(target)
        if library is None or library.extracts is not False:
            return None
        kept = self.major == 0 or (self.major >= COUNTED_RIGHT and library.save_trickplay_with_media)
        return None if kept else DELETES

    def outlook(self, target: PublishTarget) -> str:
        """When the server may be expected to show tiles that it does not show yet."""
        return DAILY if self.waits_for_the_day(target) else AT_REFRESH

    def waits_for_the_day(self, target: PublishTarget) -> bool:
        """Whether a refresh of the item leaves its tiles alone."""
        library = self.library(target)
        return library is not None and library.extracts_during_scan is False

    def library(self, target: PublishTarget) -> LibraryOptions | None:
        """The options of the library that holds the file; None when none is known to."""
        for folder in self.folders:
            if folder.options is not None and target.library_id and folder.item_id == target.library_id:
                return folder.options
        holding = [
            (len(segments(place)), number)
            for number, folder in enumerate(self.folders)
            for place in folder.locations or ()
            if folder.options is not None and any(is_under(path, place) for path in target.remote_paths)
        ]
        return self.folders[max(holding)[1]].options if holding else None
