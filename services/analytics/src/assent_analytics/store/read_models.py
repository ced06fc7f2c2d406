"""Writing and reading the read models. One shape fits all: the newest state of each aggregate, under its key."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlmodel import Session, col

from assent_analytics.store.tables import READ_MODELS, Blocks, Departures, Editions, ReadModel
from assent_contracts.events.state import State
from assent_kit.bulk import among, upsert
from assent_kit.consumer import Change
from assent_kit.replay import is_rebuilding

CONSUMER = "analytics"
"""The name under which analytics listens."""

# Rows that consumers of several partitions write to need an upsert, in one order.
_DEPARTURES = ReadModel.metadata.tables["departures"]

S = TypeVar("S", bound=State)


def keep(session: Session, changes: Sequence[Change], *, table: type[ReadModel]) -> None:
    """Make the read model say what these changes say: a few statements, however many there are."""
    if changes:
        replace(
            session, table, [change.key for change in changes], [row_of(change) for change in changes if change.state is not None]
        )


def replace(session: Session, table: type[ReadModel], keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Put these rows where those of these keys have been."""
    connection = session.connection()
    stored = ReadModel.metadata.tables[str(table.__tablename__)]
    connection.execute(delete(stored).where(among(session, stored.c.key, keys)))
    if rows:
        connection.execute(insert(table), rows)


def row_of(change: Change) -> dict[str, Any]:
    """What a read model keeps of an aggregate that is there."""
    return {"key": change.key, "study": change.study, "state": change.state.model_dump(mode="json", exclude_defaults=True)}


def count_departures(session: Session, kind: str, studies: Sequence[str]) -> None:
    """Add to the number of withdrawals, one for each study named."""
    rows = [{"study": study, "kind": kind, "number": number} for study, number in sorted(Counter(studies).items())]
    if rows:
        statement = upsert(session, _DEPARTURES)
        statement = statement.on_conflict_do_update(
            index_elements=["study", "kind"], set_={"number": _DEPARTURES.c.number + statement.excluded.number}
        )
        session.connection().execute(statement, rows)


def departed(session: Session) -> int:
    """How many have withdrawn from all studies together, as far as was heard."""
    return session.execute(select(func.sum(_DEPARTURES.c.number))).scalar() or 0


def states(session: Session, table: type[ReadModel], kind: type[S], study: str, *where: ColumnElement[bool]) -> list[S]:
    """The states of a study in the order of their keys, which is the order in which they were made."""
    query = select(table.state).where(col(table.study) == study, *where).order_by(col(table.key))  # type: ignore[call-overload]
    return [kind.model_validate(state) for state in session.execute(query).scalars()]


def state(session: Session, table: type[ReadModel], kind: type[S], study: str, key: str) -> S | None:
    """One state; None when the study has no such thing."""
    found = states(session, table, kind, study, col(table.key) == key)
    return found[0] if found else None


def departures(session: Session, study: str) -> int:
    """How many responses and participants have been withdrawn from a study."""
    query = select(Departures.number).where(col(Departures.study) == study)  # type: ignore[call-overload]
    return sum(int(number) for number in session.execute(query).scalars())


def are_rebuilding(session: Session) -> bool:
    """Whether the read models are being built again and hold only part of what was heard."""
    return is_rebuilding(session, CONSUMER)


def empty(session: Session) -> None:
    """Delete everything that was built from events; what analytics owns stays."""
    for table in READ_MODELS.values():
        session.connection().execute(delete(table))
    session.connection().execute(delete(Departures))
    session.connection().execute(delete(Editions))
    session.connection().execute(delete(Blocks))
