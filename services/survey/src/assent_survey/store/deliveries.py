"""Deliveries as rows: inserted many at once by the hook, read and settled in batches by the worker."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Table, bindparam, delete, not_, or_, text, update
from sqlmodel import Session, col, func, select

from assent_kit.bulk import kept_moment, load
from assent_survey.store.tables import IN_QUARANTINE, IS_PARSED, IS_PENDING, IS_SET_ASIDE, Delivery

Row = dict[str, Any]

VERIFIED_BEFORE = (
    "unmapped",
    "collection_closed",
    "unreadable",
    "failed",
    "access_not_set",
    "access_refused",
    "cannot_be_asked",
    "not_at_platform",
)
"""Reasons for which only deliveries are held that were verified before."""

HAD_THEIR_EFFECT = ("applied", "duplicate")
OPEN = (IS_PENDING, IS_SET_ASIDE)

_ROWS = cast(Table, Delivery.__table__)
_COLUMNS = (
    "id", "study", "connection", "collection", "state", "reason", "detail", "received_at", "sender_id", "digest", "size", "attempts",
    "origin", "answers", "unmapped", "respondent_index", "response_index", "headers", "body",
)  # fmt: skip


def insert_deliveries(session: Session, rows: Sequence[Row]) -> None:
    """Keep deliveries as they came, at once and past everything that looks at single values."""
    load(session, "delivery", _COLUMNS, [_kept(session, row) for row in rows])


def unindexed(column: Any) -> Any:
    """A text column as an expression: a database would look through all of a connection by its index, and not through the few."""
    return column.concat("")


def _oldest_first(rows: Sequence[Any]) -> Sequence[Any]:
    """In order of their ids. Asked for that order, SQLite would look through all of a connection, and not for the few."""
    return sorted(rows, key=lambda row: str(row.id))


def _kept(session: Session, row: Row) -> tuple[Any, ...]:
    kept = {
        **row,
        "received_at": kept_moment(session, row["received_at"]),
        "unmapped": "[]",
        "headers": orjson.dumps(row["headers"]).decode(),
    }
    return tuple(map(kept.get, _COLUMNS))


def pending_ids(session: Session, limit: int) -> list[str]:
    """Deliveries that wait for the worker, oldest first."""
    wanted = select(Delivery.id).where(text(IS_PENDING)).order_by(col(Delivery.id)).limit(limit)
    return list(session.exec(wanted))


def take_pending(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    """Those of `ids` that still wait, oldest first, locked until this transaction ends. Another worker's are left to it."""
    wanted = _ROWS.select().where(_ROWS.c.id.in_(ids), text(IS_PENDING)).order_by(_ROWS.c.id).with_for_update(skip_locked=True)
    return session.connection().execute(wanted).all()


def applied_before(session: Session, deliveries: Collection[tuple[str, str]]) -> set[tuple[str, str, str]]:
    """Which of these, given as (connection, the sender's id), have had their effect; with the digest of the body that had it."""
    connections, sender_ids = {connection for connection, _ in deliveries}, {sender_id for _, sender_id in deliveries}
    wanted = select(Delivery.connection, Delivery.sender_id, Delivery.digest).where(
        unindexed(Delivery.connection).in_(connections),
        col(Delivery.sender_id).in_(sender_ids),
        col(Delivery.state).in_(HAD_THEIR_EFFECT),
    )
    return set(session.exec(wanted).all())


def held_among(session: Session, connection: str, sender_ids: Collection[str]) -> set[str]:
    """Which of these ids of the sender are those of deliveries that wait, are held or are dead, and can be tried again."""
    called = (unindexed(Delivery.connection) == connection, col(Delivery.sender_id).in_(sender_ids))
    can_be = (col(Delivery.state).not_in(HAD_THEIR_EFFECT), func.length(Delivery.body) > 0)
    return set(session.exec(select(Delivery.sender_id).where(*called, *can_be)))


def settle(session: Session, changes: Sequence[Row]) -> None:
    """Write what became of deliveries; each change has the `id` and the columns that it sets.

    Those that are there no more are passed over: with a response that turns out to be of somebody who withdrew, all its deliveries go.
    """
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for change in changes:
        by_columns.setdefault(tuple(change), []).append(change)
    for alike in by_columns.values():
        statement = (
            update(_ROWS).where(_ROWS.c.id == bindparam("_id")).values({name: bindparam(name) for name in alike[0] if name != "id"})
        )
        session.connection().execute(statement, [{**change, "_id": change["id"]} for change in alike])


def connection_with_due_notices(session: Session, moment: datetime) -> str | None:
    """The connection whose notice has been due for longest."""
    due = (text(IS_PARSED), col(Delivery.due_at) <= moment)
    return session.exec(select(Delivery.connection).where(*due).order_by(col(Delivery.due_at)).limit(1)).first()


def due_notices(session: Session, connection: str, moment: datetime, *, limit: int) -> Sequence[Any]:
    """Notices of a connection that are due, the longest waiting first."""
    due = (text(IS_PARSED), _ROWS.c.due_at <= moment, unindexed(_ROWS.c.connection) == connection)
    return session.connection().execute(_ROWS.select().where(*due).order_by(_ROWS.c.due_at, _ROWS.c.id).limit(limit)).all()


def take_notices(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    """Those of `ids` that still wait for their answers, locked until this transaction ends."""
    wanted = _ROWS.select().where(_ROWS.c.id.in_(ids), text(IS_PARSED)).order_by(_ROWS.c.id).with_for_update()
    return session.connection().execute(wanted).all()


def hold_notices(session: Session, ids: Sequence[str], reason: str, detail: str) -> None:
    """Quarantine notices whose answers cannot be fetched until somebody does something about it."""
    held = {"state": "quarantined", "reason": reason, "detail": detail[:500], "due_at": None}
    settle(session, [{"id": row.id, **held} for row in take_notices(session, ids)])


def requeue_all(session: Session, study: str, *, states: Sequence[str], **filters: str | None) -> dict[str, int]:
    """Hand a study's held deliveries to the worker again, verified ones and others apart; answers how many of each there were."""
    held = [col(Delivery.study) == study, col(Delivery.state).in_(states), func.length(Delivery.body) > 0]
    held += [getattr(Delivery, name) == value for name, value in filters.items() if value is not None]
    again = {"reason": None, "detail": None, "settled_at": None, "attempts": 0, "due_at": None}
    counts: dict[str, int] = {}
    vouched = or_(col(Delivery.reason).in_(VERIFIED_BEFORE), col(Delivery.accepted_by).is_not(None))
    for state, which in (("verified", vouched), ("received", not_(vouched))):
        statement = update(_ROWS).where(*held, which).values(state=state, **again)
        counts[state] = int(session.connection().execute(statement).rowcount)
    return counts


def requeue(session: Session, connection: str, reason: str, *, state: str) -> None:
    """Hand a connection's deliveries that are quarantined for this reason to the worker again."""
    held = (col(Delivery.connection) == connection, text(IN_QUARANTINE), col(Delivery.reason) == reason)
    again = {"state": state, "reason": None, "detail": None, "settled_at": None, "attempts": 0, "due_at": None}
    unknown = {"respondent_index": None, "response_index": None}
    session.execute(update(Delivery).where(*held).values(**again, **unknown), execution_options={"synchronize_session": False})


def forget_attributions(session: Session, connection: str) -> None:
    """Have a withdrawal read the held deliveries of a connection again: what its mapping said of them holds no more."""
    held = (col(Delivery.connection) == connection, text(IS_SET_ASIDE), col(Delivery.state).in_(("quarantined", "dead")))
    unknown = {"respondent_index": None, "response_index": None}
    session.execute(update(Delivery).where(*held).values(**unknown), execution_options={"synchronize_session": False})


def count_open(
    session: Session, study: str | None = None, connection: str | None = None
) -> list[tuple[str, str | None, int, datetime]]:
    """How many deliveries wait or are held, by state and reason, and when the oldest arrived; of all studies where none is named."""
    counted: list[tuple[str, str | None, int, datetime]] = []
    for which in OPEN:
        wanted = select(Delivery.state, Delivery.reason, func.count(), func.min(Delivery.received_at)).where(text(which))
        if study is not None:
            wanted = wanted.where(unindexed(Delivery.study) == study)
        if connection is not None:
            wanted = wanted.where(unindexed(Delivery.connection) == connection)
        counted += session.exec(wanted.group_by(col(Delivery.state), col(Delivery.reason))).all()
    return sorted(counted, key=lambda row: (row[0], row[1] or ""))


def newest_of_responses(session: Session, connection: str, response_indexes: Collection[str]) -> list[Any]:
    """The newest delivery with a body of each of these responses of a connection."""
    about = (
        unindexed(_ROWS.c.connection) == connection,
        _ROWS.c.response_index.in_(response_indexes),
        func.length(_ROWS.c.body) > 0,
    )
    rows = _oldest_first(session.connection().execute(_ROWS.select().where(*about)).all())
    return list({row.response_index: row for row in rows}.values())


def count_held(session: Session, connection: str, reason: str) -> int:
    """How many of a connection's deliveries are quarantined for this reason."""
    held = (col(Delivery.connection) == connection, text(IN_QUARANTINE), col(Delivery.reason) == reason)
    return session.exec(select(func.count()).select_from(Delivery).where(*held)).one()


def not_attributed(session: Session, collection: str, which: str, after: str, limit: int) -> Sequence[Any]:
    """Deliveries of a collection whose body has not been attributed to anyone, from `after` on, in order; `which` is one of OPEN."""
    id = _ROWS.c.id if which == IS_PENDING else unindexed(_ROWS.c.id)
    theirs = (_ROWS.c.collection == collection, _ROWS.c.response_index.is_(None), id > after, text(which))
    return session.connection().execute(_ROWS.select().where(*theirs).order_by(id).limit(limit)).all()


def is_genuine(row: Any) -> bool:
    """Whether a delivery that is not attributed yet was verified."""
    return row.state == "verified" or row.reason in VERIFIED_BEFORE


def responses_named_with(session: Session, respondent_index: str) -> set[str]:
    """The blind indexes of the responses that genuine deliveries bring from a respondent, whether these are applied or not."""
    genuine = or_(col(Delivery.state).in_((*HAD_THEIR_EFFECT, "parsed")), col(Delivery.reason).in_(VERIFIED_BEFORE))
    wanted = select(Delivery.response_index).where(Delivery.respondent_index == respondent_index, genuine)
    return {index for index in session.exec(wanted) if index is not None}


def delete_attributed(session: Session, respondents: set[str], responses: set[str]) -> int:
    """Delete every delivery attributed to these blind indexes; answers how many."""
    theirs = or_(col(Delivery.respondent_index).in_(respondents), col(Delivery.response_index).in_(responses))
    return int(session.connection().execute(delete(_ROWS).where(theirs)).rowcount)


def delete_deliveries(session: Session, ids: Collection[str]) -> int:
    """Delete deliveries by id; answers how many."""
    return int(session.connection().execute(delete(_ROWS).where(_ROWS.c.id.in_(ids))).rowcount)


def delete_held_before(session: Session, moment: datetime, limit: int) -> int:
    """Delete quarantined and dead deliveries that arrived before a moment; answers how many."""
    held = (text(IS_SET_ASIDE), col(Delivery.state).in_(("quarantined", "dead")))
    old = select(Delivery.id).where(*held, col(Delivery.received_at) < moment).limit(limit)
    return delete_deliveries(session, list(session.exec(old)))
