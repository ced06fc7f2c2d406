"""A small service to test outbox, relay and consumers with: it says survey responses and hears them into one table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table as CoreTable
from sqlalchemy import delete, insert, select
from sqlmodel import Field, Session

from assent_contracts import registry
from assent_contracts.events.survey import Response
from assent_kit.announcements import announcement_table
from assent_kit.bulk import among
from assent_kit.consumer import Change, Consumers
from assent_kit.database import Database
from assent_kit.inbox import POISON, inbox_tables
from assent_kit.outbox import Event, append_all, outbox_table
from assent_kit.tables import table_base

Table = table_base()
outbox_table(Table)
announcement_table(Table)
inbox_tables(Table)

STUDY = "stu_1"


class Heard(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """What was heard of each response, and how often the handler was told."""

    response: str = Field(primary_key=True)
    version: int
    answer: str


HEARD: CoreTable = Table.metadata.tables["heard"]


def open_database(url: str) -> Database:
    """A database with the tables in it."""
    database = Database(url)
    database.write_blocking(lambda session: Table.metadata.create_all(session.connection()))
    return database


def response(key: str, answer: str) -> Response:
    """A state whose one answer tells it apart."""
    return Response(
        study=STUDY,
        response=key,
        respondent="r",
        collection="c",
        instrument="i",
        number=1,
        answers={"q": answer},
        consented=True,
        complete=True,
    )


def said(key: str, version: int, answer: str | None) -> Event:
    """A version of a response: its state, or a withdrawal when there is no answer."""
    if answer is None:
        return Event(type=registry.RESPONDENT_WITHDRAWN, state=None, key=key, study=STUDY, version=version)
    return Event(type=registry.RESPONSE_CORRECTED, state=response(key, answer), version=version)


def say(database: Database, events: Sequence[Event]) -> None:
    """Append events in one transaction."""
    database.write_blocking(append_all, list(events))


def make_consumers(group: str = "hearsay", *, broken: "set[str] | None" = None) -> Consumers:
    """Consumers that keep `heard` as the topic says, and fail on the answers that are `broken`."""
    consumers = Consumers(group)

    @consumers.on(registry.RESPONSES)
    def keep(session: Session, changes: list[Change]) -> None:
        session.execute(delete(HEARD).where(among(session, HEARD.c.response, [change.key for change in changes])))
        rows = [
            {"response": change.key, "version": change.version, "answer": change.state.answers["q"]}
            for change in changes
            if change.state is not None
        ]
        if any(row["answer"] in (broken or ()) for row in rows):
            raise ArithmeticError("the handler cannot do this one")
        if rows:
            session.execute(insert(HEARD), rows)

    @consumers.when_rebuilding
    def empty(session: Session) -> None:
        session.execute(delete(HEARD))

    return consumers


def heard(database: Database) -> dict[str, str]:
    """What the read model holds now."""
    return database.read_blocking(lambda session: {row.response: row.answer for row in session.execute(select(HEARD))})


def poison(database: Database) -> list[Any]:
    """The poison there is."""
    return database.read_blocking(lambda session: list(session.execute(select(POISON).order_by(POISON.c.id))))
