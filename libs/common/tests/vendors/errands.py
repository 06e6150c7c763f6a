"""All that is ever asked of a server: by this system through its vendors, and by others, for whose sake simulators answer more."""

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from framewright import vendors
from framewright.contracts.publish import ChangedPath
from framewright.domain.frames import Rendition
from framewright.domain.listing import ListingSort, ListingWish
from framewright.domain.outcome import ChangeKind
from framewright.domain.publishing import OutputKind, Written
from framewright.vendors import API_KEYS, PASSWORDS, QUICK_CONNECT, ROOT, ScanWish, Visit
from framewright.vendors.simulation.instruments import Watched

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
NEW = "films/New (2020)/New (2020).mkv"

EXTRACTIONS = ("ExtractChapterImagesDuringLibraryScan", "ExtractTrickplayImagesDuringLibraryScan")

OF_OTHERS = (
    "GET /library",
    "GET /library/sections/",
    "GET /library/sections/all",
    "GET /library/sections/1/all?type=1&includeMeta=1&X-Plex-Container-Start=0&X-Plex-Container-Size=1",
    "GET /library/sections/1/collections",
    "GET /library/sections/2/allLeaves",
    "POST /library/sections/1/refresh?path=/data/films/A",
    "GET /library/all?type=1",
    "GET /library/recentlyAdded",
    "GET /library/metadata/{show}/children",
    "GET /library/metadata/{show}/allLeaves",
    "GET /library/metadata/{movie}/tree",
    "GET /library/parts/{part}/indexes/sd",
    "GET /hubs/search?query=film&limit=3",
    "GET /:/eventsource/notifications?filters=playing",
)
"""What python-plexapi and players ask a Plex for."""


async def published(desk, name: str, output_of) -> None:
    """A film from the question where its previews go to the proof that they are shown."""
    target = desk.target(name)
    await desk.server.identify()
    await desk.server.renditions(Rendition(320, 10_000))
    located = await desk.server.outputs(target)
    await desk.server.hindrance(target, located)
    (output,) = located.outputs
    desk.put(output.path if output.kind is OutputKind.BIF else f"{output.path}/0.jpg", output_of(output.kind))
    await desk.server.refresh(target, located)
    await desk.server.remind(target, located)
    await desk.server.showing(target, located, [Written(10_000, 320, 6, 1)])


async def looked_at(desk, known: str) -> None:
    """What changed, in each of its ways, and what is known of it."""
    way = vendors.scanner(desk.configured(), desk.http)
    library, *_ = await desk.server.libraries()
    desk.add(NEW)
    for name, cause in (
        (NEW, ChangeKind.ADDED),
        (known, ChangeKind.CHANGED),
        ("films/Gone/Gone.mkv", ChangeKind.DELETED),
    ):
        for level in (0, ROOT):
            for step in await way.steps(ScanWish((ChangedPath(f"/data/{name}", cause),), level=level)):
                await way.tell(step)
    await way.is_busy(library.id)
    await way.knows(f"/data/{NEW}", (library.id,))
    await vendors.refresh_item(desk.configured(), desk.http, [f"/data/{known}"])


async def emptied(desk) -> None:
    """A library that misses one film of many."""
    way = vendors.scanner(desk.configured(), desk.http)
    films = [desk.add(f"films/Film {number} (2002)/Film {number}.mkv") for number in range(30)]
    desk.state.scan("1", "")
    films[0].unlink()
    desk.state.scan("1", "")
    await way.empty_trash("1")


async def read(desk, known: str) -> None:
    """Everything that can be read."""
    server, http = desk.configured(), desk.http
    library, *_ = await desk.server.libraries()
    await vendors.listed_files(server, http, 10)
    for sort in ListingSort:
        for since in (None, LONG_AGO):
            page = await vendors.library_page(server, http, ListingWish(library, sort=sort, since=since))
    for item in page.items:
        await vendors.item_files(server, http, item.item_id)
    await vendors.provider_files(server, http, {"tmdb": "1"})
    await vendors.provider_files(server, http, {"tmdb": "999"})
    desk.state.instruments.watch(Watched(f"/data/{known}", transcoding=True))
    await vendors.sessions(server, http)


async def put_right(desk, **changes) -> None:
    """Every setting that is wrong."""
    way = vendors.auditor(desk.configured(**changes), desk.http)
    for check in await way.checks():
        if check.fixable and not check.ok:
            await way.apply(check)


async def signed_in(desk) -> None:
    """Every way in that the vendor has."""
    visit = Visit(desk.http, desk.url, "framewright-abc", timeout=2.0)
    signed = await PASSWORDS[desk.vendor](visit, "admin", "admin")
    await API_KEYS[desk.vendor](visit, signed.token)
    if way := QUICK_CONNECT.get(desk.vendor):
        request = await way.initiate(visit)
        await way.approval(visit, request.secret)
        await asked(desk, f"POST /QuickConnect/Authorize?code={request.code}")
        await way.exchanged(visit, request.secret, request.server)


async def heard(desk) -> None:
    """The line of events, opened and put down again."""
    async with aclosing(vendors.server_events(desk.configured(), desk.http)) as lines:
        async for _ in lines:
            return


async def asked(desk, *calls: str) -> None:
    """These calls, as somebody with the right token makes them."""
    token = desk.state.token
    headers = {
        "plex": {"X-Plex-Token": token},
        "emby": {"X-Emby-Token": token},
        "jellyfin": {"Authorization": f'MediaBrowser Token="{token}"'},
    }[desk.vendor]
    for call in calls:
        method, path = call.split(" ", 1)
        async with desk.http.stream(
            method, desk.url + path, headers={"Accept": "application/json", **headers}
        ) as response:
            assert response.is_success, f"{call}: {response.status_code}"


async def plex(desk, film: str, output_of) -> None:
    """What is asked of a Plex; the rest is for python-plexapi and for players."""
    desk.state.prefs |= {"GenerateBIFBehavior": "asap", "autoEmptyTrash": False, "FSEventLibraryUpdatesEnabled": False}
    await published(desk, film, output_of)
    await read(desk, film)
    await looked_at(desk, film)
    await emptied(desk)
    await put_right(desk)
    await heard(desk)
    movie = next(item for item in desk.state.items() if item.file and item.file.remote.endswith(film))
    show = next(item.rating_key for item in desk.state.items() if item.kind == "show")
    names = {"movie": movie.rating_key, "show": show, "part": desk.state.part(movie.file).id}
    await asked(desk, *(call.format(**names) for call in OF_OTHERS))


async def jellyfin(desk, film: str, output_of) -> None:
    """What is asked of a Jellyfin; the rest is for players and administrators."""
    desk.state.upkeep.triggers["RefreshTrickplayImages"] = []
    await published(desk, film, output_of)
    await put_right(desk, output={"frame_interval": 5})
    desk.server = desk.connect()
    await published(desk, film, output_of)
    await read(desk, film)
    await looked_at(desk, film)
    await signed_in(desk)
    way = vendors.auditor(desk.configured(), desk.http)
    (plugin,) = [row for row in await way.checks() if row.flag == "MediaPreviewBridge"]
    await way.apply(replace(plugin, recommended=False))
    video = next(one.id for one in desk.state.catalogue.videos() if one.file.remote.endswith(film))
    await asked(desk, "GET /health", "GET /QuickConnect/Enabled", f"GET /Videos/{video}/Trickplay/320/tiles.m3u8")
    await asked(desk, "POST /Library/Refresh", "POST /ScheduledTasks/Running/RefreshLibrary")


async def emby(desk, film: str, output_of) -> None:
    """What is asked of an Emby; the rest is for administrators."""
    await published(desk, film, output_of)
    await read(desk, film)
    await looked_at(desk, film)
    desk.state.upkeep.options["Films"] |= dict.fromkeys(EXTRACTIONS, True)
    desk.state.upkeep.triggers["RefreshTrickplayImages"] = []
    await put_right(desk)
    await signed_in(desk)
    await asked(desk, "POST /ScheduledTasks/Running/scan")
    desk.state.has_folder_query = False
    await desk.server.libraries()
