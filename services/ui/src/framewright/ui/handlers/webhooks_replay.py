"""`/api/webhooks/replay`: stored events once more, after a parser was mended or a setting corrected."""

import re
from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.domain.errors import Reject
from framewright.ui.domain.webhook_journal import Replayed, ReplayWish
from framewright.ui.handlers.answers import Json, invalid, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented, taking

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Moments beyond these mean the same, and nobody can count from them."""


def routes(desk: Desk) -> APIRouter:
    """One event, or a stretch of time."""
    router = APIRouter(prefix="/api/webhooks/replay", tags=["webhooks"])

    @router.post(
        "", summary="Act on stored webhooks once more", responses=documented(Replayed), openapi_extra=taking(ReplayWish)
    )
    async def replay(request: Request) -> Response:
        wish = _wish(await request.body())
        if wish.event_id:
            again = await desk.journal.replay(wish.event_id)
            if again is None:
                raise missing(f"no stored event {wish.event_id[:64]!r}; they are kept for seven days")
            return Json(Replayed(1, event_ids=(again,)))
        since, until = _moment(wish.since, "from"), _moment(wish.until, "to")
        if since > until:
            raise invalid("from", "must not be later than to")
        return Json(await desk.journal.replay_range(since, until, wish.statuses))

    return router


def _wish(body: bytes) -> ReplayWish:
    try:
        wish = msgspec.json.decode(body, type=ReplayWish)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject(f"body: {error}", code="VALIDATION_ERROR") from error
    if wish.event_id and not _ID.fullmatch(wish.event_id):
        raise missing("no stored event has such an id")
    return wish


def _moment(given: datetime | None, field: str) -> datetime:
    if given is None:
        raise invalid(field, "must be a time (ISO 8601 with its offset); or name one event_id")
    if given.tzinfo is None:
        raise invalid(field, "must carry its offset from UTC")
    return min(max(given, _FIRST), _LAST)
