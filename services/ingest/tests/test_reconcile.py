"""Reading a sender's history: a simulated Sonarr or Radarr over real HTTP, the real door and bus."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import Sealer
from framewright.chassis.senders import SenderStore
from framewright.chassis.testing.http import serving
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.media import MediaChangedV1, RawEventV1
from framewright.contracts.senders import Sender
from framewright.domain.errors import Busy
from framewright.ingest.adapters.journal import Journal
from framewright.ingest.handlers.reconcile import Reconciler, reconcile
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring.reconcile import reconciliation
from framewright.vendors import past_changes, sender_version
from framewright.vendors.radarr.simulator import radarr
from framewright.vendors.simulation.instruments import Fault, FaultKind
from framewright.vendors.sonarr.simulator import create_app, sonarr

KEY = Fernet.generate_key().decode()


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def downloaded(path: str) -> dict:
    """Sonarr's webhook about an import."""
    return {"eventType": "Download", "series": {"title": "Show", "path": "/tv/Show"}, "episodeFile": {"path": path}}


@pytest.fixture
def sending(bus):
    """`async with sending(program) as (sender, desk)`: a simulated program, its sender, and what reads its history."""

    @asynccontextmanager
    async def run(state, **changes):
        async with serving(create_app(state)) as url, httpx.AsyncClient(verify=False) as http:
            kind = state.app.lower()
            sender = Sender(
                **{"id": "one", "type": kind, "name": state.app, "url": url, "api_key": state.api_key} | changes
            )
            desk = Reconciler(
                senders=SenderStore(bus, Sealer(KEY)),
                journal=Journal(bus),
                past=lambda one, since: past_changes(one, http, since),
                send=Outgoing(bus).send,
                lease=partial(lease, Bucket(bus, LOCKS.name)),
                started=now(),
            )
            yield sender, desk

    return run


async def understood(stored, count: int) -> None:
    """Wait until so many changes came of webhooks."""
    ends = time.monotonic() + 5
    while len(await stored(MediaChangedV1)) < count:
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def test_what_was_missed_is_queued_as_one_job_and_what_is_known_is_not(sending, ingest, stored):
    program = sonarr()
    program.imported(ago(30), "/tv/Show/known.mkv", item=1)
    program.imported(ago(20), "/tv/Show/missed.mkv", item=2)
    program.grabbed(ago(19))
    program.deleted(ago(18), "/tv/Show/gone.mkv", item=3)
    program.renamed(ago(17), "/tv/Show/new.mkv", "/tv/Show/old.mkv", item=4)
    program.imported(ago(0.5), "/tv/Show/just now.mkv", item=5)
    program.imported(ago(60 * 25), "/tv/Show/long ago.mkv", item=6)
    async with ingest() as door, sending(program) as (sender, desk):
        await door.post("sonarr", downloaded("/tv/Show/known.mkv"))
        await understood(stored, 1)

        report = await reconcile(sender, desk)

        assert (report.checked, report.known, report.missed_count, report.errors) == (4, 1, 3, ())
        queued = [one for one in await stored(MediaChangedV1) if one.job_id]
        assert [(one.kind, one.path, one.previous_path) for one in queued] == [
            ("added", "/tv/Show/missed.mkv", ""),
            ("deleted", "/tv/Show/gone.mkv", ""),
            ("renamed", "/tv/Show/new.mkv", "/tv/Show/old.mkv"),
        ]
        (job,) = await stored(JobCreatedV1)
        assert (job.job_id, job.title, job.total) == (report.job_id, "Reconciliation of Sonarr", 3)
        assert {one.job_id for one in queued} == {job.job_id}


async def test_nothing_is_queued_twice_and_an_entry_written_late_is_found(sending, stored):
    program = radarr()
    program.imported(ago(20), "/films/A/a.mkv")
    async with sending(program) as (sender, desk):
        first = await reconcile(sender, desk)
        second = await reconcile(sender, desk)
        program.imported(ago(40), "/films/B/b.mkv")

        third = await reconcile(sender, desk)

        assert [one.missed_count for one in (first, second, third)] == [1, 0, 1]
        assert [one.path for one in await stored(MediaChangedV1)] == ["/films/A/a.mkv", "/films/B/b.mkv"]
        assert third.job_id != first.job_id
        assert second.job_id == ""


async def test_a_reading_that_broke_off_is_repeated_without_a_second_job(sending, stored):
    program = sonarr()
    program.imported(ago(20), "/tv/a.mkv")
    async with sending(program) as (sender, desk):
        await reconcile(sender, desk)
        await desk.senders._bucket.delete("reconciled.one")

        again = await reconcile(sender, desk)

        assert again.missed_count == 1
        assert len(await stored(MediaChangedV1)) == len(await stored(JobCreatedV1)) == 1


@pytest.mark.parametrize(
    ("changes", "fault", "said"),
    [
        ({"api_key": "wrong"}, None, "Sonarr: GET /api/v3/system/status answered 401: the credentials are refused"),
        ({"api_key": ""}, None, "Sonarr: no API key is stored; enter it again"),
        ({}, Fault(FaultKind.MALFORMED), "Sonarr: GET /api/v3/system/status gives no usable JSON (a web page)"),
        (
            {},
            Fault(FaultKind.STATUS, path="/api/v3/history/*", status=500),
            "Sonarr: GET /api/v3/history/since answered 500",
        ),
        ({"type": "radarr"}, None, "Sonarr: Sonarr answers at this address, not Radarr"),
    ],
)
async def test_a_failure_is_told_readably_and_nothing_is_skipped_by_it(sending, stored, changes, fault, said):
    program = sonarr()
    program.imported(ago(60 * 23), "/tv/a.mkv")
    async with sending(program, **changes) as (sender, desk):
        program.instruments.inject(*filter(None, [fault]))

        failed = await reconcile(sender, desk)

        assert failed.errors == (said,)
        assert "wrong" not in str(failed)
        assert await stored(MediaChangedV1) == []
    async with sending(program) as (sender, desk):
        program.instruments.clear()
        assert (await reconcile(sender, desk)).missed_count == 1


async def test_nobody_judges_while_stored_webhooks_are_unread(sending, bus, stored):
    program = sonarr()
    program.imported(ago(20), "/tv/a.mkv")
    async with sending(program) as (sender, desk):
        await Outgoing(bus).send(RawEventV1(id="1", route="sonarr", received_at=now(), body=b"{}"))

        with pytest.raises(Busy):
            await reconcile(sender, desk)

        assert await stored(MediaChangedV1) == []


async def test_the_journal_is_read_from_the_asked_moment_on(ingest, bus, stored):
    journal = Journal(bus)
    async with ingest() as door:
        await door.post("sonarr", downloaded("/tv/early.mkv"))
        await understood(stored, 1)
        middle = now()
        for number in range(40):
            await door.post("sonarr", downloaded(f"/tv/{number}.mkv"))
        await understood(stored, 41)

        all_facts = await bus.count("EVENTS", "events.v1.classified.>")
        before = await journal._last_before(middle)

        assert all_facts - before == 40
        assert await journal._last_before(now() + timedelta(hours=1)) == all_facts
        assert await journal._last_before(middle - timedelta(hours=1)) == 0


async def test_the_task_reads_at_start_on_demand_and_no_disabled_sender(sending, bus, server, tmp_path):
    settings = IngestSettings(nats_url=server.url, config_dir=str(tmp_path), framewright_secret_key=KEY)
    program, stopping, store = sonarr(), asyncio.Event(), SenderStore(bus, Sealer(KEY))

    async def reported(sender_id: str, after: datetime) -> None:
        ends = time.monotonic() + 8
        while (report := (await store.reconciled(sender_id)).report) is None or report.at <= after:
            assert time.monotonic() < ends
            await asyncio.sleep(0.05)

    async with sending(program) as (sender, _), reconciliation(settings, bus) as task:
        await store.add(sender)
        await store.add(Sender(id="off", type="sonarr", url=sender.url, api_key=sender.api_key, enabled=False))
        running = asyncio.create_task(task(stopping))
        await reported("one", ago(1))
        asked = now()
        await store.ask("one", asked)

        await reported("one", asked)

        assert (await store.reconciled("off")).report is None
        assert len(program.instruments.asked("GET", "/api/v3/history/since")) == 2
        stopping.set()
        await running


async def test_a_sender_says_its_version(sending):
    async with sending(radarr()) as (sender, _), httpx.AsyncClient(verify=False) as http:
        assert await sender_version(sender, http) == "5.26.2.10099"
