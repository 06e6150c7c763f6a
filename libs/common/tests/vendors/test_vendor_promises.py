"""What every media server's client promises, kept against its simulator over real HTTP."""

import os

import pytest

from framewright import vendors
from framewright.contracts.publish import ChangedPath
from framewright.domain.errors import SERVER_CODES, NotIndexed, Reject, Retry
from framewright.domain.frames import Rendition
from framewright.domain.outcome import ChangeKind
from framewright.vendors import ScanWish
from framewright.vendors.simulation.instruments import Fault, FaultKind

SPOKEN_TO = ["plex", "emby", "jellyfin"]
EVERY = [*SPOKEN_TO, "folder"]

BROKEN = {
    "unavailable": (Fault(FaultKind.STATUS, status=503, retry_after=7), "SERVER_ERROR"),
    "busy": (Fault(FaultKind.STATUS, status=429, retry_after=7), "BUSY"),
    "reset": (Fault(FaultKind.RESET), "UNREACHABLE"),
    "slow": (Fault(FaultKind.LATENCY, seconds=30), "TIMEOUT"),
    "html": (Fault(FaultKind.MALFORMED), "BAD_ANSWER"),
    "half a document": (
        Fault(FaultKind.MALFORMED, body='{"MediaContainer": {', content_type="application/json"),
        "BAD_ANSWER",
    ),
    "another shape": (Fault(FaultKind.MALFORMED, body='"hello"', content_type="application/json"), "BAD_ANSWER"),
}


@pytest.mark.parametrize("vendor", EVERY)
async def test_every_output_lies_under_an_existing_root(bench, film, vendor):
    async with bench(vendor) as desk:
        located = await desk.server.outputs(desk.target(film))

        assert located.outputs
        for output in located.outputs:
            assert os.access(output.root, os.W_OK | os.X_OK)
            assert os.path.commonpath([output.root, output.path]) == output.root
            assert output.path != output.root


@pytest.mark.parametrize("vendor", EVERY)
async def test_the_same_question_has_the_same_answer(bench, film, vendor):
    async with bench(vendor) as desk:
        first = await desk.server.outputs(desk.target(film))
        second = await desk.connect().outputs(desk.target(film))

        assert first == second


@pytest.mark.parametrize("vendor", EVERY)
async def test_a_server_says_who_it_is_and_which_folders_it_has(bench, vendor):
    async with bench(vendor) as desk:
        identity = await desk.server.identify()
        libraries = await desk.server.libraries()
        await desk.server.aclose()

        assert identity.id
        assert identity.name
        assert identity.version
        assert all(path.startswith("/") for library in libraries for path in library.remote_paths)
        assert {library.kind for library in libraries} <= {"movie", "show"}
        assert all(library.id and library.name for library in libraries)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_another_server_at_the_address_is_refused(bench, vendor):
    async with bench(vendor, configured={"server_identity": "somebody-else"}) as desk:
        with pytest.raises(Reject) as refused:
            await desk.server.identify()

        assert refused.value.code == "WRONG_SERVER"
        assert refused.value.code in SERVER_CODES


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_a_stranger_is_shown_no_credential(bench, token, vendor):
    async with bench(vendor, configured={"server_identity": "somebody-else"}) as desk:
        with pytest.raises(Reject):
            await desk.server.identify()
        audit = vendors.auditor(desk.configured(server_identity="somebody-else"), desk.http)
        assert not all(row.ok for row in await audit.checks())

        calls = list(desk.state.instruments.calls)
        assert {call.path for call in calls} == {"/identity" if vendor == "plex" else "/System/Info/Public"}
        assert token not in repr([call.headers for call in calls])


@pytest.mark.parametrize("vendor", ["plex", "emby", "folder"])
async def test_where_the_server_has_no_wish_the_wanted_rendition_stands(bench, vendor):
    async with bench(vendor) as desk:
        assert await desk.server.renditions(Rendition(480, 3000)) == (Rendition(480, 3000),)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_refused_credentials_are_a_reject_for_the_whole_server(bench, token, vendor):
    async with bench(vendor, token="another") as desk:
        with pytest.raises(Reject) as refused:
            await desk.server.identify()

        assert refused.value.code == "UNAUTHORIZED"
        assert refused.value.code in SERVER_CODES
        assert token not in str(refused.value)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
@pytest.mark.parametrize("trouble", BROKEN)
async def test_trouble_on_the_way_is_a_retry_without_secrets(bench, token, vendor, trouble):
    fault, code = BROKEN[trouble]
    async with bench(vendor, configured={"timeout": 0.3}) as desk:
        desk.state.instruments.inject(fault)

        with pytest.raises(Retry) as again:
            await desk.server.libraries()

        assert again.value.code == code
        assert again.value.after == (7 if fault.retry_after else None)
        assert token not in repr(again.value) + repr(again.value.__cause__)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_a_server_that_is_off_is_a_retry(bench, vendor):
    async with bench(vendor) as desk:
        server = desk.connect(url="http://127.0.0.1:9")

        with pytest.raises(Retry) as again:
            await server.libraries()

        assert again.value.code == "UNREACHABLE"


@pytest.mark.parametrize("vendor", ["plex", "jellyfin"])
async def test_a_file_without_a_place_is_not_indexed_until_the_server_knows_it(bench, vendor):
    async with bench(vendor, index_delay=60.0) as desk:
        desk.add("films/New (2020)/New (2020).mkv")
        target = desk.target("films/New (2020)/New (2020).mkv")

        with pytest.raises(NotIndexed):
            await desk.server.outputs(target)
        scanner = vendors.scanner(desk.configured(), desk.http)
        for step in await scanner.steps(ScanWish((ChangedPath(target.remote_paths[0], ChangeKind.ADDED),))):
            await scanner.tell(step)
        desk.clock.now += 61
        located = await desk.server.outputs(target)

        assert located.item_id


@pytest.mark.parametrize("vendor", ["plex", "jellyfin"])
async def test_a_missing_output_root_is_a_reject_for_the_whole_server(bench, film, vendor):
    async with bench(vendor) as desk:
        unset = desk.connect(output={"plex_config_folder": "", "jellyfin_config_folder": "", "save_with_media": False})
        gone = desk.connect(output={"plex_config_folder": "/nowhere", "jellyfin_config_folder": "/nowhere"})

        for server in (unset, gone):
            with pytest.raises(Reject) as refused:
                await server.outputs(desk.target(film))

            assert refused.value.code == "OUTPUT_ROOT_MISSING"
            assert refused.value.code in SERVER_CODES


async def test_tiles_of_an_off_media_library_go_beside_the_video_until_its_folder_is_configured(bench, film):
    async with bench("jellyfin") as desk:
        server = desk.connect(output={"jellyfin_config_folder": "", "save_with_media": True})

        located = await server.outputs(desk.target(film))

        assert ".trickplay/" in located.outputs[0].path
        assert "SaveTrickplayWithMedia" in located.note


@pytest.mark.parametrize(
    ("vendor", "calls"),
    [
        ("plex", [("PUT", "/library/metadata/*/analyze")]),
        ("emby", [("POST", "/Library/Media/Updated"), ("POST", "/Items/*/Refresh")]),
        ("jellyfin", [("POST", "/Library/Media/Updated"), ("POST", "/Items/*/Refresh")]),
    ],
)
async def test_a_refresh_tells_the_server_and_says_what_it_told(bench, film, vendor, calls):
    async with bench(vendor) as desk:
        located = await desk.server.outputs(desk.target(film))

        said = await desk.server.refresh(desk.target(film), located)

        for method, path in calls:
            recorded = desk.asked(method, path)
            assert len(recorded) == 1
            assert recorded[0].path in said


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_no_call_carries_the_token_in_its_address(bench, film, token, vendor):
    async with bench(vendor) as desk:
        await desk.server.identify()
        await desk.server.libraries()
        located = await desk.server.outputs(desk.target(film))
        said = await desk.server.refresh(desk.target(film), located)

        calls = list(desk.state.instruments.calls)
        names = {name.lower() for call in calls for name in call.query}
        assert calls
        assert not names & {"x-plex-token", "api_key", "apikey", "token"}
        assert token not in repr(calls) + said


@pytest.mark.parametrize(
    ("vendor", "header", "said"),
    [("plex", "x-plex-client-identifier", "our-name"), ("jellyfin", "authorization", 'DeviceId="our-name"')],
)
async def test_a_server_knows_this_installation_by_its_own_name(bench, film, vendor, header, said):
    async with bench(vendor, configured={"device_id": "our-name"}) as desk:
        await desk.server.outputs(desk.target(film))
        await vendors.sessions(desk.configured(device_id="our-name"), desk.http)

        assert desk.state.instruments.calls
        assert all(said in call.headers[header] for call in desk.state.instruments.calls)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_credentials_go_in_the_one_header_of_the_vendor(bench, film, vendor):
    forms = {"plex": "x-plex-token", "emby": "x-emby-token", "jellyfin": "authorization"}
    async with bench(vendor) as desk:
        await desk.server.outputs(desk.target(film))
        await desk.server.libraries()

        for call in desk.state.instruments.calls:
            assert [name for name in call.headers if name in forms.values()] == [forms[vendor]]
            assert "application" in call.headers["accept"]
