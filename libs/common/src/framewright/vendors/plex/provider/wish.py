"""The body of a match: what a server knows of a file and wants to be told of. Numbers may come as text, nulls are nothing."""

from typing import Any

import msgspec

from framewright.domain.errors import Reject
from framewright.vendors.plex.provider.words import ItemKind, Provider


class Wish(msgspec.Struct, frozen=True):
    """One match. Titles and years are hints that files which lie beside the media do not need.

    `filename` is the server's own spelling of the file, for shows and seasons of the first one found; `index` the number
    of a season or an episode, `parent_index` that of an episode's season, `date` the day an episode was first shown.
    """

    type: int
    title: str = ""
    parent_title: str = msgspec.field(default="", name="parentTitle")
    grandparent_title: str = msgspec.field(default="", name="grandparentTitle")
    year: int | None = None
    guid: str = ""
    filename: str = ""
    index: int | None = None
    parent_index: int | None = msgspec.field(default=None, name="parentIndex")
    date: str = ""
    include_children: bool = msgspec.field(default=False, name="includeChildren")
    manual: bool = False

    @property
    def kind(self) -> ItemKind:
        """What is looked for."""
        return list(ItemKind)[self.type - 1]


def wish_of(provider: Provider, body: bytes) -> Wish:
    """The wish in a body.

    Raises:
        Reject: code VALIDATION_ERROR: no JSON object, a field of another type, a kind that the provider does not know.
    """
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
        wish = msgspec.convert({name: value for name, value in given.items() if value is not None}, Wish, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject(f"the match is no good: {error}", code="VALIDATION_ERROR") from error
    known = [kind.number for kind in provider.kinds]
    if wish.type not in known:
        raise Reject(f"type must be one of {', '.join(map(str, known))}", code="VALIDATION_ERROR")
    return wish
