"""Everything the routes need, in one value that wiring makes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from framewright.chassis.config_store import ConfigStore
from framewright.chassis.playback import PlaybackView
from framewright.contracts.server import Server
from framewright.domain.publishing import Output, PublishTarget
from framewright.ui.domain.board import Board
from framewright.ui.domain.diagnosis import Diagnosis
from framewright.ui.domain.job_desk import JobDesk
from framewright.ui.domain.orphans import Orphanage
from framewright.ui.domain.output_status import OutputState
from framewright.ui.domain.players import Players
from framewright.ui.domain.plex_provider import MetadataDesk
from framewright.ui.domain.ports import (
    Archive,
    Assets,
    Extractors,
    Forgetting,
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
from framewright.ui.domain.schedules import Timetable
from framewright.ui.domain.senders import SenderDesk
from framewright.ui.domain.server_health import Audits, Dismissals
from framewright.ui.domain.webhook_journal import Journal
from framewright.vendors import PlexAccount


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of the service; `version` is that of the distribution, `started` a reading of the steady clock."""

    archive: Archive
    jobs: JobDesk
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
    orphans: Orphanage
    playback: PlaybackView
    journal: Journal
    timetable: Timetable
    senders: SenderDesk
    audits: Audits
    dismissals: Dismissals
    players: Players
    metadata: MetadataDesk
    libraries_read: Forgetting
    output_state: Callable[[Output], Awaitable[OutputState]]
    connected: Callable[[], bool]
    version: str
    started: float
