"""python-plexapi, which nobody here wrote, signs in to the simulated plex.tv."""

from contextlib import contextmanager

import pytest
from anyio.from_thread import start_blocking_portal
from plexapi.exceptions import Unauthorized
from plexapi.myplex import MyPlexAccount, MyPlexPinLogin, MyPlexResource

from framewright.chassis.testing.http import serving
from framewright.vendors.plex.plextv_simulator import Advertised, PlexTvState, Way, create_app

HOME = Way("10.0.0.5", 32400, "https://10-0-0-5.abc.plex.direct:32400")
AWAY = Way("203.0.113.9", 32400, "https://203-0-113-9.abc.plex.direct:32400", local=False)
RELAY = Way("198.51.100.1", 8443, "https://198-51-100-1.abc.plex.direct:8443", local=False, relay=True)


@pytest.fixture
def plex_tv():
    """The simulator on a thread of its own, because python-plexapi is synchronous, and its address."""

    @contextmanager
    def running(**options):
        state = PlexTvState(**options)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving(create_app(state))) as url:
            yield state, f"{url}/api/v2"

    return running


def signed_in(url, token="legacy-token"):
    class Account(MyPlexAccount):
        key = f"{url}/user"
        WEBHOOKS = f"{url}/user/webhooks"

    return Account(token=token)


def test_a_pin_is_claimed_and_gives_a_token(plex_tv):
    with plex_tv() as (state, url):

        class Login(MyPlexPinLogin):
            PINS = f"{url}/pins"

        login = Login(oauth=True)
        assert "code=" in login.oauthUrl()
        assert login.checkLogin() is False
        state.approve(1001)

        assert (login.checkLogin(), login.token) == (True, "legacy-token")
        login._session.close()


def test_the_account_tells_its_name_and_its_plex_pass(plex_tv):
    with plex_tv() as (_, url):
        account = signed_in(url)

        assert (account.username, account.subscriptionActive) == ("admin", True)
        assert "webhooks" in [feature.attrib["id"] for feature in account._data.iter("feature")]
        account._session.close()


def test_a_wrong_token_is_refused(plex_tv):
    with plex_tv() as (_, url), pytest.raises(Unauthorized):
        signed_in(url, "wrong")


def test_webhooks_are_listed_and_replaced_as_a_whole(plex_tv):
    with plex_tv(webhooks=["https://other.example/hook"]) as (state, url):
        account = signed_in(url)

        assert account.webhooks() == ["https://other.example/hook"]
        assert account.addWebhook("http://ours/hook") == ["https://other.example/hook", "http://ours/hook"]
        assert account.setWebhooks([]) == state.webhooks == []
        account._session.close()


def test_servers_and_their_connections_are_read_in_order_of_worth(plex_tv):
    attic = Advertised("Attic", "m1", "attic-token", (RELAY, AWAY, HOME))
    with plex_tv(servers=[attic]) as (_, url):
        account = signed_in(url)
        found = [MyPlexResource(account, one) for one in account.query(f"{url}/resources")]

        server = found[1]
        assert (server.name, server.clientIdentifier, server.accessToken, server.owned) == (
            "Attic",
            "m1",
            "attic-token",
            True,
        )
        assert server.preferred_connections()[0] == HOME.uri
        assert server.preferred_connections()[-2:] == [RELAY.uri, "http://198.51.100.1:8443"]
        account._session.close()
