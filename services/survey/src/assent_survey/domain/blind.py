"""Blind indexes: how a respondent is known again without being kept.

An index is the HMAC of what names someone under a key from the settings. Equal names give equal indexes; without the key nobody can
try names out. Losing the key loses the ability to find, and so to withdraw, anyone by name.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 26


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Makes indexes with one key. Each kind of name has a space of its own."""

    key: bytes

    def respondent(self, collection: str, name: str) -> str:
        """The respondent whom the platform or the researcher calls `name`, within one collection."""
        return self._index("respondent", collection, name)

    def response(self, collection: str, name: str) -> str:
        """The response that the platform or the researcher calls `name`, within one collection."""
        return self._index("response", collection, name)

    def code(self, study: str, code: str) -> str:
        """A withdrawal code, however it was typed."""
        return self._index("code", study, "".join(code.split()).replace("-", "").upper())

    def token(self, token: str) -> str:
        """A respondent's token as it was issued: what its holder is found by when nothing else is known."""
        return self._index("token", "", token)

    def content(self, response: str, said: str) -> str:
        """What a response says; so that the same is known again, and a rare answer cannot be guessed from its digest."""
        return self._index("content", response, said)

    def _index(self, kind: str, scope: str, name: str) -> str:
        return hmac.new(self.key, "\x1f".join((kind, scope, name)).encode(), hashlib.sha256).hexdigest()


def new_withdrawal_code() -> str:
    """About 128 random bits in letters and digits that are hard to misread, in groups: `7K2M-…`."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, _CODE_LENGTH, 5))
