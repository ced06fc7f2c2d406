"""Reading a kept delivery: verified where it has not been, parsed, and coded by its connection's mapping. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from assent_survey.domain.coding import code_submission, speaks_of
from assent_survey.domain.history import Account
from assent_survey.domain.instrument import Item
from assent_survey.domain.mapping import Mapping
from assent_survey.domain.submission import Refused, Submission, Unreadable
from assent_survey.platforms import PLATFORMS
from assent_survey.service.connect_platform import open_secrets
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keys import Keys
from assent_survey.service.settle_response import Arrived
from assent_survey.store.tables import Collection, Connection, DeliveryState


class Attribution(NamedTuple):
    """Whom a body is about, as blind indexes."""

    respondent: str
    response: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a delivery turned out to be. `arrived` is there when its content is to be applied; else the state says what becomes of it."""

    state: DeliveryState
    reason: str | None = None
    detail: str | None = None
    sender_id: str | None = None
    attribution: Attribution | None = None
    ordered_by: str | None = None
    arrived: Arrived | None = None


class DeliveryReader:
    """Reads deliveries of one transaction, looking up each connection, collection and instrument once."""

    def __init__(self, session: Session, keys: Keys, connections: Iterable[str]) -> None:
        self._session = session
        self._keys = keys
        found = session.exec(select(Connection).where(col(Connection.id).in_(set(connections)))).all()
        self._connections = {connection.id: connection for connection in found}
        self._mappings = {connection.id: Mapping.model_validate(connection.mapping) for connection in found}
        into = session.exec(select(Collection).where(col(Collection.id).in_({each.collection for each in found}))).all()
        self._collections = {collection.id: collection for collection in into}
        self._items: dict[tuple[str, int], tuple[Item, ...]] = {}

    def read(self, row: Any) -> Reading:
        """What a delivery's row holds."""
        try:
            sender_id = self._verify(row)
        except Refused as refused:
            return Reading("quarantined", refused.reason, refused.detail)
        try:
            submission = self._parse(row)
        except Unreadable as unreadable:
            return Reading("dead", "unreadable", str(unreadable), sender_id)
        if submission is None:
            return Reading("applied", "endpoint_test", "a test of the address, without a response", sender_id)
        return self._read_submission(row, submission, sender_id)

    def attribute(self, row: Any) -> tuple[Submission, Attribution] | None:
        """Whom a body is about, whether or not it is genuine; None for one that cannot be read."""
        try:
            submission = self._parse(row)
        except Unreadable:
            return None
        return None if submission is None else (submission, self._attribution(row, submission))

    def _verify(self, row: Any) -> str | None:
        """The sender's id of a delivery that was not verified at the door. Raises Refused."""
        if row.state == "verified" or row.accepted_by is not None:
            return None
        connection = self._connections[row.connection]
        secrets = open_secrets(connection, self._keys, row.received_at)
        platform = PLATFORMS[connection.platform]
        return platform.verify(row.body, row.headers, secrets, row.received_at).delivery

    def _parse(self, row: Any) -> Submission | None:
        return PLATFORMS[self._connections[row.connection].platform].parse(row.body, row.headers)

    def _read_submission(self, row: Any, submission: Submission, sender_id: str | None) -> Reading:
        collection, mapping = self._collections[row.collection], self._mappings[row.connection]
        attribution = self._attribution(row, submission)
        if not speaks_of(submission, mapping):
            detail = "the mapping names none of the fields of this response"
            return Reading("quarantined", "unmapped", detail, sender_id, attribution, submission.ordered_by)
        if collection.closed_at is not None and row.received_at > collection.closed_at:
            detail = "it arrived after the collection was closed"
            return Reading("quarantined", "collection_closed", detail, sender_id, attribution, submission.ordered_by)
        account = Account(
            respondent=attribution.respondent,
            said=self._keys.blind.content(attribution.response, submission.said()),
            size=len(submission.fields),
            arrival=row.id,
            revision=submission.revision,
            finished=submission.finished,
            complete=submission.finished,
            test=submission.test,
            coded=code_submission(submission, self._items_of(collection), mapping),
        )
        arrived = Arrived(
            study=row.study,
            collection=collection,
            connection=row.connection,
            response_index=attribution.response,
            account=account,
            delivery=row.id,
            at=row.received_at,
        )
        return Reading("applied", None, None, sender_id, attribution, submission.ordered_by, arrived)

    def _attribution(self, row: Any, submission: Submission) -> Attribution:
        """Without a mapped respondent each response is one, under the platform's id of it."""
        named_by = self._mappings[row.connection].respondent
        name = (submission.text(named_by) if named_by else None) or submission.response_id
        platform = self._connections[row.connection].platform
        return Attribution(
            respondent=self._keys.blind.respondent(row.collection, name),
            response=self._keys.blind.response(f"{row.collection}/{platform}", submission.response_id),
        )

    def _items_of(self, collection: Collection) -> tuple[Item, ...]:
        key = (collection.instrument, collection.number)
        if key not in self._items:
            self._items[key] = published_items(self._session, *key)
        return self._items[key]
