"""What publishers are asked to do: write one file's outputs for one server, remove them, make the server look."""

from datetime import datetime
from typing import ClassVar, Self

import msgspec

from framewright.contracts.base import Message
from framewright.contracts.extract import Target
from framewright.domain.frames import FileVersion, Picture
from framewright.domain.media import folder, is_video
from framewright.domain.outcome import ChangeKind

MOST_CHANGED = 500
"""Paths that one wish to refresh names; where more changed in one folder it names the folder alone."""


class PublishRequestedV1(Message, frozen=True, kw_only=True):
    """Write this server's outputs of the file from the frame pack, then tell the server.

    `fingerprint` names everything the outputs depend on; the same fingerprint twice is the same output. `pack` holds the frames
    of the target's `rendition`, `further_packs` those of its `further` ones, in their order. `previous_path` is where the same
    file was before: outputs that were made of it there are moved and not made anew. `playing_since` is when the request first
    had to wait because the film was being played.
    """

    HEAD: ClassVar[str] = "publish.v1"
    job_ids: tuple[str, ...]
    path: str
    path_id: str
    target: Target
    picture: Picture
    version: FileVersion
    pack: str
    fingerprint: str
    requested_at: datetime
    regenerate: bool = False
    reextracted: int = 0
    previous_path: str = ""
    playing_since: datetime | None = None
    further_packs: tuple[str, ...] = ()

    @property
    def packs(self) -> dict[int, str]:
        """The frame packs by width."""
        widths = [one.width for one in self.target.renditions]
        return dict(zip(widths, (self.pack, *self.further_packs), strict=False))

    def tokens(self) -> tuple[str, ...]:
        return (self.target.server_type, self.target.server_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"{'+'.join(self.job_ids)}.{self.path_id}.{self.target.server_id}.{self.fingerprint}.{self.reextracted}"

    def united(self, waiting: Self) -> Self:
        """Of one file for one server only the newest request waits; it answers to the jobs of all."""
        newer, older = (waiting, self) if waiting.requested_at > self.requested_at else (self, waiting)
        return msgspec.structs.replace(
            newer,
            job_ids=_together(older.job_ids, newer.job_ids),
            regenerate=newer.regenerate or older.regenerate,
            previous_path=newer.previous_path or older.previous_path,
            playing_since=newer.playing_since or older.playing_since,
        )


class RemovalRequestedV1(Message, frozen=True, kw_only=True):
    """The file is said to be gone: remove what was made of it for this server, if it is gone indeed, and tell the server.

    `roots` are the local folders of the libraries that held it: while one of them is missing or empty nothing is removed.
    """

    HEAD: ClassVar[str] = "remove.v1"
    job_ids: tuple[str, ...]
    path: str
    path_id: str
    target: Target
    roots: tuple[str, ...]
    requested_at: datetime
    why: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.target.server_type, self.target.server_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"remove.{'+'.join(self.job_ids)}.{self.path_id}.{self.target.server_id}"

    def united(self, waiting: Self) -> Self:
        """One file is removed once; the request answers to the jobs of both and looks at the folders of both."""
        return msgspec.structs.replace(
            self,
            job_ids=_together(waiting.job_ids, self.job_ids),
            roots=_together(waiting.roots, self.roots),
        )


class ChangedPath(msgspec.Struct, frozen=True):
    """One path that a server shall look at, in the server's spelling; `previous` where the file was before a rename."""

    path: str
    cause: ChangeKind
    previous: str = ""

    def after(self, before: "ChangedPath | None") -> "ChangedPath":
        """What is known after both: a mere change takes nothing away from how the file came to be there."""
        if before is None:
            return self
        came = self.cause is ChangeKind.CHANGED and before.cause is not ChangeKind.DELETED
        return ChangedPath(self.path, before.cause if came else self.cause, self.previous or before.previous)


class RefreshWantedV1(Message, frozen=True, kw_only=True):
    """Make a server look at what changed in one folder: everything that is wanted of it within the quiet time, at once.

    `place` names the folder (blake2b of library and folder, see `refresh_place`), `changed` is in the server's spelling.
    `level` is the step of the escalation ladder: 0 the folder itself, 1 the one above, 2 the library's root. Once the server was
    told, `told_at` says when, and what is left is to see that it knows the files; `looked` counts how often it did not.
    Without `climbs` nothing wider follows when it never does.
    """

    HEAD: ClassVar[str] = "refresh.v1"
    server_type: str
    server_id: str
    place: str
    library_ids: tuple[str, ...]
    changed: tuple[ChangedPath, ...]
    first_at: datetime
    level: int = 0
    told_at: datetime | None = None
    looked: int = 0
    climbs: bool = True

    def tokens(self) -> tuple[str, ...]:
        return (self.server_type, self.server_id, self.place)

    def dedupe_key(self) -> str:
        return f"refresh.{self.server_id}.{self.place}.{self.level}.{self.first_at.isoformat()}.{len(self.changed)}"

    def united(self, waiting: Self) -> Self:
        """One wish for one place: every path with its last cause, the earlier time, the wider level."""
        newer, older = (waiting, self) if waiting.first_at > self.first_at else (self, waiting)
        changed = {one.path: one for one in older.changed}
        for one in newer.changed:
            changed[one.path] = one.after(changed.get(one.path))
        return msgspec.structs.replace(
            older,
            changed=_bounded(tuple(changed.values())),
            library_ids=_together(older.library_ids, newer.library_ids),
            level=max(newer.level, older.level),
            climbs=newer.climbs or older.climbs,
        )


def refresh_folder(path: str) -> str:
    """The folder to look at when this path changed: the one that holds a video, else the path itself."""
    return folder(path) if is_video(path) else path


def _bounded(changed: tuple[ChangedPath, ...]) -> tuple[ChangedPath, ...]:
    if len(changed) <= MOST_CHANGED:
        return changed
    return (ChangedPath(refresh_folder(changed[0].path), ChangeKind.CHANGED),)


def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Every word once, in order of appearance."""
    return tuple(dict.fromkeys((*some, *others)))
