"""The WebSocket of a simulated Emby; see `mediabrowser.simulator.events`. It lies beside the base path, never below it."""

from fastapi import APIRouter, WebSocket

from framewright.vendors.emby.simulator.state import EmbyState
from framewright.vendors.emby.simulator.upkeep import described_tasks
from framewright.vendors.mediabrowser.simulator.events import Listener, Picture, converse
from framewright.vendors.mediabrowser.simulator.sessions import described_sessions

router = APIRouter()


@router.websocket("/embywebsocket")
async def tell(socket: WebSocket) -> None:
    """Everything that happens from now on."""
    state: EmbyState = socket.app.state.simulator
    await converse(Listener(socket, state.door.is_user(socket)), lambda: picture(state), state.instruments)


def picture(state: EmbyState) -> Picture:
    """The server as it is now, with everything done that is due."""
    state.settle()
    items = {video.id: (video, dict(state.sidecars.get(video.id, {}))) for video in state.catalogue.videos()}
    sessions = described_sessions(state.catalogue, state.instruments.watched, lambda video: f"mediasource_{video.id}")
    return Picture(dict(items), sessions, described_tasks(state))
