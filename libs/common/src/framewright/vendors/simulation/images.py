"""Reading previews back from disk, with nothing of the code that wrote them but the format's own reader."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from framewright.domain.errors import Reject
from framewright.formats.bif import Bif, read_bif


def bif_at(path: Path) -> Bif | None:
    """The parsed file; None when it is absent, cut short or no BIF."""
    try:
        return read_bif(path.read_bytes())
    except (OSError, Reject):
        return None


def image_size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels; None when the file is no image."""
    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, UnidentifiedImageError):
        return None
