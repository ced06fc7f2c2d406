"""Rows of an import become responses: thousands in one transaction, most of them new.

A new response is a row and a token, drafted by the reader of the file (formats.drafts) and handed to the database without a look at
any of its values; it is what `settle_response` would have written. They are announced from the first to the last. Where a bucket holds
others too, its rows are looked at. Whatever is not simply new goes that way itself: another account of a response that is known, rows
that name one response twice, people with tokens for tests or with vignettes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import compress, repeat
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from assent_contracts.registry import RESPONSES
from assent_kit.announcements import announce
from assent_kit.bulk import kept_moment
from assent_kit.outbox import LARGEST_PAYLOAD
from assent_kit.tables import now
from assent_survey.domain.coding import Coded, Unmapped
from assent_survey.domain.history import Account
from assent_survey.formats.bucket import Bucket, Row, Rows
from assent_survey.problems import CollectionIsClosed, ImportOvertaken
from assent_survey.service.settle_response import Arrived, settle_all
from assent_survey.store import imports as store
from assent_survey.store.import_tables import Import
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.tables import Collection

SETTLED = 500  # rows that are settled one after the other at once
LARGEST_CONTENT = (
    LARGEST_PAYLOAD - 2000
)  # bytes; beyond it, what is said of a response is put together to see whether it is too large


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


def keep_rows(session: Session, attempt: Attempt, number: int, bucket: Bucket | None) -> None:
    """Keep a bucket of rows (None for an empty one), and note that it is done. Raises ImportOvertaken, CollectionIsClosed, EventRefused."""
    row = _held(session, attempt)
    if row.buckets_done != number:
        raise ImportOvertaken
    collection = session.get_one(Collection, attempt.collection)
    if collection.closed_at is not None and row.plan["submitted_at"] is None:
        raise CollectionIsClosed
    hold_off_withdrawals(session)
    if bucket is not None:
        row.outcomes = dict(Counter(row.outcomes) + _keep(session, collection, bucket))
    row.buckets_done += 1
    session.add(row)


def _keep(session: Session, collection: Collection, bucket: Bucket) -> Counter[str]:
    if bucket.largest > LARGEST_CONTENT:
        return _keep_others(session, collection, list(map(Row, *bucket.rows().values())))
    if store.may_be_new(session, bucket) and store.load_drafts(session, collection, bucket):
        announce(session, RESPONSES, *bucket.ids, bucket.count)
        return Counter(made=bucket.count)
    found = sort_rows(session, bucket.rows())
    if found.new["row"]:
        _keep_new(session, collection, found.new)
    return found.outcomes + _keep_others(session, collection, found.others)


def sort_rows(session: Session, rows: Rows) -> Sorted:
    """What is to be done with each row; nothing is written."""
    responses, people = rows["response"], rows["respondent"]
    withdrawn = store.withdrawn_of(session, [*people, *responses])
    apart = store.set_apart(session, people)
    known = store.standing(session, responses)
    twice = {response for response, times in Counter(responses).items() if times > 1}
    looked_at = withdrawn | apart | known.keys() | twice
    is_new = [response not in looked_at and person not in looked_at for response, person in zip(responses, people, strict=True)]
    others, outcomes = [], Counter(made=sum(is_new))
    for row in _as_kept(session, list(_rows_where(rows, [not new for new in is_new])), known):
        if row.response in withdrawn or (row.respondent in withdrawn and row.response not in known):
            outcomes["withdrawn"] += 1
        elif row.response in known and row.response not in twice and _same(known[row.response], row):
            outcomes["unchanged"] += 1
        else:
            others.append(row)
    return Sorted({name: list(compress(column, is_new)) for name, column in rows.items()}, others, outcomes)


def foresee(session: Session, bucket: Bucket) -> Counter[str]:
    """What would become of a bucket of rows; of others than new ones it is only said that they would be looked at."""
    found = sort_rows(session, bucket.rows())
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
    tokens = store.tokens_of(session, collection.study, collection.id, rows["respondent"], rows["token"])
    finished = list(map(int, rows["finished"]))  # drivers take numbers as they are, and ask around about anything else
    columns: dict[str, Any] = {name: rows[name] for name in store.DRAFTED} | {
        "study": repeat(collection.study),
        "collection": repeat(collection.id),
        "respondent": [tokens[respondent] for respondent in rows["respondent"]],
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
    announce(session, RESPONSES, min(rows["id"]), max(rows["id"]), len(rows["id"]))


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
