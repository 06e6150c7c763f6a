"""Whatever is sent: an answer below 500, stored or provably refused, and nothing that is not in the body becomes a path."""

import asyncio
import json
import math
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import DEAD
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import RawEventV1
from framewright.ingest.handlers.openapi import document
from framewright.vendors import SOURCES

pytestmark = pytest.mark.integration

ROUTES = ["incoming", *(source.name for source in SOURCES)]
KINDS = [
    "application/json",
    "text/plain",
    "",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "image/png",
    "é",
]

PATHS = st.sampled_from(
    [
        "/a.mkv",
        "../../etc/passwd",
        "/a\x00.mkv",
        "C:\\x.mkv",
        "\\\\nas\\s\\x.mkv",
        "/" + "x" * 5000,
        "/a\nb",
        "é",
        "e\u0301",
        "",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.just(math.nan) | st.text(max_size=20) | PATHS
WORDS = """eventType event Event NotificationType movie movieFile series episodeFile episodeFiles deletedFiles path folderPath
relativePath renamedMovieFiles previousPath Metadata Media Part file Server uuid Item Path ItemId ServerId file_path file_paths
dirs filepath created deleted source downloadId instanceName isUpgrade deleteReason media tmdbId title"""
NAMES = st.sampled_from(WORDS.split())
EVENTS = st.sampled_from(
    ["Download", "Rename", "MovieFileDelete", "EpisodeFileDelete", "SeriesDelete", "library.new", "ItemAdded", "Test"]
)
PAYLOADS = st.recursive(
    LEAVES | EVENTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)


def _json(payload):
    """As careless senders write it: with NaN, and with surrogates by themselves."""
    return json.dumps(payload).encode()


def _form(document):
    return b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n' + document + b"\r\n--x--\r\n"


BODIES = st.binary(max_size=60) | PAYLOADS.map(_json) | PAYLOADS.map(_json).map(_form)
FEW = settings(
    max_examples=120,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture
def ask(token):
    """Send from the thread in which examples are made, over real HTTP."""
    http = httpx.Client(headers={"X-Auth-Token": token}, timeout=15, trust_env=False)

    def send(desk, method, path, **options):
        answer = http.request(method, desk.url + path, **options)
        assert answer.status_code in {200, 202, 400, 404, 405, 413}, (path, options, answer.text)
        return answer

    with http:
        yield send


async def test_every_body_is_stored_and_understood_or_refused(ingest, stored, ask, bus):
    async with ingest(flood_rate=0) as desk:
        answers = []

        @FEW
        @given(st.sampled_from(ROUTES), st.sampled_from(KINDS), BODIES)
        def send(route, kind, body):
            answers.append(
                ask(desk, "POST", f"/api/webhooks/{route}", content=body, headers={"Content-Type": kind.encode()})
            )

        await asyncio.to_thread(send)

        assert {answer.status_code for answer in answers} <= {200, 202, 400}
        assert len(await stored(RawEventV1)) == len(answers)
        await until(lambda: _has_rows(stored, len(answers)), 20)
        assert await bus.count(DEAD.name) == 0


async def test_hostile_urls_end_in_a_plain_answer(ingest, ask):
    words = st.text(min_size=1, max_size=30) | PATHS.filter(bool)

    async with ingest(flood_rate=0, a_train_drives="d=/mnt/d") as desk:

        @settings(FEW, max_examples=50)
        @given(words, words, st.sampled_from(["GET", "POST", "PUT", "HEAD"]))
        def send(name, path, method):
            name = quote(name.encode("utf-8", "surrogatepass"), safe="")
            path = quote(path.encode("utf-8", "surrogatepass"), safe="")
            ask(desk, method, f"/triggers/{name}?dir={path}")
            ask(desk, method, f"/triggers/a-train/{name}")
            ask(desk, method, f"/api/webhooks/server/{name}")

        await asyncio.to_thread(send)


async def test_the_document_describes_the_doors(ingest, token):
    schema = schemathesis.openapi.from_dict(document())

    async with ingest(flood_rate=0) as desk:
        served = (await desk.http.get("/openapi.json", headers={"X-Auth-Token": token})).json()
        stranger = await desk.http.get("/openapi.json")

        def walk():
            for found in schema.get_all_operations():
                _check(found.ok(), desk.url, token)

        await asyncio.to_thread(walk)

    assert (served, stranger.status_code) == (document(), 401)


def _check(operation, url, token):
    @settings(FEW, max_examples=3)
    @given(operation.as_strategy())
    def send(case):
        answer = case.call(base_url=url, headers={"X-Auth-Token": token})
        assert str(answer.status_code) in {*operation.definition.raw["responses"], "404", "405"}, case.as_curl_command()

    send()


async def _has_rows(stored, count):
    return len(await stored(EventClassifiedV1)) == count
