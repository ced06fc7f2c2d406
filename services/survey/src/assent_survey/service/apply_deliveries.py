"""Applying deliveries: the worker's use case. A batch is one transaction, so a crash between two steps loses and doubles nothing.

Idempotency has two levels. The same delivery (the sender's id and the same body) is a duplicate. A delivery of a response that is
known is compared by content: the same is a duplicate, another is a new version. The same sender's id with *another* body is treated as
the second, because senders exist that read the response afresh for each attempt.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from assent_kit.tables import now
from assent_survey.domain.coding import Unmapped
from assent_survey.service.delete_responses import delete_for_good, delete_of_withdrawn
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import DeliveryReader, Reading
from assent_survey.service.settle_response import Arrived, Settled, settle_all
from assent_survey.store.deliveries import Row, applied_before, settle, take_pending
from assent_survey.store.locks import hold_connections, hold_off_withdrawals
from assent_survey.store.responses import withdrawn_among

MOST_REPORTED = 200  # unmapped fields that are listed with a delivery
LONGEST_REPORTED = 500  # of a field's name, which is the longest that a mapping can name
WITHDRAWN = "withdrawn"

_NOT_BACK = "its respondent or response was withdrawn or deleted before, and does not come back; there is nothing to do"
_FAILED = "it cannot be applied; whoever runs the service finds why in the log, and once that is mended it can be replayed"

# A delivery of somebody who withdrew: that it came is kept, and nothing else.
_NOTHING_OF_THEIRS: Row = {
    "sender_id": "",
    "digest": "",
    "respondent_index": None,
    "response_index": None,
    "body": b"",
    "headers": {},
}


def apply_deliveries(session: Session, ids: Sequence[str], *, keys: Keys) -> Counter[str]:
    """Settle these deliveries, oldest first; answers how many ended in each state, and under `withdrawn` how many were dropped."""
    hold_connections(session, ids)
    rows = take_pending(session, ids)
    reader = DeliveryReader(session, keys, {row.connection for row in rows})
    readings = _without_withdrawn(session, [(row, reader.read(row)) for row in rows])
    repeats = _repeats(session, readings)
    arriving = [(row.id, reading.arrived) for row, reading in readings if reading.arrived is not None and row.id not in repeats]
    settled = dict(zip([id for id, _ in arriving], settle_all(session, [arrived for _, arrived in arriving]), strict=True))
    changes = [_change(row, reading, settled.get(row.id), repeated=row.id in repeats) for row, reading in readings]
    settle(session, changes)
    for row, reading in readings:
        if reading.deleted and reading.attribution is not None:
            delete_for_good(session, row.study, {reading.attribution.response})
    return Counter(change["state"] for change in changes) + Counter(_dropped(changes))


def mark_failed(session: Session, id: str, error: str, *, most_attempts: int) -> None:
    """Count a failure that does not pass by itself; a delivery that keeps failing is dead, and replayable when the cause is mended."""
    for row in take_pending(session, [id]):
        attempts = row.attempts + 1
        dead = {"state": "dead", "settled_at": now()} if attempts >= most_attempts else {}
        settle(session, [{"id": id, "attempts": attempts, "reason": "failed", "detail": f"{error[:200]}: {_FAILED}", **dead}])


def _without_withdrawn(session: Session, readings: list[tuple[Any, Reading]]) -> list[tuple[Any, Reading]]:
    """Readings in which whatever is of somebody who withdrew is dead, applicable or not; and so is what did not name them yet."""
    hold_off_withdrawals(session)
    found = [(row.study, *reading.attribution) for row, reading in readings if reading.attribution is not None]
    withdrawn = withdrawn_among(session, {index for _, *indexes in found for index in indexes})
    delete_of_withdrawn(session, found, withdrawn)
    return [
        (
            row,
            Reading("dead", WITHDRAWN, _NOT_BACK)
            if reading.attribution and not withdrawn.isdisjoint(reading.attribution)
            else reading,
        )
        for row, reading in readings
    ]


def _repeats(session: Session, readings: Sequence[tuple[Any, Reading]]) -> set[str]:
    """Ids of deliveries that are, sender's id and body, the same as one that was applied, or comes before them in this batch."""
    named = [
        (row, (row.connection, reading.sender_id or row.sender_id)) for row, reading in readings if reading.arrived is not None
    ]
    seen = applied_before(session, {pair for _, pair in named}) if named else set()
    repeats = set()
    for row, pair in named:
        delivery = (*pair, row.digest)
        if delivery in seen and row.settled_at is None:  # a replay is meant
            repeats.add(row.id)
        seen.add(delivery)
    return repeats


def _change(row: Any, reading: Reading, settled: Settled | None, *, repeated: bool) -> Row:
    """What to write to a delivery's row."""
    change = {
        "id": row.id,
        "state": reading.state,
        "reason": reading.reason,
        "detail": reading.detail,
        "settled_at": now(),
        "sender_id": reading.sender_id or row.sender_id,
        "ordered_by": reading.ordered_by,
        "respondent_index": reading.attribution.respondent if reading.attribution else None,
        "response_index": reading.attribution.response if reading.attribution else None,
        "response": settled.response if settled else None,
        "unmapped": _reported(reading.arrived),
    }
    if repeated:
        return {**change, "state": "duplicate", "reason": "same_delivery", "body": b"", "headers": {}}
    if reading.state == "parsed":
        return {**change, "settled_at": None, "due_at": now()}
    if reading.reason == WITHDRAWN or reading.deleted:
        return {**change, **_NOTHING_OF_THEIRS}
    if settled is not None and not settled.changed:
        outcomes = {"same": ("duplicate", "same_content"), "older": ("applied", "superseded")}
        state, reason = outcomes[settled.verdict]
        return {**change, "state": state, "reason": reason}
    return change


def _reported(arrived: Arrived | None) -> list[dict[str, Any]]:
    unmapped: tuple[Unmapped, ...] = arrived.account.coded.unmapped if arrived else ()
    return [each._replace(field=each.field[:LONGEST_REPORTED])._asdict() for each in unmapped[:MOST_REPORTED]]


def _dropped(changes: Sequence[Row]) -> dict[str, int]:
    return {WITHDRAWN: sum(change["reason"] == WITHDRAWN for change in changes)}
