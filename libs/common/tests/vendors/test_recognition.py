"""Before a configured server is shown its credentials it is recognised, once in a while and not before every call."""

import pytest

from framewright.contracts.server import ServerAuth
from framewright.domain.errors import Reject, Retry
from framewright.domain.frames import Rendition
from framewright.vendors import Recogniser, Renditions
from framewright.vendors.simulation.instruments import Fault, FaultKind

VENDORS = ["plex", "emby", "jellyfin"]
WHO = {"/identity", "/System/Info/Public"}


def asked(desk) -> int:
    """How often the server was asked who it is."""
    return sum(call.path in WHO for call in desk.state.instruments.calls)


async def known(desk, **changes):
    """The server as it is configured, with its true identity."""
    identity = (await desk.server.identify()).id
    desk.state.instruments.calls.clear()
    return desk.configured(server_identity=identity, **changes)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_another_server_is_named_and_shown_nothing_however_often(bench, token, vendor):
    async with bench(vendor) as desk:
        recogniser, server = Recogniser(desk.clock), desk.configured(server_identity="mine")

        for _ in range(2):
            with pytest.raises(Reject) as refused:
                await recogniser.recognise(server, desk.http)
            assert refused.value.code == "WRONG_SERVER"

        assert asked(desk) == len(desk.state.instruments.calls) == 2
        assert token not in repr([call.headers for call in desk.state.instruments.calls])


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_server_that_was_recognised_is_the_same_one_for_five_minutes(bench, vendor):
    async with bench(vendor) as desk:
        recogniser, server = Recogniser(desk.clock), await known(desk)

        seen = []
        for seconds in (0, 299, 2):
            desk.clock.now += seconds
            await recogniser.recognise(server, desk.http)
            seen.append(asked(desk))

        assert seen == [1, 1, 2]


@pytest.mark.parametrize("changes", [{"url": "http://127.0.0.1:9"}, {"auth": ServerAuth(token="another")}])
async def test_a_server_that_is_configured_otherwise_is_recognised_anew(bench, changes):
    async with bench("emby") as desk:
        recogniser = Recogniser(desk.clock)
        await recogniser.recognise(await known(desk), desk.http)

        with pytest.raises((Retry, Reject)) as failed:
            await recogniser.recognise(await known(desk, **changes), desk.http)

        assert failed.value.code in {"UNREACHABLE", "UNAUTHORIZED"}


async def test_a_server_that_did_not_answer_is_asked_again_at_once(bench):
    async with bench("jellyfin") as desk:
        recogniser, server = Recogniser(desk.clock), await known(desk)
        desk.state.instruments.inject(Fault(FaultKind.STATUS, status=503, times=1))

        with pytest.raises(Retry):
            await recogniser.recognise(server, desk.http)
        await recogniser.recognise(server, desk.http)

        assert asked(desk) == 2


async def test_another_server_is_not_asked_what_it_shows(bench, token):
    async with bench("jellyfin") as desk:
        await Renditions(lambda _: desk.http).of(desk.configured(server_identity="mine"), Rendition(320, 5000))

        assert asked(desk) == len(desk.state.instruments.calls) == 1
        assert token not in repr(desk.state.instruments.calls[0].headers)


async def test_a_server_whose_identity_nobody_knows_is_not_asked_for_it(bench):
    async with bench("plex") as desk:
        await Recogniser(desk.clock).recognise(desk.configured(), desk.http)

        assert not desk.state.instruments.calls
