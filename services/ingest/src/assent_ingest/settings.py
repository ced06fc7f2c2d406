"""What an operator of ingest sets, beside what every service has."""

from pydantic import Field

from assent_kit.settings import ServiceSettings


class IngestSettings(ServiceSettings):
    """The knobs of the ingest service. What one document may cost in memory and processor time is fixed (formats/confinement.py)."""

    ingest_documents_at_once: int = Field(
        default=2, ge=1, le=32, description="documents that are read at the same time, each in a process"
    )
    ingest_documents_waiting: int = Field(
        default=16, ge=0, description="documents that may wait for that; more are told to come back"
    )
    ingest_document_seconds: float = Field(default=120, gt=0, le=600, description="longest that reading one document may take")
