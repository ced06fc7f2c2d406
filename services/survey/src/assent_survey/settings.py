"""The knobs of this service, beside those that every service has."""

from pydantic import Field, SecretStr

from assent_kit.settings import ServiceSettings, weak_secret

_FOR_DEVELOPMENT = "a key for development only, never for real respondents"


class SurveySettings(ServiceSettings):
    """Set from the environment, each as `ASSENT_` and its name in capitals."""

    survey_key: SecretStr = Field(
        default=SecretStr(_FOR_DEVELOPMENT),
        description="key of the blind indexes by which respondents are found again and of the seal on connections' secrets; "
        "never change it, and keep it apart from the backups",
    )
    survey_hook_bytes: int = Field(default=2 * 1024 * 1024, ge=64 * 1024, description="largest body of a webhook")
    survey_quarantine_limit: int = Field(default=1000, ge=1, description="quarantined deliveries kept per connection and reason")
    survey_quarantine_days: float = Field(default=30, gt=0, description="quarantined and dead deliveries are deleted after this")
    survey_secret_overlap_hours: float = Field(default=24, ge=0, description="how long the old secret still works after a rotation")
    survey_delivery_batch: int = Field(default=50, ge=1, le=1000, description="deliveries that are applied in one transaction")
    survey_delivery_attempts: int = Field(default=5, ge=1, description="failures after which a delivery is dead")
    survey_fetch_attempts: int = Field(
        default=12, ge=1, description="times that a platform is asked for answers that it does not have yet, over about two days"
    )
    survey_private_platforms: bool = Field(
        default=False, description="whether platforms may be asked at addresses inside a private network"
    )
    survey_export_days: float = Field(default=7, gt=0, description="exports are deleted after this")
    survey_import_bytes: int = Field(
        default=1024**3,
        ge=1024,
        description="largest file of responses, unpacked; the gateway's `most_upload_bytes` limits what arrives, packed or not",
    )
    survey_database_days: float = Field(
        default=7, gt=0, description="how long deleted rows may live on in PostgreSQL's pages and write-ahead log; told in receipts"
    )
    survey_backup_days: float = Field(default=35, gt=0, description="how long backups are kept; told in receipts")

    def unsafe_values(self) -> list[str]:
        """The key of the blind indexes must be a secret."""
        unsafe = super().unsafe_values()
        if self.survey_key.get_secret_value() == _FOR_DEVELOPMENT or weak_secret(self.survey_key):
            unsafe.append("ASSENT_SURVEY_KEY must be a secret of at least 32 characters")
        return unsafe

    @property
    def key_bytes(self) -> bytes:
        """The key as bytes."""
        return self.survey_key.get_secret_value().encode()
