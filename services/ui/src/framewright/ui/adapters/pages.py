"""Templates and static files, read from the package once.

The version in the static URLs is a digest of all files together, so that modules may import each other by relative name.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from framewright.ui.domain.remarks import remarks
from framewright.ui.domain.scan_words import scan_words
from framewright.ui.domain.tones import tone
from framewright.ui.domain.views import base_name

_HERE = Path(__file__).parent

mimetypes.add_type("text/javascript", ".js")


class StaticAssets:
    """Fulfils `Assets`; everything lies in memory, about 40 KB."""

    def __init__(self, folder: Path = _HERE / "static") -> None:
        self._files = {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}
        digest = hashlib.blake2b(digest_size=8)
        for name, content in self._files.items():
            digest.update(name.encode() + b"\0" + content)
        self.version = digest.hexdigest()

    def url(self, name: str) -> str:
        """The address of a file, which changes with its content."""
        return f"/static/{self.version}/{name}"

    def get(self, version: str, name: str) -> tuple[bytes, str] | None:
        """See `Assets.get`."""
        if version != self.version or name not in self._files:
            return None
        return self._files[name], mimetypes.guess_type(name)[0] or "application/octet-stream"


class TemplatePages:
    """Fulfils `Pages`."""

    def __init__(self, assets: StaticAssets, folder: Path = _HERE / "templates") -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.url  # pyright: ignore[reportArgumentType]
        self._environment.filters.update(_FILTERS)

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """See `Pages.render`."""
        return self._environment.get_template(template).render(**context)


def _clock(moment: datetime | None) -> str:
    return moment.strftime("%d %b %H:%M UTC") if moment else ""


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _words(name: str) -> str:
    """`up_to_date` as people write it."""
    return name.replace("_", " ")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000:  # noqa: PLR2004
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


_FILTERS: dict[str, Callable[..., Any]] = {
    "clock": _clock,
    "iso": _iso,
    "basename": base_name,
    "words": _words,
    "size": _size,
    "share": _share,
    "tone": tone,
    "remarks": remarks,
    "counted": scan_words,
}
