"""A response submitted directly, by one's own form: coded already, in the instrument's own names."""

from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from assent_kit.identifiers import new_id
from assent_kit.lane import alone
from assent_kit.tables import now
from assent_survey.domain.blind import new_withdrawal_code
from assent_survey.domain.coding import Coded, code_values
from assent_survey.domain.faults import Fault
from assent_survey.domain.history import Account
from assent_survey.domain.submission import Submission, Value, as_value
from assent_survey.problems import CollectionIsClosed, RespondentHasWithdrawn, invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.service.delete_responses import delete_of_withdrawn
from assent_survey.service.keys import Keys
from assent_survey.service.settle_response import Arrived, settle_all
from assent_survey.store.queries import find
from assent_survey.store.responses import responses_by_index, withdrawn_among
from assent_survey.store.tables import Collection


@dataclass(frozen=True, slots=True)
class Submitted:
    """The response and, when it is new, the code by which its respondent can withdraw: the only time that it is told."""

    id: str
    withdrawal_code: str | None


def submit_response(
    session: Session,
    study: str,
    *,
    keys: Keys,
    collection: str,
    respondent: str | None,
    external_id: str | None,
    answers: dict[str, Any],
    complete: bool,
    test: bool,
    accept_problems: bool = False,
) -> Submitted:
    """Keep a response. The same `external_id` again is a new version of it, and has its code already.

    With `accept_problems` answers that the instrument does not know are left out and listed with the response. Raises NotFound,
    CollectionIsClosed, RespondentHasWithdrawn, and else InvalidRequest for an answer that the instrument does not know.
    """
    into = find(session, Collection, study, collection)
    if into.closed_at is not None:
        raise CollectionIsClosed
    submission = Submission(response_id=external_id or new_id("sub"), fields=_values(answers), finished=complete, test=test)
    coded = code_values(submission.fields, published_items(session, into.instrument, into.number), finished=complete)
    if coded.unmapped and not accept_problems:
        raise invalid([Fault(_pointer(each.field), each.why) for each in coded.unmapped])
    coded = replace(coded, unmapped=tuple(each._replace(item=each.field) for each in coded.unmapped))
    response_index = _response_index(keys, collection, submission.response_id)
    code = new_withdrawal_code()
    account = _account(
        submission,
        coded,
        respondent=keys.blind.respondent(collection, respondent or submission.response_id),
        said=keys.blind.content(response_index, submission.said()),
    )
    arrived = Arrived(
        study=study,
        collection=into,
        connection=None,
        response_index=response_index,
        account=account,
        delivery=None,
        at=now(),
        code_index=keys.blind.code(study, code),
    )
    (settled,) = settle_all(session, [arrived])
    if settled is None:
        raise RespondentHasWithdrawn
    return Submitted(id=settled.response, withdrawal_code=code if settled.verdict == "first" else None)


@alone
def delete_submitted(
    session: Session, study: str, *, keys: Keys, collection: str, respondent: str | None, external_id: str | None, **_: Any
) -> None:
    """Delete the response that a refused submission was about, where it named nobody and is now known to be of somebody who withdrew.

    One that stands under another's name stays: a mistyped name destroys nothing. It takes what `submit_response` took, and is a use
    case by itself, because whatever that did is undone. Raises NotFound.
    """
    find(session, Collection, study, collection)
    if respondent is not None and external_id is not None:
        person, response = keys.blind.respondent(collection, respondent), _response_index(keys, collection, external_id)
        nobody = keys.blind.respondent(collection, external_id)
        if any(each.respondent_index == nobody for each in responses_by_index(session, {response})):
            delete_of_withdrawn(session, [(study, person, response)], withdrawn_among(session, {person, response}))


def _response_index(keys: Keys, collection: str, external_id: str) -> str:
    return keys.blind.response(f"{collection}/direct", external_id)


def _account(submission: Submission, coded: Coded, *, respondent: str, said: str) -> Account:
    """What was submitted, as one more account of the response. `respondent` and `said` are blind indexes."""
    return Account(
        respondent=respondent,
        said=said,
        size=len(submission.fields),
        arrival=new_id("dlv"),  # sorts with the deliveries that arrive for the same collection
        revision=None,
        finished=submission.finished,
        complete=submission.finished,
        test=submission.test,
        coded=coded,
    )


def _values(answers: dict[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for name, given in answers.items():
        try:
            values[name] = as_value(given)
        except TypeError:
            faults.append(Fault(_pointer(name), "an answer is a code, a list of codes, a number, a text or null"))
    if faults:
        raise invalid(faults)
    return values


def _pointer(name: str) -> str:
    """Where an answer stands in the request (RFC 6901)."""
    return f"/answers/{name.replace('~', '~0').replace('/', '~1')}"
