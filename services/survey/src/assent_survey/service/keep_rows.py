"""Rows of an import become responses: thousands in one transaction, most of them new.

A new response is a row, a token and an event, drafted by the reader of the file (formats.drafts) and written past everything that looks
at single values; it is what `settle_response` would have written. Whatever is not simply new goes that way itself: another account of
a response that is known, rows that name one response twice, people with tokens for tests or with vignettes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import compress, repeat
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from assent_contracts.registry import RESPONSE_RECEIVED
from assent_kit.bulk import kept_moment
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

SETTLED = 500  # rows that are settled one after the other at once

Rows = dict[str, list[Any]]
"""Rows of a file by column: those of `Row`."""


class Row(NamedTuple):
    """A row of a file, coded. `response`, `respondent` and `said` are blind indexes; `arrival` is when it arrived, among deliveries.

    `id`, `token` (of the respondent) and `state`, which the other services hear, are for a new response of a new respondent. `content`,
    `problems` and `state` are JSON.
    """

    row: int
    response: str
    respondent: str
    said: str
    size: int
    finished: bool
    revision: float | None
    arrival: str
    content: str
    problems: str
    id: str
    token: str
    state: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One worker's try at an import."""

    id: str
    name: str
    study: str
    collection: str


class Sorted(NamedTuple):
    """The rows of a bucket by what is to be done with them."""

    new: Rows
    others: list[Row]
    outcomes: Counter[str]


def keep_rows(session: Session, attempt: Attempt, bucket: int, rows: Rows) -> None:
    """Keep a bucket of rows, and note that it is done. Raises ImportOvertaken, CollectionIsClosed."""
    row = _held(session, attempt)
    if row.buckets_done != bucket:
        raise ImportOvertaken
    collection = session.get_one(Collection, attempt.collection)
    if collection.closed_at is not None and row.plan["submitted_at"] is None:
        raise CollectionIsClosed
    hold_off_withdrawals(session)
    found = sort_rows(session, rows)
    if found.new["row"]:
        _keep_new(session, collection, found.new)
    outcomes = found.outcomes + _keep_others(session, collection, found.others)
    row.outcomes = dict(Counter(row.outcomes) + outcomes)
    row.buckets_done += 1
    session.add(row)


def sort_rows(session: Session, rows: Rows) -> Sorted:
    """What is to be done with each row; nothing is written."""
    responses, people = rows["response"], rows["respondent"]
    withdrawn = store.withdrawn_of(session, [*people, *responses])
    apart = store.set_apart(session, people)
    known = store.standing(session, responses)
    twice = {response for response, times in Counter(responses).items() if times > 1}
    looked_at = withdrawn | apart | known.keys() | twice
    is_new = [response not in looked_at and person not in looked_at for response, person in zip(responses, people, strict=True)]
    if all(is_new):
        return Sorted(rows, [], Counter(made=len(is_new)))
    others, outcomes = [], Counter(made=sum(is_new))
    for row in _as_kept(session, list(_rows_where(rows, [not new for new in is_new])), known):
        if not withdrawn.isdisjoint((row.respondent, row.response)):
            outcomes["withdrawn"] += 1
        elif row.response in known and row.response not in twice and _same(known[row.response], row):
            outcomes["unchanged"] += 1
        else:
            others.append(row)
    return Sorted({name: list(compress(column, is_new)) for name, column in rows.items()}, others, outcomes)


def foresee(session: Session, rows: Rows) -> Counter[str]:
    """What would become of a bucket of rows; of others than new ones it is only said that they would be looked at."""
    found = sort_rows(session, rows)
    return found.outcomes + Counter(to_compare=len(found.others))


def _held(session: Session, attempt: Attempt) -> Import:
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None:
        raise ImportOvertaken
    return row


def _rows_where(rows: Rows, wanted: list[bool]) -> Iterator[Row]:
    return map(Row, *(compress(rows[name], wanted) for name in Row._fields))


def _same(kept: Any, row: Row) -> bool:
    """Whether a row says what stands, and nothing of what puts accounts in order is newer."""
    _, respondent, said, complete, revision = kept
    is_newer = row.revision is not None and (revision is None or row.revision > revision)
    return (respondent, said) == (row.respondent, row.said) and bool(complete) >= row.finished and not is_newer


def _as_kept(session: Session, rows: list[Row], known: dict[str, Any]) -> Iterator[Row]:
    """The rows, each with the digest of what stands where it says the same as what a platform delivered."""
    theirs = [row for row in rows if row.response in known and known[row.response].respondent_index == row.respondent]
    contents = store.contents_of(session, {row.response for row in theirs if known[row.response].said != row.said})
    for row in rows:
        is_theirs = row.response in contents and known[row.response].respondent_index == row.respondent
        says_the_same = is_theirs and contents[row.response] == orjson.loads(row.content)
        yield row._replace(said=known[row.response].said) if says_the_same else row


def _keep_new(session: Session, collection: Collection, rows: Rows) -> None:
    """Keep responses that nobody has heard of."""
    moment = repeat(kept_moment(session, now()))
    rows = _with_tokens(rows, store.tokens_of(session, collection.study, collection.id, rows["respondent"], rows["token"]))
    finished = list(map(int, rows["finished"]))  # drivers take numbers as they are, and ask around about anything else
    columns: dict[str, Any] = {name: rows[name] for name in store.DRAFTED} | {
        "study": repeat(collection.study),
        "collection": repeat(collection.id),
        "respondent": rows["token"],
        "respondent_index": rows["respondent"],
        "response_index": rows["response"],
        "version": repeat(1),
        "complete": finished,
        "finished": finished,
        "revision": rows["revision"] if any(each is not None for each in rows["revision"]) else repeat(None),
        "test": repeat(0),
        "received_at": moment,
        "changed_at": moment,
    }
    store.load_responses(session, columns)
    ids, states = zip(*sorted(zip(rows["id"], rows["state"], strict=True)), strict=True)  # ids are in the order of the file
    append_many(session, RESPONSE_RECEIVED, collection.study, ids, states, version=1)


def _with_tokens(rows: Rows, tokens: dict[str, str]) -> Rows:
    """The rows with the tokens that their respondents have; the draft's own is the first text of that form in what is told."""
    theirs = [tokens[respondent] for respondent in rows["respondent"]]
    if theirs == rows["token"]:
        return rows
    told = zip(rows["state"], rows["token"], theirs, strict=True)
    return {**rows, "token": theirs, "state": [state.replace(draft, token, 1) for state, draft, token in told]}


def _keep_others(session: Session, collection: Collection, rows: list[Row]) -> Counter[str]:
    """Let the other rows arrive one after the other, in the order of the file."""
    moment = now()
    arrivals = [
        Arrived(
            study=collection.study,
            collection=collection,
            connection=None,
            response_index=row.response,
            account=_account(row),
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


def _account(row: Row) -> Account:
    problems = tuple(Unmapped(**each) for each in orjson.loads(row.problems))
    return Account(
        respondent=row.respondent,
        said=row.said,
        size=row.size,
        arrival=row.arrival,
        revision=row.revision,
        finished=row.finished,
        complete=row.finished,
        test=False,
        coded=replace(Coded(**orjson.loads(row.content)), unmapped=problems),
    )
