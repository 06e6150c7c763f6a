"""Signing in to Plex with a PIN, in both flows."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from framewright.chassis.bus import Bucket
from framewright.domain.errors import Reject, Retry
from framewright.vendors.plex.account import Addresses, Method, Standing
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

BOTH = pytest.mark.parametrize("method", list(Method))


@BOTH
async def test_a_pin_waits_until_it_is_claimed_and_then_stays_claimed(office, method):
    account = office.replica()
    pin = await account.start(method)
    before = await account.claimed(pin.id)
    office.state.approve(pin.id)

    assert [before, await account.claimed(pin.id), await account.claimed(pin.id)] == [False, True, True]
    kept, standing = await account.account()
    assert (kept.method, kept.username, standing) == (method, "admin", Standing.GOOD)


async def test_the_browser_is_sent_with_everything_in_the_fragment(office):
    account = office.replica()

    pin = await account.start(Method.JWT, "https://films.example/servers?tab=plex#add")

    parts = urlsplit(pin.auth_url)
    said = parse_qs(parts.fragment.removeprefix("?"))
    assert (parts.netloc, parts.path, parts.query) == ("app.plex.tv", "/auth", "")
    assert said["clientID"] == [await account.client_identifier()]
    assert said["code"] == [pin.code]
    assert said["context[device][product]"] == ["Framewright"]
    assert said["forwardUrl"] == [f"https://films.example/servers?tab=plex&plex_pin={pin.id}#add"]


async def test_another_replica_may_answer_for_the_pin(office):
    pin = await office.replica().start(Method.JWT)
    office.state.approve(pin.id)

    assert await office.replica().claimed(pin.id) is True


async def test_replicas_that_start_together_agree_on_one_name(office):
    names = await asyncio.gather(*(office.replica().client_identifier() for _ in range(8)))

    assert len(set(names)) == 1
    assert await office.replica().client_identifier() == names[0]


async def test_a_claim_after_more_than_five_minutes_still_counts(office):
    account = office.replica()
    pin = await account.start(Method.JWT)
    assert await account.claimed(pin.id) is False
    office.clock.now += 900
    office.state.approve(pin.id)

    assert await account.claimed(pin.id) is True


async def test_polling_asks_for_few_nonces(office):
    account = office.replica()
    pin = await account.start(Method.JWT)

    for _ in range(20):
        await account.claimed(pin.id)

    assert len(office.asked("GET", "/auth/nonce")) == 1


@BOTH
async def test_a_pin_that_is_over_or_was_not_started_here_is_unknown(office, method):
    account = office.replica()
    pin = await account.start(method)
    office.clock.now += 3600

    for unknown in (pin.id, 99):
        with pytest.raises(Reject) as caught:
            await account.claimed(unknown)
        assert caught.value.code == "NOT_FOUND"


async def test_a_key_that_somebody_else_has_is_replaced(office):
    account = office.replica()
    first = await account.start(Method.JWT)
    kid = office.state.pins[first.id].kid
    office.state.keys[kid] = ("another-device", office.state.keys[kid][1])

    second = await account.start(Method.JWT)
    office.state.approve(second.id)

    assert await account.claimed(second.id) is True
    assert office.state.pins[second.id].kid != kid
    await account.refresh()
    assert (await account.account())[1] is Standing.GOOD


async def test_no_secret_rests_open_or_travels_in_an_address(office):
    await office.signed_in()
    token = (await office.kept()).token

    stored = [await Bucket(office.bus, "config").get(key) for key in ("plex.account", "plex.key")]

    assert all(entry.value.startswith(b"sealed:") for entry in stored)
    assert all(token not in str(call) for call in office.state.instruments.calls)
    assert {call.query.get("X-Plex-Token") for call in office.state.instruments.calls} == {None}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(FaultKind.STATUS, status=503), "SERVER_ERROR"),
        (Fault(FaultKind.STATUS, status=429, retry_after=7), "BUSY"),
        (Fault(FaultKind.STATUS, status=302), "BAD_ANSWER"),
        (Fault(FaultKind.MALFORMED), "BAD_ANSWER"),
        (Fault(FaultKind.RESET), "UNREACHABLE"),
        (Fault(FaultKind.MALFORMED, body="x" * (4 * 1024 * 1024 + 1)), "BAD_ANSWER"),
    ],
)
async def test_an_outage_of_plex_tv_says_nothing_about_the_pin(office, fault, code):
    account = office.replica()
    pin = await account.start(Method.LEGACY)
    office.state.approve(pin.id)
    office.state.instruments.inject(fault)

    with pytest.raises(Retry) as caught:
        await account.claimed(pin.id)
    office.state.instruments.clear()

    assert caught.value.code == code
    assert await account.claimed(pin.id) is True


async def test_plex_tv_is_asked_again_within_the_hour_however_long_it_wants_to_be_left_alone(office):
    office.state.instruments.inject(Fault(FaultKind.STATUS, status=429, retry_after=10**20))

    with pytest.raises(Retry) as caught:
        await office.replica().start(Method.LEGACY)

    assert caught.value.after == 3600


async def test_a_plex_tv_that_cannot_be_reached_is_said_to_be_so_in_words(office):
    nowhere = office.replica(addresses=Addresses("http://127.0.0.1:9", "http://127.0.0.1:9"))

    with pytest.raises(Retry, match="the connection is refused") as caught:
        await nowhere.start(Method.LEGACY)

    assert caught.value.code == "UNREACHABLE"


async def test_a_slow_plex_tv_is_given_up(plex_tv):
    async with plex_tv(patience=0.2) as office:
        office.state.instruments.inject(Fault(FaultKind.LATENCY, seconds=30))

        async with asyncio.timeout(3):
            with pytest.raises(Retry) as caught:
                await office.replica().start(Method.JWT)

    assert caught.value.code == "TIMEOUT"


async def test_signing_out_forgets_the_token_and_keeps_the_name(office):
    account = await office.signed_in()
    name = await account.client_identifier()

    await account.sign_out()

    assert await account.account() == (None, Standing.SIGNED_OUT)
    assert await office.replica().client_identifier() == name
    with pytest.raises(Reject) as caught:
        await account.servers()
    assert caught.value.code == "PLEX_NOT_SIGNED_IN"
