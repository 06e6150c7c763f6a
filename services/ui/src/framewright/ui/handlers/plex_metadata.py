"""`/plex-provider/{secret}/…`: a custom metadata provider for Plex, fed from NFO files and pictures beside the media.

Plex sends no credentials, so the address carries a secret; with a wrong one there is nothing here. Pictures have addresses
of their own, in which the secret does not stand.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from framewright.domain.errors import Retry
from framewright.ui.domain.plex_provider import PATH
from framewright.ui.domain.shelf import Thing
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.conditional import not_modified, stamped
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.origin import origin_of
from framewright.ui.handlers.plex_matching import Visit, matched
from framewright.vendors import (
    PlexProvider,
    plex_definition,
    plex_image_container,
    plex_metadata,
    plex_metadata_container,
    plex_page,
    plex_wish,
)

STARTING = 5.0
"""Seconds a server waits at most for the first snapshot of the configuration; without it nothing would match."""

_ROOT = f"{PATH}/{{secret}}/{{provider}}"
_THING = f"{_ROOT}/library/metadata/{{key}}"
_IMAGE: dict[int | str, dict[str, Any]] = {200: {"description": "A picture", "content": {"image/*": {}}}}

Answer = Callable[[Visit, Request], Awaitable[Response]]
ThingAnswer = Callable[[Visit, Thing, Request], Awaitable[Response]]


def routes(desk: Desk) -> APIRouter:
    """The provider of films and the provider of shows, `movies` and `shows`, and their pictures."""
    router = APIRouter(tags=["metadata"])

    # First, because the address of a provider would fit it as well; no secret is so short.
    @router.get(f"{PATH}/artwork/{{name}}", summary="A picture", response_class=Response, responses=_IMAGE)
    async def artwork(name: str, request: Request) -> Response:
        await _loaded(desk)
        return await _picture(desk, await desk.metadata.door.picture_path(name), request)

    get = partial(router.add_api_route, methods=["GET"], response_class=Response)
    get(f"{_ROOT}/", _known(desk, _definition), include_in_schema=False)
    get(_ROOT, _known(desk, _definition), summary="What the provider is and can do; this address is given to Plex")
    router.add_api_route(
        f"{_ROOT}/library/metadata/matches",
        _known(desk, _match),
        methods=["POST"],
        response_class=Response,
        summary="The thing that a file of Plex is, as its NFO says",
    )
    get(_THING, _of_thing(desk, _metadata), summary="Everything that is known of a thing")
    get(f"{_THING}/images", _of_thing(desk, _images), summary="Every picture of a thing")
    get(f"{_THING}/children", _of_thing(desk, _children), summary="A page of a show's seasons, a season's episodes")
    get(f"{_THING}/grandchildren", _of_thing(desk, _grandchildren), summary="A page of all episodes of a show")
    get(f"{_THING}/extras", _of_thing(desk, _extras), summary="Trailers and the like: there are none")

    return router


def _known(desk: Desk, answer: Answer) -> Callable[..., Awaitable[Response]]:
    """The route for callers that know the secret; for others there is none."""

    async def endpoint(secret: str, provider: str, request: Request) -> Response:
        return await answer(await _visit(desk, secret, provider, request), request)

    return endpoint


def _of_thing(desk: Desk, answer: ThingAnswer) -> Callable[..., Awaitable[Response]]:
    """The route for a thing of the provider."""

    async def endpoint(secret: str, provider: str, key: str, request: Request) -> Response:
        visit = await _visit(desk, secret, provider, request)
        thing = await visit.thing(key)
        return await answer(visit, thing, request) if thing else _unknown(visit)

    return endpoint


async def _visit(desk: Desk, secret: str, provider: str, request: Request) -> Visit:
    if provider not in set(PlexProvider) or not await desk.metadata.door.admits(secret):
        raise HTTPException(404)
    await _loaded(desk)
    return Visit(desk, PlexProvider(provider), origin_of(request))


async def _definition(visit: Visit, _request: Request) -> Response:
    return Json(plex_definition(visit.provider, visit.desk.version))


async def _match(visit: Visit, request: Request) -> Response:
    """An empty answer is no error: the server then asks its next provider."""
    wish = plex_wish(visit.provider, await request.body())
    thing = await matched(visit, wish)
    found = await _described(visit, thing, children=wish.include_children) if thing else None
    return Json(plex_metadata_container(visit.provider, [found] if found else []))


async def _metadata(visit: Visit, thing: Thing, request: Request) -> Response:
    found = await _described(visit, thing, children=request.query_params.get("includeChildren", "0") in {"1", "true"})
    return Json(plex_metadata_container(visit.provider, [found])) if found else _unknown(visit)


async def _images(visit: Visit, thing: Thing, _request: Request) -> Response:
    found = await visit.item(thing)
    return Json(plex_image_container(visit.provider, found)) if found else _unknown(visit)


async def _children(visit: Visit, thing: Thing, request: Request) -> Response:
    return await _page(visit, thing, request, levels=1)


async def _grandchildren(visit: Visit, thing: Thing, request: Request) -> Response:
    return await _page(visit, thing, request, levels=2)


async def _extras(visit: Visit, _thing: Thing, _request: Request) -> Response:
    return Json(plex_metadata_container(visit.provider, []))


async def _described(visit: Visit, thing: Thing, *, children: bool) -> dict[str, Any] | None:
    found = await visit.item(thing)
    below = await visit.children(thing) if found and children and thing.kind.has_children else None
    return plex_metadata(found, below) if found else None


async def _page(visit: Visit, thing: Thing, request: Request, *, levels: int) -> Response:
    page = plex_page(request.headers, request.query_params)
    if await visit.item(thing) is None:
        return _unknown(visit)
    everything = await visit.desk.metadata.shelf.below(thing, levels=levels)
    found = await visit.items(everything[page.start : page.start + page.size])
    described = [plex_metadata(one) for one in found]
    answer = plex_metadata_container(visit.provider, described, offset=page.start, total=len(everything))
    headers = {"X-Plex-Container-Start": str(page.start), "X-Plex-Container-Total-Size": str(len(everything))}
    return Json(answer, headers=headers)


async def _picture(desk: Desk, path: str | None, request: Request) -> Response:
    stamp = await desk.metadata.files.stamp(path) if path else None
    if path is None or stamp is None:
        raise HTTPException(404)
    if not_modified(request.headers, stamp):
        return Response(status_code=304, headers=stamped(stamp))
    found = await desk.metadata.files.picture(path)
    if found is None:
        raise HTTPException(404)
    stamp, data = found
    return Response(data, media_type=stamp.media_type, headers=stamped(stamp))


async def _loaded(desk: Desk) -> None:
    """Wait for the first snapshot: until then no library exists, and a server would hold every file for unmatched.

    Raises:
        Retry: code STARTING.
    """
    try:
        async with asyncio.timeout(STARTING):
            await desk.config.loaded()
    except TimeoutError as error:
        raise Retry("the configuration is not read yet", code="STARTING") from error


def _unknown(visit: Visit) -> Response:
    """Nothing has this key, or nothing readable any more: an empty container, so that a reader of containers finds one."""
    body = {**plex_metadata_container(visit.provider, []), "error": "nothing has this key", "code": "NOT_FOUND"}
    return Json(body, 404)
