"""Statements about deliveries and responses find what they want by an index, however many there are: SQLite says how it would look.

PostgreSQL judges by its statistics; how long its pages take is measured (`bench/lists.py`). What is asked for each delivery that comes
must find its index before there are any: all of a new service's first thousands may have come by one connection.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session
from tests.survey.house import make_tables

from assent_kit.database import Database
from assent_kit.paging import PageRequest
from assent_kit.tables import now
from assent_survey.store import deliveries, queries, responses, submissions
from assent_survey.store.tables import Collection, Instrument, Withdrawn

PAGE = PageRequest(limit=50, after="dlv_0")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/survey.db"
    make_tables(url)
    opened = Database(url)
    yield opened
    opened.close()


@contextmanager
def overheard(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with what is bound to them."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    bind = session.connection()
    event.listen(bind, "before_cursor_execute", hear)
    yield heard
    event.remove(bind, "before_cursor_execute", hear)


def plans(database: Database, ask: Callable[[Session], Any], table: str = "delivery") -> list[str]:
    """How SQLite looks for the rows of a table that are asked for, step by step."""

    def explain(session: Session) -> list[str]:
        with overheard(session) as heard:
            ask(session)
        steps = [
            row[3]
            for statement, parameters in heard
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        return [step for step in steps if re.search(rf"\b{table}\b", step)]

    return database.read_blocking(explain)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda session: deliveries.pending_ids(session, 100), "pending"),
        (lambda session: deliveries.applied_before(session, {("con_1", "a"), ("con_1", "b")}), "sender"),
        (lambda session: deliveries.held_among(session, "con_1", {"a", "b"}), "sender"),
        (lambda session: submissions.known_before(session, {"con_1": {"a", "b"}}, {"a"}), "sender"),
        (lambda session: deliveries.connection_with_due_notices(session, now()), "due"),
        (lambda session: deliveries.due_notices(session, "con_1", now(), limit=10), "due"),
        (lambda session: deliveries.newest_of_responses(session, "con_1", {"a", "b"}), "response"),
        (lambda session: deliveries.count_held(session, "con_1", "unmapped"), "held"),
        (lambda session: queries.held_in_quarantine(session, "con_1"), "held"),
        (lambda session: deliveries.count_open(session), "pending aside"),
        (lambda session: deliveries.count_open(session, "stu_1"), "pending aside"),
        (lambda session: deliveries.count_open(session, "stu_1", "con_1"), "pending aside"),
        (lambda session: deliveries.not_attributed(session, "col_1", deliveries.OPEN[0], "", 10), "pending"),
        (lambda session: deliveries.not_attributed(session, "col_1", deliveries.OPEN[1], "", 10), "aside"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE), "study"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, connection="con_1"), "connection"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, state="verified"), "pending"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, state="duplicate"), "state"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, state="dead"), "state"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, state="dead", connection="con_1"), "aside"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, reason="unreadable"), "reason"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, response="rsp_1"), "made"),
        (lambda session: queries.list_deliveries(session, "stu_1", PAGE, origin="fetch"), "origin"),
    ],
)
def test_deliveries_are_found_by_an_index(database: Database, ask: Callable[[Session], Any], index: str) -> None:
    steps = plans(database, ask)
    assert [step.split("ix_delivery_")[-1].split()[0] for step in steps] == index.split(), steps


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "ix_response_collection sqlite_autoindex_response_1"),
        ({"complete": True}, "ix_response_collection sqlite_autoindex_response_1"),
        ({"complete": False}, "ix_response_partial"),
        ({"collection": "col_1"}, "ix_response_collection"),
        ({"respondent": "rsd_1"}, "ix_response_respondent"),
    ],
)
def test_responses_are_found_by_an_index(database: Database, filters: dict[str, Any], index: str) -> None:
    def keep(session: Session) -> None:
        session.add(Instrument(id="ins_1", study="stu_1", title="", items=[]))
        session.flush()
        session.add(Collection(id="col_1", study="stu_1", instrument="ins_1", number=1, facts={}))

    database.write_blocking(keep)
    steps = plans(database, lambda session: queries.list_responses(session, "stu_1", PAGE, **filters), "response")
    assert [re.search(r"INDEX (\w+)", step)[1] for step in steps] == index.split(), steps  # type: ignore[index]


LOOKUPS: list[tuple[Callable[[Session], Any], str]] = [
    (lambda session: deliveries.applied_before(session, {("con_1", "msg_1"), ("con_1", "new")}), "delivery"),
    (lambda session: deliveries.held_among(session, "con_1", {"msg_1", "new"}), "delivery"),
    (lambda session: submissions.known_before(session, {"con_1": {"msg_1", "new"}}, {"a"}), "delivery"),
    (lambda session: responses.withdrawn_among(session, {"a", "b"}), "withdrawn"),
]


@pytest.mark.postgres
@pytest.mark.parametrize(("ask", "table"), LOOKUPS)
def test_postgres_finds_deliveries_by_what_their_sender_calls_them_before_it_has_counted_them(
    new_database: Callable[[], str], ask: Callable[[Session], Any], table: str
) -> None:
    url = new_database()
    make_tables(url)
    database = Database(url)
    for _ in range(12):  # a plan that is kept is made by then
        database.write_blocking(ask)
    database.write_blocking(deliveries.insert_deliveries, [delivery(number) for number in range(3000)])
    database.write_blocking(withdraw, [f"{number:064}" for number in range(3000)])

    def explain(session: Session) -> str:
        """Of the very statement that was prepared before, as it is executed now."""
        connection = session.connection()
        connection.exec_driver_sql("LOAD 'auto_explain'")
        for setting in ("auto_explain.log_min_duration = 0", "client_min_messages = log"):
            connection.exec_driver_sql(f"SET LOCAL {setting}")
        said: list[str] = []
        driver: Any = connection.connection.driver_connection
        hear = lambda notice: said.append(notice.message_primary)  # noqa: E731  # is taken off again
        driver.add_notice_handler(hear)
        ask(session)
        connection.exec_driver_sql("SELECT 1")  # with its answer comes what was said after that of the one before
        driver.remove_notice_handler(hear)
        return "\n".join(said)

    plan = database.write_blocking(explain)
    database.close()
    assert {"delivery": "ix_delivery_sender", "withdrawn": "pk_withdrawn"}[table] in plan, plan
    assert "Seq Scan" not in plan, plan


def delivery(number: int) -> deliveries.Row:
    """One of many of a connection."""
    return {
        "id": f"dlv_{number:026}", "study": "stu_1", "connection": "con_1", "collection": "col_1", "state": "verified",
        "received_at": now(), "sender_id": f"msg_{number}", "digest": "0" * 64, "size": 600, "attempts": 0, "origin": "hook",
        "headers": {}, "body": b"x" * 600,
    }  # fmt: skip


def withdraw(session: Session, indexes: list[str]) -> None:
    """Note blind indexes as withdrawn."""
    session.add_all([Withdrawn(blind_index=index, study="stu_1") for index in indexes])
