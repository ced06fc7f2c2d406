"""What is known before submissions of OpenRosa clients are received: asked all at once, because each journey keeps everybody waiting."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, func
from sqlmodel import Session

from assent_kit.bulk import ask_together, where_among
from assent_survey.store.locks import connections_taken, withdrawals_held_off
from assent_survey.store.tables import Delivery

_ROWS = cast(Table, Delivery.__table__)


def known_before(
    session: Session, named: Mapping[str, Collection[str]], indexes: Collection[str]
) -> tuple[Sequence[Any], set[str]]:
    """The deliveries with a body that have one of these ids of their sender, oldest first, and which of these blind indexes withdrew.

    `named` is by connection. From here on, to the end of this transaction, nobody else receives by these connections or withdraws.
    """
    called: set[str] = set().union(*named.values())
    *_, found, withdrawn = ask_together(
        session,
        *connections_taken(session, named),
        *withdrawals_held_off(session),
        where_among(session, "id, connection, sender_id", "delivery", "sender_id", called),
        where_among(session, "blind_index", "withdrawn", "blind_index", indexes),
    )
    ids = [id for id, connection, sender_id in found if sender_id in named.get(connection, ())]
    return _with_bodies(session, ids) if ids else [], {index for (index,) in withdrawn}


def _with_bodies(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    wanted = _ROWS.select().where(_ROWS.c.id.in_(ids), func.length(_ROWS.c.body) > 0).order_by(_ROWS.c.id)
    return session.connection().execute(wanted).all()
