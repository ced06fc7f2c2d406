"""What an operator of qual sets, beside what every service has."""

from pydantic import Field

from assent_kit.settings import ServiceSettings

MEGABYTE = 1024 * 1024


class QualSettings(ServiceSettings):
    """The knobs of the qual service."""

    qual_transcript_megabytes: int = Field(default=10, ge=1, le=50, description="largest transcript file that is taken")
    qual_transcript_turns: int = Field(default=20_000, ge=1, description="most turns that one transcript may have")
    qual_keep_originals: bool = Field(
        default=True, description="keep the transcript file as it came, names and all, until somebody in it withdraws"
    )
    qual_database_days: float = Field(
        default=7, gt=0, description="how long deleted rows may live on in PostgreSQL's pages and write-ahead log; told in receipts"
    )
    qual_backup_days: float = Field(default=35, gt=0, description="how long backups are kept; told in receipts")
