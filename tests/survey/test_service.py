"""The service as a whole: its migrations, its settings and its command line's parts."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.survey.house import HOME, House, settings_for

from assent_kit import migrations
from assent_kit.engines import read_engine
from assent_survey.app import SERVICE, create_app
from assent_survey.platforms import PLATFORMS
from assent_survey.settings import SurveySettings


def test_the_migrations_make_the_tables_of_the_model(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/survey.db"
    migrations.upgrade(url, SERVICE.migrations)
    engine = read_engine(url)
    assert migrations.differences(engine, SERVICE.tables) == []
    migrations.check(engine, SERVICE.migrations)
    engine.dispose()


@pytest.mark.postgres
def test_and_on_postgresql(new_database: Any) -> None:
    url = new_database()
    migrations.upgrade(url, SERVICE.migrations)
    engine = read_engine(url)
    assert migrations.differences(engine, SERVICE.tables) == []
    engine.dispose()


@pytest.mark.parametrize("key", [None, "short"])
def test_production_needs_a_secret_key(key: str | None) -> None:
    safe = {
        "environment": "production",
        "database_url": "postgresql+psycopg://u:p@h/n",
        "bus_url": "kafka://h:9092",
        "public_url": "https://assent.example",
        "gateway_public_key": "pem",
    }
    assert SurveySettings(**safe, survey_key="k" * 32)
    with pytest.raises(ValidationError, match="ASSENT_SURVEY_KEY"):
        SurveySettings(**safe, **({"survey_key": key} if key else {}))


async def test_every_path_is_documented_with_its_problems(house: House) -> None:
    app = create_app(settings_for(house.settings.database_url), house.database)
    document = app.openapi()
    paths = {path.removeprefix("/v1/studies/{study}"): set(operations) for path, operations in document["paths"].items()}
    assert paths == {
        "/collections": {"get", "post"},
        "/collections/{collection}": {"get", "patch"},
        "/collections/{collection}/close": {"post"},
        "/collections/{collection}/codebook": {"get"},
        "/collections/{collection}/dispositions": {"get", "post", "put"},
        "/collections/{collection}/exports": {"post"},
        "/collections/{collection}/imports": {"post"},
        "/collections/{collection}/information-sheet": {"get", "put"},
        "/collections/{collection}/information-sheet/versions": {"get"},
        "/collections/{collection}/quotas": {"get", "put"},
        "/collections/{collection}/quotas/check": {"post"},
        "/collections/{collection}/response-rates": {"get"},
        "/collections/{collection}/tokens": {"get", "post"},
        "/collections/{collection}/tokens/{batch}": {"get"},
        "/connections": {"get", "post"},
        "/connections/{connection}": {"delete", "get", "patch"},
        "/connections/{connection}/access": {"put"},
        "/connections/{connection}/reconciliations": {"get", "post"},
        "/connections/{connection}/reconciliations/{reconciliation}": {"delete", "get"},
        "/connections/{connection}/rotate": {"post"},
        "/connections/{connection}/secret": {"put"},
        "/deliveries": {"get"},
        "/deliveries/replay": {"post"},
        "/deliveries/summary": {"get"},
        "/deliveries/{delivery}": {"get"},
        "/deliveries/{delivery}/replay": {"post"},
        "/exports": {"get"},
        "/exports/{export}": {"delete", "get"},
        "/exports/{export}/file": {"get"},
        "/imports": {"get"},
        "/imports/{id}": {"delete", "get"},
        "/instruments": {"get", "post"},
        "/instruments/import": {"post"},
        "/instruments/{instrument}": {"get"},
        "/instruments/{instrument}/import": {"post"},
        "/instruments/{instrument}/publish": {"post"},
        "/instruments/{instrument}/versions/{number}": {"get"},
        "/instruments/{instrument}/versions/{number}/codebook": {"get"},
        "/instruments/{instrument}/versions/{number}/diff": {"get"},
        "/item-bank": {"get", "post"},
        "/item-bank/import": {"post"},
        "/item-bank/{bank_item}": {"delete", "get", "patch"},
        "/jobs/{job}": {"delete", "get"},
        "/jobs/{job}/events": {"get"},
        "/responses": {"get", "post"},
        "/responses/{response}": {"get", "patch"},
        "/responses/{response}/versions": {"get"},
        "/v1/hooks/{connection}": {"get", "post"},
        "/v1/hooks/{connection}/submission": {"post"},
        "/v1/hooks/{connection}/{secret}": {"post"},
        "/v1/hooks/{connection}/{secret}/submission": {"post"},
        "/v1/p/{token}": {"get"},
        "/v1/p/{token}/quota": {"get"},
        "/v1/p/{token}/vignettes/{design}": {"get"},
        "/v1/p/{token}/withdraw": {"get", "post"},
        "/vignettes": {"get", "post"},
        "/vignettes/{design}": {"delete", "get", "patch"},
        "/vignettes/{design}/assignments": {"post"},
        "/vignettes/{design}/fix": {"post"},
        "/vignettes/{design}/items": {"get"},
        "/vignettes/{design}/power": {"post"},
        "/withdrawals": {"get", "post"},
        "/withdrawals/{withdrawal}": {"get"},
    }
    answers = document["paths"]["/v1/hooks/{connection}"]["post"]["responses"]
    assert {"401", "404", "410", "413", "503"} <= answers.keys()


async def test_the_api_names_every_platform(house: House) -> None:
    document = create_app(settings_for(house.settings.database_url), house.database).openapi()
    named = document["components"]["schemas"]["ConnectionIn"]["properties"]["platform"]["enum"]
    assert set(named) == set(PLATFORMS)
    unknown = await house.client.post(f"{HOME}/connections", json={"platform": "fax", "collection": "col_x", "mapping": {}})
    assert unknown.status_code == 422
    assert [each["pointer"] for each in unknown.json()["errors"]] == ["/platform"]
