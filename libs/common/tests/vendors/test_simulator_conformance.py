"""The simulators' JSON has the shapes of the public documents; every known exception is listed here with its reason."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.plex.simulator.state import Viewing

DATA = Path(__file__).parent / "data"

DEVIATIONS = {
    ("GET /library/sections/all", "hidden"): "the document says boolean, servers send 0, 1 or 2",
    ("GET /activities", "size"): "the document forgets the size that every container has",
}

UNLISTED = {
    # The document describes this answer as a plain list of directories; what a server says there is listed elsewhere.
    "GET /": {"properties": {"MediaContainer": {"$ref": "#/$defs/ServerConfiguration"}}},
}

PLEX = {
    "GET /identity": "/identity",
    "GET /": "/",
    "GET /library/sections/all": "/library/sections/all",
    "GET /library/sections/{sectionId}/all": "/library/sections/1/all?includeGuids=1",
    "GET /library/metadata/{ids}": "/library/metadata/101",
    "GET /library/metadata/{ids}/allLeaves": "/library/metadata/102/allLeaves",
    "GET /hubs/search": "/hubs/search?query=film",
    "GET /activities": "/activities",
    "GET /status/sessions": "/status/sessions",
    "GET /:/prefs": "/:/prefs",
}
JELLYFIN = {
    "GET /System/Info": "/System/Info",
    "GET /System/Info/Public": "/System/Info/Public",
    "GET /System/Configuration": "/System/Configuration",
    "GET /Library/VirtualFolders": "/Library/VirtualFolders",
    "GET /Items": "/Items?recursive=true&fields=Path,MediaSources,Trickplay,DateCreated",
    "GET /ScheduledTasks": "/ScheduledTasks",
}
EMBY = {
    "GET /System/Info": "/System/Info",
    "GET /Library/VirtualFolders/Query": "/Library/VirtualFolders/Query",
    "GET /Items": "/Items?Recursive=true&Fields=Path,MediaSources,DateCreated",
    "GET /Items/{Id}/ThumbnailSet": "/Items/1/ThumbnailSet?Width=320",
}


def mismatches(vendor: str, call: str, body: object) -> list[str]:
    """What does not validate, the listed deviations left out."""
    schemas = json.loads((DATA / f"{vendor}-schema.json").read_text())
    schema = {**(schemas["calls"].get(call) or UNLISTED[call]), "$defs": schemas["$defs"]}
    return [
        f"{error.json_path}: {name}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(body)
        for name in names_in(error)
        if (call, name) not in DEVIATIONS
    ]


def names_in(error) -> list[str]:
    """The properties that an error is about."""
    if error.validator == "additionalProperties":
        return sorted(set(error.instance) - set(error.schema["properties"]))
    return [str(error.absolute_path[-1]) if error.absolute_path else ""]


async def asked(desk, token: str, path: str) -> object:
    headers = {"plex": {"X-Plex-Token": token}, "emby": {"X-Emby-Token": token}}
    own = headers.get(desk.vendor, {"Authorization": f'MediaBrowser Token="{token}"'})
    response = await desk.http.get(desk.url + path, headers={"Accept": "application/json", **own})
    assert response.status_code == 200, path
    return response.json()


async def test_every_answer_of_the_simulated_plex_conforms(bench, token):
    async with bench("plex") as desk:
        items = desk.state.items()
        desk.state.viewings.append(Viewing(items[0].rating_key))
        desk.state.scan("1", "/data/films/Film (2001) {tmdb-1}")
        assert [item.rating_key for item in items[:2]] == ["101", "102"]

        bodies = {call: await asked(desk, token, path) for call, path in PLEX.items()}

        assert {call: found for call, body in bodies.items() if (found := mismatches("plex", call, body))} == {}


async def test_every_answer_of_the_simulated_jellyfin_conforms(bench, film, sheet, token):
    async with bench("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as desk:
        sheet((desk.media / film).parent / "Film (2001).trickplay/320 - 10x10/0.jpg")

        bodies = {call: await asked(desk, token, path) for call, path in JELLYFIN.items()}
        login = {"Username": "admin", "Pw": "admin"}
        bodies["POST /Users/AuthenticateByName"] = (
            await desk.http.post(f"{desk.url}/Users/AuthenticateByName", json=login)
        ).json()

        assert any(item["Trickplay"] for item in bodies["GET /Items"]["Items"])
        assert {call: found for call, body in bodies.items() if (found := mismatches("jellyfin", call, body))} == {}


async def test_every_answer_of_the_simulated_emby_conforms(bench, film, bif, token):
    async with bench("emby") as desk:
        ((desk.media / film).parent / "Film (2001)-320-10.bif").write_bytes(bif())

        bodies = {call: await asked(desk, token, path) for call, path in EMBY.items() if "{Id}" not in call}
        (film_id,) = [row["Id"] for row in bodies["GET /Items"]["Items"] if row["Type"] == "Movie"]
        call = "GET /Items/{Id}/ThumbnailSet"
        bodies[call] = await asked(desk, token, f"/Items/{film_id}/ThumbnailSet?Width=320")

        assert {call: found for call, body in bodies.items() if (found := mismatches("emby", call, body))} == {}


@pytest.mark.parametrize(
    ("vendor", "call", "body"),
    [
        ("plex", "GET /identity", {"MediaContainer": {"version": 1}}),
        ("plex", "GET /identity", {"MediaContainer": {"invented": "x"}}),
        ("jellyfin", "GET /Items", {"Items": [{"Id": 5}]}),
        ("jellyfin", "GET /Library/VirtualFolders", [{"Invented": "x"}]),
        ("emby", "GET /System/Info", {"Id": "1"}),
    ],
)
def test_the_schemas_refuse_wrong_types_inventions_and_gaps(vendor, call, body):
    assert mismatches(vendor, call, body)


@pytest.mark.parametrize(
    ("call", "name", "body"),
    [
        (
            "GET /library/sections/all",
            "hidden",
            {"Directory": [{"uuid": "", "language": "", "type": "movie", "hidden": 0}]},
        ),
        ("GET /activities", "size", {"size": 0}),
    ],
)
def test_every_deviation_is_still_one(call, name, body):
    schemas = json.loads((DATA / "plex-schema.json").read_text())
    schema = {**schemas["calls"][call], "$defs": schemas["$defs"]}

    errors = list(Draft202012Validator(schema).iter_errors({"MediaContainer": body}))

    assert (call, name) in DEVIATIONS
    assert [names_in(error) for error in errors] == [[name]]
