"""`/api/explain`: every step from a path to the calls that would be made, over real HTTP."""

from datetime import UTC, datetime

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.contracts.catalogue import CONFIG
from framewright.contracts.libraries import LibrariesRead

pytestmark = pytest.mark.integration

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def media(tmp_path):
    path = tmp_path / "films/A & B/A & B.mkv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"film")
    return path


@pytest.fixture
def add(ui, tmp_path):
    """Configure a Plex server on Windows whose `D:\\Media` is the temporary folder; it is never asked anything."""

    async def post(server_id: str = "px", **changes):
        body = {
            "id": server_id,
            "type": "plex",
            "name": server_id.upper(),
            "url": "http://127.0.0.1:1",
            "server_identity": "x",
            "auth": {"token": "t0ken-never-shown"},
            "libraries": [{"id": "1", "name": "Films", "kind": "movie", "remote_paths": ["D:\\Media\\Films"]}],
            "path_mappings": [
                {
                    "remote_prefix": "D:\\Media\\Films",
                    "local_prefix": f"{tmp_path}/films",
                    "webhook_prefixes": ["/movies"],
                }
            ],
        }
        answered = await ui.http.post("/api/servers", json={**body, **changes})
        assert answered.status_code == 201, answered.text

    return post


async def explained(ui, path, **more):
    answered = await ui.http.get("/api/explain", params={"path": str(path), **more})
    assert answered.status_code == 200, answered.text
    assert "t0ken-never-shown" not in answered.text
    return answered.json()


@pytest.mark.parametrize(
    ("spelling", "because"),
    [
        ("/movies/A & B/A & B.mkv", "PX maps /movies to "),
        ("d:/media/films/A & B/A & B.mkv", "PX maps D:\\Media\\Films to "),
        ("", "as it was given"),
    ],
)
async def test_every_spelling_leads_to_the_file_and_its_owner(ui, add, media, spelling, because):
    await add()

    found = await explained(ui, spelling or media)

    (server,) = found["servers"]
    assert (found["canonical_path"], found["exists"]) == (str(media), True)
    assert found["spellings"][0]["because"].startswith(because)
    assert (server["verdict"], server["libraries"]) == ("owned", [{"id": "1", "name": "Films"}])
    assert server["remote_paths"] == ["D:\\Media\\Films\\A & B\\A & B.mkv"]


async def test_the_exact_calls_are_foretold_and_none_is_made(ui, add, media):
    await add()

    (server,) = (await explained(ui, media))["servers"]

    scan, analysis = server["calls"]
    assert scan["call"] == "GET /library/sections/1/refresh?path=D%3A%5CMedia%5CFilms%5CA%20%26%20B"
    assert "does not know the file" in scan["when"]
    assert analysis["call"] == "PUT /library/metadata/<item id>/analyze"
    assert server["outputs"]


async def test_servers_that_do_not_own_it_say_why_and_would_be_told_nothing(ui, add, media, tmp_path):
    await add("off", enabled=False)
    await add("tv", libraries=[{"id": "2", "name": "Series", "remote_paths": ["D:\\TV"]}])
    await add("picky", exclude_paths=[{"value": r"A \& B\.mkv$", "type": "regex"}])

    servers = {one["server_id"]: one for one in (await explained(ui, media))["servers"]}

    assert {name: one["verdict"] for name, one in servers.items()} == {
        "off": "disabled",
        "tv": "not_owned",
        "picky": "excluded",
    }
    assert servers["tv"]["steps"][0] == "library Series: D:\\TV is D:\\TV here, not above the path"
    assert "exclude rule regex" in servers["picky"]["steps"][-1]
    assert not any(one["calls"] or one["outputs"] for one in servers.values())


async def test_the_state_of_the_libraries_is_told(ui, add, media, bus):
    await add()
    state = LibrariesRead(at=MOMENT, reason="it did not answer within 10 s")
    await Bucket(bus, CONFIG.name).put("libraries.px", msgspec.json.encode(state))

    (server,) = (await explained(ui, media))["servers"]

    assert server["libraries_read"] == {"at": "2026-11-20T12:00:00Z", "reason": "it did not answer within 10 s"}


async def test_one_server_can_be_asked_for(ui, add, media):
    await add("one")
    await add("two")

    found = await explained(ui, media, server_id="two")

    assert [one["server_id"] for one in found["servers"]] == ["two"]
    assert (await ui.http.get("/api/explain", params={"path": "/x", "server_id": "none"})).status_code == 404


async def test_a_path_that_nothing_translates_says_so(ui, add):
    await add()

    found = await explained(ui, "E:\\Other\\x.mkv")

    assert (found["canonical_path"], found["spellings"], found["servers"]) == ("", [], [])
    assert "no path mapping translates it" in found["reason"]


async def test_a_path_of_nobody_is_not_looked_for(ui, add, tmp_path):
    await add()

    found = await explained(ui, tmp_path)

    assert [one["exists"] for one in found["spellings"]] == [None]
    assert found["exists"] is False


@pytest.mark.parametrize("path", ["", "/a/../b", "/a\0b", "/" + "x" * 5000])
async def test_a_hostile_path_is_refused(ui, path):
    answered = await ui.http.get("/api/explain", params={"path": path})

    assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_an_exclude_pattern_that_could_hang_is_refused_when_it_is_saved(ui):
    body = {"type": "folder", "exclude_paths": [{"value": r"(a)\1", "type": "regex"}]}

    answered = await ui.http.post("/api/servers", json=body)

    assert answered.status_code == 400
    assert answered.json()["error"].startswith("exclude_paths[0].value is not a regular expression that can be used")
