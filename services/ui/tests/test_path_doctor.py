"""The path doctor: what it proposes, how it proves it, and what it never does."""

import asyncio
import importlib
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server
from framewright.domain.errors import Busy
from framewright.domain.libraries import ListedFile
from framewright.domain.media import rebase, segments
from framewright.domain.ownership import Library, PathMapping, ServerPaths, to_local
from framewright.ui.adapters.ground import MediaGround
from framewright.ui.domain.path_doctor import (
    LocalFile,
    candidates,
    differing,
    name_key,
    pairs,
    proposal,
    ranked,
    recommended,
    usable,
    walks,
)
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Fault, FaultKind

STATES = {"plex": "PlexState", "emby": "EmbyState", "jellyfin": "JellyfinState"}
NAME = st.sampled_from(["a", "b", "Films", "tv", "Season 1", "é"])


@pytest.mark.parametrize(
    ("remote", "local", "row"),
    [
        ("/data/films/A/A.mkv", "/mnt/m/films/A/A.mkv", ("/data", "/mnt/m")),
        ("/films/A/A.mkv", "/mnt/films/A/A.mkv", ("/films", "/mnt/films")),
        ("/data/films/A.mkv", "/films/A.mkv", ("/data/films", "/films")),
        ("D:\\Media\\FILMS\\A\\a.MKV", "/mnt/films/A/A.mkv", ("D:\\Media", "/mnt")),
        ("D:\\films\\A.mkv", "/mnt/films/A.mkv", ("D:\\", "/mnt")),
        ("\\\\nas\\share\\films\\A.mkv", "/mnt/films/A.mkv", ("\\\\nas\\share", "/mnt")),
        ("/data/A.mkv", "/mnt/A.mkv", ("/data", "/mnt")),
        ("/mnt/A.mkv", "/mnt/A.mkv", None),
        ("/A.mkv", "/mnt/A.mkv", None),
    ],
)
def test_the_common_end_is_cut_off(remote: str, local: str, row: tuple[str, str] | None) -> None:
    assert differing(remote, local) == (PathMapping(*row) if row else None)


@given(st.lists(NAME, min_size=1, max_size=3), st.lists(NAME, min_size=1, max_size=3), st.lists(NAME, max_size=3))
def test_a_proposal_maps_the_file_that_it_came_from(old, new, tail) -> None:
    remote, local = "/".join(["", *old, *tail, "x.mkv"]), "/".join(["", *new, *tail, "x.mkv"])

    row = differing(remote, local)

    assert segments(remote) == segments(local) if row is None else True
    if row is not None:
        assert segments(rebase(remote, row.remote_prefix, row.local_prefix) or "") == segments(local)


def examined(listed, local, server=None):
    paths = server or ServerPaths("s", "S", "plex")
    sizes = {file.path: file.size for file in local}
    rows = candidates(paths, pairs(listed, local))
    return recommended(ranked(proposal(row, listed, sizes, paths.path_mappings) for row in rows), listed, sizes, set())


def on(folder: str, *names: str) -> list[tuple[str, int]]:
    return [(f"{folder}/{name}/{name}.mkv", 100 + place) for place, name in enumerate(names)]


def test_libraries_on_disks_of_their_own_get_a_row_each() -> None:
    films, tv = on("films", "A", "B", "C"), on("tv", "D", "E")
    listed = [ListedFile(f"/data/{path}", size) for path, size in (*films, *tv)]
    local = [LocalFile(f"/mnt/one/{path}", size) for path, size in films]
    local += [LocalFile(f"/mnt/two/{path}", size) for path, size in tv]
    server = ServerPaths(
        "s",
        "S",
        "plex",
        libraries=(Library("1", remote_paths=("/data/films",)), Library("2", remote_paths=("/data/tv",))),
    )

    proposals, explained = examined(listed, local, server)

    useful = [(one.remote_prefix, one.local_prefix, one.present, one.missing) for one in proposals if one.recommended]
    assert useful == [("/data/films", "/mnt/one/films", 3, 0), ("/data/tv", "/mnt/two/tv", 2, 0)]
    assert explained == set(listed)
    wide = next(one for one in proposals if (one.remote_prefix, one.local_prefix) == ("/data", "/mnt/one"))
    assert (wide.tested, wide.present, wide.missing, wide.recommended) == (5, 3, 2, False)


def test_one_row_is_enough_where_everything_lies_together() -> None:
    listed = [ListedFile(f"D:\\Media\\{path}".replace("/", "\\"), size) for path, size in on("films", "A", "B")]
    local = [LocalFile(f"/mnt/{path}", size) for path, size in on("films", "A", "B")]

    proposals, _ = examined(listed, local)

    assert [(one.remote_prefix, one.local_prefix) for one in proposals if one.recommended] == [("D:\\Media", "/mnt")]


def test_two_mounts_of_one_disk_are_both_shown_and_one_is_recommended() -> None:
    listed = [ListedFile(f"/data/{path}", size) for path, size in on("x", "A", "B")]
    local = [LocalFile(f"{mount}/{path}", size) for mount in ("/mnt/b", "/mnt/a") for path, size in on("x", "A", "B")]

    proposals, _ = examined(listed, local)

    assert [(one.local_prefix, one.recommended) for one in proposals] == [("/mnt/a", True), ("/mnt/b", False)]


def test_a_file_of_the_same_name_and_another_size_is_no_evidence() -> None:
    proposals, explained = examined([ListedFile("/data/A/01.mkv", 5)], [LocalFile("/mnt/B/01.mkv", 6)])

    assert (proposals, explained) == ([], set())


def test_a_row_that_is_there_already_is_known_and_not_recommended() -> None:
    listed, local = [ListedFile("/data/A/A.mkv", 5)], [LocalFile("/mnt/A/A.mkv", 5)]
    server = ServerPaths("s", "S", "plex", path_mappings=(PathMapping("/data/", "/mnt"),))

    (one,), _ = examined(listed, local, server)

    assert (one.known, one.recommended) == (True, False)


def test_only_absolute_paths_of_videos_are_compared() -> None:
    listed = ["/a/x.mkv", "/a/x.mkv", "C:\\x.mkv", "x.mkv", "/a/x.strm", "http://host/x.mkv", "/a/../x.mkv", ""]

    assert [one.path for one in usable(map(ListedFile, listed))] == ["/a/x.mkv", "C:\\x.mkv"]


def test_the_walk_begins_where_the_configuration_points() -> None:
    server = Server(
        id="s",
        type="plex",
        libraries=(Library("1", remote_paths=("/data/films", "E:\\x", "/other")),),
        path_mappings=(PathMapping("/data", "/mnt"),),
    )

    assert walks([server], "/") == ["/mnt", "/other"]
    assert walks([server], "/media") == ["/media"]
    assert walks([], "/") == []


class TestTheWalk:
    def files(self, root, count=30):
        for number in range(count):
            path = root / f"d{number % 5}" / f"f{number}.mkv"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x" * number)

    async def test_it_finds_wanted_names_only(self, tmp_path):
        self.files(tmp_path)
        (tmp_path / ".hidden").mkdir()
        (tmp_path / ".hidden/f7.mkv").write_bytes(b"")
        (tmp_path / "loop").symlink_to(tmp_path)

        found = await MediaGround().survey([str(tmp_path)], frozenset({name_key("F7.mkv")}))

        assert found.complete
        assert found.files == (LocalFile(f"{tmp_path}/d2/f7.mkv", 7),)

    @pytest.mark.parametrize("bounds", [{"entries": 10}, {"seconds": 0}])
    async def test_it_is_cut_short_and_says_so(self, tmp_path, bounds):
        self.files(tmp_path)

        found = await MediaGround(**bounds).survey([str(tmp_path)], frozenset({"f7.mkv"}))

        assert not found.complete
        assert found.entries <= 11

    async def test_only_one_runs_at_a_time(self, tmp_path):
        ground = MediaGround()
        self.files(tmp_path)
        walks_ = [ground.survey([str(tmp_path)], frozenset()) for _ in range(2)]

        one, two = await asyncio.gather(*walks_, return_exceptions=True)

        assert one.complete
        assert isinstance(two, Busy)

    async def test_a_folder_that_is_not_there_holds_nothing(self, tmp_path):
        found = await MediaGround().survey([f"{tmp_path}/none"], frozenset({"x.mkv"}))

        assert (found.files, found.complete) == ((), True)


@pytest.fixture
def clinic(ui, tmp_path):
    """A simulated server that calls a folder here `remote`, configured without mappings."""

    @asynccontextmanager
    async def run(vendor: str, remote: str = "/data"):
        for name in ("films/A (2001)/A (2001).mkv", "films/B (2002)/B (2002).mkv", "tv/S/Season 1/S S01E01.mkv"):
            path = tmp_path / "disk" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode() * 3)
        simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
        slash = "\\" if "\\" in remote else "/"
        shelves = [
            Shelf("Films", "movie", f"{remote}{slash}films", str(tmp_path / "disk/films")),
            Shelf("Series", "show", f"{remote}{slash}tv", str(tmp_path / "disk/tv")),
        ]
        state = getattr(simulator, STATES[vendor])(shelves=shelves, token="s3cret")
        async with serving(simulator.create_app(state)) as url:
            body = {"id": "sv", "type": vendor, "url": url, "auth": {"token": "s3cret"}}
            assert (await ui.http.post("/api/servers", json=body)).status_code == 201
            yield state

    return run


@pytest.mark.integration
@pytest.mark.parametrize("vendor", list(STATES))
@pytest.mark.parametrize("remote", ["/data", "D:\\Media", "\\\\NAS\\media"])
async def test_the_missing_mapping_is_found_and_works_once_it_is_saved(ui, clinic, tmp_path, vendor, remote):
    async with clinic(vendor, remote):
        found = (await ui.http.post("/api/servers/sv/path-doctor")).json()

        (row,) = [one for one in found["proposals"] if one["recommended"]]
        assert (row["remote_prefix"], row["local_prefix"]) == (remote, f"{tmp_path}/disk")
        assert (row["tested"], row["present"], row["missing"], row["other_size"]) == (3, 3, 0, 0)
        assert (found["listed"], found["found_now"], found["complete"]) == (3, 0, True)
        assert found["unexplained"] == []
        await ui.http.patch(
            "/api/servers/sv", json={"path_mappings": [{key: row[key] for key in ("remote_prefix", "local_prefix")}]}
        )
        again = (await ui.http.post("/api/servers/sv/path-doctor")).json()

    assert again["found_now"] == 3
    assert "no mapping is missing" in again["advice"]
    assert not any(one["recommended"] for one in again["proposals"])


@pytest.mark.integration
async def test_the_server_is_only_read_and_no_secret_is_shown(ui, clinic):
    async with clinic("plex") as state:
        state.instruments.calls.clear()

        answered = await ui.http.post("/api/servers/sv/path-doctor", json={"samples": 10})

        assert {call.method for call in state.instruments.calls} == {"GET"}
        assert "s3cret" not in answered.text


@pytest.mark.integration
async def test_media_that_lie_elsewhere_are_said_not_to_be_found(ui, clinic, tmp_path):
    async with clinic("emby"):
        (tmp_path / "empty").mkdir()

        found = (await ui.http.post("/api/servers/sv/path-doctor", json={"roots": [f"{tmp_path}/empty"]})).json()

    assert (found["proposals"], len(found["unexplained"])) == ([], 3)
    assert f"{tmp_path}/empty" in found["advice"]


@pytest.mark.integration
async def test_a_server_in_trouble_is_a_readable_failure(ui, clinic):
    async with clinic("jellyfin") as state:
        for fault in (Fault(FaultKind.STATUS, status=500, times=1), Fault(FaultKind.MALFORMED, times=1)):
            state.instruments.inject(fault)

            answered = await ui.http.post("/api/servers/sv/path-doctor")

            assert (answered.status_code, answered.json()["code"]) == (502, "UPSTREAM_ERROR")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"roots": ["/etc"]}, "roots[0]"),
        ({"roots": ["relative"]}, "roots[0]"),
        ({"roots": "/x"}, "roots"),
        ({"samples": 0}, "samples"),
        ({"samples": 10_000}, "samples"),
    ],
)
async def test_a_wrong_wish_is_named(ui, clinic, body, field):
    async with clinic("plex"):
        answered = await ui.http.post("/api/servers/sv/path-doctor", json=body)

    assert answered.status_code == 400
    assert answered.json()["error"].startswith(field)


@pytest.mark.integration
async def test_a_folder_server_has_no_list_to_compare(ui):
    await ui.http.post("/api/servers", json={"id": "shelf", "type": "folder"})

    answered = await ui.http.post("/api/servers/shelf/path-doctor")

    assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR")
    assert (await ui.http.post("/api/servers/none/path-doctor")).status_code == 404


def test_a_recommended_row_is_one_that_ownership_reads() -> None:
    server = ServerPaths("s", "S", "plex", path_mappings=(PathMapping("D:\\", "/mnt/d"),))

    assert to_local(server, "d:\\films\\A.mkv") == ["/mnt/d/films/A.mkv"]
