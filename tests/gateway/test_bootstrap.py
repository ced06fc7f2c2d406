"""The operator's first key, made on the gateway's own command line."""

import os
from collections.abc import Callable

import pytest
from tests.gateway.house import PEPPER, PRIVATE_KEY, House, settings_for

from assent_gateway.app import SERVICE
from assent_kit import cli
from assent_kit.database import Database


@pytest.fixture
def operate(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs a verb on a PostgreSQL database; answers what it printed."""
    environment = {"environment": "development", "bus_url": "kafka://127.0.0.1:1", "database_url": new_database()}
    for name, value in {**environment, "gateway_private_key": PRIVATE_KEY, "key_pepper": PEPPER}.items():
        monkeypatch.setenv(f"ASSENT_{name.upper()}", value)
    monkeypatch.setattr("assent_kit.logs.set_up", lambda *_: None)

    def operate(*arguments: str) -> str:
        cli.main(SERVICE, list(arguments))
        return capsys.readouterr().out.strip()

    operate("migrate")
    return operate


@pytest.mark.postgres
async def test_the_first_key_opens_studies_and_is_printed_once(
    operate: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    key = operate("bootstrap")
    with pytest.raises(SystemExit) as left:
        operate("bootstrap")
    assert left.value.code == 2
    assert capsys.readouterr().err == "There is a first key already; `--another` makes one more.\n"
    another = operate("bootstrap", "--another")
    assert another != key
    settings = settings_for(os.environ["ASSENT_DATABASE_URL"])
    database = Database(settings.database_url)
    house = House(settings, database)
    for secret in (key, another):
        assert (await house.client_with(secret).post("/v1/studies", json={"title": "x"})).status_code == 201
    database.close()
