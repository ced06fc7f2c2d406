"""docker-compose.yml, held honest without Docker: the published schema, and the settings, ports and commands of the code."""

import json
import re
import subprocess
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml
from tests.support import ROOT

from assent_analytics.settings import AnalyticsSettings
from assent_contracts.registry import TOPICS
from assent_gateway.settings import GatewaySettings
from assent_ingest.settings import IngestSettings
from assent_kit.cli import VERBS
from assent_kit.settings import ServiceSettings
from assent_qual.settings import QualSettings
from assent_standalone.process import SERVICES
from assent_survey.settings import SurveySettings

SETTINGS: dict[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "ingest": IngestSettings,
    "survey": SurveySettings,
    "qual": QualSettings,
    "analytics": AnalyticsSettings,
}

# The addresses of the services are shared settings in the file; a service may ignore those it does not need.
SHARED = {f"ASSENT_{name.upper()}_URL" for name in SETTINGS if name != "gateway"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


@pytest.fixture(scope="module")
def secrets() -> dict[str, str]:
    printed = subprocess.run([ROOT / "deploy" / "secrets.sh"], capture_output=True, text=True, check=True).stdout
    pairs = (line.split("=", 1) for line in printed.splitlines())
    return {name: value.strip('"').replace("\\n", "\n") for name, value in pairs}


def test_it_fits_the_published_schema(compose: dict[str, Any]) -> None:
    schema = json.loads(resources.files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(compose)
    wrong = {"services": {"survey": {"imaje": "x"}}}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(wrong))


def test_each_service_migrates_serves_and_consumes(compose: dict[str, Any]) -> None:
    for name in SETTINGS:
        for role, verb in ((f"{name}-migrate", "migrate"), (name, "serve"), (f"{name}-consumer", "consume")):
            service = compose["services"][role]
            assert service["command"] == [verb]
            assert verb in VERBS
            assert service["build"]["args"] == {"SERVICE": name}
            assert service["read_only"] is True


@pytest.mark.parametrize("name", SETTINGS)
def test_the_environment_is_what_the_service_reads(compose: dict[str, Any], secrets: dict[str, str], name: str) -> None:
    environment = compose["services"][name]["environment"]
    known = {f"ASSENT_{field.upper()}" for field in SETTINGS[name].model_fields} | SHARED
    assert set(environment) <= known
    values = {
        variable.removeprefix("ASSENT_").lower(): re.sub(r"\$\{(\w+)[^}]*\}", lambda found: secrets[found[1]], value)
        for variable, value in environment.items()
    }
    settings = SETTINGS[name](**values)
    assert settings.database_url.endswith(f"@postgres/{name}")
    assert settings.bus_url == "kafka://kafka:9092"
    assert not settings.model_copy(update={"public_url": "https://assent.example.org"}).unsafe_values()


def test_each_process_is_asked_at_the_port_where_it_listens(compose: dict[str, Any]) -> None:
    port = ServiceSettings.model_fields["listen_port"].default
    for name in SETTINGS:
        for role in (name, f"{name}-consumer"):
            service = compose["services"][role]
            assert f"http://127.0.0.1:{port}/health/ready" in service["healthcheck"]["test"][-1]
            assert "ASSENT_LISTEN_PORT" not in service["environment"]
            addresses = {value for variable, value in service["environment"].items() if variable in SHARED}
            assert addresses == {f"http://{other}:{port}" for other in SETTINGS if other != "gateway"}


def test_every_topic_is_made_by_the_service_that_speaks_in_it_and_no_other_is_made(compose: dict[str, Any]) -> None:
    assert compose["services"]["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    made = [topic.name for service in SERVICES.values() for topic in service.topics]
    assert sorted(made) == sorted(topic.name for topic in TOPICS)


def test_only_the_gateway_is_published_and_only_locally(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:8000:8000"]}


def test_everything_waits_for_its_migration(compose: dict[str, Any]) -> None:
    for name in SETTINGS:
        for role in (name, f"{name}-consumer"):
            assert compose["services"][role]["depends_on"][f"{name}-migrate"] == {"condition": "service_completed_successfully"}


def test_each_service_has_its_own_role_and_database() -> None:
    script = (ROOT / "deploy" / "postgres.sh").read_text()
    listed = re.search(r"for service in ([\w ]+);", script)
    assert listed is not None
    assert set(listed[1].split()) == set(SETTINGS)
