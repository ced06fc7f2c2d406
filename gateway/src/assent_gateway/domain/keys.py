"""API keys: `assent_<id>_<secret>`, with a random 256-bit secret of which only an HMAC is kept.

A random secret needs no slow hash. The pepper is a setting, so a copy of the database alone does not help to try keys.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

PREFIX = "assent"
_SECRET_BYTES = 32
_FORM = re.compile(r"assent_([0-9A-Z]{26})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """A key as a caller shows it. `id` is the resource's, `key_…`."""

    id: str
    secret: str


def new_secret() -> str:
    """A fresh secret, in hexadecimal."""
    return secrets.token_hex(_SECRET_BYTES)


def compose(key_id: str, secret: str) -> str:
    """The key as its holder keeps it."""
    return f"{PREFIX}_{key_id.removeprefix('key_')}_{secret}"


def read_key(text: str) -> PresentedKey | None:
    """The parts of a key; None when the text is not one."""
    found = _FORM.fullmatch(text)
    return PresentedKey(id=f"key_{found[1]}", secret=found[2]) if found else None


def code_of(secret: str, pepper: str) -> str:
    """What is kept of a secret."""
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def same_code(one: str, other: str) -> bool:
    """Compare without telling, by the time it takes, how much is right."""
    return hmac.compare_digest(one, other)
