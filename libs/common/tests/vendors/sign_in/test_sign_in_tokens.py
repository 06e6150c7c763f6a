"""The token of the account: refreshed a day early, by one replica, never given up before the next one works."""

import asyncio

import pytest

from framewright.chassis.testing.bus import until
from framewright.domain.errors import Reject, Retry
from framewright.vendors.plex.account import Method, Standing
from framewright.vendors.plex.account.records import DAY, JITTER, Account, refresh_moment, standing
from framewright.vendors.plex.plextv_simulator.state import TOKEN_SECONDS
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration


def test_refreshes_are_spread_over_two_hours_before_the_last_day():
    moments = [refresh_moment(TOKEN_SECONDS, chance) for chance in (0.0, 0.5, 1.0)]

    assert moments == [6 * DAY, 6 * DAY - JITTER / 2, 6 * DAY - JITTER]


def test_half_a_day_before_the_end_it_is_time_for_an_alert():
    account = Account("t", Method.JWT, expires_at=7 * DAY)

    stands = [standing(account, 7 * DAY - hours * 3600) for hours in (12, 11.9, 0)]

    assert stands == [Standing.GOOD, Standing.EXPIRING, Standing.EXPIRED]


async def test_a_token_lives_a_week_and_is_replaced_on_its_sixth_day(office, keeping):
    account = await office.signed_in()
    old = await office.kept()
    async with keeping(account):
        office.clock.now += 6 * DAY - JITTER - 60
        await asyncio.sleep(0.2)
        assert (await office.kept()).token == old.token
        office.clock.now += JITTER + 60

        await until(lambda: replaced(office, old), 5)

    new = await office.kept()
    assert old.expires_at - office.clock.now <= DAY
    assert new.expires_at == office.clock.now + TOKEN_SECONDS
    assert new.signed_in_at == old.signed_in_at


async def test_replicas_refresh_once_between_them(office, keeping):
    accounts = [await office.signed_in(), *(office.replica() for _ in range(4))]
    old = await office.kept()
    async with keeping(*accounts):
        office.clock.now += 6 * DAY

        await until(lambda: replaced(office, old), 5)
        await asyncio.sleep(0.5)

    assert len(office.asked("POST", "/auth/token")) == 1
    assert office.renewals == 1


async def test_an_expired_token_is_refreshed_once_and_the_call_repeated(office):
    account = await office.signed_in()
    office.clock.now += 8 * DAY
    assert (await account.account())[1] is Standing.EXPIRED

    assert await account.servers() == ()

    assert [len(office.asked("GET", "/resources")), len(office.asked("POST", "/auth/token"))] == [2, 1]
    assert (await account.account())[1] is Standing.GOOD


async def test_callers_of_several_replicas_share_one_refresh(office):
    accounts = [await office.signed_in(), office.replica(), office.replica()]
    office.clock.now += 8 * DAY

    await asyncio.gather(*(account.servers() for account in accounts))

    assert len(office.asked("POST", "/auth/token")) == 1


async def test_a_new_token_that_does_not_work_leaves_the_old_one(office):
    account = await office.signed_in()
    old = await office.kept()
    office.state.instruments.inject(Fault(FaultKind.STATUS, path="/api/v2/user", status=500, times=1))

    with pytest.raises(Retry):
        await account.refresh()

    kept = await office.kept()
    assert kept.token == old.token
    assert "500" in kept.problem
    await account.refresh()
    assert (await office.kept()).problem == ""


async def test_a_key_that_plex_forgot_asks_for_a_new_sign_in(office):
    account = await office.signed_in()
    old = await office.kept()
    office.state.forget_keys()

    with pytest.raises(Reject) as caught:
        await account.refresh()

    kept, stands = await account.account()
    assert (caught.value.code, stands, kept.token) == ("PLEX_SIGN_IN_AGAIN", Standing.REFUSED, old.token)
    assert await account.servers() == ()
    await office.signed_in()
    assert (await account.account())[1] is Standing.GOOD


async def test_a_busy_plex_tv_is_left_alone_for_as_long_as_it_says(office, keeping):
    account = await office.signed_in()
    office.state.instruments.inject(Fault(FaultKind.STATUS, path="/api/v2/auth/nonce", status=429, retry_after=30))
    office.clock.now += 6 * DAY
    before = len(office.asked("GET", "/auth/nonce"))

    async with keeping(account):
        await asyncio.sleep(0.5)

    assert len(office.asked("GET", "/auth/nonce")) == before + 1
    assert (await account.account())[1] is Standing.GOOD


async def test_a_token_of_the_older_flow_is_turned_into_one_of_the_new(office):
    account = await office.signed_in(Method.LEGACY)

    await account.upgrade()

    kept, stands = await account.account()
    assert (kept.method, stands) == (Method.JWT, Standing.GOOD)
    await account.refresh()


async def test_an_existing_token_is_enough_to_register_the_key(office):
    account = office.replica()

    await account.upgrade("legacy-token")
    with pytest.raises(Reject) as caught:
        await account.upgrade("somebody-elses")

    assert (await account.account())[0].method is Method.JWT
    assert caught.value.code == "UNAUTHORIZED"
    assert "somebody-elses" not in caught.value.reason


async def test_a_token_without_end_that_was_revoked_asks_for_a_new_sign_in(office):
    account = await office.signed_in(Method.LEGACY)
    office.state.tokens.clear()

    with pytest.raises(Reject) as caught:
        await account.servers()

    assert caught.value.code == "PLEX_SIGN_IN_AGAIN"
    assert (await account.account())[1] is Standing.REFUSED


async def test_an_outage_never_counts_against_the_token(office):
    account = await office.signed_in(Method.LEGACY)
    office.state.instruments.inject(Fault(FaultKind.STATUS, status=503))

    with pytest.raises(Retry):
        await account.servers()

    assert (await account.account())[1] is Standing.GOOD


async def replaced(office, old):
    return (await office.kept()).token != old.token
