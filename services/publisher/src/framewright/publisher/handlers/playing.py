"""A film that somebody watches is left alone: what would be written or told of it comes again in a minute.

Where the policy lets heavy work wait while anybody watches, no server is made to analyse or refresh an item meanwhile either.

The wait has an end, and costs no attempt; the request itself remembers when it began.
"""

from collections.abc import Sequence

import msgspec

from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import Answer, Later
from framewright.domain.errors import Busy
from framewright.domain.outcome import Outcome
from framewright.publisher.domain.telling import Standing
from framewright.publisher.handlers.given import Errand, Placed

PLAYING = "PLAYING"

LOOK_AGAIN = 60.0
"""Seconds until the request comes again."""


def is_playing(errand: Errand, placed: Placed) -> bool:
    """Whether the server plays the film right now, and the policy minds."""
    target = errand.request.target
    return errand.publisher.plays(target.server_id, placed.located.item_id, target.remote_paths)


def leave_alone(errand: Errand, placed: Placed) -> None:
    """Let nothing happen to a film while it is watched.

    Raises:
        Busy: code PLAYING.
    """
    if is_playing(errand, placed) and not _has_waited(errand):
        raise Busy("the film is being watched", after=LOOK_AGAIN, code=PLAYING)


def spare(errand: Errand) -> None:
    """Give the server nothing heavy to do while somebody watches, where that is minded.

    Raises:
        Busy: code PLAYING.
    """
    reason = errand.publisher.heavy_work_waits()
    if reason and not _has_waited(errand):
        raise Busy(reason, after=LOOK_AGAIN, code=PLAYING)


def come_again(errand: Errand, error: Busy) -> Sequence[Answer]:
    """The request itself for then, and when it begins to wait for the end of the film the fact that it does."""
    request = errand.request
    again = after(error.after or LOOK_AGAIN)
    waiting = msgspec.structs.replace(request, playing_since=request.playing_since or now())
    later = Later(waiting, again, errand.context.attempt, errand.context.first)
    if request.playing_since is not None:
        return [later]
    # One fact for the whole wait, so it names the moment at which the wait is over whoever watches then.
    latest = after(_longest(errand))
    reason = f"{error.reason}; looked at every minute, and done at the latest then"
    return [errand.settled(Standing(Outcome.WAITING, reason, error.code, next_try=latest)), later]


def _has_waited(errand: Errand) -> bool:
    """Whether the longest wait is over."""
    since = errand.request.playing_since
    return since is not None and (now() - since).total_seconds() >= _longest(errand)


def _longest(errand: Errand) -> float:
    return 60.0 * errand.publisher.settings().playback.longest_wait_minutes
