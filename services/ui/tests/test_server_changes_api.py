"""Changing a configured server over real HTTP: what is not said stays, what nobody knows is refused, what is not there is told."""

from typing import Any

import pytest

pytestmark = pytest.mark.integration

FILMS = {"id": "1", "name": "Films", "kind": "movie", "remote_paths": ["/data/films"], "enabled": True}
SERIES = {"id": "2", "name": "Series", "kind": "show", "remote_paths": ["/data/series"], "enabled": True}
EMBY = {
    "type": "emby",
    "name": "Den",
    "url": "http://127.0.0.1:1",
    "auth": {"method": "api_key", "api_key": "k3y"},
    "server_identity": "den",
    "libraries": [FILMS, SERIES],
    "output": {"frame_interval": 10, "width": 640},
}


@pytest.fixture
async def emby(ui) -> str:
    """The address of a stored server."""
    added = await ui.http.post("/api/servers", json=EMBY)
    assert added.status_code == 201, added.text
    return f"/api/servers/{added.json()['id']}"


async def changed(ui, at: str, method: str = "PATCH", **changes: Any) -> Any:
    answer = await ui.http.request(method, at, json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


NOTHING = [
    {"auth": None},
    {"auth": {"api_key": None, "method": None}},
    {"output": None},
    {"output": {"width": None}},
    {"libraries": None, "path_mappings": None, "name": None, "type": None, "enabled": None},
    {"libraries": [{"id": "2", "name": None, "remote_paths": None, "enabled": None}]},
]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_null_says_nothing(ui, emby, method):
    before = await ui.json(emby)

    for nothing in NOTHING[: 5 if method == "PUT" else None]:
        assert await changed(ui, emby, method, **nothing) == before, nothing

    assert before["auth"]["api_key"]
    assert (await ui.json(emby)) == before


async def test_null_as_an_interval_means_that_of_the_system(ui, emby):
    after = await changed(ui, emby, output={"frame_interval": None})

    assert (after["output"]["frame_interval"], after["output"]["width"]) == (None, 640)


async def test_the_type_of_a_server_stays(ui, emby):
    refused = await ui.http.patch(emby, json={"type": "plex"})
    tried = await ui.http.post("/api/servers/test-connection", json={"id": emby.rpartition("/")[2], "type": "plex"})

    for answer in (refused, tried):
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["error"].startswith("type ")
    assert (await ui.json(emby))["type"] == "emby"


async def test_of_a_library_what_is_not_named_stays(ui, emby):
    after = await changed(ui, emby, libraries=[{"id": "2", "enabled": False}])

    assert after["libraries"] == [FILMS, {**SERIES, "enabled": False}]


async def test_a_whole_list_leaves_out_what_is_gone_and_takes_in_what_is_new(ui, emby):
    new = {"id": "3", "name": "Shorts", "kind": "movie", "remote_paths": ["/data/shorts"], "enabled": True}

    after = await changed(ui, emby, "PUT", libraries=[{"id": "2", "name": "Shows"}, new])

    assert after["libraries"] == [{**SERIES, "name": "Shows"}, new]


UNKNOWN = [
    ({"enbled": False}, "enbled"),
    ({"token": "x"}, "token"),
    ({"output": {"witdh": 320}}, "output.witdh"),
    ({"auth": {"key": "x"}}, "auth.key"),
    ({"libraries": [{"enabled": False}]}, "libraries[0].id"),
    ({"libraries": ["2"]}, "libraries[0].id"),
]


@pytest.mark.parametrize(("changes", "field"), UNKNOWN)
async def test_a_field_that_no_server_has_is_named(ui, emby, changes, field):
    before = await ui.json(emby)

    answers = [await ui.http.request(method, emby, json={"name": "Hut", **changes}) for method in ("PUT", "PATCH")]

    if not field.startswith("libraries"):
        answers.append(await ui.http.post("/api/servers", json={**EMBY, **changes}))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
        assert answer.json()["error"].startswith(f"{field} ")
    assert await ui.json(emby) == before


async def test_an_answer_may_be_sent_back_as_it_came(ui, emby):
    told = await changed(ui, emby, path_mappings=[{"remote_prefix": "/data", "local_prefix": "/nowhere/at/all"}])

    again = await changed(ui, emby, "PUT", **told)

    assert again == told


@pytest.mark.parametrize("way", ["servers", "players"])
async def test_folders_that_are_not_here_are_told_and_not_refused(ui, tmp_path, way):
    prefix = "local_prefix" if way == "servers" else "metarr_path"
    (tmp_path / "films").mkdir()
    folders = [str(tmp_path / "films"), str(tmp_path / "lost")]
    plex = {**EMBY, "type": "plex", "output": {"plex_config_folder": str(tmp_path / "plex")}}
    rows = [{"remote_prefix": f"/{n}", "local_prefix": path} for n, path in enumerate(folders)]

    added = (await ui.http.post("/api/servers", json={**plex, "path_mappings": rows})).json()
    told = await changed(ui, f"/api/{way}/{added['id']}", name="Hut")
    (tmp_path / "lost").mkdir()
    (tmp_path / "plex").mkdir()
    fine = await changed(ui, f"/api/{way}/{added['id']}", name="Shed")

    lost = [f"path_mappings[1].{prefix}: there is no folder {folders[1]} here"]
    lost += [f"output.plex_config_folder: there is no folder {tmp_path}/plex here"]
    assert told["warning"] == "; ".join(lost)
    assert (len(added["warning"].split("; ")), "warning" in fine, fine["name"]) == (2, False, "Shed")
