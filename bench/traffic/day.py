"""A made-up day of webhooks: small stories about one file each, told by several senders, mixed and repeated; pure.

A story says which events are sent, and which jobs must come of them. The same seed always makes the same day.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ROOT = "/media/day"
SPREAD = 120
"""How many other events one story is spread over at most: a few seconds, less than any quiet time."""

JSON = "application/json"


class Work(StrEnum):
    """What a job does."""

    EXTRACT = "extract"
    REMOVE = "remove"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Event:
    """One request: the route's name, its body, and the answer that it must get in the end."""

    route: str
    body: bytes
    status: int = 202
    content_type: str = JSON


@dataclass(frozen=True, slots=True)
class Story:
    """Events in the order in which they are sent, and the jobs by path that must follow."""

    events: tuple[Event, ...]
    expected: Mapping[str, Work] = field(default_factory=dict[str, Work])


@dataclass(frozen=True, slots=True)
class Day:
    """All events in the order in which they are sent, and all jobs by path."""

    events: tuple[Event, ...]
    expected: Mapping[str, Work]


Teller = Callable[[int, random.Random], Story]


def day(count: int, seed: int) -> Day:
    """About `count` events: as many stories as it takes."""
    chance = random.Random(seed)
    placed: list[tuple[float, Event]] = []
    expected: dict[str, Work] = {}
    number, spread = 0, min(SPREAD, count // 10)
    while len(placed) < count:
        story = TELLERS[number % len(TELLERS)](number, chance)
        place = chance.uniform(0, max(1, count - spread))
        for event in story.events:
            placed.append((place, event))
            place += chance.uniform(0, spread / len(story.events))
        expected |= story.expected
        number += 1
    placed.sort(key=lambda entry: entry[0])
    return Day(tuple(event for _, event in placed), expected)


def _event(route: str, payload: Mapping[str, Any], status: int = 202) -> Event:
    return Event(route, json.dumps(payload).encode(), status)


def _form(route: str, part: str, payload: Mapping[str, Any]) -> Event:
    """As Plex and older Emby send it: JSON in one part of a form, beside a picture."""
    edge = "----day"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{part}"\r\nContent-Type: application/json\r\n\r\n'
    picture = f'\r\n--{edge}\r\nContent-Disposition: form-data; name="thumb"; filename="t.jpg"\r\n\r\n'
    body = (
        head.encode()
        + json.dumps(payload).encode()
        + picture.encode()
        + b"\xff\xd8\xff\xe0"
        + f"\r\n--{edge}--\r\n".encode()
    )
    return Event(route, body, content_type=f"multipart/form-data; boundary={edge}")


def _film(number: int, name: str = "") -> str:
    folder = f"{ROOT}/films/Film {number} (2020)"
    return f"{folder}/{name or f'Film {number}'}.mkv"


def _episode(number: int, name: str = "e1") -> str:
    return f"{ROOT}/tv/Demo {number}/Season 01/Demo {number} - {name}.mkv"


def _radarr(number: int, path: str, **more: Any) -> Event:
    movie = {"id": number, "title": f"Film {number}", "folderPath": path.rpartition("/")[0]}
    file = {"path": path, "relativePath": path.rpartition("/")[2]}
    payload = {"eventType": "Download", "instanceName": "Radarr", "downloadId": f"R{number}", "isUpgrade": False}
    return _event("radarr", {**payload, "movie": movie, "movieFile": file, **more})


def _sonarr(number: int, event: str, **more: Any) -> Event:
    series = {"id": number, "title": f"Demo {number}", "path": f"{ROOT}/tv/Demo {number}"}
    return _event("sonarr", {"eventType": event, "instanceName": "Sonarr", "series": series, **more})


def _file(path: str) -> dict[str, str]:
    return {"path": path, "relativePath": "/".join(path.split("/")[-2:])}


def new_film(number: int, chance: random.Random) -> Story:
    """Radarr imports a film, and now and then says so twice or three times."""
    path = _film(number)
    return Story((_radarr(number, path),) * chance.choice((1, 1, 2, 3)), {path: Work.EXTRACT})


def new_episodes(number: int, _chance: random.Random) -> Story:
    """Sonarr with both of its switches on: each file by itself, then all of them together."""
    paths = [_episode(number, f"e{one}") for one in (1, 2, 3)]
    singles = [_sonarr(number, "Download", downloadId=f"S{number}", episodeFile=_file(path)) for path in paths]
    batch = _sonarr(number, "Download", downloadId=f"S{number}", episodeFiles=[_file(path) for path in paths])
    return Story((*singles, batch), dict.fromkeys(paths, Work.EXTRACT))


def upgraded_episode(number: int, chance: random.Random) -> Story:
    """Both halves of an upgrade under a new name, in either order, through the universal address."""
    old, new = _episode(number, "old"), _episode(number, "new")
    gone = _sonarr(number, "EpisodeFileDelete", episodeFile=_file(old), deleteReason="upgrade")
    came = _sonarr(
        number,
        "Download",
        downloadId=f"U{number}",
        isUpgrade=True,
        episodeFile=_file(new),
        deletedFiles=[_file(old)],
    )
    halves = [Event("incoming", one.body) for one in (gone, came)]
    chance.shuffle(halves)
    return Story(tuple(halves), {old: Work.REMOVE, new: Work.EXTRACT})


def upgraded_film(number: int, chance: random.Random) -> Story:
    """Both halves of an upgrade under the same name, in either order."""
    path = _film(number)
    movie = {"id": number, "title": f"Film {number}", "folderPath": path.rpartition("/")[0]}
    gone = {"eventType": "MovieFileDelete", "movie": movie, "movieFile": {"path": path}, "deleteReason": "upgrade"}
    halves = [_event("radarr", gone), _radarr(number, path, isUpgrade=True, deletedFiles=[{"path": path}])]
    chance.shuffle(halves)
    return Story(tuple(halves), {path: Work.EXTRACT})


def renamed_film(number: int, _chance: random.Random) -> Story:
    """A file that was there goes on under another name."""
    old, new = _film(number), _film(number, "better")
    movie = {"id": number, "title": f"Film {number}", "folderPath": new.rpartition("/")[0]}
    files = [{"path": new, "previousPath": old, "relativePath": "better.mkv"}]
    payload = {"eventType": "Rename", "instanceName": "Radarr", "movie": movie, "renamedMovieFiles": files}
    return Story((_event("radarr", payload),), {new: Work.EXTRACT})


def deleted_episode(number: int, chance: random.Random) -> Story:
    """A file is deleted by hand; a second program says so too."""
    path = _episode(number)
    gone = _sonarr(number, "EpisodeFileDelete", episodeFile=_file(path), deleteReason="manual")
    said = {"Event": "library.deleted", "Server": {"Id": "e1"}, "Item": {"Id": "1", "Type": "Episode", "Path": path}}
    return Story((gone, _form("emby", "data", said))[: chance.choice((1, 2))], {path: Work.REMOVE})


def film_by_many(number: int, chance: random.Random) -> Story:
    """Several programs speak of one file: the download, a transcoder, two servers, a script."""
    path = _film(number)
    plex = {
        "event": "library.new",
        "owner": True,
        "Server": {"uuid": "p1"},
        "Metadata": {"type": "movie", "title": "F"},
    }
    plex["Metadata"]["Media"] = [{"Part": [{"file": path}]}]  # type: ignore[index]
    emby = {"Event": "library.new", "Server": {"Id": "e1"}, "Item": {"Id": "2", "Type": "Movie", "Path": path}}
    tellers = [
        _radarr(number, path),
        _event("tdarr", {"file_path": path}),
        _event("fileflows", {"path": path}),
        _event("custom", {"file_paths": [path]}),
        _event("incoming", {"path": path}),
        _event("autoscan", {"eventType": "Manual", "filepath": path}),
        _form("plex", "payload", plex),
        _event("emby", emby),
    ]
    return Story(tuple(chance.sample(tellers, 3)), {path: Work.EXTRACT})


def nothing_to_do(number: int, _chance: random.Random) -> Story:
    """Tests, health, playback, wishes, a server that nobody configured: answered, and no job."""
    watched = {"event": "media.play", "owner": True, "Server": {"uuid": "p1"}, "Metadata": {"title": "F"}}
    added = {"NotificationType": "ItemAdded", "ServerId": "nobody", "ItemId": str(number), "ItemType": "Movie"}
    events = (
        _event("radarr", {"eventType": "Test", "movie": {"title": "Test", "folderPath": "C:\\testpath"}}, 200),
        _event("sonarr", {"eventType": "Health", "message": "all well"}),
        _form("plex", "payload", watched),
        Event("jellyfin", json.dumps(added).encode(), content_type="text/plain"),
        _event("overseerr", {"notification_type": "MEDIA_APPROVED", "media": {"media_type": "movie", "tmdbId": "1"}}),
    )
    return Story(events[number % 3 : number % 3 + 3])


def broken(number: int, _chance: random.Random) -> Story:
    """A template with an unescaped quote, and a shape of nobody: refused, and kept."""
    quoted = b'{"file_path": "' + _film(number).encode() + b'", "title": "The "Best" Film"}'
    return Story((Event("custom", quoted, 400), _event("incoming", {"hello": "world"}, 400)))


TELLERS: tuple[Teller, ...] = (
    new_film,
    new_episodes,
    upgraded_episode,
    upgraded_film,
    renamed_film,
    deleted_episode,
    film_by_many,
    nothing_to_do,
    broken,
)
