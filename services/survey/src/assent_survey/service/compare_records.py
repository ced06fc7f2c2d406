"""Comparing records that a platform gave with what we hold: what each of them is, and the delivery to keep where it is something new.

Nothing is written here; what becomes of it is `reconcile`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from assent_survey.platforms.source import Record
from assent_survey.service.assign_vignettes import assigned_answers, fill_in
from assent_survey.service.fetch_answers import record_row
from assent_survey.service.read_delivery import DeliveryReader, Reading
from assent_survey.service.settle_response import stored
from assent_survey.store.deliveries import Row, held_among
from assent_survey.store.responses import responses_by_index, withdrawn_among
from assent_survey.store.tables import Connection


def compare(
    session: Session, reader: DeliveryReader, connection: Connection, records: Sequence[Record]
) -> list[tuple[str, Row | None]]:
    """What each record is to what we hold, and the delivery to keep where it is something new: not one that is held already."""
    about = _About(connection.study, connection.id, connection.collection)
    rows = [record_row(about, record, origin="reconcile") for record in records]
    readings = [reader.read(_Row(row)) for row in rows]
    indexes = {index for reading in readings if reading.attribution for index in reading.attribution}
    withdrawn = withdrawn_among(session, indexes)
    assigned = assigned_answers(session, indexes)
    known = {row.response_index: row for row in responses_by_index(session, indexes)}
    outcomes = [
        _outcome(row, reading, withdrawn, known, assigned.get(reading.attribution.respondent, {}) if reading.attribution else {})
        for row, reading in zip(rows, readings, strict=True)
    ]
    held = held_among(session, connection.id, {row["sender_id"] for row in rows})
    return [(outcome, None if row is None or row["sender_id"] in held else row) for outcome, row in outcomes]


def _outcome(
    row: Row, reading: Reading, withdrawn: set[str], known: dict[str, Any], assigned: dict[str, str]
) -> tuple[str, Row | None]:
    """`missed` and `edited` are taken over; what cannot be applied is kept apart with its reason."""
    if reading.attribution is None:
        return "unreadable", row
    if not withdrawn.isdisjoint(reading.attribution):
        return "withdrawn", None
    ours = known.get(reading.attribution.response)
    if ours is None:
        return "missed", row
    if reading.arrived is None:
        return "held", row
    account = reading.arrived.account
    said = fill_in(account.coded, assigned)
    coded = said.finished() if ours.complete else said
    same = stored(coded) == ours.content and (account.complete or ours.complete) == ours.complete
    return ("same", None) if same else ("edited", row)


@dataclass(frozen=True, slots=True)
class _About:
    study: str
    connection: str
    collection: str


class _Row:
    """A row that is not in the table yet, as the reader of deliveries wants it."""

    def __init__(self, row: Row) -> None:
        self.__dict__.update(row, accepted_by=None)
