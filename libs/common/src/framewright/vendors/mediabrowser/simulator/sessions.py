"""Who plays what on a simulated Emby or Jellyfin, as `/Sessions` shows it: the item, whichever of its versions it is."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from framewright.vendors.mediabrowser.simulator.catalogue import Catalogue, Video
from framewright.vendors.mediabrowser.simulator.queries import TICKS_PER_MS, described
from framewright.vendors.simulation.instruments import Watched


def described_sessions(
    catalogue: Catalogue, watched: Iterable[Watched], source_id: Callable[[Video], str]
) -> list[dict[str, Any]]:
    """One session for each file that is played, and that of somebody who only looks around."""
    versions = {one.file.remote: (item, one) for item in catalogue.items() for one in item.versions()}
    playing = [(one, *versions[one.path]) for one in watched if one.path in versions]
    rows = [_playing(one, item, source_id(version), number) for number, (one, item, version) in enumerate(playing, 1)]
    return [*rows, _session(0, "idler")] if rows else []


def _session(number: int, user: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    device = {"DeviceId": f"device-{number}", "DeviceName": "Browser", "Client": "Web", "ApplicationVersion": "1"}
    return {"Id": f"session-{number}", "UserName": user, "LastActivityDate": now, **device}


def _playing(watched: Watched, video: Video, source_id: str, number: int) -> dict[str, Any]:
    state = {
        "PositionTicks": 1000 * TICKS_PER_MS,
        "CanSeek": True,
        "IsPaused": watched.state == "paused",
        "IsMuted": False,
        "MediaSourceId": source_id,
        "PlayMethod": "Transcode" if watched.transcoding else "DirectPlay",
    }
    converted = {"TranscodingInfo": {"VideoCodec": "h264", "IsVideoDirect": False, "IsAudioDirect": True}}
    return {
        **_session(number, watched.user),
        "NowPlayingItem": described(video, "Path"),
        "PlayState": state,
        **(converted if watched.transcoding else {}),
    }
