"""The gateway's own token: what it says, and that nothing else is taken for it."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from assent_kit import tokens
from assent_kit.tokens import (
    AUDIENCE,
    ISSUER,
    LIFETIME,
    TYPE,
    InvalidToken,
    TokenMinter,
    TokenVerifier,
    new_key_pair,
    public_key_of,
)

PRIVATE, PUBLIC = new_key_pair()
OTHER_PRIVATE, _ = new_key_pair()


def forge(*, private: str = PRIVATE, algorithm: str = "EdDSA", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "jane",
        "study": "stu_1",
        "role": "coder",
        "iat": now,
        "exp": now + 60,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    key = load_pem_private_key(private.encode(), password=None)
    return jwt.encode(kept, key, algorithm=algorithm, headers={"typ": TYPE, **(headers or {})})  # type: ignore[arg-type]


def unsigned(header: dict[str, Any]) -> str:
    parts = (header, {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "study": "s", "role": "owner", "iat": 1, "exp": 9999999999})
    return ".".join([base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]) + "."


FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned({"alg": "none", "typ": TYPE}),
    "alg NoNe": lambda: unsigned({"alg": "NoNe", "typ": TYPE}),
    "HS256 with the public key": lambda: unsigned({"alg": "HS256", "typ": TYPE}) + "AAAA",
    "another key": lambda: forge(private=OTHER_PRIVATE),
    "another type": lambda: forge(headers={"typ": "JWT"}),
    "unknown crit": lambda: forge(headers={"crit": ["x"], "x": 1}),
    "expired": lambda: forge(exp=int(time.time()) - 30),
    "issued in the future": lambda: forge(iat=int(time.time()) + 600),
    "no exp": lambda: forge(exp=None),
    "no aud": lambda: forge(aud=None),
    "wrong aud": lambda: forge(aud="another"),
    "aud among others": lambda: forge(aud=[AUDIENCE, "another"]),
    "wrong iss": lambda: forge(iss="another"),
    "no sub": lambda: forge(sub=None),
    "no study": lambda: forge(study=None),
    "study a list": lambda: forge(study=["stu_1", "stu_2"]),
    "unknown role": lambda: forge(role="god"),
    "role a list": lambda: forge(role=["owner"]),
    "no role": lambda: forge(role=None),
    "nothing": lambda: "",
    "not a token": lambda: "a.b.c",
    "lone surrogate": lambda: "\ud800.b.c",
}


def test_a_token_says_who_asks_about_which_study_in_which_role() -> None:
    token = TokenMinter(PRIVATE).mint(subject="jane", study="stu_1", role="coder")
    claims = TokenVerifier(PUBLIC).verify(token)
    assert (claims.subject, claims.study, claims.role) == ("jane", "stu_1", "coder")
    assert claims.expires <= time.time() + LIFETIME
    assert public_key_of(PRIVATE) == PUBLIC


@pytest.mark.parametrize("kind", FORGED)
def test_nothing_else_is_taken_for_one(kind: str) -> None:
    verifier = TokenVerifier(PUBLIC)
    for _ in range(2):  # a refusal is not remembered as anything else
        with pytest.raises(InvalidToken):
            verifier.verify(FORGED[kind]())


def test_a_remembered_token_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = TokenVerifier(PUBLIC)
    token = forge()
    verifier.verify(token)
    now = time.time()
    monkeypatch.setattr(tokens.time, "time", lambda: now + 61)
    with pytest.raises(InvalidToken):
        verifier.verify(token)


def test_a_signature_is_checked_once_for_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = TokenVerifier(PUBLIC)
    token = forge()
    verifier.verify(token)
    monkeypatch.setattr(tokens.jwt, "decode", None)
    assert verifier.verify(token).subject == "jane"


def test_a_service_without_a_key_believes_nobody() -> None:
    with pytest.raises(InvalidToken):
        TokenVerifier("").verify(forge())


def test_keys_may_have_their_lines_escaped_as_environment_files_need() -> None:
    minter = TokenMinter(PRIVATE.replace("\n", "\\n"))
    verifier = TokenVerifier(PUBLIC.replace("\n", "\\n"))
    assert verifier.verify(minter.mint(subject="jane", study="", role="viewer")).study == ""
