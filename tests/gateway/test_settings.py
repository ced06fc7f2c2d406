"""What the gateway refuses to run with."""

import pytest
from pydantic import ValidationError
from tests.gateway.house import PRIVATE_KEY, settings_for

from assent_gateway.settings import GatewaySettings

PRODUCTION = {
    "environment": "production",
    "database_url": "postgresql+psycopg://a@b/c",
    "bus_url": "kafka://broker:9092",
    "public_url": "https://assent.example",
    "gateway_private_key": PRIVATE_KEY,
    "key_pepper": "p" * 32,
}


def test_a_safe_production() -> None:
    settings = GatewaySettings(**PRODUCTION | {"cors_origins": "https://a.example,https://b.example"})  # type: ignore[arg-type]
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    "change",
    [
        {"key_pepper": "short"},
        {"cors_origins": "*"},
        {"cors_origins": "http://a.example"},
        {"public_url": "http://assent.example"},
        {"database_url": "sqlite:///x.db"},
        {"oidc_issuer": "https://i", "oidc_jwks_url": "http://i/jwks"},
    ],
)
def test_unsafe_values_are_refused_outside_development(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="refused outside development"):
        GatewaySettings(**PRODUCTION | change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"oidc_algorithms": "RS256,HS256"},
        {"oidc_algorithms": "none"},
        {"oidc_algorithms": ""},
        {"oidc_issuer": "https://i"},
        {"grant_seconds": 60},
    ],
)
def test_nonsense_is_refused_everywhere(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings_for("sqlite:///x.db", **change)


def test_lists_come_from_the_environment_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (PRODUCTION | {"study_openers": "jane, joe"}).items():
        monkeypatch.setenv(f"ASSENT_{name.upper()}", value)
    assert GatewaySettings().study_openers == ("jane", "joe")  # type: ignore[call-arg]
