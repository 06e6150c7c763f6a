"""An item with two versions: each file has an output and an id of its own. The simulators merge nothing, so answers are canned."""

import time

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framewright import vendors
from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth, ServerOutput
from framewright.domain.frames import Rendition
from framewright.domain.publishing import PublishTarget
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.lookup import Lookup

VERSIONS = ("/films/Film/Film - 1080p.mkv", "/films/Film/Film - 4K.mkv")
ITEM = {
    "Id": "item",
    "Path": VERSIONS[0],
    "MediaSources": [
        {"Id": f"source{number}", "ItemId": f"version{number}", "Path": path} for number, path in enumerate(VERSIONS)
    ],
}
SECTION = {"key": "1", "type": "movie", "Location": [{"path": "/films"}]}
MEDIA = [{"Part": [{"file": path}]} for path in VERSIONS]
TREE = "".join(f'<MediaPart file="{path}" hash="{number}abcdef"/>' for number, path in enumerate(VERSIONS))
ANSWERS = {
    "/Items": JSONResponse({"TotalRecordCount": 1, "Items": [ITEM]}),
    "/library/sections": JSONResponse({"MediaContainer": {"Directory": [SECTION]}}),
    "/library/sections/1/all": JSONResponse({"MediaContainer": {"Metadata": [{"ratingKey": "7", "Media": MEDIA}]}}),
    "/library/metadata/7/tree": Response(f"<MediaContainer>{TREE}</MediaContainer>", media_type="application/xml"),
}


@pytest.fixture
async def canned():
    """A server that gives the same answers to everybody, and a client for it."""

    async def answer(request):
        return ANSWERS[request.url.path]

    app = Starlette(routes=[Route("/{path:path}", answer)])
    async with serving(app) as url, httpx.AsyncClient(verify=False) as http:
        yield url, http


async def test_plex_has_a_bundle_for_each_version(canned, tmp_path):
    url, http = canned
    (tmp_path / "Media/localhost").mkdir(parents=True)
    output = ServerOutput(plex_config_folder=str(tmp_path))
    server = Server(id="p", type="plex", url=url, auth=ServerAuth(token="t"), output=output)
    targets = [PublishTarget(path, (path,), Rendition(320, 5000)) for path in VERSIONS]

    found = [await vendors.media_server(server, http).outputs(target) for target in targets]

    assert [one.outputs[0].path.split("/localhost/")[1][:8] for one in found] == ["0/abcdef", "1/abcdef"]


async def test_emby_and_jellyfin_have_an_item_for_each_version(canned):
    url, http = canned
    emby = EmbyClient(Server(id="e", type="emby", url=url, auth=ServerAuth(api_key="k")), http)
    jellyfin = JellyfinClient(Server(id="j", type="jellyfin", url=url, auth=ServerAuth(api_key="k")), http)

    found = [await emby.item_id((path,)) for path in VERSIONS]
    looked_up = [await Lookup(jellyfin, time.monotonic).quick((path,)) for path in VERSIONS]

    assert found == ["version0", "version1"]
    assert looked_up == ["source0", "source1"]
