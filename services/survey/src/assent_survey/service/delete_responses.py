"""Deleting responses everywhere here: their versions, the deliveries that brought them, waiting events; each gets a tombstone in the log.

Whoever withdraws has all of theirs deleted (withdraw_respondent); a platform that deletes a response has that one deleted, and so has
somebody who withdrew before and turns out to have given it. The blind indexes are remembered, so that nothing that arrives later
brings them back.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlmodel import Session

from assent_contracts.registry import RESPONDENT_WITHDRAWN, RESPONSES
from assent_kit.outbox import Event, append_all
from assent_survey.service.forget_exports import forget_exports
from assent_survey.store import responses as store
from assent_survey.store.deliveries import delete_attributed


def delete_responses(session: Session, responses: Sequence[Any], *, respondents: set[str]) -> dict[str, int]:
    """Delete responses, given as rows, and every delivery attributed to them or to these respondents; answers how many of what."""
    ids = {response.id for response in responses}
    removed = {"events_waiting": store.waiting_events(session, RESPONSES.name, ids)}
    removed["deliveries"] = delete_attributed(session, respondents, {response.response_index for response in responses})
    append_all(session, [_tombstone(response) for response in responses])
    removed["responses"], removed["versions"] = store.delete_responses(session, ids)
    return removed


def delete_for_good(session: Session, study: str, response_indexes: Collection[str]) -> int:
    """Delete responses; answers how many there were. Nothing that arrives later brings them back."""
    store.remember_withdrawn(session, study, response_indexes)
    responses = store.responses_by_index(session, response_indexes)
    delete_attributed(session, set(), set(response_indexes))
    delete_responses(session, responses, respondents=set())
    for collection in {response.collection for response in responses}:
        forget_exports(session, study, collection)
    store.delete_respondents_without_responses(session, {response.respondent for response in responses})
    return len(responses)


def delete_of_withdrawn(session: Session, named: Iterable[tuple[str, str, str]], withdrawn: set[str]) -> None:
    """Delete the responses that turn out to be of people who withdrew, and add them to `withdrawn`, which has the people's indexes.

    `named` are study, respondent and response of what has arrived and is genuine; before, the responses may have named nobody yet.
    """
    for study, respondent, response in named:
        if respondent in withdrawn and response not in withdrawn:
            delete_for_good(session, study, {response})
            withdrawn.add(response)


def _tombstone(response: Any) -> Event:
    return Event(type=RESPONDENT_WITHDRAWN, state=None, key=response.id, study=response.study, version=response.version + 1)
