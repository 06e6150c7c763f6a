"""A start brings the planned servers up to date and leaves alone what the operator changed."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.installation import INSTALLATION_KEY
from framewright.chassis.sealing import load_sealer
from framewright.contracts.server import Server, parse_server
from framewright.domain.ownership import Library
from framewright.standalone.prepare import Plan, PrepareSettings, prepare

pytestmark = pytest.mark.integration


async def test_a_second_start_moves_the_planned_root_and_keeps_the_operators_library(
    bus: Bus, server: Any, tmp_path: Any
) -> None:
    settings = PrepareSettings(nats_url=server.url, config_dir=str(tmp_path))
    config = ConfigStore(Bucket(bus, "config"), load_sealer("", str(tmp_path)))
    await prepare(settings, Plan(servers=[folder("/old")]), {})
    extra = Library("extra", "Extra", "movie", ("/extra",))
    await config.change_server("folder", lambda old: parse_and_add(old, extra))

    await prepare(settings, Plan(servers=[folder("/new")]), {})

    kept = await config.change_server("folder", lambda old: old)
    assert [library.remote_paths for library in kept.libraries] == [("/new",), ("/extra",)]
    assert [library.enabled for library in kept.libraries] == [False, True]


async def test_a_library_that_the_server_numbers_otherwise_is_not_added_again(
    bus: Bus, server: Any, tmp_path: Any
) -> None:
    settings = PrepareSettings(nats_url=server.url, config_dir=str(tmp_path))
    config = ConfigStore(Bucket(bus, "config"), load_sealer("", str(tmp_path)))
    await prepare(settings, Plan(servers=[folder("/films")]), {})
    await config.change_server("folder", lambda old: renumbered(old, "17"))

    await prepare(settings, Plan(servers=[folder("/films")]), {})

    kept = await config.change_server("folder", lambda old: old)
    assert [(library.id, library.remote_paths) for library in kept.libraries] == [("17", ("/films",))]


async def test_the_environment_seeds_the_settings_on_the_first_start_only(bus: Bus, server: Any, tmp_path: Any) -> None:
    settings = PrepareSettings(nats_url=server.url, config_dir=str(tmp_path))
    config = ConfigStore(Bucket(bus, "config"), load_sealer("", str(tmp_path)))

    await prepare(settings, Plan(), {"THUMBNAIL_INTERVAL": "7"})
    await prepare(settings, Plan(), {"THUMBNAIL_INTERVAL": "9"})

    assert (await config.change_settings(lambda current: current)).thumbnail_interval == 7


async def test_an_installation_gets_its_name_at_the_first_start_and_keeps_it(
    bus: Bus, server: Any, tmp_path: Any
) -> None:
    settings, names = PrepareSettings(nats_url=server.url, config_dir=str(tmp_path)), []

    for _ in range(2):
        await prepare(settings, Plan(), {})
        kept = await Bucket(bus, "config").get(INSTALLATION_KEY)
        names.append(kept.value if kept else None)

    assert names[0] == names[1]
    assert names[0]


def folder(root: str) -> dict[str, object]:
    return {"id": "folder", "type": "folder", "libraries": [{"id": "media", "remote_paths": [root]}]}


def renumbered(old: Server, library_id: str) -> Server:
    return msgspec.structs.replace(old, libraries=tuple(replace(one, id=library_id) for one in old.libraries))


def parse_and_add(old: Server, extra: Library) -> Server:
    disabled = {"id": "media", "remote_paths": ["/old"], "enabled": False}
    added = {"id": extra.id, "name": extra.name, "kind": extra.kind, "remote_paths": list(extra.remote_paths)}
    return parse_server({"id": old.id, "type": old.type, "libraries": [disabled, added]})
