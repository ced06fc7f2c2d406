"""The command line of a service: it says in one line why it does not start."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.kit.hearsay import said

from assent_kit import cli
from assent_kit.database import Database
from assent_kit.outbox import OUTBOX, compose, waiting
from assent_kit.tables import now
from assent_qual.app import SERVICE


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(SERVICE, arguments)
    return int(left.value.code or 0), capsys.readouterr().err


@pytest.fixture(autouse=True)
def _keep_logging_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.logs.set_up", lambda *_: None)


def test_settings_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("DATABASE_URL", "BUS_URL"):
        monkeypatch.delenv(f"ASSENT_{name}", raising=False)
    code, said = run(["serve"], capsys)
    assert code == 2
    assert "DATABASE_URL" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("verb", ["serve", "consume", "replay"])
def test_separate_processes_refuse_sqlite(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSENT_ENVIRONMENT", "development")
    monkeypatch.setenv("ASSENT_DATABASE_URL", f"sqlite:///{tmp_path}/qual.db")
    monkeypatch.setenv("ASSENT_BUS_URL", f"sqlite:///{tmp_path}/bus.db")
    code, said = run([verb], capsys)
    assert code == 2
    assert "SQLite" in said or "nothing from events" in said


@pytest.mark.postgres
def test_an_unmigrated_database_is_refused(
    new_database: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(new_database)
    monkeypatch.setenv("ASSENT_ENVIRONMENT", "development")
    monkeypatch.setenv("ASSENT_DATABASE_URL", new_database())
    monkeypatch.setenv("ASSENT_BUS_URL", "kafka://127.0.0.1:1")
    code, said = run(["serve"], capsys)
    assert code == 2
    assert "run `migrate` first" in said


@pytest.mark.postgres
def test_what_the_bus_refused_is_offered_again(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database()
    monkeypatch.setenv("ASSENT_ENVIRONMENT", "development")
    monkeypatch.setenv("ASSENT_DATABASE_URL", url)
    monkeypatch.setenv("ASSENT_BUS_URL", "kafka://127.0.0.1:1")
    cli.main(SERVICE, ["migrate"])
    database = Database(url)
    row = {**compose(said("rsp_1", 1, "a")), "refused_at": now(), "refusal": "too large"}
    database.write_blocking(lambda session: session.execute(OUTBOX.insert().values(row)) and None)
    cli.main(SERVICE, ["redrive", "--topic", "assent.qual.excerpts"])
    cli.main(SERVICE, ["redrive"])
    assert capsys.readouterr().out.splitlines() == [
        "Own events offered to the bus again: 0.",
        "Own events offered to the bus again: 1.",
    ]
    assert database.read_blocking(waiting)[0] == 1
    database.close()
