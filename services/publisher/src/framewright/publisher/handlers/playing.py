"""A film that somebody watches is left alone: what would be written or told of it comes again in a minute.

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
    since = errand.request.playing_since
    if since is not None and (now() - since).total_seconds() >= _longest(errand):
        return
    if is_playing(errand, placed):
        raise Busy("the film is being watched", after=LOOK_AGAIN, code=PLAYING)


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


def _longest(errand: Errand) -> float:
    return 60.0 * errand.publisher.settings().playback.longest_wait_minutes
