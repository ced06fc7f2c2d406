"""Which address is whose: the one table of the proxy. The gateway never rewrites a path.

Not here: who may use an address (the roles are each route's own) and how a request gets there (proxy).
"""

from enum import Enum
from typing import NamedTuple

OWN = "gateway"

SERVICE_OF_SEGMENT: dict[str, str] = {
    **dict.fromkeys(("documents", "passages", "rationales", "search"), "ingest"),
    **dict.fromkeys(("instruments", "collections", "connections", "deliveries", "responses", "withdrawals"), "survey"),
    **dict.fromkeys(("participants", "cohorts", "sessions", "codes", "codings", "excerpts"), "qual"),
    **dict.fromkeys(("items", "bases", "analyses", "estimates", "proposals", "evidence-settings"), "analytics"),
    **dict.fromkeys(("", "members", "keys", "vocabulary", "groups", "close"), OWN),
}
SERVICES: tuple[str, ...] = ("ingest", "survey", "qual", "analytics")

# What goes on when a study is closed. Access must still be managed, reading by POST is reading, and nobody may be kept from withdrawing.
_OPEN_SEGMENTS = frozenset({"close", "members", "keys", "withdrawals", "analyses"})
_OPEN_ENDINGS = frozenset({("passages", "texts"), ("excerpts", "texts"), ("participants", "consents")})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(Enum):
    """What must be known of a caller before the request goes on."""

    PUBLIC = "nothing"
    PLATFORM = "nothing; the service checks the sender's signature"
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


_PUBLIC = Destination(OWN, Access.PUBLIC)
_KNOWN = Destination(OWN, Access.KNOWN)
_HOOK = Destination("survey", Access.PLATFORM)


def destination(path: str) -> Destination:
    """Where a decoded path leads. What nobody owns leads to the gateway's own app, which answers 404."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] or parts[1] != "v1":
        return _PUBLIC
    if parts[2] == "hooks" and len(parts) == 4:
        return _HOOK
    if path in ("/v1/studies", "/v1/me"):
        return _KNOWN
    if parts[2] != "studies" or not parts[3]:
        return _PUBLIC
    segment = parts[4] if len(parts) > 4 else ""
    service = SERVICE_OF_SEGMENT.get(segment)
    if service is None:
        return _PUBLIC
    return Destination(service, Access.MEMBER, study=parts[3], segment=segment, ending=parts[-1])


def ambiguous(raw_path: bytes) -> bool:
    """Whether a path could mean one thing here and another at the service: dot segments, or an encoded or doubled separator."""
    if b"%" not in raw_path and b"/." not in raw_path and b"//" not in raw_path:
        return False
    lowered = raw_path.lower()
    if b"%2f" in lowered or b"%5c" in lowered or b"%00" in lowered or b"//" in lowered:
        return True
    return any(part in (b".", b"..") for part in lowered.replace(b"%2e", b".").split(b"/"))
