"""Everything the routes need, in one value that wiring makes."""

from collections.abc import Callable
from dataclasses import dataclass

from framewright.chassis.config_store import ConfigStore
from framewright.contracts.server import Server
from framewright.domain.publishing import PublishTarget
from framewright.ui.domain.board import Board
from framewright.ui.domain.diagnosis import Diagnosis
from framewright.ui.domain.ports import (
    Archive,
    Assets,
    Extractors,
    History,
    Live,
    Pages,
    Pictures,
    Ping,
    Places,
    Queues,
    Reach,
    ServerSignIn,
    Vouchers,
)
from framewright.vendors import PlexAccount


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of the service; `version` is that of the distribution, `started` a reading of the steady clock."""

    archive: Archive
    history: History
    config: ConfigStore
    board: Board
    live: Live
    pictures: Pictures
    reach: Reach
    places: Places
    queues: Queues
    extractors: Extractors
    pages: Pages
    assets: Assets
    plex: PlexAccount
    sign_in: ServerSignIn
    vouchers: Vouchers
    ping: Ping
    planned: Callable[[Server, PublishTarget], tuple[str, ...]]
    diagnosis: Diagnosis
    connected: Callable[[], bool]
    version: str
    started: float
