"""Accounts of responses arrive, from deliveries or submitted directly: what stands afterwards is kept and said to the other services.

One `Settlement` serves a whole batch: it reads what is there once, follows the arrivals in their order, and writes once. Each response
that changed is said once, with its newest version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from assent_contracts.events import survey as events
from assent_contracts.registry import RESPONSE_CORRECTED, RESPONSE_RECEIVED
from assent_kit.identifiers import new_id
from assent_kit.outbox import Event, append_all
from assent_survey.domain.coding import Coded, Unmapped
from assent_survey.domain.history import Account, Verdict, differs, follow
from assent_survey.service.assign_vignettes import assigned_answers, fill_in
from assent_survey.service.delete_responses import delete_of_withdrawn
from assent_survey.service.forget_exports import forget_exports
from assent_survey.store import responses as store
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.tables import Collection
from assent_survey.store.tokens import test_tokens_among

MOST_PROBLEMS = 200  # of one response that are listed
_KEPT = tuple(field.name for field in fields(Coded) if field.name != "unmapped")


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


@dataclass(slots=True)
class _Standing:
    """A response while arrivals are followed. `said` is the arrival that last changed it; `first` the one that made it.

    `delivery` brought its newest version, at `made_at`. `marked_test` is what a researcher said of its being a test, which stands
    whatever arrives.
    """

    id: str
    version: int
    delivery: str | None = None
    made_at: datetime | None = None
    account: Account | None = None
    marked_test: bool | None = None
    first: Arrived | None = None
    said: Arrived | None = None


class Settlement:
    """Follows the arrivals of one transaction. Call `take` for each, then `write` once."""

    def __init__(self, session: Session, arrivals: Sequence[Arrived]) -> None:
        hold_off_withdrawals(session)
        self._session = session
        respondents = {arrived.account.respondent for arrived in arrivals}
        responses = {arrived.response_index for arrived in arrivals}
        self._withdrawn = store.withdrawn_among(session, respondents | responses)
        delete_of_withdrawn(
            session, ((each.study, each.account.respondent, each.response_index) for each in arrivals), self._withdrawn
        )
        self._tests = test_tokens_among(session, respondents)
        self._assigned = assigned_answers(session, respondents)
        known = store.responses_by_index(session, responses)
        self._standing = {row.response_index: _read(row) for row in known}
        # Who stands with a response need not be whom an arrival names: a partial one may not say yet who answers.
        self._tokens = store.respondents_by_index(session, respondents) | {row.respondent_index: row.respondent for row in known}
        self._versions: list[store.Row] = []
        self._respondents: list[store.Row] = []
        self._names: set[tuple[str, str]] = set()
        self._left_exports: set[tuple[str, str]] = set()

    def has_withdrawn(self, arrived: Arrived) -> bool:
        """Whether the arrival is of somebody who, or a response which, was withdrawn: it must not be taken."""
        return not self._withdrawn.isdisjoint((arrived.account.respondent, arrived.response_index))

    def take(self, arrived: Arrived) -> Settled:
        """Let an account arrive."""
        standing = self._standing.get(arrived.response_index)
        if standing is None:
            standing = self._standing[arrived.response_index] = _Standing(new_id("rsp"), version=0, first=arrived)
        kept = standing.account
        verdict, account = follow(kept, self._with_vignettes(arrived.account))
        if kept is not None and kept.respondent != arrived.account.respondent:
            self._names |= {(standing.id, kept.respondent), (standing.id, arrived.account.respondent)}
        standing.account = account = self._marked(standing, account)
        changed = kept is None or differs(kept, account)
        if changed:
            if kept is not None:
                self._versions.append(_superseded(standing, kept))
                if _may_be_exported(kept) and not _may_be_exported(account):
                    self._left_exports.add((arrived.study, arrived.collection.id))
            standing.version += 1
            standing.said, standing.delivery, standing.made_at = arrived, arrived.delivery, arrived.at
        return Settled(standing.id, verdict, changed)

    def _with_vignettes(self, account: Account) -> Account:
        """With the levels of the vignettes that were assigned, where the platform does not carry them."""
        assigned = self._assigned.get(account.respondent)
        return account if assigned is None else replace(account, coded=fill_in(account.coded, assigned))

    def _marked(self, standing: _Standing, account: Account) -> Account:
        """Whether it is a test: a researcher's word before that of the token's batch, and both before the platform's."""
        if standing.marked_test is not None:
            return replace(account, test=standing.marked_test)
        return replace(account, test=account.test or account.respondent in self._tests)

    def write(self) -> None:
        """Keep what stands now, and say every response that changed."""
        moved = [(standing, standing.account) for standing in self._standing.values() if standing.account is not None]
        rows = [self._row(standing, account) for standing, account in moved]
        store.insert_respondents(self._session, self._respondents)
        for study, collection in sorted(self._left_exports):
            forget_exports(self._session, study, collection)
        made = {standing.id for standing, _ in moved if standing.first is not None}
        store.write_responses(
            self._session, new=[r for r in rows if r["id"] in made], known=[r for r in rows if r["id"] not in made]
        )
        store.insert_versions(self._session, self._versions)
        store.insert_former(self._session, self._names)
        changed = [(standing, account) for standing, account in moved if standing.said is not None]
        append_all(self._session, [self._event(standing, account) for standing, account in changed])

    def _row(self, standing: _Standing, account: Account) -> store.Row:
        row: store.Row = {
            "id": standing.id,
            "respondent": self._token(standing, account),
            "respondent_index": account.respondent,
            "version": standing.version,
            "complete": account.complete,
            "finished": account.finished,
            "test": account.test,
            "said": account.said,
            "size": account.size,
            "arrival": account.arrival,
            "revision": account.revision,
            "content": stored(account.coded),
            "problems": problems_of(account.coded),
            "form_version": account.form_version,
        }
        if standing.said is not None:
            row |= {"delivery": standing.said.delivery, "changed_at": standing.said.at}
        if (first := standing.first) is not None:
            row |= {
                "study": first.study,
                "collection": first.collection.id,
                "connection": first.connection,
                "response_index": first.response_index,
                "code_index": first.code_index,
                "received_at": first.at,
            }
        return row

    def _token(self, standing: _Standing, account: Account) -> str:
        """The random token of a respondent, made when they are first met."""
        known = self._tokens.get(account.respondent)
        if known is None:
            arrived = standing.said or standing.first
            assert arrived is not None  # a known response that did not change keeps its respondent, who has a token
            known = self._tokens[account.respondent] = new_id("rsd")
            self._respondents.append(
                {"id": known, "study": arrived.study, "collection": arrived.collection.id, "blind_index": account.respondent}
            )
        return known

    def _event(self, standing: _Standing, account: Account) -> Event:
        assert standing.said is not None
        kind = RESPONSE_CORRECTED if standing.first is None else RESPONSE_RECEIVED
        state = state_of(standing.id, self._tokens[account.respondent], account, standing.said.collection)
        return Event(type=kind, state=state, version=standing.version)


def settle_all(session: Session, arrivals: Sequence[Arrived]) -> list[Settled | None]:
    """Let accounts arrive in this order; None for each that was withdrawn."""
    if not arrivals:
        return []
    settlement = Settlement(session, arrivals)
    settled = [None if settlement.has_withdrawn(arrived) else settlement.take(arrived) for arrived in arrivals]
    settlement.write()
    return settled


def responses_between(session: Session, first: str, last: str, most: int) -> list[Event]:
    """What is said of the responses between two ids, as they stand now."""
    rows = store.responses_between(session, first, last, most)
    collections = {id: session.get_one(Collection, id) for id in {row.collection for row in rows}}
    return [event_of(row, collections[row.collection]) for row in rows]


def event_of(row: Any, collection: Collection) -> Event:
    """What is said of a response as its row stands."""
    kind = RESPONSE_RECEIVED if row.version == 1 else RESPONSE_CORRECTED
    return Event(type=kind, state=state_of(row.id, row.respondent, account_of(row), collection), version=row.version)


def stored(coded: Coded) -> dict[str, Any]:
    """Coded answers as they are kept."""
    return {name: getattr(coded, name) for name in _KEPT}


def problems_of(coded: Coded) -> list[dict[str, Any]]:
    """The answers that have no place in the instrument, as they are kept: by item, and never by their words."""
    return [each._asdict() for each in coded.unmapped if each.item is not None][:MOST_PROBLEMS]


def account_of(row: Any) -> Account:
    """A response's row as the account that stands."""
    return Account(
        respondent=row.respondent_index,
        said=row.said,
        size=row.size,
        arrival=row.arrival,
        revision=row.revision,
        finished=row.finished,
        complete=row.complete,
        test=row.test,
        coded=Coded(**row.content, unmapped=tuple(Unmapped(**each) for each in row.problems)),
        form_version=row.form_version,
    )


def _read(row: Any) -> _Standing:
    return _Standing(
        row.id,
        version=row.version,
        delivery=row.delivery,
        made_at=row.changed_at,
        account=account_of(row),
        marked_test=row.marked_test,
    )


def _superseded(standing: _Standing, account: Account) -> store.Row:
    """The version that stood until now."""
    return {
        "response": standing.id,
        "number": standing.version,
        "delivery": standing.delivery,
        "complete": account.complete,
        "content": stored(account.coded),
        "problems": problems_of(account.coded),
        "form_version": account.form_version,
        "made_at": standing.made_at,
    }


def _may_be_exported(account: Account) -> bool:
    return account.coded.consented and not account.test


def state_of(response: str, respondent: str, account: Account, collection: Collection) -> events.Response:
    """What the other services hear of a response: coded answers, never a text; no answers at all without consent, or of a test."""
    coded, facts = account.coded, collection.facts
    said = coded if coded.consented and not account.test else Coded()
    return events.Response(
        study=collection.study,
        response=response,
        respondent=respondent,
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
        complete=account.complete,
        test=account.test,
    )
