"""What a Jellyfin server does with the trickplay folder of one video on a refresh, per generation of the server.

Source: the server's code at 10.10.7, 10.11.6 and 12.0-rc (its trickplay manager and provider).
"""

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from framewright.formats.tiling import folder_name, width_for
from framewright.vendors.jellyfin.simulator.settings import LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.images import image_size

DARKEST = 4
"""The plugin takes a cell of the last sheet for empty when no channel of its middle exceeds this."""

_WIDTH_FOLDER = re.compile(r"(?P<width>\d+) - (?P<columns>\d+)x(?P<rows>\d+)")


class AdoptionError(Exception):
    """The server's refresh threw: something in a width folder is no picture."""


@dataclass(frozen=True, slots=True)
class Row:
    """One width that the server shows: sizes in pixels, interval in milliseconds, bandwidth in bits a second."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    thumbnail_count: int
    interval: int
    bandwidth: int


@dataclass(slots=True)
class Tiles:
    """The folder of one video's tiles, the rows the server has for it, and the widths it would extract itself.

    `video_width` is the stored width of the film in pixels.
    """

    folder: Path
    library: LibrarySettings
    options: TrickplaySettings
    runtime_ms: int
    rows: dict[int, Row]
    video_width: int
    extracted: list[int] = field(default_factory=list[int])

    def width_folders(self) -> list[Path]:
        """Every sub-folder."""
        return sorted(path for path in self.folder.glob("*") if path.is_dir())

    def forget(self) -> None:
        """Delete folder and rows."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.rows.clear()


Refresh = Callable[[Tiles], None]


def refresh_of(version: str) -> Refresh:
    """The behaviour of this version of the server."""
    return refresh_12 if int(version.split(".", maxsplit=1)[0]) >= 12 else refresh_10  # noqa: PLR2004 - the version itself


def refresh_10(tiles: Tiles) -> None:
    """10.10 and 10.11: rows come from the server's options, whatever lies in the folder, and count its files.

    Raises:
        AdoptionError: a file in a configured width folder is no picture; nothing after it happens.
    """
    if not tiles.library.enable_trickplay_image_extraction:
        tiles.forget()
        return
    options = tiles.options
    for setting in options.width_resolutions:
        width = width_for(setting, tiles.video_width)
        folder = tiles.folder / folder_name(width, options.tile_width, options.tile_height)
        files = sorted(folder.glob("*")) if folder.is_dir() else []
        if files and width not in tiles.rows:
            sheet = _Sheets(files, options.tile_width, options.tile_height)
            tiles.rows[width] = sheet.row(width, len(files), options.interval)
        elif not files:
            tiles.extracted.append(width)
    _prune(tiles)


def refresh_12(tiles: Tiles) -> None:
    """12.0: every well-named folder with pictures is adopted by its name, then what is missing is extracted.

    Raises:
        AdoptionError: a picture of an adopted folder cannot be read.
    """
    found = {path: match for path in tiles.width_folders() if (match := _WIDTH_FOLDER.fullmatch(path.name))}
    widths = {int(match["width"]) for match in found.values()}
    for gone in tiles.rows.keys() - widths:
        del tiles.rows[gone]
    for path, match in found.items():
        files = sorted(path.glob("*.jpg"))
        width, columns, rows = int(match["width"]), int(match["columns"]), int(match["rows"])
        if files and width not in tiles.rows:
            count, interval = inferred(len(files), columns * rows, tiles)
            tiles.rows[width] = _Sheets(files, columns, rows).row(width, count, interval)
    if not tiles.library.enable_trickplay_image_extraction:
        if not tiles.library.save_trickplay_with_media:
            tiles.forget()
        return
    wanted = {width_for(setting, tiles.video_width) for setting in tiles.options.width_resolutions}
    tiles.extracted += sorted(wanted - tiles.rows.keys())
    _prune(tiles)


def inferred(sheets: int, per_sheet: int, tiles: Tiles) -> tuple[int, int]:
    """Thumbnails and interval that explain the number of sheets: the server's interval where it does, else a guess."""
    configured = tiles.options.interval
    count = -(-tiles.runtime_ms // configured)
    if (sheets - 1) * per_sheet < count <= sheets * per_sheet:
        return count, configured
    interval = max(1000, -(-tiles.runtime_ms // (sheets * per_sheet) // 1000) * 1000)
    return max(1, -(-tiles.runtime_ms // interval)), interval


def register(tiles: Tiles, width: int, interval: int) -> bool:
    """What the plugin Media Preview Bridge does: writes the row of a width whatever stood there; False without sheets.

    Its count is that of the full sheets and of the cells of the last one that are not dark.
    """
    options = tiles.options
    folder = tiles.folder / folder_name(width, options.tile_width, options.tile_height)
    files = sorted((path for path in folder.glob("*.jpg") if path.stem.isdigit()), key=lambda path: int(path.stem))
    if not files:
        return False
    columns, rows = options.tile_width, options.tile_height
    count = (len(files) - 1) * columns * rows + _lit(files[-1], columns, rows)
    tiles.rows[width] = _Sheets(files, columns, rows).row(width, count, interval)
    return True


def _lit(path: Path, columns: int, rows: int) -> int:
    """How many cells lie before the dark ones at the end."""
    with Image.open(path) as sheet:
        width, height = sheet.width // columns, sheet.height // rows
        pixels = sheet.convert("RGB")
        middles = [
            pixels.getpixel((cell % columns * width + width // 2, cell // columns * height + height // 2))
            for cell in range(columns * rows)
        ]
    lit = [cell for cell, pixel in enumerate(middles) if isinstance(pixel, tuple) and max(pixel) > DARKEST]
    return lit[-1] + 1 if lit else 0


@dataclass(frozen=True, slots=True)
class _Sheets:
    files: list[Path]
    columns: int
    rows: int

    def row(self, width: int, count: int, interval: int) -> Row:
        """The row; height and bandwidth are the greatest of any sheet."""
        heights = [_size(path)[1] // self.rows for path in self.files]
        per_sheet = self.columns * self.rows
        bits = [path.stat().st_size * 8 * 1000 // (interval * per_sheet) for path in self.files]
        return Row(width, max(heights), self.columns, self.rows, count, interval, max(bits))


def _size(path: Path) -> tuple[int, int]:
    size = image_size(path)
    if size is None:
        raise AdoptionError(f"{path.name} is no picture")
    return size


def _prune(tiles: Tiles) -> None:
    """Delete every sub-folder without a row."""
    kept = {folder_name(row.width, row.tile_width, row.tile_height) for row in tiles.rows.values()}
    _remove(path for path in tiles.width_folders() if path.name not in kept)


def _remove(folders: Iterable[Path]) -> None:
    for path in folders:
        shutil.rmtree(path)
