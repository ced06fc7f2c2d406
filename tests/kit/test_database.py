"""The lane: use cases are all or nothing, share a commit, and nothing survives an outer rollback."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert
from sqlmodel import Field, Session, select

from assent_kit import engines, lane
from assent_kit.bulk import load
from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_kit.problems import Unavailable
from assent_kit.tables import table_base

Table = table_base()


class Word(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    __tablename__ = "word"
    text: str = Field(primary_key=True)


def add(session: Session, text: str, *, fail: bool = False) -> str:
    session.add(Word(text=text))
    session.flush()
    if fail:
        raise ValueError(text)
    return text


def add_all(session: Session, texts: list[str]) -> list[str]:
    session.connection().execute(insert(Word), [{"text": text} for text in texts])
    return [text.upper() for text in texts]


def copy(session: Session, text: str) -> None:
    """Past SQLAlchemy, which then does not see what becomes of the connection."""
    load(session, "word", ["text"], [[text]])


def words(session: Session) -> set[str]:
    return set(session.exec(select(Word.text)))


def make_database(url: str, *, lanes: int = 1) -> Database:
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()
    return Database(url, lanes=lanes)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = make_database(f"sqlite:///{tmp_path}/words.db")
    yield database
    database.close()


async def test_a_failing_use_case_rolls_back_alone(database: Database) -> None:
    outcomes = await asyncio.gather(*(database.write(add, f"w{n}", fail=n % 3 == 0) for n in range(30)), return_exceptions=True)
    assert [isinstance(outcome, ValueError) for outcome in outcomes] == [n % 3 == 0 for n in range(30)]
    assert await database.read(words) == {f"w{n}" for n in range(30) if n % 3}


async def test_a_use_case_that_fails_alone_stores_nothing_and_says_so(database: Database) -> None:
    for attempt in range(2):
        with pytest.raises(ValueError, match="alone"):
            await database.write(add, "alone", fail=True)
        assert await database.read(words) == {f"w{number}" for number in range(attempt)}
        await database.write(add, f"w{attempt}")


@pytest.mark.postgres
async def test_a_use_case_that_is_marked_shares_its_transaction_with_no_other(new_database: Callable[[], str]) -> None:
    database = make_database(new_database())

    def transaction(session: Session) -> int:
        return int(session.connection().exec_driver_sql("SELECT txid_current()").scalar_one())

    apart = lane.alone(lambda session: transaction(session))
    first, second, third, fourth, fifth, sixth = await asyncio.gather(
        *(database.write(use_case) for use_case in (transaction, transaction, apart, apart, transaction, transaction))
    )
    assert first == second < third < fourth < fifth == sixth
    database.close()


async def test_a_bulk_use_case_gets_what_waits_and_answers_each(database: Database) -> None:
    assert await asyncio.gather(*(database.write_bulk(add_all, text) for text in "abcdef")) == list("ABCDEF")


async def test_one_bad_item_of_a_bulk_fails_alone(database: Database) -> None:
    outcomes = await asyncio.gather(*(database.write_bulk(add_all, text) for text in "abca"), return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert await database.read(words) == set("abc")


def test_released_savepoints_do_not_survive_the_outer_rollback(tmp_path: Path) -> None:
    engine = write_engine(f"sqlite:///{tmp_path}/words.db", lanes=1)
    Table.metadata.create_all(engine)
    with engine.connect() as connection:
        transaction = connection.begin()
        for text in "abc":
            with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
                add(session, text)
                session.commit()
        transaction.rollback()
    with Session(engine) as session:
        assert words(session) == set()
    engine.dispose()


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        await database.read(add, "x")
    assert await database.read(words) == set()


async def test_after_close_writes_are_told_to_come_back(database: Database) -> None:
    database.close()
    with pytest.raises(Unavailable):
        await database.write(add, "x")


async def test_an_erased_word_leaves_the_file_and_its_log(database: Database, tmp_path: Path) -> None:
    secret = "erase-me-" * 8
    await database.write(add, secret)
    await database.write(lambda session: session.delete(session.get(Word, secret)))
    await database.checkpoint()
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes(), path.name


@pytest.mark.postgres
def test_use_cases_that_collide_across_lanes_are_run_again(new_database: Callable[[], str]) -> None:
    database = make_database(new_database(), lanes=2)
    both_looked = threading.Barrier(2)

    def make_unless_there(session: Session) -> bool:
        if session.get(Word, "once") is not None:
            return False
        if not both_looked.broken:
            with suppress(threading.BrokenBarrierError):
                both_looked.wait(timeout=5)
                both_looked.abort()
        session.add(Word(text="once"))
        return True

    with ThreadPoolExecutor(2) as threads:
        made = [threads.submit(database.write_blocking, make_unless_there) for _ in range(2)]
        assert sorted(future.result() for future in made) == [False, True]
    assert database.read_blocking(words) == {"once"}
    database.close()


def lose_connections(url: str) -> None:
    """As a server that was started anew does."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall()  # type: ignore[call-overload]


@pytest.mark.postgres
@pytest.mark.parametrize("is_idle", [True, False])
@pytest.mark.parametrize("write", [add, copy])
def test_a_connection_that_is_lost_between_transactions(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, write: Callable[[Session, str], object], *, is_idle: bool
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.0 if is_idle else 3600.0)
    database = make_database(new_database())
    database.write_blocking(write, "before")
    lose_connections(database.url)
    if not is_idle:  # nobody looked, so this one fails
        with pytest.raises(Unavailable):
            database.write_blocking(write, "meanwhile")
    database.write_blocking(write, "after")
    assert database.read_blocking(words) == {"before", "after"}
    database.close()


async def test_what_one_turn_of_the_loop_writes_goes_together(database: Database) -> None:
    sizes: list[int] = []

    def add_counting(session: Session, texts: list[str]) -> list[str]:
        sizes.append(len(texts))
        return add_all(session, texts)

    answers = await asyncio.gather(*(database.write_bulk(add_counting, f"w{n}") for n in range(20)))
    assert answers == [f"W{n}" for n in range(20)]
    assert sizes == [20]


async def test_a_full_lane_sends_everyone_away_who_came_together(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.lane.ROOM", 5)
    outcomes = await asyncio.gather(*(database.write(add, f"w{n}") for n in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 6
    assert await database.read(words) == set()
    assert await database.write(add, "later") == "later"
