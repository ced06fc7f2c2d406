"""Withdrawal: everything of one respondent in one collection is deleted, and cannot come back.

What is deleted here: responses with all versions, the raw deliveries that brought them, quarantined and waiting deliveries that hold
them, events that wait to be published, and the respondent's token. Each response gets a tombstone in the log. The blind indexes are
remembered, so that a late redelivery or a replay is dropped. The receipt says what lies beyond our reach, and for how long.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from sqlmodel import Session

from assent_kit.identifiers import new_id
from assent_kit.lane import alone
from assent_survey.domain.submission import Submission
from assent_survey.problems import UnknownWithdrawalCode
from assent_survey.service.delete_responses import delete_responses
from assent_survey.service.forget_exports import forget_exports
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import Attributed, DeliveryReader
from assent_survey.store import responses as store
from assent_survey.store.deliveries import OPEN, delete_deliveries, is_genuine, not_attributed, responses_named_with
from assent_survey.store.queries import find, response_by_code
from assent_survey.store.tables import Collection, Withdrawal
from assent_survey.store.tokens import delete_token
from assent_survey.store.vignettes import delete_assignments

SEARCHED_AT_ONCE = 200
SHORTEST_SEARCHED = 4  # a shorter name is in too many bodies by chance


@dataclass(frozen=True, slots=True)
class Who:
    """Whose withdrawal it is: their blind index, and their name where the caller gave it."""

    collection: str
    index: str
    name: str | None


@alone
def withdraw_by_name(session: Session, study: str, *, keys: Keys, collection: str, respondent: str) -> str:
    """Withdraw whom the platform or the researcher calls `respondent`; answers the receipt's id. Raises NotFound.

    Somebody of whom nothing is stored is remembered all the same: their response may be on its way.
    """
    find(session, Collection, study, collection)
    return _withdraw(session, study, keys, Who(collection, keys.blind.respondent(collection, respondent), respondent))


@alone
def withdraw_by_code(session: Session, study: str, *, keys: Keys, code: str) -> str:
    """Withdraw whoever was given this code; answers the receipt's id. Raises UnknownWithdrawalCode."""
    response = response_by_code(session, study, keys.blind.code(study, code))
    if response is None:
        raise UnknownWithdrawalCode
    return _withdraw(session, study, keys, Who(response.collection, response.respondent_index, None))


def _withdraw(session: Session, study: str, keys: Keys, who: Who) -> str:
    # First of all, because on PostgreSQL this waits for everyone who is keeping a response now.
    store.remember_withdrawn(session, study, {who.index})
    indexes = store.indexes_of(session, who.index) | responses_named_with(session, who.index)
    unread = _unread(session, keys, who, {who.index, *indexes})
    indexes |= {index for index in unread.values() if index is not None}
    store.remember_withdrawn(session, study, indexes)
    responses = store.responses_by_index(session, indexes)
    removed = delete_responses(session, responses, respondents={who.index})
    removed["deliveries"] += delete_deliveries(session, unread)
    removed["exports"] = forget_exports(session, study, who.collection)
    store.delete_respondents(session, store.respondents_by_index(session, {who.index}).values())
    store.delete_respondents_without_responses(session, {response.respondent for response in responses})
    delete_token(session, who.index)
    delete_assignments(session, {who.index})
    receipt = Withdrawal(id=new_id("wdr"), study=study, removed=removed)
    session.add(receipt)
    return receipt.id


def _unread(session: Session, keys: Keys, who: Who, indexes: set[str]) -> dict[str, str | None]:
    """Deliveries that hold the respondent and have not been attributed to anyone yet, or could not be.

    With each its response's blind index, where it is genuine and by the mapping from them.
    """
    held: dict[str, str | None] = {}
    for which in OPEN:
        after = ""
        while rows := not_attributed(session, who.collection, which, after, SEARCHED_AT_ONCE):
            reader = DeliveryReader(session, keys, {row.connection for row in rows})
            for row in rows:
                found = reader.attribute(row)
                if _holds(row, found, who, indexes):
                    theirs = found is not None and found[1].respondent == who.index and is_genuine(row)
                    held[row.id] = found[1].response if found is not None and theirs else None
            after = rows[-1].id
    return held


def _holds(row: Any, found: Attributed | None, who: Who, indexes: set[str]) -> bool:
    """Whether a body is about the respondent: by the mapping, or because one of its values is their name."""
    if found is None:
        return (
            who.name is not None and len(who.name) >= SHORTEST_SEARCHED and any(each in row.body for each in _spellings(who.name))
        )
    content, attribution = found
    if not indexes.isdisjoint((attribution.respondent, attribution.response)):
        return True
    names = {content.response_id}
    if isinstance(content, Submission):
        names |= {text for name in (*content.fields, *content.facts) if (text := content.text(name)) is not None}
    return who.name is not None and len(who.name) >= SHORTEST_SEARCHED and who.name in names


def _spellings(name: str) -> set[bytes]:
    """How a name may stand in a body that cannot be read: as it is, in JSON, and in a form."""
    return {each.encode() for each in (name, json.dumps(name)[1:-1], quote_plus(name), quote(name, safe=""))}
