"""Identity, preferences, activities, sessions and search of a simulated Plex."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.plex.simulator.describe import describe, describe_viewing
from framewright.vendors.plex.simulator.elements import Node, Value, answer, container, refusal
from framewright.vendors.plex.simulator.state import PlexState

router = APIRouter()

_HUBS = {"movie": "Movies", "show": "Shows", "episode": "Episodes"}
_BEHAVIOURS = "never:never|scheduled:as a scheduled task|asap:as a scheduled task and when media is added"


def _state(request: Request) -> PlexState:
    return request.app.state.simulator


State = Annotated[PlexState, Depends(_state)]


@router.get("/identity")
async def identity(request: Request, state: State) -> Response:
    """The one call that needs no token."""
    about: dict[str, Value] = {"claimed": True, "machineIdentifier": state.machine, "version": state.version}
    return answer(request, Node("MediaContainer", {"size": 0, **about}))


@router.get("/")
async def root(request: Request, state: State) -> Response:
    """What the server says of itself."""
    about: dict[str, Value] = {
        "size": 0,
        "friendlyName": state.name,
        "machineIdentifier": state.machine,
        "version": state.version,
        "platform": "Linux",
        "platformVersion": "6",
        "myPlex": True,
        "myPlexSubscription": True,
        "myPlexUsername": "admin@example.org",
        "myPlexSigninState": "ok",
        "transcoderActiveVideoSessions": 0,
        "updatedAt": 1,
        "allowMediaDeletion": True,
        "multiuser": True,
    }
    return answer(request, Node("MediaContainer", about))


@router.get("/library")
async def library(request: Request) -> Response:
    """The library as a whole."""
    about: dict[str, Value] = {"size": 0, "identifier": "com.plexapp.plugins.library", "title1": "Plex Library"}
    return answer(request, Node("MediaContainer", {**about, "mediaTagVersion": "1"}))


@router.get("/activities")
async def activities(request: Request, state: State) -> Response:
    """Scans in progress."""
    nodes = [
        Node(
            "Activity",
            {
                "uuid": activity.uuid,
                "type": activity.type,
                "cancellable": True,
                "userID": 1,
                "title": activity.title,
                "subtitle": activity.subtitle,
                "progress": 50,
            },
            [Node("Context", {"librarySectionID": activity.section})],
        )
        for activity in state.activities()
    ]
    return container(request, nodes)


@router.get("/status/sessions")
async def sessions(request: Request, state: State) -> Response:
    """Who plays what."""
    rows = [describe_viewing(state, viewing) for viewing in state.all_viewings()]
    return container(request, [row for row in rows if row is not None])


@router.get("/:/prefs")
async def prefs(request: Request, state: State) -> Response:
    """The server's preferences."""
    return container(request, [setting(name, value) for name, value in state.prefs.items()])


@router.put("/:/prefs")
async def change_prefs(request: Request, state: State) -> Response:
    """Change preferences; an unknown one is refused."""
    changes = {name: value for name, value in request.query_params.items() if not name.startswith("X-Plex")}
    if not changes.keys() <= state.prefs.keys():
        return refusal(400, "Bad Request")
    for name, value in changes.items():
        state.prefs[name] = value in {"1", "true", "True"} if isinstance(state.prefs[name], bool) else value
    return Response("", 200)


@router.get("/hubs/search")
async def search(request: Request, state: State, query: str = "", limit: int = 3) -> Response:
    """Items by title, grouped by kind."""
    if not query:
        return refusal(400, "Bad Request")
    hubs: list[Node] = []
    for kind, title in _HUBS.items():
        found = [item for item in state.items() if item.kind == kind and query.casefold() in item.title.casefold()]
        shown = [describe(state, item) for item in found[:limit]]
        about: dict[str, Value] = {"title": title, "type": kind, "hubIdentifier": kind, "context": f"hub.{kind}"}
        more: dict[str, Value] = {"size": len(shown), "more": len(found) > limit, "style": "shelf"}
        hubs.append(Node("Hub", {**about, **more}, shown))
    return container(request, hubs)


@router.post("/_simulator/restart")
async def restart(state: State) -> Response:
    """As if the process had been restarted: the only way to make it forget a preview it has served."""
    state.restart()
    return Response(status_code=204)


def setting(name: str, value: str | bool) -> Node:
    """One preference."""
    about: dict[str, Value] = {"id": name, "label": name, "summary": "", "default": value, "value": value}
    kind = "bool" if isinstance(value, bool) else "text"
    more: dict[str, Value] = {"type": kind, "hidden": False, "advanced": False, "group": "library"}
    choices = _BEHAVIOURS if name.startswith("Generate") else None
    return Node("Setting", {**about, **more, "enumValues": choices})
