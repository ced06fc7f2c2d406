"""Secrets of connections at rest: sealed with a key from the settings, so that a copy of the database signs nothing."""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Seal:
    """AES-256-GCM under a key derived from the service's own; each secret is bound to its connection."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"assent survey connection secrets\x1f" + key).digest())

    def close(self, secret: str, *, connection: str) -> str:
        """The secret as text that only this key and this connection open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), connection.encode())).decode()

    def open(self, sealed: str, *, connection: str) -> str:
        """The secret. Raises cryptography's InvalidTag when the key or the connection is another."""
        both = base64.b64decode(sealed)
        return self._cipher.decrypt(both[:_NONCE_BYTES], both[_NONCE_BYTES:], connection.encode()).decode()
