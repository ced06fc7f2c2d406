"""Which address is whose: the one table of the proxy. The gateway never rewrites a path.

Not here: who may use an address (the roles are each route's own) and how a request gets there (proxy).
"""

from enum import Enum
from typing import NamedTuple

OWN = "gateway"

SERVICE_OF_SEGMENT: dict[str, str] = {
    **dict.fromkeys(("documents", "passages", "rationales", "search"), "ingest"),
    **dict.fromkeys(
        (
            "instruments",
            "collections",
            "connections",
            "deliveries",
            "responses",
            "withdrawals",
            "exports",
            "vignettes",
            "item-bank",
            "imports",
        ),
        "survey",
    ),
    **dict.fromkeys(("participants", "cohorts", "sessions", "codes", "codings", "excerpts"), "qual"),
    **dict.fromkeys(("items", "bases", "analyses", "estimates", "proposals", "releases", "evidence-settings"), "analytics"),
    **dict.fromkeys(("", "members", "keys", "vocabulary", "groups", "close"), OWN),
}
SERVICE_OF_JOB = {"job_ing_": "ingest", "job_sur_": "survey", "job_qua_": "qual", "job_ana_": "analytics"}
"""A job's id names its owner, because every service has its jobs at the same path."""
JOBS = "jobs"
SERVICES: tuple[str, ...] = ("ingest", "survey", "qual", "analytics")

# What goes on when a study is closed. Access must still be managed, reading by POST is reading, and nobody may be kept from withdrawing.
_OPEN_SEGMENTS = frozenset({"close", "members", "keys", "withdrawals", "analyses", "exports", JOBS})
_OPEN_ENDINGS = frozenset(
    {
        ("passages", "texts"),
        ("excerpts", "texts"),
        ("participants", "consents"),
        ("collections", "exports"),
        ("collections", "check"),
        ("vignettes", "power"),
    }
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(Enum):
    """What must be known of a caller before the request goes on."""

    PUBLIC = "nothing"
    PLATFORM = "nothing; the service checks the sender's signature"
    HOLDER = "nothing; the service knows whose the token in the address is"
    KNOWN = "who it is"
    MEMBER = "who it is, and its role in the study"


class Destination(NamedTuple):
    """Where a path leads: a service or the gateway itself, the study it is about, and what follows the study."""

    service: str
    access: Access
    study: str = ""
    segment: str = ""
    ending: str = ""

    def stays_open(self, method: str) -> bool:
        """Whether this may be asked of a closed study."""
        return method in _SAFE_METHODS or self.segment in _OPEN_SEGMENTS or (self.segment, self.ending) in _OPEN_ENDINGS

    @property
    def streams(self) -> bool:
        """Whether the answer goes on for as long as there is something to tell."""
        return self.segment == JOBS and self.ending == "events"


MOST_HOOK_PARTS = 7
"""An address of a hook may go on with a secret and, for clients of OpenRosa, with the names that they add themselves."""

_PUBLIC = Destination(OWN, Access.PUBLIC)
_KNOWN = Destination(OWN, Access.KNOWN)
_HOOK = Destination("survey", Access.PLATFORM)
_PARENT = Destination("survey", Access.HOLDER, segment="p")


def destination(path: str) -> Destination:
    """Where a decoded path leads. What nobody owns leads to the gateway's own app, which answers 404."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] or parts[1] != "v1":
        return _PUBLIC
    if parts[2] == "hooks" and 4 <= len(parts) <= MOST_HOOK_PARTS and parts[3]:
        return _HOOK
    if parts[2] == "p" and len(parts) > 3 and parts[3]:
        return _PARENT
    if path in ("/v1/studies", "/v1/me"):
        return _KNOWN
    if parts[2] != "studies" or not parts[3]:
        return _PUBLIC
    segment = parts[4] if len(parts) > 4 else ""
    service = _owner_of_job(parts) if segment == JOBS else SERVICE_OF_SEGMENT.get(segment)
    if service is None:
        return _PUBLIC
    return Destination(service, Access.MEMBER, study=parts[3], segment=segment, ending=parts[-1])


def _owner_of_job(parts: list[str]) -> str | None:
    return SERVICE_OF_JOB.get(parts[5][:8]) if len(parts) > 5 else None


def ambiguous(raw_path: bytes) -> bool:
    """Whether a path could mean one thing here and another at the service: dot segments, or an encoded or doubled separator."""
    if b"%" not in raw_path and b"/." not in raw_path and b"//" not in raw_path:
        return False
    lowered = raw_path.lower()
    if b"%2f" in lowered or b"%5c" in lowered or b"%00" in lowered or b"//" in lowered:
        return True
    return any(part in (b".", b"..") for part in lowered.replace(b"%2e", b".").split(b"/"))
