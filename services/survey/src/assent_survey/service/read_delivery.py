"""Reading a kept delivery: verified where it has not been, parsed, and coded by its connection's mapping. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from assent_survey.domain.coding import code_submission, speaks_of
from assent_survey.domain.history import Account
from assent_survey.domain.instrument import Item
from assent_survey.domain.mapping import Mapping
from assent_survey.domain.submission import Notice, Refused, Submission, Unreadable
from assent_survey.platforms import PLATFORMS, SOURCES
from assent_survey.platforms.face import prove
from assent_survey.problems import REFUSALS
from assent_survey.service.connect_platform import open_secrets
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keys import Keys
from assent_survey.service.settle_response import Arrived
from assent_survey.store.tables import ASKED, Collection, Connection, DeliveryState

LONGEST_FORM_VERSION = 200  # of a form's version as its platform calls it; what is longer is cut


class Attribution(NamedTuple):
    """Whom a body is about, as blind indexes."""

    respondent: str
    response: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a delivery turned out to be. `arrived` is there when its content is to be applied; else the state says what becomes of it.

    `deleted`: it says that its response is no more.
    """

    state: DeliveryState
    reason: str | None = None
    detail: str | None = None
    sender_id: str | None = None
    attribution: Attribution | None = None
    ordered_by: str | None = None
    arrived: Arrived | None = None
    deleted: bool = False


Attributed = tuple[Submission | Notice, Attribution]
"""What a body holds, and whom it is about."""


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
            return Reading("quarantined", refused.reason, what_to_do(refused))
        try:
            content = self._parse(row)
        except Unreadable as unreadable:
            expected = f"docs/platforms/{self._connections[row.connection].platform}.md says what is expected"
            return Reading("dead", "unreadable", f"{unreadable}; {expected}", sender_id)
        if content is None:
            return Reading(
                "applied", "endpoint_test", "it holds no response: a test of the address, or news of something else", sender_id
            )
        if isinstance(content, Notice):
            return self._read_notice(row, content, sender_id)
        return self._read_submission(row, content, sender_id)

    def attribute(self, row: Any) -> Attributed | None:
        """Whom a body is about, whether or not it is genuine; None for one that cannot be read. A notice tells the response only."""
        try:
            content = self._parse(row)
        except Unreadable:
            return None
        return None if content is None else (content, self._attribution(row, content))

    def notice(self, row: Any) -> Notice | None:
        """The notice that a delivery is, if it is one."""
        found = self.attribute(row)
        return found[0] if found is not None and isinstance(found[0], Notice) else None

    def response_index(self, connection: str, response_id: str) -> str:
        """The blind index of the response that a connection's platform calls so."""
        found = self._connections[connection]
        return self._keys.blind.response(response_space(found.collection, found.platform), response_id)

    def _verify(self, row: Any) -> str | None:
        """The sender's id of a delivery that was not verified at the door. Raises Refused."""
        if row.state == "verified" or row.accepted_by is not None:
            return None
        connection = self._connections[row.connection]
        secrets = open_secrets(connection, self._keys, row.received_at)
        platform = PLATFORMS[connection.platform]
        return prove(platform, row.body, row.headers, secrets, row.received_at).delivery

    def _parse(self, row: Any) -> Submission | Notice | None:
        platform = self._connections[row.connection].platform
        if row.origin in ASKED:
            return SOURCES[platform].read_record(row.body)
        return PLATFORMS[platform].parse(row.body, row.headers)

    def _read_notice(self, row: Any, notice: Notice, sender_id: str | None) -> Reading:
        """A notice waits until its answers are fetched, unless it says that there are none any more."""
        attribution = self._attribution(row, notice)
        if notice.happening == "deleted":
            detail = "the response was deleted at the platform"
            return Reading("applied", "deleted_at_platform", detail, sender_id, attribution, deleted=True)
        connection = self._connections[row.connection]
        if connection.platform not in SOURCES:
            return Reading(
                "dead", "cannot_be_asked", "the answers are at the platform, which cannot be asked", sender_id, attribution
            )
        if connection.access is None:
            detail = "the answers are at the platform; set the connection's access, so that it can be asked"
            return Reading("quarantined", "access_not_set", detail, sender_id, attribution)
        return Reading("parsed", "awaits_answers", "the answers are fetched from the platform", sender_id, attribution)

    def _read_submission(self, row: Any, submission: Submission, sender_id: str | None) -> Reading:
        collection, mapping = self._collections[row.collection], self._mappings[row.connection]
        attribution = self._attribution(row, submission)
        if not speaks_of(submission, mapping):
            detail = "the mapping names none of the fields of this response; change it, and this is tried again"
            return Reading("quarantined", "unmapped", detail, sender_id, attribution, submission.ordered_by)
        if collection.closed_at is not None and _came_at(row, submission) > collection.closed_at:
            detail = "it arrived after the collection was closed; connect the platform to an open one, or end the webhook"
            return Reading("quarantined", "collection_closed", detail, sender_id, attribution, submission.ordered_by)
        account = Account(
            respondent=attribution.respondent,
            said=self._keys.blind.content(attribution.response, submission.said()),
            size=len(submission.fields),
            arrival=row.id,
            revision=submission.revision,
            finished=submission.finished,
            complete=submission.finished,
            test=submission.test or mapping.marks_test(submission),
            coded=code_submission(submission, self._items_of(collection), mapping),
            form_version=submission.form_version and submission.form_version[:LONGEST_FORM_VERSION],
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

    def _attribution(self, row: Any, content: Submission | Notice) -> Attribution:
        """Without a mapped respondent each response is one, under the platform's id of it."""
        named_by = self._mappings[row.connection].respondent
        named = content.text(named_by) if named_by and isinstance(content, Submission) else None
        return Attribution(
            respondent=self._keys.blind.respondent(row.collection, named or content.response_id),
            response=self.response_index(row.connection, content.response_id),
        )

    def _items_of(self, collection: Collection) -> tuple[Item, ...]:
        key = (collection.instrument, collection.number)
        if key not in self._items:
            self._items[key] = published_items(self._session, *key)
        return self._items[key]


def what_to_do(refused: Refused) -> str:
    """Why a delivery is not proved, and what to do about it: for people who find it kept apart."""
    return f"{refused.detail}. {REFUSALS[refused.reason].remedy}"


def response_space(collection: str, platform: str) -> str:
    """Within what a platform's names of responses are indexed: two connections of a platform may bring the same response."""
    return f"{collection}/{platform}"


def _came_at(row: Any, submission: Submission) -> datetime:
    """When a response came in: for one that we asked for, when it was submitted at the platform."""
    came: datetime = row.received_at
    return submission.submitted_at if row.origin in ASKED and submission.submitted_at is not None else came
