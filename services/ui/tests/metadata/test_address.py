"""The provider's address is its credential: kept sealed, replaceable, and written down nowhere."""

import logging

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from framewright.chassis.bus import Bucket
from framewright.chassis.testing.http import serving
from framewright.contracts.catalogue import CONFIG
from framewright.ingest.adapters.upstream import Upstream

from .plex_as_client import PlexClient

pytestmark = pytest.mark.integration

FILE = "The Film (2024)/The Film (2024).mkv"


def secret_of(shown) -> str:
    return shown["providers"][0]["url"].split("/")[-2]


async def test_only_operators_see_and_change_the_address(ui, stranger):
    answers = [
        await stranger.get(f"{ui.url}/api/plex/provider"),
        await stranger.post(f"{ui.url}/api/plex/provider/rotate"),
    ]

    assert [one.status_code for one in answers] == [401, 401]


async def test_the_address_is_made_once_and_survives_a_restart(start_ui):
    async with start_ui() as ui:
        first = [secret_of(await ui.json("/api/plex/provider")) for _ in range(2)]
    async with start_ui() as ui:
        after = secret_of(await ui.json("/api/plex/provider"))

    assert {*first, after} == {after}
    assert len(after) == 43


async def test_a_new_address_ends_the_old_one_and_what_plex_knows_stays_known(ui, plex, stranger):
    films, _ = plex
    (film,) = await films.match(1, FILE)

    rotated = (await ui.http.post("/api/plex/provider/rotate")).json()
    old = [await stranger.get(films.address), await films.get(film["ratingKey"]), await stranger.get(film["thumb"])]
    again = await PlexClient.added(stranger, rotated["providers"][0]["url"])
    (found,) = await again.match(1, FILE)

    assert [one.status_code for one in old] == [404, 404, 404]
    assert (found["ratingKey"], found["guid"]) == (film["ratingKey"], film["guid"])
    assert (await stranger.get(found["thumb"])).status_code == 200


@pytest.mark.parametrize("secret", ["x", "x" * 43, "x" * 9000, "%2e%2e", "*", "%C3%A9" * 43])
async def test_with_a_wrong_secret_there_is_nothing(ui, plex, stranger, secret):
    root = f"{ui.url}/plex-provider/{secret}/movies"

    answers = [
        await stranger.get(root),
        await stranger.post(f"{root}/library/metadata/matches", json={"type": 1, "filename": FILE}),
        await stranger.get(f"{root}/library/metadata/x/images"),
        await stranger.get(f"{ui.url}/plex-provider/artwork/{secret}"),
    ]

    assert {one.status_code for one in answers} <= {404, 405}
    assert "MediaProvider" not in str([one.text for one in answers])


async def test_there_is_no_third_provider_and_no_way_around_the_door(plex, ui, stranger):
    films, _ = plex
    secret = films.address.split("/")[-2]

    answers = [
        await stranger.get(f"{ui.url}/plex-provider/{secret}/{other}")
        for other in ("music", "", "movies/api/servers", "../../api/servers", "%2e%2e/api/servers")
    ]

    assert {one.status_code for one in answers} <= {401, 404}


async def test_the_secret_is_sealed_where_it_rests(ui, plex, bus):
    secret = secret_of(await ui.json("/api/plex/provider"))

    kept = await Bucket(bus, CONFIG.name).get("plex.provider")

    assert kept.value.startswith(b"sealed:")
    assert secret.encode() not in kept.value


async def test_pictures_do_not_carry_the_secret(plex):
    films, _ = plex
    secret = films.address.split("/")[-2]

    (film,) = await films.match(1, FILE)

    assert film["thumb"].startswith("http")
    assert secret not in str(film)


async def test_no_log_and_no_metric_holds_the_secret_whatever_happens(ui, plex, stranger, caplog, capfd, media):
    caplog.set_level(logging.DEBUG)
    films, _ = plex
    media("films/Broken (2020)/Broken (2020).mkv")
    media("films/Broken (2020)/movie.nfo", "<movie>")

    await films.match(1, "Broken (2020)/Broken (2020).mkv")
    await films.post([])
    await films.get("nothing")
    await stranger.get(f"{films.address}/nowhere")

    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    said = "".join([*ours, *capfd.readouterr(), (await stranger.get(f"{ui.url}/metrics")).text])
    assert "an NFO file is left alone" in said
    assert "/plex-provider/{secret}/{provider}" in said
    assert films.address.split("/")[-2] not in said


async def test_through_the_one_port_plex_reaches_everything_under_the_name_it_used(ui, plex, stranger):
    films, _ = plex
    upstream = Upstream(ui.url)

    async def pass_on(request: Request) -> Response:
        return await upstream.pass_on(request)

    async with serving(Starlette(routes=[Route("/{path:path}", pass_on, methods=["GET", "POST"])])) as outside:
        through = await PlexClient.added(stranger, films.address.replace(ui.url, outside))
        (film,) = await through.match(1, FILE)
        picture = await stranger.get(film["thumb"])

    await upstream.aclose()
    assert film["thumb"].startswith(f"{outside}/plex-provider/artwork/")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
