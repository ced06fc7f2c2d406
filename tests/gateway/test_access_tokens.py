"""OIDC access tokens: the one that is right, and every forgery that we know of (reliability matrix)."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.responses import JSONResponse
from tests.gateway.house import House
from tests.wire import serving

from assent_gateway.problems import KeyExpired
from assent_gateway.service.fetch_signing_keys import COOL_DOWN_SECONDS, STALE_SECONDS, SigningKeys
from assent_gateway.service.verify_access_token import AccessTokens
from assent_kit.problems import Unauthenticated, Unavailable

ISSUER, AUDIENCE = "https://login.example/realms/a", "assent"
OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPrivateKey, kid: str, **more: str) -> dict[str, Any]:
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "RS256", **more}


JWKS = {
    "keys": [jwk(OURS, "k1", use="sig"), {"kty": "oct", "k": "c2VjcmV0", "kid": "h1"}, jwk(THEIRS, "e1", use="enc"), {"kty": "?"}]
}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    found = {"iss": ISSUER, "aud": AUDIENCE, "sub": "jane", "exp": now + 300, "iat": now, "typ": "Bearer", **changes}
    return {name: value for name, value in found.items() if value is not None}


def token(*, key: Any = OURS, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": "k1", **(headers or {})})


def handmade(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    return ".".join((part(json.dumps(header).encode()), part(json.dumps(payload).encode()), part(signature)))


def public_pem() -> bytes:
    return OURS.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hmac_with_public_key() -> str:
    """HS256 with the public key as its secret, signed by hand because PyJWT would not."""
    signing = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    unsigned = handmade({"alg": "HS256", "kid": "k1"}, claims()).rpartition(".")[0]
    signature = base64.urlsafe_b64encode(signing.sign(unsigned.encode(), public_pem())).rstrip(b"=").decode()
    return f"{unsigned}.{signature}"


def tampered() -> str:
    head, _, signature = token().split(".")
    return f"{head}.{handmade({}, claims(sub='root')).split('.')[1]}.{signature}"


FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: handmade({"alg": "none", "kid": "k1"}, claims()),
    "alg NoNe": lambda: handmade({"alg": "NoNe", "kid": "k1"}, claims()),
    "no alg": lambda: handmade({"kid": "k1"}, claims()),
    "alg a list": lambda: handmade({"alg": ["RS256"], "kid": "k1"}, claims()),
    "HS256 with the public key": hmac_with_public_key,
    "HS256 with a symmetric key of the set": lambda: jwt.encode(claims(), "secret" * 8, algorithm="HS256", headers={"kid": "h1"}),
    "another key": lambda: token(key=THEIRS),
    "its own jwk": lambda: token(key=THEIRS, headers={"jwk": jwk(THEIRS, "k1")}),
    "its own jku": lambda: token(key=THEIRS, headers={"jku": "https://evil.example/jwks", "kid": "evil"}),
    "its own x5u": lambda: token(key=THEIRS, headers={"x5u": "https://evil.example/cert", "kid": "evil"}),
    "an encryption key": lambda: token(key=THEIRS, headers={"kid": "e1"}),
    "unknown kid": lambda: token(headers={"kid": "k2"}),
    "kid a path": lambda: token(headers={"kid": "../../dev/null"}),
    "kid a list": lambda: handmade({"alg": "RS256", "kid": ["k1"]}, claims()),
    "no kid": lambda: jwt.encode(claims(), OURS, algorithm="RS256"),
    "unknown crit": lambda: token(headers={"crit": ["x"], "x": 1}),
    "b64 false": lambda: token(headers={"b64": False}),
    "another algorithm": lambda: token(algorithm="RS512"),
    "PSS with our key": lambda: token(algorithm="PS256"),
    "tampered": tampered,
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "not yet": lambda: token(nbf=int(time.time()) + 60),
    "issued in the future": lambda: token(iat=int(time.time()) + 600),
    "no exp": lambda: token(exp=None),
    "exp a word": lambda: token(exp="never"),
    "no aud": lambda: token(aud=None),
    "wrong aud": lambda: token(aud="another"),
    "aud among others": lambda: token(aud=["another", AUDIENCE]),
    "no iss": lambda: token(iss=None),
    "wrong iss": lambda: token(iss="https://evil.example"),
    "no sub": lambda: token(sub=None),
    "sub a number": lambda: token(sub=7),
    "sub empty": lambda: token(sub=""),
    "sub a key of ours": lambda: token(sub="key_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    "ID token": lambda: token(typ="ID"),
    "refresh token": lambda: token(typ="Refresh"),
    "no type": lambda: token(typ=None),
    "not JSON": lambda: "e30.e30.e30",
    "not base64": lambda: "a.b!.c",
    "enormous": lambda: token(padding="x" * 20_000),
}


@pytest.fixture
def oidc_house(build: Callable[..., House], tmp_path: Any) -> House:
    """A gateway that accepts tokens of one issuer, whose keys are in a file."""
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(JWKS))
    return build(
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=f"file://{file}",
        failed_attempts_per_minute=1000,
        study_openers="jane",
    )


async def test_a_right_token_is_somebody(oidc_house: House) -> None:
    for right in (token(), token(typ=None, headers={"typ": "at+jwt"})):
        me = (await oidc_house.client_with(right).get("/v1/me")).json()
        assert me == {"principal": "jane", "may_open_studies": True, "studies": []}
    jane = oidc_house.client_with(token())
    study = (await jane.post("/v1/studies", json={"title": "Jane's"})).headers["location"]
    assert (await jane.get(study)).json()["opened_by"] == "jane"
    other = oidc_house.client_with(token(sub="joe"))
    assert (await other.post("/v1/studies", json={"title": "Joe's"})).status_code == 403
    assert (await other.get(study)).status_code == 404


async def test_a_forged_token_is_nobody(oidc_house: House) -> None:
    for kind, forge in FORGED.items():
        refused = await oidc_house.client_with(forge()).get("/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), kind
        assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_token_is_told_so(oidc_house: House) -> None:
    refused = await oidc_house.client_with(token(exp=int(time.time()) - 60)).get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "credential_expired")


async def test_without_an_issuer_no_token_counts(house: House) -> None:
    assert (await house.client_with(token()).get("/v1/me")).status_code == 401


async def test_keys_are_fetched_from_where_the_issuer_publishes_them(build: Callable[..., House]) -> None:
    async with serving(JSONResponse(JWKS), lifespan="off") as port:
        house = build(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks_url=f"http://127.0.0.1:{port}/keys")
        assert (await house.client_with(token()).get("/v1/me")).json()["principal"] == "jane"
        assert (await house.client_with(token(key=THEIRS)).get("/v1/me")).status_code == 401


# --- the issuer's keys -----------------------------------------------------------------------------------------------------------


class Issuer:
    """Publishes keys, counts how often it is asked, and can be away."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = JWKS
        self.asked = 0
        self.away = False
        self.now = 1000.0

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise OSError
        return self.document

    def tokens(self) -> AccessTokens:
        keys = SigningKeys(self.fetch, clock=lambda: self.now)
        return AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, algorithms=["RS256"])


async def test_keys_are_fetched_for_an_unknown_id_and_not_more_often_than_the_cool_down() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    for _ in range(3):
        assert (await tokens.verify(token()))[0] == "jane"
    assert issuer.asked == 1
    issuer.document = {"keys": [jwk(THEIRS, "k2")]}
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await tokens.verify(token(key=THEIRS, headers={"kid": "k2"}))
    assert issuer.asked == 1
    issuer.now += COOL_DOWN_SECONDS + 1
    assert (await tokens.verify(token(key=THEIRS, headers={"kid": "k2"})))[0] == "jane"
    assert issuer.asked == 2
    with pytest.raises(Unauthenticated):  # the rotated key is gone
        await tokens.verify(token())


async def test_an_issuer_that_is_away_or_empty_does_not_lock_anybody_out_for_a_day() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens.verify(token())
    issuer.document = {"keys": []}
    issuer.now += COOL_DOWN_SECONDS + 1
    with pytest.raises(Unauthenticated):
        await tokens.verify(token(headers={"kid": "k9"}))
    issuer.away = True
    issuer.now += STALE_SECONDS - 100
    assert (await tokens.verify(token()))[0] == "jane"
    issuer.now += 200
    with pytest.raises(Unavailable):
        await tokens.verify(token())


async def test_an_issuer_that_was_never_there_is_our_trouble_not_the_callers() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(Unavailable):
        await issuer.tokens().verify(token())


async def test_expiry_is_judged_after_the_signature() -> None:
    with pytest.raises(KeyExpired):
        await Issuer().tokens().verify(token(exp=1))
    with pytest.raises(Unauthenticated) as refused:
        await Issuer().tokens().verify(token(exp=1, key=THEIRS))
    assert not isinstance(refused.value, KeyExpired)
