"""Receiving what a platform delivers: the door of each connection, and the durable row behind every 2xx.

The body is verified as it came and kept as it came; what it means is found out later, by `apply_deliveries`. Headers are kept by an
allow-list, so that no secret, cookie or address of a sender is stored.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import SimpleNamespace

from sqlmodel import Session

from assent_kit.identifiers import new_id
from assent_kit.problems import Problem
from assent_survey.domain.submission import Identity, Refused
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import Platform, body_digest, prove
from assent_survey.problems import REFUSALS, QuarantineFull
from assent_survey.service.connect_platform import secrets_with_ends
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import DeliveryReader, response_space, what_to_do
from assent_survey.store.deliveries import Row, count_held, insert_deliveries
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.queries import find_connection, held_in_quarantine
from assent_survey.store.responses import withdrawn_among
from assent_survey.store.tables import Connection

LONGEST_KEPT_HEADER = 2000
_SETTLED_BY_WORKER = ("unmapped", "collection_closed", "access_not_set", "access_refused")


@dataclass(frozen=True, slots=True)
class Door:
    """What the hook needs to know of a connection, without asking the database for each delivery."""

    connection: str
    study: str
    collection: str
    platform: Platform
    secrets: tuple[tuple[str, datetime | None], ...]
    version: int
    deleted: bool
    full: bool
    index: Callable[[str], str]
    """The blind index of a response, by the platform's id of it."""

    def secrets_at(self, moment: datetime) -> list[str]:
        """The secrets that are good now."""
        return [secret for secret, ends_at in self.secrets if ends_at is None or moment < ends_at]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery at the door: the row to keep, and the problem to answer when it is not genuine."""

    row: Row
    problem: type[Problem] | None = None
    detail: str = ""


class DoorHasChanged(Exception):
    """The connection was changed since its door was read."""


def read_door(session: Session, connection: str, keys: Keys, *, limit: int) -> Door | None:
    """The door of a connection, also of a deleted one; None for a connection that never was."""
    found = find_connection(session, connection)
    if found is None:
        return None
    held = held_in_quarantine(session, connection)
    return Door(
        connection=found.id,
        study=found.study,
        collection=found.collection,
        platform=PLATFORMS[found.platform],
        secrets=tuple(secrets_with_ends(found, keys)),
        version=found.version,
        deleted=found.deleted_at is not None,
        full=any(held.get(reason, 0) >= limit for reason in _SETTLED_BY_WORKER),
        index=partial(keys.blind.response, response_space(found.collection, found.platform)),
    )


def meet(door: Door, raw: bytes, headers: Mapping[str, str], moment: datetime) -> Arrival:
    """Verify a delivery and make the row to keep. `headers` have lower-case names."""
    secrets = door.secrets_at(moment)
    if not secrets:
        waits = "the connection has no secret yet; set the one that the platform shows, and this is verified"
        return Arrival(_row(door, raw, headers, moment, state="quarantined", reason="secret_not_set", detail=waits))
    try:
        identity = prove(door.platform, raw, headers, secrets, moment)
    except Refused as refused:
        row = _row(door, raw, headers, moment, state="quarantined", reason=refused.reason, detail=what_to_do(refused))
        return Arrival(row, problem=REFUSALS[refused.reason], detail=refused.detail)
    return Arrival(_row(door, raw, headers, moment, state="verified", identity=identity))


def receive_deliveries(session: Session, rows: list[Row]) -> list[None]:
    """Keep verified deliveries: the bulk use case behind the hook."""
    insert_deliveries(session, rows)
    return [None] * len(rows)


def quarantine_delivery(session: Session, row: Row, *, keys: Keys, door_version: int, limit: int) -> None:
    """Keep a delivery apart, unless it is of somebody who withdrew.

    Raises QuarantineFull, and DoorHasChanged when the connection was changed meanwhile, so that its secret may be there now.
    """
    connection = session.get(Connection, row["connection"], with_for_update={"read": True})
    if connection is None or connection.version != door_version:
        raise DoorHasChanged
    if count_held(session, row["connection"], row["reason"]) >= limit:
        raise QuarantineFull
    found = DeliveryReader(session, keys, [row["connection"]]).attribute(SimpleNamespace(**row))
    attribution = found[1] if found else None
    hold_off_withdrawals(session)
    if attribution is None or not withdrawn_among(session, attribution):
        respondent, response = attribution or (None, None)
        insert_deliveries(session, [{**row, "respondent_index": respondent, "response_index": response}])


def _row(
    door: Door,
    raw: bytes,
    headers: Mapping[str, str],
    moment: datetime,
    *,
    state: str,
    identity: Identity | None = None,
    reason: str | None = None,
    detail: str | None = None,
) -> Row:
    kept = door.platform.keepable(raw, headers)
    return {
        "id": new_id("dlv"),
        "study": door.study,
        "connection": door.connection,
        "collection": door.collection,
        "state": state,
        "reason": reason,
        "detail": detail,
        "received_at": moment,
        "sender_id": identity.delivery if identity else body_digest(kept),
        "digest": hashlib.sha256(kept).hexdigest(),
        "size": len(kept),
        "origin": "hook",
        "attempts": 0,
        "headers": {name: headers[name][:LONGEST_KEPT_HEADER] for name in door.platform.kept_headers if name in headers},
        "body": kept,
    }
