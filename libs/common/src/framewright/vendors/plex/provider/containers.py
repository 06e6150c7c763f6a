"""MediaContainers: the envelope of every answer, and the page of a long one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framewright.domain.errors import Reject
from framewright.vendors.plex.provider.describe import images
from framewright.vendors.plex.provider.item import Item
from framewright.vendors.plex.provider.words import Provider

USUAL_SIZE = 20
"""Things on a page when a server does not say."""

START, SIZE = "x-plex-container-start", "x-plex-container-size"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `start` counts from 0."""

    start: int = 0
    size: int = USUAL_SIZE


def page_of(headers: Mapping[str, str], query: Mapping[str, str]) -> Page:
    """The page that a request asks for, in headers or in parameters of the same name.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    given = {name.lower(): value for name, value in query.items()}
    start, size = (headers.get(name) or given.get(name, "") for name in (START, SIZE))
    return Page(_count(START, start, 0), _count(SIZE, size, USUAL_SIZE))


def metadata_container(
    provider: Provider, found: Sequence[dict[str, Any]], *, offset: int = 0, total: int | None = None
) -> dict[str, Any]:
    """The answer with Metadata objects; of a page with its beginning, and how many there are on all pages."""
    total = len(found) if total is None else total
    return {"MediaContainer": {**_envelope(provider, len(found), total, offset), "Metadata": list(found)}}


def image_container(provider: Provider, item: Item) -> dict[str, Any]:
    """The answer with every picture of an item."""
    found = [images(one.kind, one.url, item.title) for one in item.pictures]
    return {"MediaContainer": {**_envelope(provider, len(found), len(found), 0), "Image": found}}


def _envelope(provider: Provider, size: int, total: int, offset: int) -> dict[str, Any]:
    return {"offset": offset, "totalSize": total, "identifier": provider.identifier, "size": size}


def _count(name: str, text: str, usual: int) -> int:
    if not text:
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 9:  # noqa: PLR2004 - no library has a thousand million
        raise Reject(f"{name} must be a number", code="VALIDATION_ERROR")
    return int(text)
