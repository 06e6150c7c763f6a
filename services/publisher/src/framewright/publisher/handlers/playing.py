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
    longest = 60.0 * errand.publisher.settings().playback.longest_wait_minutes
    if since is not None and (now() - since).total_seconds() >= longest:
        return
    if is_playing(errand, placed):
        raise Busy("the film is being watched", after=LOOK_AGAIN, code=PLAYING)


def come_again(errand: Errand, error: Busy) -> Sequence[Answer]:
    """The fact that the request waits for the end of the film, and the request itself for then."""
    request = errand.request
    waiting = msgspec.structs.replace(request, playing_since=request.playing_since or now())
    due = after(error.after or LOOK_AGAIN)
    standing = Standing(Outcome.WAITING, error.reason, error.code, next_try=due)
    again = Later(waiting, due, errand.context.attempt, errand.context.first)
    return [errand.settled(standing), again]
