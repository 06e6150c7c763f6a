"""Signatures and thumbprints, held against the examples of RFC 8037, appendix A."""

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from framewright.domain.errors import Retry
from framewright.vendors.plex.account import jws
from framewright.vendors.plex.account.device_key import DeviceKey, claims_of, new_key

SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
SIGNED = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_the_signature_is_that_of_the_rfc():
    key = Ed25519PrivateKey.from_private_bytes(jws.unb64(SEED))

    assert jws.signed(key, {}, b"Example of Ed25519 signing") == SIGNED
    assert jws.payload_of(SIGNED) == b"Example of Ed25519 signing"


def test_the_public_key_and_its_thumbprint_are_those_of_the_rfc():
    jwk = DeviceKey(SEED).jwk

    assert (jwk.kty, jwk.crv, jwk.x) == ("OKP", "Ed25519", X)
    assert jwk.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_device_jwt_says_what_plex_wants_and_is_signed_with_the_key():
    token = DeviceKey(SEED).signed("client-1", "n0nce", 1000.5)

    claims = msgspec.json.decode(jws.payload_of(token))
    content, _, signature = token.rpartition(".")
    Ed25519PublicKey.from_public_bytes(jws.unb64(X)).verify(jws.unb64(signature), content.encode())
    assert claims == {
        "nonce": "n0nce",
        "scope": "username,email,friendly_name",
        "aud": "plex.tv",
        "iss": "client-1",
        "iat": 1000,
        "exp": 1300,
    }
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(jws.unb64(X)).verify(jws.unb64(signature), content.encode() + b"x")


def test_every_new_key_is_another_and_keeps_itself_out_of_texts():
    first, second = new_key(), new_key()

    assert first.jwk.kid != second.jwk.kid
    assert first.seed not in repr(first)


@pytest.mark.parametrize("token", ["", "a.b", "a.!!.c", "a.bm8.c", f"a.{jws.b64(b'[]')}.c"])
def test_what_is_no_jwt_is_refused_without_being_shown(token):
    with pytest.raises(Retry) as caught:
        claims_of(token)

    assert caught.value.code == "BAD_ANSWER"
    assert caught.value.reason == "plex.tv: the new token is no JWT"
