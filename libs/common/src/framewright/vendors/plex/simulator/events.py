"""The events of a simulated Plex over Server-Sent Events: activities, the timeline of items, and who plays what.

A guess, as shapes and moments of real events are: whatever changes in what an item shows is an entry of the timeline in state 5.
"""

import json
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from framewright.vendors.plex.simulator.describe import describe
from framewright.vendors.plex.simulator.items import TYPE_NUMBERS, Item
from framewright.vendors.plex.simulator.state import Activity, PlexState
from framewright.vendors.simulation.streams import changed, glances

PING_SECONDS = 10.0

router = APIRouter()


def _state(request: Request) -> PlexState:
    return request.app.state.simulator


State = Annotated[PlexState, Depends(_state)]


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be seen of the server at one moment: activities, items with what they show, and sessions."""

    activities: dict[str, Activity]
    items: dict[str, Item]
    shown: dict[str, dict[str, Any]]
    playing: dict[str, str]


@router.get("/:/eventsource/notifications")
async def notifications(state: State, filters: str = "") -> StreamingResponse:
    """Everything that happens from now on; of the filters only the names of what is wanted are known."""
    return StreamingResponse(_told(state, frozenset(filter(None, filters.split(",")))), media_type="text/event-stream")


def picture(state: PlexState) -> Picture:
    """The server as it is now."""
    items = {item.rating_key: item for item in state.items()}
    return Picture(
        {activity.uuid: activity for activity in state.activities()},
        items,
        {key: describe(state, item).json() for key, item in items.items()},
        {viewing.rating_key: viewing.state for viewing in state.all_viewings()},
    )


def happened(before: Picture, after: Picture) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of each event between two moments."""
    activities = changed(before.activities, after.activities)
    for event, uuids, seen in (("started", activities.added, after), ("ended", activities.removed, before)):
        for uuid in uuids:
            yield "activity", {"ActivityNotification": _activity(event, seen.activities[uuid])}
    items = changed(before.shown, after.shown)
    for key in (*items.added, *items.updated):
        yield "timeline", {"TimelineEntry": [_entry(after.items[key], 5)]}
    for key in items.removed:
        yield "timeline", {"TimelineEntry": [_entry(before.items[key], 9)]}
    playing = changed(before.playing, after.playing)
    for key in (*playing.added, *playing.updated, *playing.removed):
        yield "playing", {"PlaySessionStateNotification": _session(key, after.playing.get(key, "stopped"))}


async def _told(state: PlexState, wanted: frozenset[str]) -> AsyncGenerator[str]:
    before, pinged = picture(state), 0.0
    async for _ in glances(state.instruments):
        if time.monotonic() - pinged >= PING_SECONDS:
            pinged = time.monotonic()
            yield _sent("ping", {})
        after = picture(state)
        for name, data in happened(before, after):
            if not wanted or name in wanted:
                yield _sent(name, data)
        before = after


def _sent(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _activity(event: str, activity: Activity) -> dict[str, Any]:
    about = {"uuid": activity.uuid, "type": activity.type, "cancellable": True, "userID": 1, "title": activity.title}
    progress = 100 if event == "ended" else 0
    context = {"librarySectionID": activity.section}
    shown = {**about, "subtitle": activity.subtitle, "progress": progress, "Context": context}
    return {"event": event, "uuid": activity.uuid, "Activity": shown}


def _entry(item: Item, state: int) -> dict[str, Any]:
    """One entry of the timeline; numbers of items are strings there."""
    about = {"identifier": "com.plexapp.plugins.library", "sectionID": item.section, "itemID": item.rating_key}
    return {**about, "type": TYPE_NUMBERS[item.kind], "title": item.title, "state": state, "updatedAt": item.added_at}


def _session(key: str, state: str) -> dict[str, Any]:
    about = {"sessionKey": key, "clientIdentifier": "client", "guid": "", "ratingKey": key, "url": ""}
    return {**about, "key": f"/library/metadata/{key}", "viewOffset": 1000, "state": state}
