"""Rows of an import become responses: thousands in one transaction, most of them new.

A new response is a row, a token and an event, written past everything that looks at single values; it is what `settle_response` would
have written. Whatever is not simply new goes that way itself: another account of a response that is known, rows that name one response
twice, people with tokens for tests or with vignettes.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from assent_contracts.registry import RESPONSE_RECEIVED
from assent_kit.bulk import kept_moment
from assent_kit.identifiers import new_ids
from assent_kit.outbox import append_many
from assent_kit.tables import now
from assent_survey.domain.coding import Coded, Unmapped
from assent_survey.domain.history import Account
from assent_survey.problems import CollectionIsClosed, ImportOvertaken
from assent_survey.service.settle_response import Arrived, settle_all
from assent_survey.store import imports as store
from assent_survey.store.import_tables import Import
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.tables import Collection

SILENT = '"answers":{},"missing":{},"groups":{}'  # what is told without consent
SETTLED = 500  # rows that are settled one after the other at once


class Row(NamedTuple):
    """A row of a file, coded. `response`, `respondent` and `said` are blind indexes.

    `core` (answers, missing, groups), `kept` and `told` are members of JSON objects: what is kept alone, and what is told alone.
    """

    row: int
    response: str
    respondent: str
    said: str
    size: int
    finished: bool
    revision: float | None
    core: str
    kept: str
    told: str
    consented: bool
    problems: str

    @property
    def content(self) -> str:
        """What a response holds."""
        return f"{{{self.core},{self.kept}}}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One worker's try at an import."""

    id: str
    name: str
    study: str
    collection: str

    def arrival(self, row: int) -> str:
        """When a row arrived, among deliveries: when the import was asked for, and in the order of the file."""
        return f"dlv{self.id[3:]}{row:09}"


class Sorted(NamedTuple):
    """The rows of a bucket by what is to be done with them."""

    new: list[Row]
    others: list[Row]
    outcomes: Counter[str]


def keep_rows(session: Session, attempt: Attempt, bucket: int, rows: list[Row]) -> None:
    """Keep a bucket of rows, and note that it is done. Raises ImportOvertaken, CollectionIsClosed."""
    row = _held(session, attempt)
    if row.buckets_done != bucket:
        raise ImportOvertaken
    collection = session.get_one(Collection, attempt.collection)
    if collection.closed_at is not None and row.plan["submitted_at"] is None:
        raise CollectionIsClosed
    hold_off_withdrawals(session)
    found = sort_rows(session, rows)
    _keep_new(session, attempt, collection, found.new)
    outcomes = found.outcomes + _keep_others(session, attempt, collection, found.others)
    row.outcomes = dict(Counter(row.outcomes) + outcomes)
    row.buckets_done += 1
    session.add(row)


def sort_rows(session: Session, rows: list[Row]) -> Sorted:
    """What is to be done with each row; nothing is written."""
    people = [row.respondent for row in rows]
    withdrawn = store.withdrawn_of(session, [*people, *(row.response for row in rows)])
    apart = store.set_apart(session, people)
    known = store.standing(session, [row.response for row in rows])
    often = Counter(row.response for row in rows)
    found = Sorted([], [], Counter())
    for row in rows:
        if withdrawn and not withdrawn.isdisjoint((row.respondent, row.response)):
            found.outcomes["withdrawn"] += 1
        elif row.response in known or often[row.response] > 1 or row.respondent in apart:
            kept = known.get(row.response)
            same = row if kept is None else _as_kept(row, kept)
            if kept is not None and often[row.response] == 1 and _same(kept, same):
                found.outcomes["unchanged"] += 1
            else:
                found.others.append(same)
        else:
            found.new.append(row)
    found.outcomes["made"] += len(found.new)
    return found


def foresee(session: Session, rows: list[Row]) -> Counter[str]:
    """What would become of a bucket of rows; of others than new ones it is only said that they would be looked at."""
    found = sort_rows(session, rows)
    return found.outcomes + Counter(to_compare=len(found.others))


def _held(session: Session, attempt: Attempt) -> Import:
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None:
        raise ImportOvertaken
    return row


def _same(kept: Any, row: Row) -> bool:
    """Whether a row says what stands, and nothing of what puts accounts in order is newer."""
    _, respondent, said, complete, revision, _ = kept
    is_newer = row.revision is not None and (revision is None or row.revision > revision)
    return (respondent, said) == (row.respondent, row.said) and bool(complete) >= row.finished and not is_newer


def _as_kept(row: Row, kept: Any) -> Row:
    """The row with the digest of what stands, where it says the same as what a platform delivered."""
    _, respondent, said, _, _, content = kept
    if said == row.said:
        return row
    stands = orjson.loads(content) if isinstance(content, str) else content
    return row._replace(said=said) if respondent == row.respondent and stands == orjson.loads(row.content) else row


def _keep_new(session: Session, attempt: Attempt, collection: Collection, rows: list[Row]) -> None:
    """Keep responses that nobody has heard of, in the order of their blind indexes, with ids in the order of the file."""
    if not rows:
        return
    study, moment = collection.study, kept_moment(session, now())
    tokens = store.tokens_of(session, study, collection.id, sorted({row.respondent for row in rows}))
    in_order = sorted(range(len(rows)), key=lambda place: rows[place].row)
    ids = dict(zip(in_order, new_ids("rsp", len(rows)), strict=True))
    store.load_responses(
        session,
        [
            (
                ids[place], study, collection.id, tokens[row.respondent], row.respondent, row.response, 1, row.finished, row.finished,
                False, row.said, row.size, attempt.arrival(row.row), row.revision, row.content, row.problems, moment, moment,
            )
            for place, row in enumerate(rows)
        ],
    )  # fmt: skip
    about = f'"collection":"{collection.id}","instrument":"{collection.instrument}","number":{collection.number}'
    told = [(ids[place], _state(study, ids[place], tokens[rows[place].respondent], about, rows[place])) for place in in_order]
    append_many(session, RESPONSE_RECEIVED, study, told, version=1)


def _state(study: str, response: str, respondent: str, about: str, row: Row) -> str:
    """What the other services hear of a response: `settle_response.state_of`, as JSON."""
    core, complete = row.core if row.consented else SILENT, "true" if row.finished else "false"
    names = f'"study":"{study}","response":"{response}","respondent":"{respondent}"'
    return f'{{{names},{about},{core},{row.told},"complete":{complete},"test":false}}'


def _keep_others(session: Session, attempt: Attempt, collection: Collection, rows: list[Row]) -> Counter[str]:
    """Let the other rows arrive one after the other, in the order of the file."""
    moment = now()
    arrivals = [
        Arrived(
            study=collection.study,
            collection=collection,
            connection=None,
            response_index=row.response,
            account=_account(row, attempt.arrival(row.row)),
            delivery=None,
            at=moment,
        )
        for row in sorted(rows)
    ]
    outcomes: Counter[str] = Counter()
    some = (arrivals[start : start + SETTLED] for start in range(0, len(arrivals), SETTLED))
    for settled in (each for arrived in some for each in settle_all(session, arrived)):
        if settled is None:
            outcomes["withdrawn"] += 1
        elif settled.verdict == "first":
            outcomes["made"] += 1
        elif settled.changed:
            outcomes["changed"] += 1
        else:
            outcomes["unchanged" if settled.verdict == "same" else "superseded"] += 1
    return outcomes


def _account(row: Row, arrival: str) -> Account:
    problems = tuple(Unmapped(**each) for each in orjson.loads(row.problems))
    return Account(
        respondent=row.respondent,
        said=row.said,
        size=row.size,
        arrival=arrival,
        revision=row.revision,
        finished=row.finished,
        complete=row.finished,
        test=False,
        coded=replace(Coded(**orjson.loads(row.content)), unmapped=problems),
    )
