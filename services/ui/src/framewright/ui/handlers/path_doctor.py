"""`/api/servers/{id}/path-doctor`: proposes path mappings, each with its evidence; changes nothing."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath, FramewrightError
from framewright.domain.libraries import ListedFile
from framewright.domain.media import canonical, is_under
from framewright.ui.domain import path_doctor
from framewright.ui.domain.path_doctor import Doctor, Examination, Survey
from framewright.ui.handlers.answers import Json, invalid, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.upstream import failure

FEWEST, MOST = 1, 500
USUAL = 100


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the client asks for: folders to look in, and how many files to compare."""

    roots: tuple[str, ...] = ()
    samples: int = USUAL


def routes(desk: Desk) -> APIRouter:
    """The examination of one server."""
    router = APIRouter(prefix="/api/servers", tags=["servers"])

    @router.post("/{server_id}/path-doctor", summary="Propose path mappings, each tested on the server's own files")
    async def examine(server_id: str, request: Request) -> Response:
        server = desk.config.server(server_id)
        if server is None:
            raise missing(f"no server {server_id!r}")
        doctor = desk.diagnosis.doctor
        wish = _wish(await json_object(request) if await request.body() else {})
        roots = _roots(desk, doctor, wish)
        try:
            listed = path_doctor.usable(await doctor.listed(server, wish.samples))
        except FramewrightError as error:
            return failure(error).answer()
        return Json(await _examined(doctor, server, listed, roots))

    return router


async def _examined(doctor: Doctor, server: Server, listed: list[ListedFile], roots: list[str]) -> Examination:
    paths = server_paths(server)
    names = frozenset(path_doctor.name_key(one.path) for one in listed)
    survey = await doctor.ground.survey(roots, names) if names else Survey((), 0, complete=True)
    rows = path_doctor.candidates(paths, path_doctor.pairs(listed, survey.files))
    now = path_doctor.current(paths, listed)
    places = {local for row in rows for local in path_doctor.foretold(row, listed).values()}
    places |= {local for locals_ in now.values() for local in locals_}
    sizes = await doctor.ground.sizes(sorted(one for one in places if is_under(one, doctor.root)))
    found = {one for one, here in now.items() if any(path_doctor.is_there(one, local, sizes) for local in here)}
    tested = [path_doctor.proposal(row, listed, sizes, paths.path_mappings) for row in rows]
    proposals, explained = path_doctor.recommended(path_doctor.ranked(tested), listed, sizes, found)
    examination = Examination(
        server_id=server.id,
        listed=len(listed),
        walked=survey.entries,
        complete=survey.complete,
        found_now=len(found),
        proposals=tuple(proposals),
        unexplained=tuple(one.path for one in listed if one not in explained),
        advice="",
    )
    return dataclasses.replace(examination, advice=path_doctor.advice(examination, roots))


def _wish(body: dict[str, Any]) -> _Wish:
    try:
        wish = msgspec.convert(body, _Wish)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise invalid(where.rstrip("`").lstrip(".") or "body", f"is wrong: {what}") from error
    if not FEWEST <= wish.samples <= MOST:
        raise invalid("samples", f"must be from {FEWEST} to {MOST}")
    return wish


def _roots(desk: Desk, doctor: Doctor, wish: _Wish) -> list[str]:
    """The folders to look in: those that are named, else all that the configuration knows."""
    named = [_inside(f"roots[{place}]", root, doctor.root) for place, root in enumerate(wish.roots)]
    roots = named or path_doctor.walks(desk.config.servers, doctor.root)
    if not roots:
        raise invalid("roots", "must be named: the configuration knows no folder to look in")
    return roots


def _inside(field: str, path: str, root: str) -> str:
    try:
        local = canonical(path)
    except BadPath as error:
        raise invalid(field, f"is not usable: {error.reason}") from error
    if not is_under(local, root):
        raise invalid(field, f"must lie under {root}")
    return local
