"""Extractors wired to a real broker, real films and a real decoder, whose decodes and facts are counted."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus, connect
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, RetryPolicy, Subscription, serve
from framewright.chassis.frame_store import BusFrameStore
from framewright.chassis.leases import lease
from framewright.chassis.testing.bus import until
from framewright.contracts.base import decode
from framewright.contracts.catalogue import EVENTS, JOBS, LOCKS
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import fact_type
from framewright.contracts.record import PublishRecord, record_key
from framewright.domain.frames import Picture, Rendition
from framewright.domain.media import media_id
from framewright.domain.ports import FrameStore
from framewright.extractor.adapters.media_file import QuietFiles, version_of
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import Extraction, ExtractionRequest
from framewright.extractor.handlers import Extractor, on_extract_requested, on_failure


class Bench:
    """One machine with an extractor; `decodes` lists what was decoded, as (width, interval) pairs."""

    def __init__(self, bus: Bus, pool: WorkerPool, store: FrameStore) -> None:
        self.bus = bus
        self.store = store
        self.pool = pool
        self.decodes: list[set[tuple[int, int]]] = []
        self.told: list[Any] = []
        self.records: dict[str, PublishRecord] = {}
        self.reuse = True
        self.device = "cpu"
        self.quiet = 0
        self.cancelled: set[str] = set()
        self.disturb: Callable[[], object] | None = None
        self._quiet_files = QuietFiles(lambda: self.quiet)

    async def handle(
        self, request: ExtractRequestedV1, *, attempt: int = 1, first: datetime | None = None
    ) -> list[Any]:
        """The answers; leases are given back before this returns, as after an ack."""
        async with AsyncExitStack() as stack:
            context = Context(attempt, first or now(), 1, self._tell, self._tell, stack)
            return list(await on_extract_requested(request, context, extractor=self.extractor))

    @property
    def extractor(self) -> Extractor:
        return Extractor(
            worker="bench",
            store=self.store,
            version=self._version,
            quiet_in=self._quiet_files.quiet_in,
            extract=self._extract,
            record=self._record,
            lease=lambda path_id: lease(Bucket(self.bus, LOCKS.name), f"extract.{path_id}"),
            spawn=self._spawn,
            reuse=lambda: self.reuse,
            cancelled=lambda job_ids: set(job_ids) <= self.cancelled,
            called_off=self._called_off,
            device=self.device,
        )

    @asynccontextmanager
    async def serving(self, slots: int = 1) -> AsyncGenerator[None]:
        """Take requests from the queue as the service does while the context is open."""
        stopping = asyncio.Event()
        subscription = Subscription(
            JOBS,
            ("extract-hi-any", "extract-low-any"),
            ExtractRequestedV1,
            partial(on_extract_requested, extractor=self.extractor),
            slots=slots,
            retry=lambda: RetryPolicy(delays=(0.3, 0.3, 0.3)),
            failed=on_failure,
        )
        task = asyncio.create_task(serve(self.bus, subscription, stopping))
        try:
            yield
        finally:
            stopping.set()
            await asyncio.wait_for(task, 15)

    async def _version(self, path: str) -> Any:
        return version_of(path, "/")

    async def _extract(self, request: ExtractionRequest, progress: Callable[[float], None]) -> Extraction:
        self.decodes.append({(one.width, one.interval_ms) for one in request.renditions})

        def disturbed(share: float) -> None:
            disturb, self.disturb = self.disturb, None
            if disturb:
                disturb()
            progress(share)

        return await self.pool.extract(request, disturbed)

    async def _record(self, path_id: str, server_id: str) -> PublishRecord | None:
        return self.records.get(record_key(path_id, server_id), self.records.get(server_id))

    async def _called_off(self, job_ids: Sequence[str]) -> None:
        async def gone() -> bool:
            return set(job_ids) <= self.cancelled

        await until(gone, wait=60)

    async def _tell(self, message: Any) -> None:
        self.told.append(message)

    def _spawn(self, work: Awaitable[None]) -> None:
        asyncio.ensure_future(work)  # noqa: RUF006 - ends at once


Machines = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def machine(server: EmbeddedServer) -> Machines:
    """One more machine: a connection, a decoder and, unless it is given, a store of its own."""

    @asynccontextmanager
    async def start(store: FrameStore | None = None) -> AsyncGenerator[Bench]:
        bus = await connect(server.url, "test-machine")
        async with WorkerPool(1) as pool:
            yield Bench(bus, pool, store or BusFrameStore(bus))
        await bus.close()

    return start


@pytest_asyncio.fixture
async def bench(machine: Machines) -> AsyncGenerator[Bench]:
    async with machine() as one:
        yield one


@pytest.fixture
def asked() -> Callable[..., ExtractRequestedV1]:
    """A request for a path and (width, seconds) pairs or seconds alone; one server each, named after them."""

    def ask(path: Path, *wanted: int | tuple[int, int], **changes: Any) -> ExtractRequestedV1:
        pairs = [one if isinstance(one, tuple) else (320, one) for one in wanted or (5,)]
        targets = tuple(
            Target(
                server_id=f"s{seconds}" if width == 320 else f"w{width}-s{seconds}",
                server_type="folder",
                rendition=Rendition(width, seconds * 1000),
            )
            for width, seconds in pairs
        )
        request = ExtractRequestedV1(
            job_ids=("job",),
            path=str(path),
            path_id=media_id(str(path)),
            targets=targets,
            picture=Picture(),
            requested_at=now(),
        )
        return msgspec.structs.replace(request, **changes)

    return ask


@pytest.fixture
def facts(bus: Bus) -> Callable[..., Awaitable[list[Any]]]:
    """Every fact of one kind that was stored so far."""

    async def find(kind: type) -> list[Any]:
        last = (await bus.stream_state(EVENTS.name))[1]
        stored = [await bus.get_sequence(EVENTS.name, number) for number in range(1, last + 1)]
        return [
            decode(kind, one.data or b"") for one in stored if one is not None and fact_type(str(one.subject)) is kind
        ]

    return find
