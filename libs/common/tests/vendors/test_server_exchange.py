"""One exchange: what goes over the wire, which answers are taken and where a redirect may lead."""

import asyncio
import contextlib
import gzip
import ssl
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.errors import Reject, Retry
from framewright.vendors.exchange import Call, ask, endpoint, send, why


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


YEAR = 31_536_000


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), (str(YEAR), 3600), ("100000000000000000000", 3600), ("9" * 4000, 3600)]
)
async def test_a_server_is_asked_again_within_the_hour_however_long_it_wants_to_be_left_alone(status, said, seconds):
    with pytest.raises(Retry) as again:
        await answered(Scripted({"/x": (status, {"retry-after": said})}), Call("GET", "/x"))

    assert again.value.after == seconds


class Dripping:
    """Begins its answer at once and then sends a byte now and then, in the body or still in the headers."""

    def __init__(self, head: bytes) -> None:
        self.head = head

    async def __call__(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.head)
        while not await self.left(reader):
            writer.write(b" ")
        self.gone.set()
        writer.close()

    async def left(self, reader) -> bool:
        """Whether the caller left within a twentieth of a second."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.05):
                return not await reader.read(1)
        return False

    @contextlib.asynccontextmanager
    async def serving(self):
        self.gone = asyncio.Event()
        async with await asyncio.start_server(self, "127.0.0.1", 0) as listener:
            yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
            await asyncio.wait_for(self.gone.wait(), 3)
            await asyncio.sleep(0)


async def asked_of(url, *, patience=5.0, verify=False, call=None):
    async with httpx.AsyncClient(verify=verify) as http:
        server = Server("s", "plex", name="Attic", url=url, auth=ServerAuth(token="t0k"), timeout=patience)
        return await send(endpoint(server, http, {"X-Plex-Token": "t0k"}), call or Call("GET", "/x"))


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Header: "], ids=["body", "head"]
)
async def test_an_answer_that_drips_has_one_deadline_for_all_of_it(head):
    async with Dripping(head).serving() as url:
        began = time.monotonic()
        with pytest.raises(Retry) as again:
            await asked_of(url, patience=0.4)

    assert again.value.code == "TIMEOUT"
    assert time.monotonic() - began < 2


class Long:
    """Answers with so many bytes of JSON, packed or not, and counts what was taken of it."""

    def __init__(self, size: int, *, packed: bool = False) -> None:
        body = b'{"a": "' + b"x" * size + b'"}'
        self.body, self.packed, self.sent = gzip.compress(body) if packed else body, packed, 0

    async def __call__(self, scope, receive, send):
        headers = [(b"content-type", b"application/json"), *([(b"content-encoding", b"gzip")] if self.packed else [])]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for start in range(0, len(self.body), 65_536):
            await send({"type": "http.response.body", "body": self.body[start : start + 65_536], "more_body": True})
            self.sent += 65_536
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("packed", [False, True])
async def test_megabytes_of_json_are_not_read_to_their_end(packed):
    async with serving(Long(20_000_000, packed=packed)) as url:
        with pytest.raises(Retry, match=r"answers more than 8 MB \(application/json\)") as again:
            await asked_of(url)

    assert again.value.code == "BAD_ANSWER"


@pytest.mark.parametrize("packed", [False, True])
async def test_a_call_that_expects_a_long_answer_gets_it_whole(packed):
    async with serving(Long(9_000_000, packed=packed)) as url:
        response = await asked_of(url, call=Call("GET", "/x", most_bytes=16_000_000))

    assert len(response.json()["a"]) == 9_000_000


@pytest.fixture
def self_signed(tmp_path):
    """A server's TLS with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "attic")])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(today - timedelta(1)).not_valid_after(today + timedelta(1))
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "tls.pem").write_bytes(certificate + key.private_bytes(*private))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem")
    return context


async def test_a_certificate_that_nobody_vouches_for_is_said_to_be_one(self_signed):
    async with await asyncio.start_server(Dripping(b""), "127.0.0.1", 0, ssl=self_signed) as listener:
        with pytest.raises(Retry) as again:
            await asked_of(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}", verify=True)

    assert again.value.code == "UNREACHABLE"
    assert "certificate not accepted: self-signed certificate" in again.value.reason


async def test_a_server_without_tls_is_said_to_have_none():
    async with serving(Scripted({})) as url:
        with pytest.raises(Retry) as again:
            await asked_of(url.replace("http:", "https:"))

    assert again.value.code == "UNREACHABLE"
    assert "is it http:// rather than https://?" in again.value.reason


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9", "the connection is refused"),
        ("http://no-such-host.invalid", r"its host name (is unknown|cannot be looked up now)"),
        ("http://255.255.255.255:1", "there is no route to it"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_said_to_be_so_in_words(url, words):
    with pytest.raises(Retry, match=rf"Attic: GET /x failed \({words}") as again:
        await asked_of(url)

    assert again.value.code == "UNREACHABLE"
    assert "Error" not in again.value.reason


def test_each_address_of_a_host_is_looked_at_for_words():
    refused = ExceptionGroup("two addresses", [OSError(22, "Invalid argument"), ConnectionRefusedError(111, "no")])
    error = OSError("All connection attempts failed")
    error.__cause__ = refused

    assert why(error).startswith("the connection is refused")
    assert why(OSError(22, "Invalid argument")) == "OSError"


async def test_a_web_page_is_called_one():
    app = Scripted({"/x": (200, {"content-type": "text/html; charset=utf-8"})})
    async with serving(app) as url, httpx.AsyncClient(verify=False) as http:
        to = endpoint(Server("s", "plex", name="Attic", url=url), http, {})

        with pytest.raises(Retry, match=r"gives no usable JSON \(a web page\)"):
            await ask(to, Call("GET", "/x"), list[int])


@pytest.mark.parametrize("url", ["http://☃☃..x", "http://xn--a", "http://h/" + "p" * 100_000, "http://a..b"])
async def test_an_address_that_is_none_is_an_unreachable_server(url):
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(Retry) as caught:
            await send(endpoint(Server("s", "plex", url=url), http, {}), Call("GET", "/identity"))

    assert caught.value.code == "UNREACHABLE"
