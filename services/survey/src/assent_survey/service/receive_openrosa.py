"""Receiving submissions from OpenRosa clients, which must hear at once whether theirs is kept, was kept before, or cannot be.

The same instance again with the very same XML brings further attachments, or nothing new. An edit replaces the version that it names,
if nothing has replaced that yet; the first version names the response for ever. A response that was deleted does not come back. Every
request that is kept is a delivery like any other, with its attachments in its body.
"""

from collections.abc import Sequence
from typing import Any, Literal

from sqlmodel import Session

from assent_survey.domain.submission import Unreadable
from assent_survey.platforms.openrosa import EDITS, ROOT, Sent, edits_of, read_sent
from assent_survey.platforms.xform_instance import Instance, read_instance
from assent_survey.problems import NoInstance, OtherInstance, OutdatedEdit, ResponseDeleted
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import DeliveryReader
from assent_survey.store.deliveries import Row, deliveries_called, insert_deliveries, settle
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.responses import withdrawn_among
from assent_survey.store.tables import Connection

REPLACED_BY = ":replaced-by"
"""Stands among the kept headers of a version for the id of the one that replaced it."""

Outcome = Literal["kept", "known"]


def receive_openrosa(session: Session, row: Row, *, keys: Keys) -> Outcome:
    """Keep a genuine submission; `known` when all that it brings is here already, and nothing is kept.

    Raises NoInstance, OtherInstance, OutdatedEdit, ResponseDeleted.
    """
    session.get(
        Connection, row["connection"], with_for_update=True
    )  # two requests of one submission are received one after the other
    hold_off_withdrawals(session)
    sent, instance = _read(row)
    before = deliveries_called(session, row["connection"], instance.instance_id)
    replaced = (
        deliveries_called(session, row["connection"], instance.deprecated_id) if instance.deprecated_id and not before else ()
    )
    root, edits = _lineage(instance, before, replaced)
    _refuse_deleted(session, keys, row, root)
    if before:
        known = [_sent(each) for each in before]
        if any(each.xml != sent.xml for each in known):
            raise OtherInstance
        if sent.attachments <= frozenset().union(*(each.attachments for each in known)):
            return "known"
    elif instance.deprecated_id:
        if not replaced or any(REPLACED_BY in each.headers for each in replaced):
            raise OutdatedEdit
        settle(session, [{"id": each.id, "headers": {**each.headers, REPLACED_BY: instance.instance_id}} for each in replaced])
    insert_deliveries(session, [{**row, "headers": {**row["headers"], ROOT: root, EDITS: str(edits)}}])
    return "kept"


def _read(row: Row) -> tuple[Sent, Instance]:
    try:
        sent = read_sent(row["body"], row["headers"])
        return sent, read_instance(sent.xml)
    except Unreadable as unreadable:
        raise NoInstance(str(unreadable)) from unreadable


def _sent(kept: Any) -> Sent:
    return read_sent(kept.body, kept.headers)


def _lineage(instance: Instance, before: Sequence[Any], replaced: Sequence[Any]) -> tuple[str, int]:
    """The id of the first version of the response, and how many edits lead from it to this instance."""
    for known, more in ((before, 0), (replaced, 1)):
        if known:
            return known[0].headers.get(ROOT, known[0].sender_id), (edits_of(known[0].headers) or 0) + more
    return instance.instance_id, 0


def _refuse_deleted(session: Session, keys: Keys, row: Row, root: str) -> None:
    index = DeliveryReader(session, keys, [row["connection"]]).response_index(row["connection"], root)
    if withdrawn_among(session, {index}):
        raise ResponseDeleted
