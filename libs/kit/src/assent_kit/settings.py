"""What an operator sets, from the environment, and what a service refuses to run with outside development.

Each service adds its own knobs to `ServiceSettings`. docs/settings.md is generated from all of them.
"""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MINIMUM_SECRET_LENGTH = 32


class UnsafeSettings(ValueError):
    """A value that is fine on one's own machine and nowhere else."""


class ServiceSettings(BaseSettings):
    """What every service and the gateway need to know."""

    model_config = SettingsConfigDict(env_prefix="ASSENT_", extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        default="production", description="`development` allows SQLite, plain http and short secrets"
    )
    database_url: str = Field(
        description="`postgresql+psycopg://user:password@host/name`, or `sqlite:////path/file.db` in one process"
    )
    bus_url: str = Field(description="`kafka://host:9092[,host:9092]`, or `sqlite:////path/bus.db` in one process")
    gateway_public_key: str = Field(
        default="", description="PEM of the gateway's Ed25519 public key; services accept only its tokens"
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="the origin that users and survey platforms see")
    listen_host: str = Field(default="127.0.0.1", description="address to listen on")
    listen_port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    metrics_port: int = Field(default=0, ge=0, le=65535, description="internal port of the Prometheus metrics; 0: none")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least severe line that is logged")
    database_lanes: int = Field(
        default=1, ge=1, le=8, description="writers on PostgreSQL; more only where use cases wait for each other"
    )
    topic_partitions: int = Field(default=4, ge=1, le=64, description="partitions of a topic that does not exist yet")
    topic_replicas: int = Field(default=1, ge=1, le=5, description="replicas of a topic that does not exist yet")
    compaction_lag_seconds: float = Field(default=3600, ge=0.05, description="after this, withdrawn records leave the log")
    segment_seconds: float = Field(
        default=3600, ge=0.05, description="a log segment is rolled after this, so that it can be cleaned"
    )
    file_delete_delay_seconds: float = Field(
        default=60, ge=0.05, description="how long the broker keeps files that it has replaced"
    )
    tombstone_days: float = Field(default=30, gt=0, description="how long the log keeps tombstones; consumers away longer rebuild")
    idempotency_hours: int = Field(default=48, ge=1, description="how long an Idempotency-Key is remembered")
    job_days: float = Field(default=30, gt=0, description="how long a job that is over is remembered; what it made stays")

    @property
    def uses_sqlite(self) -> bool:
        """Whether the database is a file of this process."""
        return self.database_url.startswith("sqlite")

    @property
    def in_development(self) -> bool:
        """Whether unsafe values are allowed."""
        return self.environment == "development"

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if not self.in_development:
            problems = list(self.unsafe_values())
            if problems:
                raise UnsafeSettings("refused outside development: " + "; ".join(problems))
        return self

    def unsafe_values(self) -> list[str]:
        """What must not be so in production, in words. Services add to it."""
        unsafe = []
        if self.uses_sqlite or self.bus_url.startswith("sqlite"):
            unsafe.append("ASSENT_DATABASE_URL and ASSENT_BUS_URL must name servers, not files")
        if self.public_url.startswith("http://"):
            unsafe.append("ASSENT_PUBLIC_URL must be https")
        if not self.gateway_public_key:
            unsafe.append("ASSENT_GATEWAY_PUBLIC_KEY must be set")
        return unsafe


def weak_secret(secret: SecretStr) -> bool:
    """Whether a secret is shorter than anyone should use."""
    return len(secret.get_secret_value()) < MINIMUM_SECRET_LENGTH
