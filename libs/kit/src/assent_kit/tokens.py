"""The gateway's own short token: minted at the edge, verified by every service.

An EdDSA JWT that says who asks, about which study and in which role. It never leaves the house: clients send keys or OIDC tokens to the
gateway, which puts this in their place. Not here: how the gateway knows its callers (assent_gateway.service).
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

Role = Literal["owner", "steward", "researcher", "coder", "analyst", "viewer", "platform", "none"]
"""`platform` is a webhook; `none` is somebody known who asks about no study in particular."""

ALGORITHM = "EdDSA"
ISSUER = "assent-gateway"
AUDIENCE = "assent-services"
TYPE = "assent+jwt"
LIFETIME_SECONDS = 60
LEEWAY_SECONDS = 5  # how far two clocks may differ
REMEMBERED_TOKENS = 4096


class InvalidToken(Exception):
    """The token was not minted by the gateway, is not for us, or has expired."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `study` is empty where no study is asked about; `expires_at` is in Unix seconds."""

    subject: str
    study: str
    role: Role
    expires_at: int


def new_key_pair() -> tuple[str, str]:
    """A fresh Ed25519 key as PEM: the private half for the gateway, the public half for the services."""
    private = Ed25519PrivateKey.generate()
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public_pem_of(private),
    )


def public_pem_of(private: Ed25519PrivateKey) -> str:
    """The public half as PEM."""
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_key_from(pem: str) -> Ed25519PrivateKey:
    """Read a private key; `\\n` may stand for a line break, as it must in many environment files. Raises ValueError."""
    key = load_pem_private_key(_lines(pem), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the gateway's key must be an Ed25519 key")
    return key


def public_key_from(pem: str) -> Ed25519PublicKey:
    """Read a public key, likewise. Raises ValueError."""
    key = load_pem_public_key(_lines(pem))
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the gateway's key must be an Ed25519 key")
    return key


def _lines(pem: str) -> bytes:
    return pem.replace("\\n", "\n").encode()


class TokenMinter:
    """Makes tokens. **Usage**: `TokenMinter(private_key_pem).mint(subject="key_…", study="stu_…", role="coder")`."""

    def __init__(self, private_key: str, *, clock: Callable[[], float] = time.time) -> None:
        self._key = private_key_from(private_key)
        self._clock = clock

    @property
    def public_key(self) -> str:
        """The PEM that services need."""
        return public_pem_of(self._key)

    def mint(self, *, subject: str, study: str, role: Role) -> str:
        """A token good for a minute."""
        issued = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "study": study,
            "role": role,
            "typ": TYPE,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"typ": TYPE})


class TokenVerifier:
    """Checks tokens and remembers the good ones, by their hash, until they expire: a signature costs more than a small request."""

    def __init__(self, public_key: str, *, clock: Callable[[], float] = time.time) -> None:
        self._key = public_key_from(public_key)
        self._clock = clock
        self._known: dict[bytes, Claims] = {}

    def verify(self, token: str) -> Claims:
        """What the token says. Raises InvalidToken, saying why without quoting the token."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None:
            known = self._read(token)
            if len(self._known) >= REMEMBERED_TOKENS:
                self._forget_some()
            self._known[digest] = known
        if known.expires_at + LEEWAY_SECONDS <= self._clock():
            self._known.pop(digest, None)
            raise InvalidToken("the token has expired")
        return known

    def _read(self, token: str) -> Claims:
        try:
            decoded = jwt.decode_complete(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are checked by `verify`, against the clock that was given.
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub", "study", "role"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise InvalidToken("the token is not one of the gateway's") from error
        return self._claims(decoded["header"], decoded["payload"])

    def _claims(self, header: dict[str, Any], payload: dict[str, Any]) -> Claims:
        if header.get("typ") != TYPE or payload.get("typ") != TYPE:
            raise InvalidToken("the token is of another type")
        subject, study, role, expires = payload["sub"], payload["study"], payload["role"], payload["exp"]
        well_formed = isinstance(study, str) and isinstance(expires, int) and role in get_args(Role)
        if not well_formed or payload["iat"] > self._clock() + LEEWAY_SECONDS:
            raise InvalidToken("the token's claims do not make sense")
        return Claims(subject=subject, study=study, role=role, expires_at=expires)

    def _forget_some(self) -> None:
        """Let go of what has expired, or else of the oldest half."""
        now = self._clock()
        fresh = [(digest, claims) for digest, claims in self._known.items() if claims.expires_at > now]
        self._known = dict(fresh[-REMEMBERED_TOKENS // 2 :])
