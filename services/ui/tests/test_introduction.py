"""A media server knows this installation by one name, the one that plex.tv knows, also before it is stored."""

import asyncio

import pytest

from .simulated_server import simulated_server

pytestmark = pytest.mark.integration


async def test_a_server_is_told_the_name_that_plex_tv_knows(ui, tmp_path):
    name = (await ui.json("/api/plex/account"))["client_identifier"]
    await asyncio.sleep(0.2)  # until the watched configuration has it

    async with simulated_server(ui, tmp_path, "plex") as (state, url):
        tried = await ui.http.post(f"{url}/test-connection")

        assert tried.json()["success"] is True
        assert {call.headers["x-plex-client-identifier"] for call in state.instruments.calls} == {name}
        assert "device_id" not in await ui.json(url)
