"""CloudEvents 1.0 in Kafka binary mode: attributes as `ce_*` headers, the state as the value.

An event carries its aggregate's whole current state; a removal or a withdrawal is a tombstone, whose value is empty and whose
headers stay. `ce_aggregateversion` orders the events of one aggregate and is what makes consumers idempotent.
"""

from dataclasses import dataclass
from datetime import datetime

SPEC_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one event. `subject` is the aggregate's key and `version` its number, from 1 upwards."""

    id: str
    type: str
    source: str
    subject: str
    study: str
    version: int
    time: datetime

    def headers(self) -> dict[str, str]:
        """As Kafka headers."""
        return {
            "ce_specversion": SPEC_VERSION,
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": self.subject,
            "ce_study": self.study,
            "ce_aggregateversion": str(self.version),
            "ce_time": self.time.isoformat(),
            "content-type": "application/json",
        }

    @classmethod
    def from_headers(cls, headers: dict[str, str]) -> "Envelope":
        """Read back from headers. Raises ValueError when one is absent or malformed."""
        try:
            if headers["ce_specversion"] != SPEC_VERSION:
                raise ValueError(f"CloudEvents version {headers['ce_specversion']!r} is not {SPEC_VERSION}")
            return cls(
                id=headers["ce_id"],
                type=headers["ce_type"],
                source=headers["ce_source"],
                subject=headers["ce_subject"],
                study=headers["ce_study"],
                version=int(headers["ce_aggregateversion"]),
                time=datetime.fromisoformat(headers["ce_time"]),
            )
        except KeyError as missing:
            raise ValueError(f"the event has no header {missing}") from missing
