"""One exchange: what goes over the wire, which answers are taken and where a redirect may lead."""

import httpx
import pytest

from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.errors import Reject, Retry
from framewright.vendors.exchange import Call, endpoint, send


class Scripted:
    """Answers each path with a status and headers of its own and keeps the raw requests."""

    def __init__(self, script):
        self.script = script
        self.seen = []

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        raw = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        self.seen.append(raw.decode())
        status, headers = self.script.get(scope["path"], (200, {}))
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": b"{}"})


async def answered(app, call, base=""):
    async with serving(app) as url, httpx.AsyncClient(verify=False) as http:
        server = Server("s", "plex", name="Attic", url=url + base, auth=ServerAuth(token="t0k"))
        return await send(endpoint(server, http, {"X-Plex-Token": "t0k"}), call)


async def test_a_path_in_a_query_is_percent_encoded_to_the_last_character():
    app = Scripted({})

    await answered(app, Call("GET", "/scan", {"path": "/data/A + B & C/100% 'é#"}))

    assert app.seen == ["/scan?path=%2Fdata%2FA%20%2B%20B%20%26%20C%2F100%25%20%27%C3%A9%23"]


async def test_a_base_path_stands_before_every_call():
    app = Scripted({})

    await answered(app, Call("GET", "/identity"), base="/plex/")

    assert app.seen == ["/plex/identity"]


async def test_a_redirect_to_the_same_server_is_followed():
    app = Scripted({"/library/sections": (301, {"location": "/library/sections/"})})

    response = await answered(app, Call("GET", "/library/sections"))

    assert response.status_code == 200
    assert app.seen == ["/library/sections", "/library/sections/"]


async def test_a_redirect_to_another_address_is_never_followed():
    stranger = Scripted({})
    async with serving(stranger) as elsewhere:
        app = Scripted({"/identity": (302, {"location": f"{elsewhere}/login?back=t0k"})})

        with pytest.raises(Retry) as again:
            await answered(app, Call("GET", "/identity"))

    assert again.value.code == "BAD_ANSWER"
    assert stranger.seen == []
    assert "t0k" not in str(again.value)


async def test_a_circle_of_redirects_ends():
    app = Scripted({"/a": (302, {"location": "/b"}), "/b": (302, {"location": "/a"})})

    with pytest.raises(Retry, match="without end"):
        await answered(app, Call("GET", "/a"))


@pytest.mark.parametrize(
    ("status", "code"), [(400, "REFUSED"), (404, "REFUSED"), (401, "UNAUTHORIZED"), (403, "UNAUTHORIZED")]
)
async def test_a_refusal_is_final_and_names_call_and_server(status, code):
    with pytest.raises(Reject) as refused:
        await answered(Scripted({"/x": (status, {})}), Call("GET", "/x", {"path": "/secret place"}))

    assert refused.value.code == code
    assert f"Attic: GET /x answered {status}" in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_an_expected_status_is_an_answer():
    response = await answered(Scripted({"/x": (404, {})}), Call("GET", "/x", expected=frozenset({404})))

    assert response.status_code == 404


async def test_a_date_in_retry_after_is_left_to_the_callers_own_schedule():
    app = Scripted({"/x": (503, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})})

    with pytest.raises(Retry) as again:
        await answered(app, Call("GET", "/x"))

    assert again.value.after is None
