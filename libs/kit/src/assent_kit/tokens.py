"""The gateway's own short token: an EdDSA JWT that says who asks, about which study, in which role, for a minute.

Services accept only these. Not here: OIDC tokens and API keys, which end at the gateway.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LIFETIME = 60  # seconds
ISSUER = "assent-gateway"
AUDIENCE = "assent-services"
TYPE = "assent+jwt"
REMEMBERED = 4096  # verified tokens

ROLES = ("owner", "steward", "researcher", "coder", "analyst", "viewer", "platform")


class InvalidToken(ValueError):
    """Not a token of this gateway, or no longer one."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says."""

    subject: str
    study: str
    role: Any
    expires: float


class TokenMinter:
    """Makes tokens with the gateway's private key."""

    def __init__(self, private_key_pem: str) -> None:
        self._key = _private_key(private_key_pem)

    def mint(self, *, subject: str, study: str, role: str) -> str:
        """A token for LIFETIME seconds from now."""
        issued = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "study": study,
            "role": role,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"typ": TYPE})


class TokenVerifier:
    """Verifies tokens with the gateway's public key; results are kept by the token's hash until they expire."""

    def __init__(self, public_key_pem: str) -> None:
        self._key = _public_key(public_key_pem) if public_key_pem else None
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = Lock()

    def verify(self, token: str) -> Claims:
        """What the token says. Raises InvalidToken."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        with self._lock:
            claims = self._verified.get(digest)
        if claims is None:
            claims = self._decode(token)
            self._remember(digest, claims)
        if claims.expires <= time.time():
            raise InvalidToken("the token has expired")
        return claims

    def _decode(self, token: str) -> Claims:
        if self._key is None:
            raise InvalidToken("this service has no public key to check tokens with")
        try:
            header = jwt.get_unverified_header(token)
            body = jwt.decode(
                token,
                self._key,
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidToken("the token is not valid") from error
        if header.get("typ") != TYPE or body.get("role") not in ROLES or not isinstance(body.get("study"), str):
            raise InvalidToken("the token is of another kind")
        return Claims(subject=body["sub"], study=body["study"], role=body["role"], expires=float(body["exp"]))

    def _remember(self, digest: bytes, claims: Claims) -> None:
        with self._lock:
            self._verified[digest] = claims
            while len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)


def new_key_pair() -> tuple[str, str]:
    """A fresh Ed25519 pair as PEM texts: private, public."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return private, public_key_of(private)


def public_key_of(private_key_pem: str) -> str:
    """The public half of a private key, as PEM."""
    public = _private_key(private_key_pem).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _private_key(pem: str) -> Ed25519PrivateKey:
    return cast(Ed25519PrivateKey, serialization.load_pem_private_key(_lines(pem), password=None))


def _public_key(pem: str) -> Ed25519PublicKey:
    return cast(Ed25519PublicKey, serialization.load_pem_public_key(_lines(pem)))


def _lines(pem: str) -> bytes:
    """A PEM text in which `\\n` may stand for the end of a line, as it must in environment files."""
    return pem.replace("\\n", "\n").encode()
