"""The WebSocket of a simulated Jellyfin; see `mediabrowser.simulator.events`."""

from fastapi import APIRouter, WebSocket

from framewright.vendors.jellyfin.simulator.describe import described_tasks
from framewright.vendors.jellyfin.simulator.state import JellyfinState
from framewright.vendors.mediabrowser.simulator.events import Listener, Picture, converse
from framewright.vendors.mediabrowser.simulator.sessions import described_sessions

router = APIRouter()


@router.websocket("/socket")
async def tell(socket: WebSocket) -> None:
    """Everything that happens from now on."""
    state: JellyfinState = socket.app.state.simulator
    await converse(Listener(socket, state.door.is_user(socket)), lambda: picture(state), state.instruments)


def picture(state: JellyfinState) -> Picture:
    """The server as it is now, with everything done that is due."""
    state.settle()
    items = {video.id: (video, dict(state.rows.get(video.id, {}))) for video in state.catalogue.videos()}
    sessions = described_sessions(state.catalogue, state.instruments.watched, lambda video: video.id)
    return Picture(dict(items), sessions, described_tasks(state))
