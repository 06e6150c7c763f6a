"""`framewright explain`: what it prints, and how it ends."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from framewright.domain.errors import Reject, Retry
from framewright.standalone.explain import explain
from framewright.standalone.settings import BoxSettings

OWNED = {
    "path": "D:\\TV\\x.mkv",
    "canonical_path": "/tv/x.mkv",
    "exists": True,
    "reason": "",
    "spellings": [{"path": "/tv/x.mkv", "because": "JF maps D:\\TV to /tv", "owned": True, "exists": True}],
    "servers": [
        {
            "server_id": "jf",
            "server_name": "JF",
            "server_type": "jellyfin",
            "verdict": "owned",
            "steps": ["library TV: D:\\TV is /tv here, above the path"],
            "libraries": [{"id": "1", "name": "TV"}],
            "remote_paths": ["D:\\TV\\x.mkv"],
            "outputs": ["/tv/x.trickplay/320 - 10x10"],
            "calls": [{"call": "POST /Library/Media/Updated", "when": "once the tiles are written"}],
            "libraries_read": {"at": "2026-11-20T12:00:00Z", "reason": "it did not answer"},
        }
    ],
}
NOBODY = {**OWNED, "canonical_path": "", "reason": "no mapping translates it", "spellings": [], "servers": []}


@pytest.fixture
def answering():
    """A stand-in for the ui that gives one answer."""

    servers = []

    def start(status: int, answer: dict) -> BoxSettings:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path.startswith("/api/explain?path=") else 404)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                """Nothing is printed: the command's own output is looked at."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return BoxSettings(web_port=server.server_port, web_auth_token="a-token-of-some-length")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_step_is_printed(answering, capsys):
    ended = explain(answering(200, OWNED), "D:\\TV\\x.mkv", as_json=False)

    printed = capsys.readouterr().out
    assert ended == 0
    for line in (
        "may be /tv/x.mkv: JF maps D:\\TV to /tv; it is there",
        "JF (jellyfin): owned",
        "because library TV: D:\\TV is /tv here, above the path",
        "its libraries are those that are known: it did not answer",
        "would write /tv/x.trickplay/320 - 10x10",
        "would call POST /Library/Media/Updated\n    once the tiles are written",
    ):
        assert line in printed


def test_a_path_of_nobody_ends_with_one_and_its_reason(answering, capsys):
    ended = explain(answering(200, NOBODY), "/x", as_json=False)

    assert ended == 1
    assert "none: no mapping translates it" in capsys.readouterr().out


def test_the_answer_can_be_had_as_json(answering, capsys):
    explain(answering(200, OWNED), "/x", as_json=True)

    assert json.loads(capsys.readouterr().out) == OWNED


def test_a_refusal_and_an_absence_are_told_apart(answering):
    refusing = answering(400, {"error": "path is not usable: path climbs with '..'", "code": "VALIDATION_ERROR"})

    with pytest.raises(Reject, match="climbs"):
        explain(refusing, "/a/../b", as_json=False)
    with pytest.raises(Retry, match="framewright up"):
        explain(BoxSettings(web_port=1, web_auth_token="a-token-of-some-length"), "/x", as_json=False)
