"""Accounts of responses arrive, from deliveries or submitted directly: what stands afterwards is kept and said to the other services.

One `Settlement` serves a whole batch: it reads what is there once, follows the arrivals in their order, and writes once. Each response
that changed is said once, with its newest version.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from assent_contracts.events import survey as events
from assent_contracts.registry import RESPONSE_CORRECTED, RESPONSE_RECEIVED
from assent_kit.identifiers import new_id
from assent_kit.outbox import Event, append_all
from assent_survey.domain.coding import Coded
from assent_survey.domain.history import Account, Verdict, differs, follow
from assent_survey.store import responses as store
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.tables import Collection, Respondent, Response, ResponseVersion


@dataclass(frozen=True, slots=True)
class Arrived:
    """An account that arrives for a response. `code_index` is the blind index of a withdrawal code that was just made for it."""

    study: str
    collection: Collection
    connection: str | None
    response_index: str
    account: Account
    delivery: str | None
    at: datetime
    code_index: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an arrival: the response, how it stood to what was there, and whether there was anything new to say."""

    response: str
    verdict: Verdict
    changed: bool


class Settlement:
    """Follows the arrivals of one transaction. Call `take` for each, then `write` once."""

    def __init__(self, session: Session, arrivals: Sequence[Arrived]) -> None:
        hold_off_withdrawals(session)
        self._session = session
        respondents = {arrived.account.respondent for arrived in arrivals}
        responses = {arrived.response_index for arrived in arrivals}
        self._withdrawn = store.withdrawn_among(session, respondents | responses)
        self._respondents = store.respondents_by_index(session, respondents)
        self._responses = store.responses_by_index(session, responses)
        self._accounts: dict[str, Account] = {}
        self._touched: dict[str, Arrived] = {}
        self._made: set[str] = set()

    def has_withdrawn(self, arrived: Arrived) -> bool:
        """Whether the arrival is of somebody who, or a response which, was withdrawn: it must not be taken."""
        return not self._withdrawn.isdisjoint((arrived.account.respondent, arrived.response_index))

    def take(self, arrived: Arrived) -> Settled:
        """Let an account arrive."""
        response = self._responses.get(arrived.response_index)
        kept = None if response is None else self._account_of(response)
        verdict, stands = follow(kept, arrived.account)
        if response is None:
            response = self._first(arrived)
        changed = kept is None or differs(kept, stands)
        if changed:
            response.version += 1
            response.changed_at = arrived.at
            self._touched[response.id] = arrived
        self._stand(response, stands, arrived)
        if changed:
            self._session.add(_version(response, arrived))
        return Settled(response.id, verdict, changed)

    def write(self) -> None:
        """Say every response that changed."""
        self._session.flush()
        changed = [(self._responses[arrived.response_index], arrived.collection) for arrived in self._touched.values()]
        append_all(self._session, [self._event(response, collection) for response, collection in changed])

    def _first(self, arrived: Arrived) -> Response:
        response = Response(
            id=new_id("rsp"),
            study=arrived.study,
            collection=arrived.collection.id,
            connection=arrived.connection,
            response_index=arrived.response_index,
            code_index=arrived.code_index,
            version=0,
            received_at=arrived.at,
            respondent="",  # from here on: set by `_stand` before anything is written
            respondent_index="",
            complete=False,
            finished=False,
            test=False,
            said="",
            size=0,
            arrival="",
            content={},
            changed_at=arrived.at,
        )
        self._session.add(response)
        self._responses[arrived.response_index] = response
        self._made.add(response.id)
        return response

    def _stand(self, response: Response, stands: Account, arrived: Arrived) -> None:
        """Keep what stands now."""
        self._accounts[response.id] = stands
        if response.respondent_index != stands.respondent:
            response.respondent, response.respondent_index = self._token(stands.respondent, arrived), stands.respondent
        response.complete, response.finished, response.test = stands.complete, stands.finished, stands.test
        response.said, response.size = stands.said, stands.size
        response.arrival, response.revision = stands.arrival, stands.revision
        content = stored(stands.coded)
        if response.content != content:
            response.content = content

    def _token(self, blind_index: str, arrived: Arrived) -> str:
        """The random token of a respondent, made when they are first met."""
        known = self._respondents.get(blind_index)
        if known is None:
            known = self._respondents[blind_index] = new_id("rsd")
            self._session.add(Respondent(id=known, study=arrived.study, collection=arrived.collection.id, blind_index=blind_index))
        return known

    def _account_of(self, response: Response) -> Account:
        if response.id not in self._accounts:
            self._accounts[response.id] = Account(
                respondent=response.respondent_index,
                said=response.said,
                size=response.size,
                arrival=response.arrival,
                revision=response.revision,
                finished=response.finished,
                complete=response.complete,
                test=response.test,
                coded=Coded(**response.content),
            )
        return self._accounts[response.id]

    def _event(self, response: Response, collection: Collection) -> Event:
        kind = RESPONSE_RECEIVED if response.id in self._made else RESPONSE_CORRECTED
        return Event(type=kind, state=state_of(response, collection), version=response.version)


def stored(coded: Coded) -> dict[str, Any]:
    """Coded answers as they are kept."""
    content = asdict(replace(coded, unmapped=()))
    del content["unmapped"]
    return content


def state_of(response: Response, collection: Collection) -> events.Response:
    """What the other services hear of a response: coded answers, never a text; and no answers at all without consent."""
    coded = Coded(**response.content)
    said = coded if coded.consented else Coded(consented=False)
    facts = collection.facts
    return events.Response(
        study=response.study,
        response=response.id,
        respondent=response.respondent,
        collection=collection.id,
        instrument=collection.instrument,
        number=collection.number,
        answers=said.answers,
        missing=said.missing,
        groups=said.groups,
        weight=said.weight if facts.get("weight") else None,
        stratum=said.stratum if facts.get("stratum") else None,
        cluster=said.cluster if facts.get("cluster") else None,
        consented=coded.consented,
        complete=response.complete,
        test=response.test,
    )


def _version(response: Response, arrived: Arrived) -> ResponseVersion:
    return ResponseVersion(
        response=response.id,
        number=response.version,
        delivery=arrived.delivery,
        complete=response.complete,
        content=response.content,
        made_at=arrived.at,
    )


def settle_all(session: Session, arrivals: Sequence[Arrived]) -> list[Settled | None]:
    """Let accounts arrive in this order; None for each that was withdrawn."""
    settlement = Settlement(session, arrivals)
    settled = [None if settlement.has_withdrawn(arrived) else settlement.take(arrived) for arrived in arrivals]
    settlement.write()
    return settled
