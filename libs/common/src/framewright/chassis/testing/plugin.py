"""Fixtures for every test of the repository; the conftest at its root registers this module."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus
from framewright.chassis.testing.bus import running_bus


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncGenerator[tuple[EmbeddedServer, Bus]]:
    """A provisioned nats-server of the test's own and a connection to it."""
    async with running_bus(tmp_path / "nats") as pair:
        yield pair


@pytest.fixture
def server(broker: tuple[EmbeddedServer, Bus]) -> EmbeddedServer:
    """The broker's process, to be killed and started."""
    return broker[0]


@pytest.fixture
def bus(broker: tuple[EmbeddedServer, Bus]) -> Bus:
    """The connection."""
    return broker[1]
