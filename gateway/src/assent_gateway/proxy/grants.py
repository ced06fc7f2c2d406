"""What has been established about a caller, for a little while: who it is, its role in a study, and the token that says so to a service.

Looking it up costs a query and two signatures; finding it here costs a hash. Nothing is kept longer than the settings say, which is
what makes a revocation effective within a minute in every gateway; this one forgets at once what it has changed itself.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assent_gateway.service.admit_caller import Admission
from assent_kit.tokens import LIFETIME, TokenMinter

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Grant:
    """`authorization` is the header for the service; None when the caller has no role in the study."""

    subject: str
    study: str
    authorization: bytes | None
    closed: bool
    until: float


class Grants:
    """Grants by caller and study. `admit(credential, study)` establishes what is not known yet, and raises for a stranger."""

    def __init__(self, admit: Callable[[str, str], Awaitable[Admission]], minter: TokenMinter, *, seconds: float) -> None:
        self._admit = admit
        self._minter = minter
        self._seconds = seconds
        self._known: dict[tuple[bytes, str], Grant] = {}
        self._platform = b""
        self._platform_until = 0.0

    def platform(self) -> bytes:
        """The token of webhooks, whose sender the service establishes itself."""
        if time.time() >= self._platform_until:
            self._platform = self._minter.mint(subject="platform", study="", role="platform").encode()
            self._platform_until = time.time() + LIFETIME / 2
        return self._platform

    def known(self, credential: bytes, study: str) -> Grant | None:
        """The grant, when it was established a moment ago."""
        grant = self._known.get((_digest(credential), study))
        return grant if grant is not None and grant.until > time.time() else None

    async def establish(self, credential: bytes, study: str) -> Grant:
        """Look it up, and remember it."""
        admission = await self._admit(credential.decode("latin-1"), study)
        grant = self._granted(admission, study)
        if len(self._known) >= REMEMBERED:
            self._known.clear()  # rare, and cheaper than keeping order on every request
        self._known[_digest(credential), study] = grant
        return grant

    def forget(self, study: str) -> None:
        """Who may do what in this study has changed."""
        for key in [key for key in self._known if key[1] == study]:
            del self._known[key]

    def _granted(self, admission: Admission, study: str) -> Grant:
        until = min(time.time() + self._seconds, admission.expires_at or float("inf"))
        authorization = None
        if admission.role is not None:
            token = self._minter.mint(subject=admission.subject, study=study, role=admission.role)
            authorization = b"Bearer " + token.encode()
        return Grant(admission.subject, study, authorization, admission.closed, until)


def _digest(credential: bytes) -> bytes:
    return hashlib.sha256(credential).digest()
