"""Verify an OIDC access token: PyJWT, strictly. Only the issuer's published keys count, never one that the token brings along.

What PyJWT does not check by itself is required here: that the claims are there at all, and that this is an access token and not an ID
token of the same issuer (RFC 9068 §2.1: the header's `typ`; Keycloak says `Bearer` among the claims instead).
"""

from collections.abc import Sequence
from typing import Any

import jwt

from assent_gateway.problems import KeyExpired
from assent_gateway.service.fetch_signing_keys import SigningKeys
from assent_kit.problems import Unauthenticated

LEEWAY_SECONDS = 10
LONGEST_TOKEN = 16 * 1024
LONGEST_SUBJECT = 200
_ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt")


class AccessTokens:
    """Tokens of one issuer for one audience."""

    def __init__(self, keys: SigningKeys, *, issuer: str, audience: str, algorithms: Sequence[str]) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = list(algorithms)

    async def verify(self, token: str) -> tuple[str, float]:
        """The subject, and when the token expires in Unix seconds. Raises Unauthenticated and KeyExpired."""
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in self._algorithms or "crit" in header or header.get("b64") is False:
                raise Unauthenticated
            key = await self._keys.find(header.get("kid", ""))
            if key is None or key.algorithm_name != header["alg"]:
                raise Unauthenticated
            claims = self._decode(token, key)
        except jwt.ExpiredSignatureError as error:
            raise KeyExpired from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Unauthenticated from error
        if not _is_access_token(header, claims) or not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
            raise Unauthenticated
        return claims["sub"], float(claims["exp"])

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=self._algorithms,
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"], "strict_aud": True},
        )
        return claims


def _is_access_token(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    kind = header.get("typ")
    return (isinstance(kind, str) and kind.lower() in _ACCESS_TOKEN_TYPES) or claims.get("typ") == "Bearer"
