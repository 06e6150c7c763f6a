"""The stored kinds and their golden examples."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from framewright.contracts.base import Message, decode
from framewright.contracts.devices import RescanDevicesV1, WorkerPresence
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FACTS
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1, NudgeV1, RawEventV1
from framewright.contracts.orphans import OrphanOrderV1, OrphanReport
from framewright.contracts.playback import PlaybackHintV1, ServerPlayback
from framewright.contracts.players import Dismissed, GroupSync, PlayerGroup
from framewright.contracts.progress import ProgressV1
from framewright.contracts.publish import PublishRequestedV1, RefreshWantedV1, RemovalRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.contracts.scans import ScanRequestedV1, ScanState, TickV1
from framewright.contracts.schedules import Schedule, ScheduleState
from framewright.contracts.senders import Reconciled, Sender
from framewright.contracts.server import Server
from framewright.contracts.server_state import ServerState
from framewright.contracts.settings import Settings

EXAMPLES = Path(__file__).parent / "examples"
MESSAGES: tuple[type[Message], ...] = (
    RawEventV1,
    MediaChangedV1,
    NudgeV1,
    ItemChangedV1,
    TickV1,
    ScanRequestedV1,
    JobMovedV1,
    ExtractRequestedV1,
    PublishRequestedV1,
    RemovalRequestedV1,
    RefreshWantedV1,
    ProgressV1,
    RescanDevicesV1,
    PlaybackHintV1,
    OrphanOrderV1,
    *FACTS,
)
LIVE = (ProgressV1, RescanDevicesV1, PlaybackHintV1, OrphanOrderV1)
"""Published to whoever listens, stored nowhere."""

STORED: tuple[type[msgspec.Struct], ...] = (
    *MESSAGES,
    PublishRecord,
    Server,
    Settings,
    WorkerPresence,
    ServerPlayback,
    ServerState,
    OrphanReport,
    Schedule,
    ScheduleState,
    ScanState,
    Sender,
    Reconciled,
    PlayerGroup,
    GroupSync,
    Dismissed,
)


def examples_of(kind: type) -> list[Path]:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()
    return sorted((EXAMPLES / name).glob("*.json"))


def decoded(wanted: Callable[[Message], bool] = lambda _message: True) -> list[Any]:
    """One parameter per example of a message that is wanted."""
    files = [(kind, file) for kind in MESSAGES for file in examples_of(kind)]
    cases = [(decode(kind, file.read_bytes()), f"{file.parent.name}-{file.stem}") for kind, file in files]
    return [pytest.param(message, id=name) for message, name in cases if wanted(message)]


def has_home(message: Message) -> bool:
    return not isinstance(message, LIVE)


WAITING = (
    MediaChangedV1,
    ItemChangedV1,
    TickV1,
    ScanRequestedV1,
    JobMovedV1,
    ExtractRequestedV1,
    PublishRequestedV1,
    RemovalRequestedV1,
    RefreshWantedV1,
)


def may_wait(message: Message) -> bool:
    return isinstance(message, WAITING)


WANTED: dict[str, Callable[[Message], bool]] = {
    "message": lambda _message: True,
    "stored_message": has_home,
    "waiting_message": may_wait,
    "job_message": lambda message: may_wait(message) and hasattr(message, "job_ids"),
    "change": lambda message: isinstance(message, MediaChangedV1),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`stored`: a kind and the file of one example; the names in WANTED: one example of a message, decoded."""
    if "stored" in metafunc.fixturenames:
        cases = [(kind, file) for kind in STORED for file in examples_of(kind)]
        metafunc.parametrize("stored", cases, ids=[f"{file.parent.name}-{file.stem}" for _, file in cases])
    for name in set(WANTED) & set(metafunc.fixturenames):
        metafunc.parametrize(name, decoded(WANTED[name]))


@pytest.fixture
def stored_kinds() -> tuple[type[msgspec.Struct], ...]:
    return STORED


@pytest.fixture
def example_count():
    return lambda kind: len(examples_of(kind))


@pytest.fixture
def all_messages() -> list[Message]:
    return [case.values[0] for case in decoded()]
