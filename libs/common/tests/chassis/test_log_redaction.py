"""No secret reaches a log, whatever it hides in."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.chassis.redaction import MASK, redact, redact_text

SECRET = "s3cr3tV4lue-_x"

CORPUS = [
    f"GET http://plex:32400/library?X-Plex-Token={SECRET}",
    f"http://plex/x?a=1&X-Plex-Token={SECRET}&b=2",
    f"http://plex/x?x-plex-token%3D{SECRET}",
    f"X-Plex-Token: {SECRET}",
    f"X-Plex-Token:{SECRET}",
    f"X-Emby-Token: {SECRET}",
    f"X-MediaBrowser-Token: {SECRET}",
    f"X-Auth-Token: {SECRET}",
    f"X-Api-Key: {SECRET}",
    f"http://emby/Items?api_key={SECRET}",
    f"http://sonarr/api?apikey={SECRET}",
    f"http://x/?ApiKey={SECRET}",
    f'Authorization: MediaBrowser Client="Framewright", Device="box", Token="{SECRET}"',
    f'X-Emby-Authorization: Emby UserId="u", Token="{SECRET}", Version="1"',
    f"Authorization: Bearer {SECRET}",
    f"authorization: basic {SECRET}==",
    f"http://user:{SECRET}@host/path",
    f"nats://{SECRET}@host:4222",
    f"redis://:{SECRET}@host",
    f"https://user:a:{SECRET}@host:8443/x",
    f'{{"token": "{SECRET}", "name": "x"}}',
    f'{{"api_key":"{SECRET}"}}',
    f"{{'password': '{SECRET}'}}",
    f'{{"accessToken": "{SECRET}"}}',
    f"access_token={SECRET}",
    f"webhook_secret={SECRET}",
    f"client_secret: {SECRET}",
    f"?token={SECRET}",
    f"pw={SECRET}&username=x",
    f"Cookie: session={SECRET}",
    f"Set-Cookie: framewright={SECRET}; HttpOnly",
    f"line one\nX-Plex-Token={SECRET}\nline three",
    f"GET http://box:8080/plex-provider/{SECRET}{SECRET}/movies/library/metadata/matches",
]

PLAIN = [
    "the file /data/Films/Token of Love (2001).mkv is ready",
    "tokens are counted: 5 of 7",
    "http://plex:32400/library/sections?type=1&size=20",
    "mailto: somebody@example.org wrote",
    "secretary and passwords are ordinary words",
    "nats://127.0.0.1:4222",
    "2026-11-20T12:00:00Z extract-hi-any",
]

PROGRAM = """
import logging, sys
import structlog
from framewright.chassis import telemetry
secret = sys.argv[2]
telemetry.set_up("test", log_format=sys.argv[1], log_level="DEBUG")
log = structlog.get_logger("room")
log.info("asked http://plex/?X-Plex-Token=" + secret, headers={"Authorization": secret, "deep": [{"token": secret}]})
log.warning("fields", api_key=secret, tokens=[secret], cookie={secret: secret}, body=b"token=" + secret.encode(), n=5)
log.info("an object", error=ValueError("http://u:" + secret + "@h/"))
logging.getLogger("httpx").warning("HTTP Request: GET %s", "http://plex/?X-Plex-Token=" + secret)
def fail(hidden):
    raise ValueError("could not reach http://plex/?X-Plex-Token=" + hidden)
for fails in (structlog.get_logger("own").exception, logging.getLogger("foreign").exception):
    try:
        fail(secret)
    except ValueError:
        fails("it broke")
log.info("the end")
"""


@pytest.mark.parametrize("text", CORPUS)
def test_a_secret_in_a_text_is_masked(text: str) -> None:
    masked = redact_text(text)

    assert SECRET not in masked
    assert MASK in masked


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_words_stay_readable(text: str) -> None:
    assert redact_text(text) == text


def test_what_stands_around_a_secret_stays_readable() -> None:
    text = f"GET http://plex:32400/a?X-Plex-Token={SECRET}&b=2 gave 401"

    assert redact_text(text) == f"GET http://plex:32400/a?X-Plex-Token={MASK}&b=2 gave 401"


@given(st.sampled_from(CORPUS), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_masked_inside_any_text(leak: str, before: str, after: str) -> None:
    assert SECRET not in redact_text(f"{before} {leak} {after}")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "token", "cookie"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(["", "token", "x"]),
)
def test_any_value_can_be_redacted(value: Any, key: str) -> None:
    json.dumps(redact(value, key))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"token": SECRET}, {"token": MASK}),
        ({"token": ""}, {"token": ""}),
        ({"token": None}, {"token": None}),
        ({"tokens": [SECRET]}, {"tokens": MASK}),
        ({"X-Api-Key": SECRET}, {"X-Api-Key": MASK}),
        ({"nats_seed": SECRET}, {"nats_seed": MASK}),
        ({"a": [{"b": f"token={SECRET}"}]}, {"a": [{"b": f"token={MASK}"}]}),
        ((1, 2.5, True, None), [1, 2.5, True, None]),
        (ValueError(f"token={SECRET}"), f"token={MASK}"),
    ],
)
def test_structured_values_are_masked_at_any_depth(value: Any, shown: Any) -> None:
    assert redact(value) == shown


@pytest.fixture(scope="module", params=["json", "pretty"])
def printed(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The format, and what a process with a real logger wrote."""
    command = [sys.executable, "-c", PROGRAM, request.param, SECRET]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return request.param, done.stdout + done.stderr


def test_no_line_of_a_real_log_holds_a_secret(printed: tuple[str, str]) -> None:
    assert SECRET not in printed[1]
    assert printed[1].count(MASK) >= 8


def test_a_real_log_is_still_useful(printed: tuple[str, str]) -> None:
    text = printed[1]

    for word in (
        "asked http://plex/",
        "fields",
        "HTTP Request: GET",
        "the end",
        "Traceback",
        "in fail",
        "could not reach",
    ):
        assert word in text
    assert text.count("Traceback") == 2


def test_every_line_of_a_json_log_is_one_object(printed: tuple[str, str]) -> None:
    kind, text = printed
    lines = [json.loads(line) for line in text.splitlines()] if kind == "json" else []

    assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in lines)
    assert len(lines) == (7 if kind == "json" else 0)
