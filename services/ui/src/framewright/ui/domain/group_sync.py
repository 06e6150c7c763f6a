"""What the sync of a group asks of each member, and how it is shown; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from framewright.contracts.extract import Target
from framewright.contracts.players import GroupSync, MemberSync
from framewright.contracts.publish import ChangedPath, RefreshWantedV1
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.server import Server, server_paths, wanted_rendition
from framewright.domain.media import is_under, is_video
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library, Ownership, Verdict, judge
from framewright.vendors import ROOT

FINAL = frozenset({"completed", "skipped", "failed", "not_found"})


def whole_libraries(server: Server, path: str, interval_s: int, at: datetime) -> MemberSync:
    """The wish that each library (of a path: each that holds it) is looked through as a whole."""
    held = judge(server_paths(server), path).libraries if path else server.libraries
    libraries = [library for library in held if library.enabled and library.remote_paths]
    if not libraries:
        return skipped(server, "no enabled library of this server holds the path" if path else "it has no libraries")
    wishes = tuple(_library_wish(server, library, interval_s, at) for library in libraries)
    return MemberSync(server_id=server.id, library_ids=tuple(one.id for one in libraries), wishes=wishes)


def one_path(server: Server, path: str, interval_s: int, at: datetime) -> MemberSync:
    """The wish that the server looks at one path, in each of its own spellings; nothing wider follows."""
    ownership = judge(server_paths(server), path)
    if ownership.verdict is not Verdict.OWNED:
        return skipped(server, ownership.steps[-1] if ownership.steps else "it does not own the path")
    target = _target(server, ownership.libraries, interval_s)
    cause = ChangeKind.ADDED if is_video(path) else ChangeKind.CHANGED
    wishes = tuple(
        msgspec.structs.replace(refresh_wanted(target, ChangedPath(remote, cause), at), climbs=False)
        for remote in own_spellings(ownership)
    )
    return MemberSync(server_id=server.id, library_ids=target.library_ids, wishes=wishes)


def own_spellings(ownership: Ownership) -> tuple[str, ...]:
    """The server's spellings under which its own libraries hold the path."""
    roots = [root for library in ownership.libraries for root in library.remote_paths if root]
    return tuple(path for path in ownership.remote_paths if any(is_under(path, root) for root in roots))


def skipped(server: Server, reason: str) -> MemberSync:
    """A member that is left out, and why."""
    return MemberSync(server_id=server.id, ended="skipped", reason=reason)


def awaited_files(member: MemberSync) -> list[str]:
    """The files that the server must know once it has looked."""
    changed = [one for wish in member.wishes for one in wish.changed]
    return [one.path for one in changed if one.cause is ChangeKind.ADDED and is_video(one.path)]


def sync_view(sync: GroupSync, states: Mapping[str, str], servers: Iterable[Server]) -> dict[str, Any]:
    """A sync as its group's operator sees it; `states` are those of the members that have not ended, as far as they were looked at.

    A member that was told at once is at work from then on.
    """
    names = {server.id: server.name or server.id for server in servers}
    members = [
        {
            "player_id": one.server_id,
            "name": names.get(one.server_id, one.server_id),
            "state": one.ended or states.get(one.server_id, "scanning" if one.told else "queued"),
            "reason": one.reason,
            "call": one.told,
        }
        for one in sync.members
    ]
    done = all(one["state"] in FINAL for one in members)
    return {
        "sync_id": sync.id,
        "group_id": sync.group_id,
        "sync_strategy": sync.strategy,
        "path": sync.path,
        "started_at": sync.started_at,
        "state": "completed" if done else "running",
        "members": members,
    }


def _library_wish(server: Server, library: Library, interval_s: int, at: datetime) -> RefreshWantedV1:
    changed = tuple(ChangedPath(root, ChangeKind.CHANGED) for root in library.remote_paths if root)
    wish = refresh_wanted(_target(server, (library,), interval_s), changed[0], at, level=ROOT)
    return msgspec.structs.replace(wish, changed=changed)


def _target(server: Server, libraries: Sequence[Library], interval_s: int) -> Target:
    return Target(
        server_id=server.id,
        server_type=server.type,
        server_name=server.name,
        library_id=libraries[0].id,
        rendition=wanted_rendition(server, interval_s),
        library_ids=tuple(library.id for library in libraries),
    )
