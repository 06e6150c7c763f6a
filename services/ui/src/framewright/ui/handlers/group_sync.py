"""`/api/groups/{id}/sync`: every member is asked to look, each as its group says; and how far that has come."""

import asyncio
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.contracts.players import GroupSync, MemberSync, PlayerGroup
from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import FramewrightError, Reject, Retry
from framewright.domain.media import is_video
from framewright.domain.ownership import Verdict, judge
from framewright.ui.domain import group_sync as words
from framewright.ui.domain.players import Reached, watching
from framewright.ui.handlers.answers import Json, missing
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.groups import group_of
from framewright.ui.handlers.servers import canonical_path

GLANCE = 1.0
"""Seconds between two looks that must both find a library at rest: between two activities there may be none for a moment."""


class SyncBody(msgspec.Struct, frozen=True):
    """What to look at: a file or a folder in anybody's spelling, or nothing for whole libraries."""

    path: str = ""


def routes(desk: Desk) -> APIRouter:
    """Begin, and follow."""
    router = APIRouter(tags=["players"])
    for prefix in ("/api/groups", "/api/player-groups"):
        router.include_router(_routes(desk), prefix=prefix)
    return router


def _routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/{group_id}/sync", status_code=202, summary="Have every member of a group look")
    async def begin(group_id: str, request: Request) -> Response:
        group, body = await group_of(desk, group_id), await body_as(request, SyncBody)
        members = await _members(desk, group, await _local_path(desk, group, body.path))
        sync = GroupSync(
            id=uuid4().hex,
            group_id=group.id,
            strategy=group.sync_strategy,
            started_at=now(),
            path=body.path,
            members=members,
        )
        await desk.players.begin(sync)
        return Json(words.sync_view(sync, {}, desk.config.servers), 202)

    @router.get("/{group_id}/sync/{sync_id}", summary="How far a sync has come")
    async def state(group_id: str, sync_id: str) -> Response:
        sync = await desk.players.sync(sync_id)
        if sync is None or sync.group_id != group_id:
            raise missing(f"no sync {sync_id!r} of this group")
        looks = await asyncio.gather(*(_look(desk, one) for one in sync.members))
        seen = msgspec.structs.replace(sync, members=tuple(member for member, _ in looks))
        if seen != sync:
            await desk.players.keep(seen)
        states = {member.server_id: word for member, word in looks}
        return Json(words.sync_view(seen, states, desk.config.servers))

    return router


async def _local_path(desk: Desk, group: PlayerGroup, path: str) -> str:
    """How this system spells the path.

    Raises:
        Reject: code VALIDATION_ERROR, the group's strategy needs a path, or a file.
    """
    if group.sync_strategy == "item" and not is_video(path):
        raise Reject("path must name a video: this group refreshes items", code="VALIDATION_ERROR")
    if group.sync_strategy == "path" and not path:
        raise Reject("path is missing: this group scans folders", code="VALIDATION_ERROR")
    servers = tuple(filter(None, map(desk.config.server, group.members)))
    return await canonical_path(desk, path, servers) if path else ""


async def _members(desk: Desk, group: PlayerGroup, path: str) -> tuple[MemberSync, ...]:
    servers = [server for server in map(desk.config.server, group.members) if server is not None]
    return tuple(await asyncio.gather(*(_asked(desk, group, server, path) for server in servers)))


async def _asked(desk: Desk, group: PlayerGroup, server: Server, path: str) -> MemberSync:
    """What one member is asked, or why it is left out; one that cannot be reached is told later, by the bus."""
    if not server.enabled:
        return words.skipped(server, "the player is disabled")
    if group.skip_active and (why := await _watched(desk, server)):
        return words.skipped(server, why)
    interval = desk.config.settings.thumbnail_interval
    if group.sync_strategy == "item":
        return await _item(desk, server, path)
    make = words.one_path if group.sync_strategy == "path" else words.whole_libraries
    return make(server, path, interval, now())


async def _watched(desk: Desk, server: Server) -> str:
    """What somebody watches there; a player that cannot be asked counts as idle."""
    try:
        async with desk.players.reach(server) as reached:
            return watching(await reached.sessions())
    except FramewrightError:
        return ""


async def _item(desk: Desk, server: Server, path: str) -> MemberSync:
    """The item is refreshed here and now: there is nothing to join it with."""
    ownership = judge(server_paths(server), path)
    if ownership.verdict is not Verdict.OWNED:
        return words.skipped(server, ownership.steps[-1] if ownership.steps else "it does not own the path")
    libraries = tuple(library.id for library in ownership.libraries)
    found = MemberSync(server_id=server.id, library_ids=libraries)
    try:
        async with desk.players.reach(server) as reached:
            told = await reached.refresh_item(words.own_spellings(ownership), libraries)
    except FramewrightError as error:
        return msgspec.structs.replace(found, ended="failed", reason=error.reason)
    if not told:
        return msgspec.structs.replace(found, ended="not_found", reason="the player does not know the file")
    return msgspec.structs.replace(found, told=told)


async def _look(desk: Desk, member: MemberSync) -> tuple[MemberSync, str]:
    """The member as it is now, and its state; an end is final."""
    server = desk.config.server(member.server_id)
    if member.ended:
        return member, member.ended
    if server is None:
        return _ended(member, "failed", "the player is gone")
    standing = {await desk.players.waiting(wish) for wish in member.wishes}
    if "queued" in standing:
        return member, "queued"
    try:
        async with desk.players.reach(server) as reached:
            return await _at_rest(reached, member, is_looked_for="looking" in standing)
    except (Retry, Reject) as error:
        return msgspec.structs.replace(member, reason=error.reason), "scanning"


async def _at_rest(reached: Reached, member: MemberSync, *, is_looked_for: bool) -> tuple[MemberSync, str]:
    """Done when the libraries were idle twice and every file is known; never merely because time has passed."""
    if await _is_busy(reached, member):
        return member, "scanning"
    await asyncio.sleep(GLANCE)
    if await _is_busy(reached, member):
        return member, "scanning"
    files = words.awaited_files(member)
    unknown = [one for one in files if not await reached.scanner.knows(one, member.library_ids)]
    if not unknown:
        return _ended(member, "completed", "")
    return (member, "scanning") if is_looked_for else _ended(member, "not_found", "the player has looked in vain")


async def _is_busy(reached: Reached, member: MemberSync) -> bool:
    return any([await reached.scanner.is_busy(one) for one in member.library_ids or ("",)])


def _ended(member: MemberSync, state: str, reason: str) -> tuple[MemberSync, str]:
    return msgspec.structs.replace(member, ended=state, reason=reason), state
