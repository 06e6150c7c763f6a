"""Groups of players: how one is made and changed as a whole, and who fits into it; pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from framewright.contracts.players import PlayerGroup
from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.ui.domain.players import PORTS

Players = Mapping[str, Server]
"""Every player by its id."""


class GroupBody(msgspec.Struct, frozen=True):
    """A group as it is sent; what is not given stays as it is."""

    id: str | int | None = None
    name: str | None = None
    type: str | None = None
    max_members: int | None = None
    skip_active: bool | None = None
    sync_strategy: str | None = None
    members: tuple[str | int, ...] | None = None


def new_group(body: GroupBody, group_id: str, players: Players) -> PlayerGroup:
    """The group to add.

    Raises:
        Reject: code VALIDATION_ERROR, a field or the id is wrong; as `checked`.
    """
    if not group_id.replace("-", "").replace("_", "").isalnum() or not group_id.isascii():
        raise Reject("id must be letters, digits, '-' or '_'", code="VALIDATION_ERROR")
    return checked(_converted({**_given(body, players), "id": group_id}), players)


def only_new(old: PlayerGroup | None, made: PlayerGroup) -> PlayerGroup:
    """The new group.

    Raises:
        Reject: code CONFLICT, there is one of its id.
    """
    if old is not None:
        raise Reject(f"a group with id {made.id!r} exists", code="CONFLICT")
    return made


def changed_group(old: PlayerGroup | None, body: GroupBody, players: Players) -> PlayerGroup:
    """The group with all of the changes, its members included.

    Raises:
        Reject: code NOT_FOUND, there is no such group; VALIDATION_ERROR, a field is wrong; as `checked`.
    """
    if old is None:
        raise Reject("there is no such group", code="NOT_FOUND")
    return checked(_converted({**msgspec.to_builtins(old), **_given(body, players), "id": old.id}), players)


def checked(group: PlayerGroup, players: Players) -> PlayerGroup:
    """The group, when it is as it says. Of a member that is just being added elsewhere nothing is known here.

    Raises:
        Reject: code VALIDATION_ERROR, there are no players of its type; CONFLICT, a member is of another, or it has too many.
    """
    if group.type and group.type not in PORTS:
        raise Reject(f"type must be empty or one of {', '.join(PORTS)}", code="VALIDATION_ERROR")
    for server in filter(None, map(players.get, group.members)):
        _require_type(group, server)
    _require_room(group)
    return group


def with_member(group: PlayerGroup, server: Server) -> PlayerGroup:
    """The group with one member more; the same when it is in already.

    Raises:
        Reject: code CONFLICT, the group is full or of another type.
    """
    if server.id in group.members:
        return group
    _require_type(group, server)
    grown = msgspec.structs.replace(group, members=(*group.members, server.id))
    _require_room(grown)
    return grown


def _require_type(group: PlayerGroup, server: Server) -> None:
    if group.type and group.type != server.type:
        said = f"the group {group.name!r} is for players of type {group.type}"
        raise Reject(f"{said}, {server.name or server.id} is of type {server.type}", code="CONFLICT")


def _require_room(group: PlayerGroup) -> None:
    if len(group.members) > group.max_members:
        has = f"{len(group.members)} were asked for"
        raise Reject(f"the group {group.name!r} takes at most {group.max_members} members, {has}", code="CONFLICT")


def _given(body: GroupBody, players: Players) -> dict[str, Any]:
    """The fields that were sent, members once each and all of them players."""
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    if body.members is not None:
        given["members"] = tuple(dict.fromkeys(map(str, body.members)))
        for player_id in given["members"]:
            if player_id not in players:
                raise Reject(f"members: no player {player_id!r}", code="VALIDATION_ERROR")
    return given


def _converted(data: Mapping[str, Any]) -> PlayerGroup:
    try:
        return msgspec.convert(data, PlayerGroup)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise Reject(f"{where.rstrip('`').lstrip('.') or 'group'}: {what}", code="VALIDATION_ERROR") from error
