"""When a server is asked whether it knows a file, and what follows when it does not. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from framewright.contracts.publish import ChangedPath, RefreshWantedV1
from framewright.domain.media import is_video
from framewright.domain.outcome import ChangeKind

LOOKS = (10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds after the telling at which the server is asked whether it knows the files."""

MOST_LOOKED_FOR = 25
"""Files of one folder come in by one scan: these stand for the rest."""

LOOK = "-look"
"""How the place ends in which a wish waits after the server was told."""

APPEARED = frozenset({ChangeKind.ADDED, ChangeKind.UPGRADED, ChangeKind.RENAMED})


def looks(first: float) -> tuple[float, ...]:
    """The times for a server that cannot know anything before `first` seconds have passed."""
    return (first, *(moment for moment in LOOKS if moment > first))


def to_be_known(changed: Iterable[ChangedPath]) -> tuple[ChangedPath, ...]:
    """The files that the server must know once it has looked."""
    return tuple(one for one in changed if one.cause in APPEARED and is_video(one.path))[:MOST_LOOKED_FOR]


def only_new(changed: Iterable[ChangedPath]) -> tuple[ChangedPath, ...]:
    """The files of which it is enough that the server knows them, whatever has happened since it was to be told."""
    return tuple(one for one in to_be_known(changed) if one.cause is ChangeKind.ADDED)


def being_looked_for(wish: RefreshWantedV1, changed: tuple[ChangedPath, ...], at: datetime) -> RefreshWantedV1:
    """The wish once the server was told: it waits in a place of its own, so that a new change is not taken for told."""
    place = f"{_folder(wish)}-{wish.level}{LOOK}"
    return msgspec.structs.replace(wish, place=place, changed=changed, told_at=at, looked=0)


def next_look(wish: RefreshWantedV1, first: float) -> RefreshWantedV1 | None:
    """The wish after one more look in vain; None when it was the last."""
    again = msgspec.structs.replace(wish, looked=wish.looked + 1)
    return again if again.looked < len(looks(first)) else None


def look_due(wish: RefreshWantedV1, first: float) -> datetime:
    """When the server is asked next."""
    assert wish.told_at is not None
    moments = looks(first)
    return wish.told_at + timedelta(seconds=moments[min(wish.looked, len(moments) - 1)])


def is_early(wish: RefreshWantedV1, first: float, at: datetime) -> bool:
    """Whether something else than the clock made this look: it does not count, or a busy server would soon have had all."""
    return at < look_due(wish, first)


def climbed(wish: RefreshWantedV1, unknown: tuple[ChangedPath, ...], top: int) -> RefreshWantedV1 | None:
    """The wish one step up the ladder, for what the server still does not know; None at its top."""
    if not wish.climbs or wish.level >= top:
        return None
    level = wish.level + 1
    place = f"{_folder(wish)}-{level}"
    return msgspec.structs.replace(wish, place=place, changed=unknown, level=level, told_at=None, looked=0)


def together(wish: RefreshWantedV1, waiting: RefreshWantedV1) -> RefreshWantedV1:
    """Both as one; the files that the server was told of last have their whole time."""
    last = max(wish, waiting, key=lambda one: one.told_at or one.first_at)
    climbs = wish.climbs or waiting.climbs
    return msgspec.structs.replace(wish.united(waiting), told_at=last.told_at, looked=last.looked, climbs=climbs)


def _folder(wish: RefreshWantedV1) -> str:
    """The name of the folder that it began with."""
    return wish.place.partition("-")[0]
