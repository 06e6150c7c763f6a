"""Before anything is written a server must know the file: while it does not, it is made to look for it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer, Joined, Later
from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import ChangedPath, PublishRequestedV1, RefreshWantedV1
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.settings import Refresh
from framewright.domain.errors import NotIndexed, Outdated
from framewright.domain.outcome import ChangeKind

MOST_RESCANS = 5
"""Tries at which a server is told that a file changed; each time it says something of the item, a try comes early."""


@dataclass(frozen=True, slots=True)
class Search:
    """Publishing, and the way to ask that a server looks for a file that it does not know."""

    publish: Callable[[PublishRequestedV1, Context], Awaitable[Sequence[Answer]]]
    send: Callable[[Answer], Awaitable[None]]
    settings: Callable[[], Refresh]


async def publish_or_search(request: PublishRequestedV1, context: Context, *, search: Search) -> Sequence[Answer]:
    """Publish; a server that does not know the file, or knows another one at its path, is made to look for it."""
    try:
        answers = await search.publish(request, context)
    except Outdated:
        if context.attempt <= MOST_RESCANS:
            await _send(search, _search(request, context, search.settings(), ChangeKind.CHANGED))
        raise
    except NotIndexed:
        await _send(search, _search(request, context, search.settings(), ChangeKind.ADDED))
        raise
    unknown = any(isinstance(one, FileSettledV1) and one.code == NotIndexed.code for one in answers)
    return [*answers, *_search(request, context, search.settings(), ChangeKind.ADDED)] if unknown else answers


async def _send(search: Search, answers: Sequence[Answer]) -> None:
    for answer in answers:
        await search.send(answer)


def _search(
    request: PublishRequestedV1, context: Context, settings: Refresh, cause: ChangeKind
) -> Sequence[Joined[RefreshWantedV1]]:
    """The wish that the server finds the file; wider and wider only once, since a file is asked for many times.

    Of a file that merely changed it cannot be seen whether the server has found it, so nothing looks for it afterwards.
    """
    if not request.target.remote_paths:
        return []
    changed = ChangedPath(request.target.remote_paths[0], cause)
    wish = msgspec.structs.replace(refresh_wanted(request.target, changed, now()), climbs=context.attempt == 1)
    joined = joined_refresh(wish, settings, now())

    def merge(waiting: RefreshWantedV1 | None) -> Later | None:
        """A request that asks again is no change: it must not put off what the server is told of this file already."""
        told = waiting is not None and any(one.path == changed.path for one in waiting.changed)
        return None if told else joined.merge(waiting)

    return [Joined(wish, merge)]
