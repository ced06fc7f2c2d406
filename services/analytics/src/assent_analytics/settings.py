"""What an operator of analytics can set."""

from pydantic import Field

from assent_kit.settings import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    """Where the owners of texts live, and how long the evidence view waits for them."""

    ingest_url: str = Field(default="http://ingest:8000", description="where ingest answers; texts of passages are fetched from it")
    qual_url: str = Field(default="http://qual:8000", description="where qual answers; texts of excerpts are fetched from it")
    texts_deadline_seconds: float = Field(
        default=2.0,
        gt=0,
        le=30,
        description="after this the evidence view is shown without the texts of an owner that does not answer",
    )
