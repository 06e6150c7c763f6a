"""`python -m framewright.standalone.prepare`: makes the broker agree with the catalogue and seeds the configuration.

Reads a JSON plan from standard input: `{"servers": [server objects], "quick": bool}`. A server that exists keeps what the
operator changed; only its address, its credentials and the roots of its libraries follow the plan.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from framewright.chassis import telemetry
from framewright.chassis.bus import Bucket, Bus, connect, provision
from framewright.chassis.config_store import SETTINGS_KEY, ConfigStore
from framewright.chassis.installation import installation_id
from framewright.chassis.sealing import load_sealer
from framewright.chassis.settings import ProcessSettings, from_environment
from framewright.contracts.catalogue import CONFIG, Topology
from framewright.contracts.server import Server, parse_server
from framewright.contracts.settings import Settings, patch_settings
from framewright.domain.errors import FramewrightError, Reject
from framewright.domain.ownership import Library

SEEDS: Mapping[str, str] = {
    "PLEX_BIF_FRAME_INTERVAL": "thumbnail_interval",
    "THUMBNAIL_INTERVAL": "thumbnail_interval",
    "THUMBNAIL_QUALITY": "thumbnail_quality",
    "TONEMAP_ALGORITHM": "tonemap_algorithm",
    "CPU_THREADS": "cpu_threads",
    "FILE_QUIET_SECONDS": "file_quiet_seconds",
    "WEBHOOK_SECRET": "webhook_secret",
}
"""Environment variables that seed the settings on the very first start and are not read afterwards."""

QUICK = {"webhook_delay": 10, "webhook_retry_delay": 10, "refresh": {"quiet_seconds": 2, "longest_wait_seconds": 10}}
"""Settings of a demonstration that should not keep its audience waiting."""


class PrepareSettings(ProcessSettings, frozen=True, kw_only=True):
    """How the broker is laid out."""

    nats_replicas: int = 1
    """Copies of every stream: 1 on a single broker, 3 on a cluster of three."""


class Plan(msgspec.Struct, frozen=True):
    """What the supervisor wants configured."""

    servers: list[dict[str, Any]] = []
    quick: bool = False


async def prepare(settings: PrepareSettings, plan: Plan, environment: Mapping[str, str]) -> None:
    """Provision, give the installation its name, seed settings once, bring the planned servers up to date."""
    bus = await connect(settings.nats_url, "prepare")
    try:
        await provision(bus, Topology(replicas=settings.nats_replicas))
        await installation_id(Bucket(bus, CONFIG.name))
        await _configure(bus, settings, plan, environment)
    finally:
        await bus.close()


async def _configure(bus: Bus, settings: ProcessSettings, plan: Plan, environment: Mapping[str, str]) -> None:
    bucket = Bucket(bus, CONFIG.name)
    config = ConfigStore(bucket, load_sealer(settings.framewright_secret_key, settings.config_dir))
    first_start = await bucket.get(SETTINGS_KEY) is None
    if first_start:
        seeds = {**(QUICK if plan.quick else {}), **_seeds(environment)}
        await config.change_settings(lambda current: patch_settings(current, seeds))
    seeded = [_plex_seed(environment)] if first_start and environment.get("PLEX_TOKEN") else []
    for wanted in (*plan.servers, *seeded):
        await _put(config, parse_server(wanted))


async def _put(config: ConfigStore, wanted: Server) -> None:
    try:
        await config.change_server(wanted.id, _following(wanted))
    except Reject as error:
        if error.code != "NOT_FOUND":
            raise
        await config.add_server(wanted)


def _following(wanted: Server) -> Callable[[Server], Server]:
    def follow(current: Server) -> Server:
        return msgspec.structs.replace(
            current,
            url=wanted.url,
            auth=wanted.auth,
            path_mappings=wanted.path_mappings or current.path_mappings,
            libraries=_libraries(current, wanted),
        )

    return follow


def _libraries(current: Server, wanted: Server) -> tuple[Library, ...]:
    """The planned libraries with their planned roots, as enabled as they were; then all others that are there.

    A planned library whose roots are there already is there, under the id that the server itself gives it.
    """
    known = {library.id: library for library in current.libraries}
    rooted = {tuple(library.remote_paths) for library in current.libraries}
    new = (one for one in wanted.libraries if tuple(one.remote_paths) not in rooted)
    planned = [replace(one, enabled=known.get(one.id, one).enabled) for one in new]
    ids = {one.id for one in planned}
    return (*planned, *(one for one in current.libraries if one.id not in ids))


def _seeds(environment: Mapping[str, str]) -> dict[str, object]:
    """The seeds that are set, as numbers where the setting is one."""
    seeds: dict[str, object] = {}
    for variable, field in SEEDS.items():
        if value := environment.get(variable):
            seeds[field] = int(value) if isinstance(getattr(Settings(), field), int) and value.isdigit() else value
    return seeds


def _plex_seed(environment: Mapping[str, str]) -> dict[str, object]:
    """The Plex server of the older environment variables (`PLEX_LOCAL_URL` is autoscan's name for the address)."""
    url = environment.get("PLEX_URL") or environment.get("PLEX_LOCAL_URL") or "http://127.0.0.1:32400"
    return {
        "id": "plex",
        "type": "plex",
        "name": "Plex",
        "url": url,
        "auth": {"method": "token", "token": environment["PLEX_TOKEN"]},
        "output": {"plex_config_folder": environment.get("PLEX_CONFIG_FOLDER", "")},
    }


def main() -> int:
    """Run with the plan on standard input; 0 when everything is in place, 1 with one readable line otherwise."""
    try:
        settings = from_environment(PrepareSettings)
        telemetry.set_up("prepare", log_format=settings.log_format, log_level="WARNING")
        plan = msgspec.json.decode(sys.stdin.buffer.read() or b"{}", type=Plan)
        asyncio.run(prepare(settings, plan, os.environ))
    except (FramewrightError, msgspec.DecodeError) as error:
        print(f"framewright prepare: {error}", file=sys.stderr)  # noqa: T201 - read by whoever started us
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
