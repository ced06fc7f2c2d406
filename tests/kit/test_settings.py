"""Settings: what is fine on one's own machine is refused elsewhere, and a refusal quotes no value."""

import pytest
from pydantic import ValidationError

from assent_gateway.settings import GatewaySettings
from assent_kit.settings import ServiceSettings, UnsafeSettings
from assent_kit.tokens import new_key_pair
from assent_survey.settings import SurveySettings

PRIVATE, PUBLIC = new_key_pair()
SAFE = {
    "database_url": "postgresql+psycopg://survey:secret@db/survey",
    "bus_url": "kafka://kafka:9092",
    "public_url": "https://assent.example.org",
    "gateway_public_key": PUBLIC,
}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("ASSENT_")]:
        monkeypatch.delenv(name)


def test_safe_values_are_taken() -> None:
    assert ServiceSettings(**SAFE).environment == "production"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"database_url": "sqlite:////x.db"}, "ASSENT_DATABASE_URL"),
        ({"bus_url": "sqlite:////bus.db"}, "ASSENT_BUS_URL"),
        ({"public_url": "http://assent.example.org"}, "ASSENT_PUBLIC_URL"),
        ({"gateway_public_key": ""}, "ASSENT_GATEWAY_PUBLIC_KEY"),
    ],
)
def test_unsafe_values_are_refused_outside_development(change: dict[str, str], named: str) -> None:
    with pytest.raises((UnsafeSettings, ValidationError), match=named):
        ServiceSettings(**{**SAFE, **change})  # type: ignore[arg-type]
    assert ServiceSettings(environment="development", **{**SAFE, **change}).in_development  # type: ignore[arg-type]


def test_secrets_must_be_long() -> None:
    with pytest.raises((UnsafeSettings, ValidationError), match="ASSENT_KEY_PEPPER"):
        GatewaySettings(**SAFE, gateway_private_key=PRIVATE, key_pepper="short-secret")  # type: ignore[arg-type]
    with pytest.raises((UnsafeSettings, ValidationError), match="ASSENT_SURVEY_KEY"):
        SurveySettings(**SAFE)  # type: ignore[arg-type]


def test_a_refusal_quotes_no_secret() -> None:
    with pytest.raises((UnsafeSettings, ValidationError)) as refused:
        GatewaySettings(**{**SAFE, "public_url": "http://x"}, gateway_private_key=PRIVATE, key_pepper="short-secret")  # type: ignore[arg-type]
    assert "short-secret" not in str(refused.value)
    assert "PRIVATE KEY" not in str(refused.value)


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SAFE.items():
        monkeypatch.setenv(f"ASSENT_{name.upper()}", value)
    monkeypatch.setenv("ASSENT_TOPIC_REPLICAS", "3")
    assert ServiceSettings().topic_replicas == 3
