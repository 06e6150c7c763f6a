"""The source of truth for settings and servers: the `config` bucket, watched by every service, written by few.

Values are JSON with sealed secrets. Readers hold the newest snapshot in memory and never wait; writers use compare-and-set,
so two operators cannot overwrite each other unseen.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Entry, Occupied
from framewright.chassis.installation import INSTALLATION_KEY, decode_installation
from framewright.chassis.sealing import Sealer
from framewright.chassis.stopping import until
from framewright.contracts.jobs import Processing
from framewright.contracts.server import SECRETS, Server
from framewright.contracts.settings import Settings
from framewright.domain.errors import Reject, Retry

SETTINGS_KEY = "settings"
SERVER_PREFIX = "servers."
PROCESSING_KEY = "processing"

log = structlog.get_logger("config")

Listener = Callable[[], None]


class ConfigStore:
    """A live view of the configuration, and the only way to change it."""

    def __init__(self, bucket: Bucket, sealer: Sealer) -> None:
        self._bucket = bucket
        self._sealer = sealer
        self._settings = Settings()
        self._processing = Processing()
        self._servers: dict[str, Server] = {}
        self._device_id = ""
        self._loaded = asyncio.Event()
        self._unwatched = asyncio.Event()
        self._listeners: list[Listener] = []

    @property
    def settings(self) -> Settings:
        """The settings in force, secrets opened."""
        return self._settings

    @property
    def processing(self) -> Processing:
        """Whether an operator paused all work."""
        return self._processing

    @property
    def servers(self) -> tuple[Server, ...]:
        """Every configured server, by id, secrets opened."""
        return tuple(self._servers[key] for key in sorted(self._servers))

    @property
    def device_id(self) -> str:
        """The name of this installation; empty as long as nobody made one."""
        return self._device_id

    def server(self, server_id: str) -> Server | None:
        """One server, None when it is not configured."""
        return self._servers.get(server_id)

    def on_change(self, listener: Listener) -> None:
        """Call `listener` after every change of the snapshot."""
        self._listeners.append(listener)

    async def loaded(self) -> None:
        """Wait until the first whole snapshot is there.

        Raises:
            Retry: code STOPPING, nobody watches any more and none will come.
        """
        waits = {asyncio.ensure_future(self._loaded.wait()), asyncio.ensure_future(self._unwatched.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self._loaded.is_set():
            raise Retry("the service is stopping", code="STOPPING")

    async def watch(self, stopping: asyncio.Event) -> None:
        """Keep the snapshot current until told to stop."""
        try:
            await until(stopping, self._watch())
        finally:
            self._unwatched.set()

    async def change_settings(self, change: Callable[[Settings], Settings]) -> Settings:
        """Apply a pure change to the stored settings; repeated when somebody else wrote in between.

        Raises:
            Reject: what `change` raises.
            Retry: the bus is out of reach.
        """
        while True:
            entry = await self._bucket.get(SETTINGS_KEY)
            current = self._open_settings(entry.value) if entry and entry.value else Settings()
            changed = change(current)
            sealed = msgspec.structs.replace(changed, webhook_secret=self._sealer.seal(changed.webhook_secret))
            try:
                await self._bucket.update(SETTINGS_KEY, msgspec.json.encode(sealed), entry.revision if entry else 0)
            except Occupied:
                continue
            self._settings = changed
            self._tell()
            return changed

    async def pause(self, processing: Processing) -> None:
        """Pause or resume all work, everywhere, until somebody says otherwise.

        Raises:
            Retry: the bus is out of reach.
        """
        await self._bucket.put(PROCESSING_KEY, msgspec.json.encode(processing))
        self._processing = processing
        self._tell()

    async def add_server(self, server: Server) -> None:
        """Store a new server.

        Raises:
            Reject: code CONFLICT, a server with this id exists.
        """
        try:
            await self._bucket.update(SERVER_PREFIX + server.id, self._seal_server(server), 0)
        except Occupied as error:
            raise Reject(f"a server with id {server.id!r} exists", code="CONFLICT") from error
        self._keep(server)

    async def change_server(self, server_id: str, change: Callable[[Server], Server]) -> Server:
        """Apply a pure change to a stored server.

        Raises:
            Reject: code NOT_FOUND, or what `change` raises.
        """
        while True:
            entry = await self._bucket.get(SERVER_PREFIX + server_id)
            if entry is None or entry.value is None:
                raise Reject(f"no server {server_id!r}", code="NOT_FOUND")
            changed = change(self._open_server(entry.value))
            try:
                await self._bucket.update(SERVER_PREFIX + server_id, self._seal_server(changed), entry.revision)
            except Occupied:
                continue
            self._keep(changed)
            return changed

    async def delete_server(self, server_id: str) -> None:
        """Forget a server; its outputs stay where they are.

        Raises:
            Reject: code NOT_FOUND.
        """
        if await self._bucket.get(SERVER_PREFIX + server_id) is None:
            raise Reject(f"no server {server_id!r}", code="NOT_FOUND")
        await self._bucket.delete(SERVER_PREFIX + server_id)
        self._servers.pop(server_id, None)
        self._tell()

    async def _watch(self) -> None:
        async for entry in self._bucket.watch():
            if entry is None:
                self._loaded.set()
                continue
            try:
                self._apply(entry)
            except Reject as error:
                log.warning(
                    "a stored configuration value is unusable", key=entry.key, code=error.code, reason=error.reason
                )

    def _apply(self, entry: Entry) -> None:
        if entry.key == SETTINGS_KEY:
            self._settings = self._open_settings(entry.value) if entry.value else Settings()
        elif entry.key == PROCESSING_KEY:
            self._processing = _decode(entry.value, Processing) if entry.value else Processing()
        elif entry.key == INSTALLATION_KEY:
            self._device_id = decode_installation(entry.value) if entry.value else ""
            self._servers = {key: self._introduced(server) for key, server in self._servers.items()}
        elif entry.key.startswith(SERVER_PREFIX):
            server_id = entry.key.removeprefix(SERVER_PREFIX)
            if entry.value is None:
                self._servers.pop(server_id, None)
            else:
                self._servers[server_id] = self._open_server(entry.value)
        self._tell()

    def _keep(self, server: Server) -> None:
        self._servers[server.id] = self._introduced(server)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _open_settings(self, value: bytes) -> Settings:
        settings = _decode(value, Settings)
        return msgspec.structs.replace(settings, webhook_secret=self._opened(settings.webhook_secret))

    def _open_server(self, value: bytes) -> Server:
        return self._introduced(self._with_secrets(_decode(value, Server), self._opened))

    def _introduced(self, server: Server) -> Server:
        return msgspec.structs.replace(server, device_id=self._device_id)

    def _opened(self, sealed: str) -> str:
        """The secret, empty when it was sealed with another key: the server is still there, its calls are refused."""
        try:
            return self._sealer.open(sealed)
        except Reject as error:
            log.warning("a stored secret is unusable; enter it again", code=error.code, reason=error.reason)
            return ""

    def _seal_server(self, server: Server) -> bytes:
        nameless = msgspec.structs.replace(server, device_id="")
        return msgspec.json.encode(self._with_secrets(nameless, self._sealer.seal))

    def _with_secrets(self, server: Server, turn: Callable[[str], str]) -> Server:
        turned = {name: turn(getattr(server.auth, name)) for name in SECRETS}
        return msgspec.structs.replace(server, auth=msgspec.structs.replace(server.auth, **turned))


def _decode(value: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(value, type=kind)
    except msgspec.DecodeError as error:
        raise Reject(f"stored value is not a {kind.__name__}: {error}", code="UNDECODABLE") from error
