"""Simulators say what the public documents say, and are asked what these take: every route of theirs, every call of ours.

Whatever differs is listed with its reason in `deviations`; what is listed in vain fails as well.
"""

import asyncio
import importlib
import json
import re
from collections.abc import Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect

from framewright.domain.publishing import OutputKind
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.mediabrowser.events import subscriptions
from framewright.vendors.simulation.instruments import Watched

from . import errands
from .deviations import DEVIATIONS, SHAPES, UNDOCUMENTED
from .documents import DATA, JSON, Document, Exchange, Mismatch, first_match
from .witness import reached, routes, witnessed

pytestmark = pytest.mark.integration

ERRANDS = {"plex": errands.plex, "jellyfin": errands.jellyfin, "emby": errands.emby}
EXTRACTED: dict[str, Any] = {"libraries": {"Films": LibrarySettings(True, True, True)}}
SAID = {"ForceKeepAlive", "KeepAlive", "LibraryChanged", "ScheduledTasksInfo", "Sessions"}
KEEP_ALIVE = '{"MessageType":"KeepAlive"}'
INBOUND, OUTBOUND = {"KeepAlive": "InboundKeepAlive"}, {"KeepAlive": "OutboundKeepAlive"}


def document(vendor: str) -> Document:
    return Document(vendor, SHAPES[vendor])


def known_routes(desk) -> list[str]:
    simulator = importlib.import_module(f"framewright.vendors.{desk.vendor}.simulator")
    return routes(simulator.create_app(desk.state))


def mismatches(vendor: str, seen: Iterable[Exchange], known: list[str]) -> dict[Mismatch, str]:
    """What differs; a route that the document does not have is compared with its twin."""
    said, found = document(vendor), dict[Mismatch, str]()
    for exchange in seen:
        route = first_match(exchange, known) or f"{exchange.method} {exchange.path}"
        twin = UNDOCUMENTED[vendor].get(route)
        call = twin.like if twin else said.call(exchange)
        if call is None:
            found[Mismatch(route, "call", "")] = "the document does not have it, and it is not listed"
        elif call:
            found |= said.mismatches(exchange, call)
    return found


@pytest.fixture
def output_of(bif, sheet, tmp_path):
    """The bytes of an output of six thumbnails."""

    def make(kind: OutputKind) -> bytes:
        if kind is OutputKind.BIF:
            return bif()
        sheet(tmp_path / "sheet.jpg", (3200, 1800))
        return (tmp_path / "sheet.jpg").read_bytes()

    return make


@pytest.fixture
def run(bench, film, output_of):
    """A simulator that was asked everything: what was said, and its routes."""

    async def everything(vendor: str) -> tuple[list[Exchange], list[str]]:
        async with bench(vendor, **(EXTRACTED if vendor == "jellyfin" else {})) as desk:
            seen = witnessed(desk.http)
            await ERRANDS[vendor](desk, film, output_of)
            return [one for one in seen if one.is_compared], known_routes(desk)

    return everything


@pytest.mark.parametrize("vendor", ERRANDS)
async def test_every_route_is_asked_and_what_is_said_conforms(run, vendor):
    seen, known = await run(vendor)

    found = mismatches(vendor, seen, known)

    unasked = {route for route in known if not route.endswith("socket")} - reached(seen, known)
    assert unasked == set()
    assert {one: why for one, why in found.items() if one not in DEVIATIONS[vendor]} == {}
    assert set(DEVIATIONS[vendor]) - set(found) == set()
    assert set(UNDOCUMENTED[vendor]) - set(known) == set()


@asynccontextmanager
async def as_a_person(desk):
    """The WebSocket of a Jellyfin as somebody who signed in hears it."""
    desk.state.door.issued["of-a-person"] = "admin"
    headers = {"Authorization": 'MediaBrowser Token="of-a-person"'}
    async with connect(desk.url.replace("http", "ws", 1) + "/socket", additional_headers=headers) as line:
        yield line


async def heard(line, kinds: set[str]) -> dict[str, Any]:
    """The first message of each kind, however often they come."""
    said: dict[str, Any] = {}
    async with asyncio.timeout(5):
        while kinds - said.keys():
            message = json.loads(await line.recv())
            said.setdefault(message["MessageType"], message)
    return said


async def test_every_message_of_jellyfin_and_to_it_conforms(bench, film):
    ours = [*subscriptions(1500), KEEP_ALIVE]
    async with bench("jellyfin") as desk, as_a_person(desk) as line:
        desk.state.instruments.watch(Watched(f"/data/{film}", transcoding=True))
        for message in ours:
            await line.send(message)
        said = await heard(line, SAID - {"LibraryChanged"})
        desk.add("films/New (2020)/New (2020).mkv")
        desk.state.catalogue.scan()
        said |= await heard(line, {"LibraryChanged"})

    named = [(INBOUND.get(one["MessageType"], one["MessageType"]), one) for one in map(json.loads, ours)]
    named += [(OUTBOUND.get(kind, kind), message) for kind, message in said.items()]
    found = {(kind, name) for kind, message in named for name in document("jellyfin").wrong(f"{kind}Message", message)}
    assert found == set()
    assert len(named) == len(ours) + len(SAID)


def answered(call: str, answer: object, *, status: int = 200, kind: str = JSON) -> Exchange:
    method, path = call.replace("{Id}", "1").split(" ")
    return Exchange(method, path, {}, None, status, kind, answer)


@pytest.mark.parametrize(
    ("vendor", "exchange", "name"),
    [
        ("plex", answered("GET /identity", {"MediaContainer": {"version": 1}}), "version"),
        ("plex", answered("GET /identity", {"MediaContainer": {"invented": "x"}}), "invented"),
        ("plex", answered("GET /identity", b"<html/>", kind="text/html"), "text/html"),
        ("plex", answered("GET /identity", None, kind=""), ""),
        ("jellyfin", answered("GET /Items", {"Items": [{"Id": 5}]}), "Id"),
        ("jellyfin", answered("GET /Library/VirtualFolders", [{"Invented": "x"}]), "Invented"),
        ("jellyfin", answered("GET /Sessions", [{"PlayState": {"IsPaused": "no"}}]), "IsPaused"),
        ("jellyfin", answered("POST /Library/Refresh", None, status=200, kind=""), "200"),
        ("emby", answered("GET /System/Info", {"Id": "1", "Version": "1"}), "ServerName"),
        ("emby", answered("GET /ScheduledTasks", [{"State": "Asleep"}]), "State"),
    ],
)
def test_wrong_answers_inventions_and_gaps_are_noticed(vendor, exchange, name):
    said = document(vendor)

    found = said.mismatches(exchange, said.call(exchange))

    assert [(one.where, one.name) for one in found] == [("answer", name)]


def sent(call: str, body: object = None, **query: str) -> Exchange:
    method, path = call.split(" ")
    return Exchange(method, path, query, body, 204, "", None)


@pytest.mark.parametrize(
    ("exchange", "where", "name"),
    [
        (sent("POST /Library/Media/Updated", {"Updates": [{"Path": 1}]}), "body", "Path"),
        (sent("POST /Library/Media/Updated", {"Paths": []}), "body", "Paths"),
        (sent("POST /Library/Media/Updated"), "body", ""),
        (sent("POST /Library/Refresh", {"Path": "/data"}), "body", ""),
        (sent("POST /Library/VirtualFolders/LibraryOptions", {"LibraryOptions": {"Invented": 1}}), "body", "Invented"),
        (sent("POST /ScheduledTasks/x/Triggers", [{"Type": "Never"}]), "body", "Type"),
        (sent("POST /Items/x/Refresh", metadataRefreshMode="Everything"), "query", "metadataRefreshMode"),
        (sent("POST /Items/x/Refresh", Recursive="true"), "query", "Recursive"),
        (sent("POST /Items/x/Refresh", ReplaceAllMetadata="1"), "query", "replaceAllMetadata"),
        (sent("POST /System/Restart", now="true"), "query", "now"),
    ],
)
def test_what_a_server_would_not_take_is_noticed(exchange, where, name):
    said = document("jellyfin")

    found = said.mismatches(exchange, said.call(exchange))

    assert [(one.where, one.name) for one in found] == [(where, name)]


def test_a_route_that_nobody_documents_or_lists_is_noticed():
    found = mismatches("jellyfin", [answered("GET /Invented", {})], ["GET /Invented"])

    assert [(one.call, one.where) for one in found] == [("GET /Invented", "call")]


@pytest.mark.parametrize("vendor", ["plex", "jellyfin"])
def test_the_schemas_are_cut_as_selected(vendor):
    schema = json.loads((DATA / f"{vendor}-schema.json").read_text())
    selection = json.loads((DATA / f"{vendor}-selection.json").read_text())

    assert sorted(schema["calls"]) == sorted(selection["calls"])
    assert schema["absent"] == selection["absent"]
    assert schema["derived_from"]["source"] == selection["source"]


@pytest.mark.parametrize("vendor", ERRANDS)
def test_what_is_listed_as_undocumented_is_so(vendor):
    absent = [re.sub(r"\{.*?\}", "{}", call) for call in document(vendor).absent]

    assert sorted(re.sub(r"\{.*?\}", "{}", call) for call in UNDOCUMENTED[vendor]) == sorted(absent)


def test_where_another_shape_is_compared_the_documents_own_does_not_fit():
    exchange = answered("GET /", {"MediaContainer": {"friendlyName": "Den", "machineIdentifier": "abc"}})

    assert list(SHAPES["plex"]) == ["GET /"]
    assert document("plex").mismatches(exchange, "GET /") == {}
    assert Document("plex", {}).mismatches(exchange, "GET /") != {}
