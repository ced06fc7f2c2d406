"""What an operator sets for the gateway."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from assent_kit.settings import ServiceSettings, weak_secret

MIB = 1024 * 1024
LONGEST_GRANT = 55.0  # seconds; with it, a revoked key or membership is refused within a minute

Words = Annotated[tuple[str, ...], NoDecode]


class GatewaySettings(ServiceSettings):
    """The gateway's knobs, beside those of every service. Lists are separated by commas."""

    gateway_private_key: SecretStr = Field(description="PEM of the Ed25519 key that the gateway signs its tokens with")
    key_pepper: SecretStr = Field(description="secret that API keys are stored under; changing it makes every key useless")

    ingest_url: str = Field(default="http://ingest:8000", description="where ingest listens")
    survey_url: str = Field(default="http://survey:8000", description="where survey listens")
    qual_url: str = Field(default="http://qual:8000", description="where qual listens")
    analytics_url: str = Field(default="http://analytics:8000", description="where analytics listens")

    study_openers: Words = Field(default=(), description="OIDC subjects that may open studies, beside installation keys")
    oidc_issuer: str = Field(default="", description="issuer of the OIDC tokens that are accepted; empty: keys only")
    oidc_audience: str = Field(default="assent", description="audience that an OIDC token must name, and no other")
    oidc_jwks_url: str = Field(
        default="", description="where the issuer publishes its keys: https, or file for installations without it"
    )
    oidc_algorithms: Words = Field(default=("RS256", "ES256"), description="signature algorithms that are accepted; never HMAC")

    cors_origins: Words = Field(default=(), description="origins of frontends that browsers may call this gateway from")
    trusted_proxies: int = Field(default=0, ge=0, le=5, description="how many proxies of one's own stand before the gateway")

    requests_per_minute: int = Field(
        default=6000, ge=1, description="what one principal may ask of one gateway process in a minute"
    )
    failed_attempts_per_minute: int = Field(default=30, ge=1, description="wrong keys and tokens from one address in a minute")
    grant_seconds: float = Field(default=20.0, ge=0, le=LONGEST_GRANT, description="how long who may do what is remembered")

    most_json_bytes: int = Field(default=2 * MIB, ge=1024, description="largest JSON body")
    most_upload_bytes: int = Field(default=51 * MIB, ge=1024, description="largest multipart body: 50 MB of file and its metadata")
    most_hook_bytes: int = Field(default=50 * MIB, ge=1024, description="largest webhook body")
    most_holder_bytes: int = Field(default=16 * 1024, ge=1024, description="largest body sent to a parent's own address")
    most_header_bytes: int = Field(default=32 * 1024, ge=1024, le=64 * 1024, description="largest block of request headers")
    most_headers: int = Field(default=100, ge=10, description="most request headers")
    body_seconds: float = Field(
        default=10.0, gt=0, description="how long a body may take, beside the time its bytes take at the least rate"
    )
    body_bytes_per_second: int = Field(default=16 * 1024, ge=1, description="least rate at which a body must arrive")

    upstream_connect_seconds: float = Field(default=2.0, gt=0, description="how long connecting to a service may take")
    upstream_patience_seconds: float = Field(default=30.0, gt=0, description="how long a service may be silent")
    upload_patience_seconds: float = Field(
        default=150.0, gt=0, description="the same for ingest, which extracts text while it answers"
    )
    upstream_places: int = Field(default=64, ge=1, description="requests under way at one service; hooks have as many of their own")
    upstream_queue: int = Field(default=256, ge=0, description="requests that may wait for a place")

    @field_validator("study_openers", "oidc_algorithms", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _asymmetric_only(self) -> Self:
        if not self.oidc_algorithms or any(name.upper().startswith(("HS", "NONE")) for name in self.oidc_algorithms):
            raise ValueError("ASSENT_OIDC_ALGORITHMS may name asymmetric algorithms only")
        if bool(self.oidc_issuer) != bool(self.oidc_jwks_url):
            raise ValueError("ASSENT_OIDC_ISSUER and ASSENT_OIDC_JWKS_URL go together")
        return self

    def service_urls(self) -> dict[str, str]:
        """Where each service listens."""
        return {"ingest": self.ingest_url, "survey": self.survey_url, "qual": self.qual_url, "analytics": self.analytics_url}

    def unsafe_values(self) -> list[str]:
        """What must not be so in production."""
        # The gateway's public key follows from its private one, which is required.
        unsafe = [reason for reason in super().unsafe_values() if "ASSENT_GATEWAY_PUBLIC_KEY" not in reason]
        if weak_secret(self.key_pepper):
            unsafe.append("ASSENT_KEY_PEPPER must be at least 32 characters")
        if any(not origin.startswith("https://") for origin in self.cors_origins):
            unsafe.append("ASSENT_CORS_ORIGINS must be https origins, each named")
        if self.oidc_jwks_url and not self.oidc_jwks_url.startswith(("https://", "file://")):
            unsafe.append("ASSENT_OIDC_JWKS_URL must be https or a file")
        return unsafe
