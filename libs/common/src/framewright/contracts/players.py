"""Groups of players, and what operators do not want to hear of: keys of the bucket `config`; syncs under way in `locks`.

A player is a configured server (`contracts.server`); only what it has beyond one is kept here. The words are those of the player
documents that users of Metarr know.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from framewright.contracts.publish import RefreshWantedV1

GROUPS_PREFIX = "player-groups."
DISMISSALS_PREFIX = "dismissals."
SYNCS_PREFIX = "player-sync."

SYNC_SECONDS = 86_400
"""For so long the state of a sync can be asked for."""

Strategy = Literal["library-level", "path", "item"]

Text = Annotated[str, msgspec.Meta(max_length=200)]


class PlayerGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Players that are told together; `members` are ids of servers, at most `max_members`, of `type` where one is named.

    With `skip_active` a member on which somebody watches is left out of a sync. `sync_strategy` is what a member is asked to
    do: look through whole libraries, through the folder of one path, or refresh the item of one file.
    """

    id: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: Text = ""
    max_members: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    skip_active: bool = False
    sync_strategy: Strategy = "library-level"
    members: tuple[str, ...] = ()


class Dismissed(msgspec.Struct, frozen=True):
    """Rows of a server's check list that count as right."""

    keys: tuple[str, ...] = ()


class MemberSync(msgspec.Struct, frozen=True, kw_only=True):
    """What one member was asked: the wishes that the bus carries, or the call that was made at once (`told`).

    `ended` is the state once it is final: completed, skipped, failed or not_found; `reason` says why.
    """

    server_id: str
    library_ids: tuple[str, ...] = ()
    wishes: tuple[RefreshWantedV1, ...] = ()
    told: str = ""
    ended: str = ""
    reason: str = ""


class GroupSync(msgspec.Struct, frozen=True, kw_only=True):
    """A sync of a group and how far each member has come."""

    id: str
    group_id: str
    strategy: Strategy
    started_at: datetime
    path: str = ""
    members: tuple[MemberSync, ...] = ()
