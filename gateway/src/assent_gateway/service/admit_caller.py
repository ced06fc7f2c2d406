"""Find out who a caller is and what role it has in a study, from a key or an OIDC access token."""

from dataclasses import dataclass

from sqlmodel import Session

from assent_gateway.domain import keys
from assent_gateway.domain.membership import MemberRole
from assent_gateway.problems import KeyExpired
from assent_gateway.service.verify_access_token import AccessTokens
from assent_gateway.store import queries
from assent_kit.database import Database
from assent_kit.problems import Unauthenticated
from assent_kit.tables import now

# Somebody known who asks about no study: enough to reach their own list, and no study's path matches it.
NO_STUDY_ROLE: MemberRole = "viewer"
KEY_PREFIX = "key_"

# Compared with when the key does not exist, so that this takes as long as a wrong secret.
_NO_CODE = "0" * 64


@dataclass(frozen=True, slots=True)
class Admission:
    """Who asks. `role` is None for somebody without a role in the study; `expires_at` is in Unix seconds."""

    subject: str
    role: MemberRole | None
    closed: bool = False
    expires_at: float | None = None


class Admissions:
    """**Usage**: `await Admissions(database, pepper=…, access_tokens=…).admit(credential, study)`; `study` may be empty."""

    def __init__(self, database: Database, *, pepper: str, access_tokens: AccessTokens | None) -> None:
        self._database = database
        self._pepper = pepper
        self._access_tokens = access_tokens

    async def admit(self, credential: str, study: str) -> Admission:
        """Raises Unauthenticated for a stranger and KeyExpired for somebody who was known."""
        key = keys.read_key(credential)
        if key is not None:
            return await self._database.read(admit_key, key, study, pepper=self._pepper)
        if self._access_tokens is None or credential.count(".") != 2:
            raise Unauthenticated
        subject, expires_at = await self._access_tokens.verify(credential)
        if subject.startswith(KEY_PREFIX):
            raise Unauthenticated  # an issuer must not speak for a key
        return await self._database.read(admit_subject, subject, study, expires_at=expires_at)


def admit_key(session: Session, key: keys.PresentedKey, study: str, *, pepper: str) -> Admission:
    """Admit the holder of a key. Raises Unauthenticated and KeyExpired."""
    row = queries.key_row(session, key.id)
    right = keys.same_code(keys.code_of(key.secret, pepper), row.code if row is not None else _NO_CODE)
    if row is None or not right:
        raise Unauthenticated
    if row.expires_at is not None and row.expires_at <= now():
        raise KeyExpired
    return admit_subject(session, row.id, study, expires_at=row.expires_at.timestamp() if row.expires_at else None)


def admit_subject(session: Session, subject: str, study: str, *, expires_at: float | None) -> Admission:
    """Admit somebody who is known, with the role that they have in the study."""
    if not study:
        return Admission(subject=subject, role=NO_STUDY_ROLE, expires_at=expires_at)
    role, state = queries.role_and_state(session, study, subject) or (None, "open")
    return Admission(subject=subject, role=role, closed=state == "closed", expires_at=expires_at)
