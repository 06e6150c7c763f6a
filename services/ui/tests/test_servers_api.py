"""`/api/servers` over real HTTP, with a small stand-in that speaks enough Jellyfin."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framewright.chassis.testing.http import serving
from framewright.contracts.settings import REDACTED

pytestmark = pytest.mark.integration

KEY = "jellyfin-key"
FOLDERS = [{"Name": "Films", "Locations": ["/data/films"], "CollectionType": "movies", "ItemId": "f1"}]
IDENTITY = {"Id": "identity1", "ServerName": "Cabin", "Version": "10.11.0"}


async def answer(request: Request) -> Response:
    if request.url.path == "/System/Info/Public":
        return JSONResponse(IDENTITY)
    if KEY not in request.headers.get("authorization", ""):
        return Response(status_code=401)
    if request.url.path == "/System/Info":
        return JSONResponse(IDENTITY)
    return JSONResponse(FOLDERS)


@pytest.fixture
async def jellyfin():
    async with serving(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        yield {"type": "jellyfin", "name": "Cabin", "url": url, "auth": {"api_key": KEY}}


FOLDER = {
    "type": "folder",
    "name": "Shelf",
    "libraries": [{"id": "1", "name": "Films", "remote_paths": ["/data/films"]}],
    "path_mappings": [{"plex_prefix": "/data", "local_prefix": "/mnt/data"}],
}


@pytest.fixture
async def shelf(ui):
    return (await ui.http.post("/api/servers", json=FOLDER)).json()


async def test_a_server_is_asked_for_what_was_not_given(ui, jellyfin):
    added = await ui.http.post("/api/servers", json=jellyfin)

    server = added.json()
    assert added.status_code == 201
    assert len(server["id"]) == 32
    assert server["server_identity"] == "identity1"
    assert [library["name"] for library in server["libraries"]] == ["Films"]
    assert server["auth"]["api_key"] == REDACTED
    assert KEY not in added.text + (await ui.http.get("/api/servers")).text
    assert "warning" not in server


async def test_a_server_that_cannot_be_reached_is_added_with_a_warning(ui):
    body = {"type": "jellyfin", "url": "http://127.0.0.1:1", "auth": {"api_key": "k"}}

    added = await ui.http.post("/api/servers", json=body)

    assert added.status_code == 201
    assert added.json()["libraries"] == []
    assert added.json()["warning"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_change_keeps_secrets_and_what_is_not_named(ui, jellyfin, method):
    server = (await ui.http.post("/api/servers", json=jellyfin)).json()
    changes = {"name": "Hut", "auth": server["auth"], "output": {"width": 640}}

    changed = await ui.http.request(method, f"/api/servers/{server['id']}", json=changes)

    refreshed = await ui.http.post(f"/api/servers/{server['id']}/refresh-libraries")
    assert (changed.json()["name"], changed.json()["output"]["width"]) == ("Hut", 640)
    assert changed.json()["libraries"] == server["libraries"]
    assert refreshed.status_code == 200, "the key must still be the real one"


async def test_refreshed_libraries_keep_their_switches(ui, jellyfin):
    server = (await ui.http.post("/api/servers", json=jellyfin)).json()
    url = f"/api/servers/{server['id']}"
    await ui.http.patch(url, json={"libraries": [{**server["libraries"][0], "enabled": False, "name": "Old"}]})

    answered = await ui.http.post(f"{url}/refresh-libraries")

    assert [(one["name"], one["enabled"]) for one in answered.json()["libraries"]] == [("Films", False)]


async def test_a_connection_is_tried_without_storing_it(ui, jellyfin):
    good = await ui.http.post("/api/servers/test-connection", json=jellyfin)
    bad = await ui.http.post("/api/servers/test-connection", json={**jellyfin, "auth": {"api_key": "wrong"}})

    assert good.json() == {"success": True, "server_name": "Cabin", "version": "10.11.0", "error": ""}
    assert bad.json()["success"] is False
    assert "wrong" not in bad.json()["error"]
    assert await ui.json("/api/servers") == {"servers": []}


async def test_a_stored_server_is_tried_with_its_own_secret(ui, jellyfin):
    server = (await ui.http.post("/api/servers", json=jellyfin)).json()

    tried = await ui.http.post("/api/servers/test-connection", json=server)

    assert tried.json()["success"] is True


async def test_a_server_can_be_shown_and_forgotten(ui, shelf):
    url = f"/api/servers/{shelf['id']}"
    assert (await ui.json(url))["name"] == "Shelf"

    assert (await ui.http.delete(url)).json() == {"success": True}

    assert (await ui.http.get(url)).json()["code"] == "NOT_FOUND"
    assert (await ui.http.delete(url)).status_code == 404


WRONG = [
    ({"type": "cassette"}, "type"),
    ({"type": "plex", "url": "ftp://x"}, "url"),
    ({"type": "plex", "url": "http://x", "auth": {"token": REDACTED}}, "auth.token"),
    ({"type": "folder", "output": {"width": 7}}, "output.width"),
]


async def test_a_wrong_field_is_named(ui):
    for body, field in WRONG:
        answered = await ui.http.post("/api/servers", json=body)

        assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR")
        assert answered.json()["error"].startswith(field)


async def test_an_id_is_taken_only_once_and_never_changed(ui, shelf):
    again = await ui.http.post("/api/servers", json={**FOLDER, "id": shelf["id"]})
    other = await ui.http.patch(f"/api/servers/{shelf['id']}", json={"id": "other"})

    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert (other.status_code, other.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_an_unreachable_server_cannot_be_refreshed(ui):
    body = {"type": "emby", "url": "http://127.0.0.1:1", "auth": {"api_key": "k"}, "libraries": FOLDER["libraries"]}
    server = (await ui.http.post("/api/servers", json={**body, "server_identity": "x"})).json()

    answered = await ui.http.post(f"/api/servers/{server['id']}/refresh-libraries")

    assert (answered.status_code, answered.json()["code"]) == (502, "UPSTREAM_ERROR")


async def test_libraries_are_refreshed_only_of_a_server_that_is_there_and_takes_the_key(ui, jellyfin):
    server = (await ui.http.post("/api/servers", json=jellyfin)).json()
    url = f"/api/servers/{server['id']}"
    await ui.http.patch(url, json={"auth": {"api_key": "wrong"}})

    nobody = await ui.http.post("/api/servers/nope/refresh-libraries")
    refused = await ui.http.post(f"{url}/refresh-libraries")
    doctor = await ui.http.post(f"{url}/path-doctor", json={"roots": []})

    assert (nobody.status_code, nobody.json()["code"]) == (404, "NOT_FOUND")
    for one in (refused, doctor):
        assert (one.status_code, one.json()["code"]) == (400, "CREDENTIALS_REFUSED")
    assert (await ui.json(url))["libraries"] == server["libraries"]


async def without_identity(ui, jellyfin) -> str:
    """The address of a server that was added while it refused the key, and takes it now."""
    server = (await ui.http.post("/api/servers", json={**jellyfin, "auth": {"api_key": "wrong"}})).json()
    assert (server["server_identity"], bool(server["warning"])) == ("", True)
    await ui.http.patch(f"/api/servers/{server['id']}", json={"auth": jellyfin["auth"]})
    return f"/api/servers/{server['id']}"


@pytest.mark.parametrize("way", ["test-connection", "refresh-libraries"])
async def test_a_server_is_known_from_its_first_good_answer_on(ui, jellyfin, way):
    url = await without_identity(ui, jellyfin)

    answered = await ui.http.post(f"{url}/{way}")

    assert answered.json()["success"] is True
    assert (await ui.json(url))["server_identity"] == "identity1"


async def test_an_identity_is_learnt_only_at_the_address_that_is_stored_and_never_overwritten(ui, jellyfin):
    url = await without_identity(ui, jellyfin)
    server_id = url.rpartition("/")[2]
    await ui.http.patch(url, json={"url": "http://127.0.0.1:1"})

    elsewhere = await ui.http.post("/api/servers/test-connection", json={**jellyfin, "id": server_id})
    before = (await ui.json(url))["server_identity"]
    await ui.http.patch(url, json={"url": jellyfin["url"], "server_identity": "mine"})
    other = await ui.http.post(f"{url}/test-connection")

    assert (elsewhere.json()["success"], before) == (True, "")
    assert other.json()["success"] is False
    assert (await ui.json(url))["server_identity"] == "mine"


async def test_owners_are_named_in_either_spelling(ui, shelf):
    for path in ("/mnt/data/films/Film.mkv", "/data/films/Film.mkv"):
        found = await ui.json(f"/api/servers/owners?path={path}")

        assert (found["path"], found["canonical_path"]) == (path, "/mnt/data/films/Film.mkv")
        assert found["owners"][0]["library_name"] == "Films"
        assert found["owners"][0]["remote_paths"] == ["/data/films/Film.mkv"]
        assert found["verdicts"][0]["outputs"]
        assert found["verdicts"][0]["verdict"] == "owned"
        assert found["verdicts"][0]["steps"]


async def test_a_path_that_means_nothing_is_refused(ui):
    for query in ("", "?path=films/x.mkv", "?path=/a/../b"):
        answered = await ui.http.get(f"/api/servers/owners{query}")

        assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR")
        assert "path" in answered.json()["error"]
