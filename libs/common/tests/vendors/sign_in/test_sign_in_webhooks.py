"""Our webhook in a Plex account: others' entries survive, and Plex Pass is told apart from a bad token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.domain.errors import Reject, Retry
from framewright.vendors.plex.account import webhooks
from framewright.vendors.simulation.instruments import Fault, FaultKind

OTHERS = ("https://tautulli.example/hook?key=1", "https://hass.example/api/webhook/abc")
OURS = "http://films.example:8080/api/webhooks/plex?token=new"
OLD = "http://Films.Example:8080/api/webhooks/plex/?token=old"

urls = st.lists(st.sampled_from([*OTHERS, OLD, OURS, "not a url", "http://[", ""]), max_size=6).map(tuple)


@given(urls)
def test_others_stay_in_their_order_and_ours_is_there_once(before):
    after = webhooks.added(before, OURS)

    assert [url for url in after if webhooks.bare(url) != webhooks.bare(OURS)] == [
        url for url in before if url not in {OLD, OURS}
    ]
    assert webhooks.registered(after, OURS) == (OURS,)
    assert webhooks.registered(webhooks.removed(after, OURS), OURS) == ()


def test_addresses_are_compared_without_query_case_of_host_and_default_port():
    assert webhooks.bare("HTTPS://Films.example:443/a/?x=1#y") == webhooks.bare("https://films.example/a")
    assert webhooks.bare("https://films.example/a") != webhooks.bare("https://films.example/A")
    assert webhooks.bare("http://films.example:443/a") != webhooks.bare("https://films.example/a")


@pytest.mark.integration
async def test_registering_keeps_the_webhooks_of_others(office):
    office.state.webhooks[:] = [OTHERS[0], OLD, OTHERS[1]]
    account = await office.signed_in()

    before = await account.hooks.state(OURS)
    await account.hooks.register(OURS)
    after = await account.hooks.state(OURS)

    assert office.state.webhooks == [*OTHERS, OURS]
    assert [(state.registered, state.stale) for state in (before, after)] == [(True, True), (True, False)]
    assert await account.hooks.public_url() == OURS.partition("?")[0]


@pytest.mark.integration
async def test_unregistering_removes_ours_alone_and_may_empty_the_list(office):
    office.state.webhooks[:] = [*OTHERS, OLD]
    account = await office.signed_in()

    await account.hooks.unregister(OURS)
    left = list(office.state.webhooks)
    office.state.webhooks[:] = [OLD]
    await account.hooks.unregister(OURS)

    assert (left, office.state.webhooks) == (list(OTHERS), [])
    assert await account.hooks.public_url() == ""


@pytest.mark.integration
async def test_without_plex_pass_nothing_is_changed_and_the_reason_is_said(plex_tv):
    async with plex_tv(plex_pass=False, webhooks=list(OTHERS)) as office:
        account = await office.signed_in()

        for act in (account.hooks.register, account.hooks.state):
            with pytest.raises(Reject) as caught:
                await act(OURS)
            assert caught.value.code == "PLEX_PASS_REQUIRED"
        await account.hooks.unregister(OURS)

        assert office.state.webhooks == list(OTHERS)


@pytest.mark.integration
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_the_list_with_a_good_token_means_plex_pass(office, status):
    account = await office.signed_in()
    office.state.instruments.inject(Fault(FaultKind.STATUS, path="*/webhooks", status=status))

    with pytest.raises(Reject) as caught:
        await account.hooks.register(OURS)

    assert caught.value.code == "PLEX_PASS_REQUIRED"


@pytest.mark.integration
async def test_a_bad_token_is_no_missing_plex_pass(office):
    account = await office.signed_in()
    office.state.tokens.clear()

    with pytest.raises(Reject) as caught:
        await account.hooks.register(OURS)

    assert caught.value.code == "PLEX_SIGN_IN_AGAIN"


@pytest.mark.integration
@pytest.mark.parametrize("body", ["<html><body/></html>", "<errors><error/></errors>", '{"a": 1}', ""])
async def test_a_list_that_is_none_is_never_written_back(office, body):
    office.state.webhooks[:] = OTHERS
    account = await office.signed_in()
    fault = Fault(FaultKind.MALFORMED, method="GET", path="*/webhooks", body=body, content_type="application/xml")
    office.state.instruments.inject(fault)

    with pytest.raises(Retry):
        await account.hooks.register(OURS)

    assert office.state.webhooks == list(OTHERS)
    assert office.asked("POST", "/user/webhooks") == []


@pytest.mark.integration
async def test_the_secret_in_the_address_reaches_no_error_and_no_record(office):
    account = await office.signed_in()
    office.state.instruments.inject(Fault(FaultKind.STATUS, method="POST", path="*/webhooks", status=400))

    with pytest.raises(Reject) as caught:
        await account.hooks.register(OURS)

    assert "token=" not in caught.value.reason
    assert await account.hooks.public_url() == ""
