"""Who may call, and how secrets rest."""

import base64
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from starlette.datastructures import Headers, QueryParams

from framewright.chassis.sealing import Sealer, load_sealer
from framewright.chassis.security import admits, credentials, load_token
from framewright.domain.errors import Reject

TOKEN = "t0ken-Value"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"X-Auth-Token": TOKEN}, ""),
        ({"Authorization": f"Bearer {TOKEN}"}, ""),
        ({"authorization": f"bearer  {TOKEN} "}, ""),
        ({"Authorization": basic(f"anyone:{TOKEN}")}, ""),
        ({"Authorization": basic(f":{TOKEN}")}, ""),
        ({}, f"token={TOKEN}"),
    ],
)
def test_a_token_may_come_in_four_ways(headers: dict[str, str], query: str) -> None:
    given = credentials(Headers(headers), QueryParams(query))

    assert given == [TOKEN]
    assert admits(given, [TOKEN])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic é"},
        {"Authorization": basic("no colon")},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()},
        {"Authorization": f"Digest {TOKEN}"},
        {"X-Auth-Token": ""},
    ],
)
def test_a_request_without_a_token_is_not_admitted(headers: dict[str, str]) -> None:
    given = credentials(Headers(headers), QueryParams(""))

    assert given == []
    assert not admits(given, [TOKEN])


@pytest.mark.parametrize("given", [[""], ["t0ken"], [TOKEN + "x"], [TOKEN.lower()], ["tökén"], []])
def test_a_wrong_token_is_not_admitted(given: list[str]) -> None:
    assert not admits(given, [TOKEN, ""])


def test_an_empty_secret_admits_nobody() -> None:
    assert not admits(["", "x"], ["", ""])


def test_one_right_credential_among_others_is_enough() -> None:
    assert admits(["wrong", TOKEN], ["webhook-secret", TOKEN])


def test_every_credential_is_compared_whole_and_in_constant_time() -> None:
    compared: list[str] = []

    class Noted(str):
        __slots__ = ()

        def encode(self, *_args: object, **_more: object) -> bytes:
            compared.append(str(self))
            return str(self).encode()

    assert admits([Noted(TOKEN), Noted("wrong")], [TOKEN, "other"])
    assert compared == [TOKEN, TOKEN, "wrong", "wrong"]


def test_a_given_token_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert load_token("given", str(tmp_path / "config")) == "given"
    assert not (tmp_path / "config").exists()


def test_a_token_is_made_once_and_private(tmp_path: Path) -> None:
    token = load_token("", str(tmp_path / "config"))

    file = tmp_path / "config" / "auth.json"
    assert load_token("", str(tmp_path / "config")) == token == json.loads(file.read_text())["token"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(token) >= 40
    assert [path.name for path in file.parent.iterdir()] == ["auth.json"]


def test_two_racing_processes_agree_on_one_token(tmp_path: Path) -> None:
    program = "import sys; from framewright.chassis.security import load_token; print(load_token('', sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path / "config")]

    racing = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    tokens = [process.communicate(timeout=30)[0].strip() for process in racing]

    assert tokens[0] == tokens[1]
    assert len(tokens[0]) >= 40


def test_starters_with_the_same_process_id_agree_on_one_token(tmp_path: Path) -> None:
    for number in range(20):
        barrier = Barrier(4)

        def start(folder: str = str(tmp_path / str(number)), barrier: Barrier = barrier) -> str:
            barrier.wait()
            return load_token("", folder)

        with ThreadPoolExecutor(4) as pool:
            tokens = {future.result() for future in [pool.submit(start) for _ in range(4)]}
        assert len(tokens) == 1
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["auth.json"]


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '"token"'])
def test_a_broken_token_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "auth.json").write_text(content)

    with pytest.raises(Reject, match="remove it to get a new one"):
        load_token("", str(tmp_path))


def test_a_sealed_secret_opens_and_shows_nothing() -> None:
    sealer = Sealer(Fernet.generate_key().decode())

    sealed = sealer.seal("s3cret")

    assert sealed.startswith("sealed:")
    assert "s3cret" not in sealed
    assert sealer.open(sealed) == "s3cret"
    assert sealer.seal(sealed) == sealed


def test_what_is_empty_or_not_sealed_stays_as_it_is() -> None:
    sealer = Sealer(Fernet.generate_key().decode())

    assert (sealer.seal(""), sealer.open(""), sealer.open("plain")) == ("", "", "plain")


def test_a_secret_of_another_installation_is_told_apart() -> None:
    sealed = Sealer(Fernet.generate_key().decode()).seal("x")

    with pytest.raises(Reject) as refusal:
        Sealer(Fernet.generate_key().decode()).open(sealed)

    assert refusal.value.code == "SEAL_BROKEN"


@pytest.mark.parametrize("key", ["short", "x" * 44, "ä" * 44])
def test_a_bad_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(Reject) as refusal:
        Sealer(key)

    assert refusal.value.code == "BAD_SETTING"
    assert key not in refusal.value.reason


def test_the_key_of_an_installation_is_made_once_and_private(tmp_path: Path) -> None:
    sealed = load_sealer("", str(tmp_path)).seal("x")

    assert load_sealer("", str(tmp_path)).open(sealed) == "x"
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
