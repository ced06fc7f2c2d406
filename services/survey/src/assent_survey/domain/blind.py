"""Blind indexes: how a respondent is known again without being kept.

A respondent's token is read however it was typed, wherever a respondent is named: people copy it from a letter.

An index is the HMAC of what names someone under a key from the settings. Equal names give equal indexes; without the key nobody can
try names out. Losing the key loses the ability to find, and so to withdraw, anyone by name.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 26
_TOKEN_ALPHABET = _CODE_ALPHABET.lower()  # without what is misread: 0 and o, 1, i and l
_TOKEN_LENGTH = 26  # 31 ** 26 is more than 2 ** 128, so that guessing is hopeless at any rate
_TOKEN_LETTERS = frozenset(_TOKEN_ALPHABET)
DIGEST = 32  # bytes of an index; as text it has twice as many characters


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Makes indexes with one key. Each kind of name has a space of its own."""

    key: bytes

    def respondent(self, collection: str, name: str) -> str:
        """The respondent whom the platform or the researcher calls `name`, within one collection."""
        return self._index("respondent", collection, _meant(name))

    def response(self, collection: str, name: str) -> str:
        """The response that the platform or the researcher calls `name`, within one collection."""
        return self._index("response", collection, name)

    def code(self, study: str, code: str) -> str:
        """A withdrawal code, however it was typed."""
        return self._index("code", study, "".join(code.split()).replace("-", "").upper())

    def token(self, token: str) -> str:
        """A respondent's token as it was issued: what its holder is found by when nothing else is known."""
        return self._index("token", "", token)

    def account(self, platform: str, secrets: str) -> str:
        """The account at a platform that these secrets belong to."""
        return self._index("account", platform, secrets)

    def content(self, response: str, said: str) -> str:
        """What a response says; so that the same is known again, and a rare answer cannot be guessed from its digest."""
        return self._index("content", response, said)

    def respondents(self, collection: str, names: Iterable[str]) -> bytes:
        """The indexes of many respondents as bytes, `DIGEST` each, in their order."""
        return self._digests(f"respondent\x1f{collection}", map(_meant, names))

    def responses(self, collection: str, names: Iterable[str]) -> bytes:
        """The same of many responses."""
        return self._digests(f"response\x1f{collection}", names)

    def contents(self, said: Iterable[tuple[str, str]]) -> bytes:
        """The same of what many responses say: pairs of a response and its content."""
        return self._digests("content", map("\x1f".join, said))

    def _digests(self, kind: str, names: Iterable[str]) -> bytes:
        keyed = HMAC(self.key, SHA256())  # of the two libraries the one that copies quickly
        keyed.update(f"{kind}\x1f".encode())

        def digest(name: str) -> bytes:
            each = keyed.copy()
            each.update(name.encode())
            return each.finalize()

        return b"".join(map(digest, names))

    def _index(self, kind: str, scope: str, name: str) -> str:
        return hmac.digest(self.key, f"{kind}\x1f{scope}\x1f{name}".encode(), "sha256").hex()


def new_withdrawal_code() -> str:
    """About 128 random bits in letters and digits that are hard to misread, in groups: `7K2M-…`."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, _CODE_LENGTH, 5))


def new_token() -> str:
    """A random token of more than 128 bits, in letters and digits that are hard to misread."""
    return "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(_TOKEN_LENGTH))


def as_issued(typed: str) -> str:
    """A token that somebody typed, as it was issued: in small letters, without hyphens and spaces, and without the full stop or bracket
    that programs take along when they make a link of an address in a sentence.
    """
    return "".join(each for each in typed if each.isalnum()).lower()


def _meant(name: str) -> str:
    """A name as it came; one that can be a token, as tokens are issued."""
    if len(name) < _TOKEN_LENGTH:
        return name
    token = as_issued(name)
    return token if len(token) == _TOKEN_LENGTH and _TOKEN_LETTERS.issuperset(token) else name
