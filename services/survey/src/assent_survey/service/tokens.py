"""Tokens of respondents: random words, issued before fieldwork and carried by the survey in a hidden field.

A token is the respondent's name within its collection: deliveries whose mapping's `respondent` is that hidden field, direct submissions
with it as `respondent`, and the parents' page all mean the same person by it. It is shown once, when it is issued, and kept as blind
indexes. Nobody's real name belongs anywhere near it.
"""

from dataclasses import dataclass

from sqlmodel import Session

from assent_kit.identifiers import new_id
from assent_kit.paging import PageRequest
from assent_survey.domain.blind import as_issued, new_token
from assent_survey.problems import CollectionIsClosed, UnknownToken
from assent_survey.service.keys import Keys
from assent_survey.store.fieldwork_tables import TokenBatch
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection
from assent_survey.store.tokens import Outcome, count_outcomes, find_batch, insert_tokens, list_batches, token_by_index

_LONGEST_TYPED = 100


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch and its tokens: the only time that they are told."""

    id: str
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token means. `name` is the token as it was issued, `respondent_index` its blind index as a respondent."""

    study: str
    collection: str
    name: str
    respondent_index: str
    test: bool


def issue_tokens(
    session: Session, study: str, *, keys: Keys, collection: str, count: int, label: str | None = None, test: bool = False
) -> Issued:
    """Issue `count` tokens; what arrives under those of a `test` batch is a test. Raises NotFound, CollectionIsClosed."""
    if find(session, Collection, study, collection).closed_at is not None:
        raise CollectionIsClosed
    batch = TokenBatch(id=new_id("tkb"), study=study, collection=collection, label=label, test=test, issued=count)
    session.add(batch)
    session.flush()
    tokens = [new_token() for _ in range(count)]
    shared = {"batch": batch.id, "study": study, "collection": collection, "test": test, "disposition": None}
    kept = [
        {"token_index": keys.blind.token(token), "respondent_index": keys.blind.respondent(collection, token), **shared}
        for token in tokens
    ]
    # In the order of the indexes, so that the table does not repeat the order of the list that was handed out.
    insert_tokens(session, sorted(kept, key=lambda row: str(row["token_index"])))
    return Issued(batch.id, tokens)


def find_token(session: Session, keys: Keys, token: str) -> Holder:
    """Whom a token means, however it was typed. Raises UnknownToken, the same for one that withdrew and one that never was."""
    name = as_issued(token)
    found = token_by_index(session, keys.blind.token(name)) if len(name) <= _LONGEST_TYPED else None
    if found is None:
        raise UnknownToken
    return Holder(found.study, found.collection, name, found.respondent_index, found.test)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands: its row, and how many of its tokens have come to what."""

    row: TokenBatch
    outcomes: dict[Outcome, int]


def read_batch(session: Session, study: str, collection: str, batch: str) -> Batch:
    """A batch as it stands. Raises NotFound."""
    row = find_batch(session, study, collection, batch)
    return Batch(row, count_outcomes(session, {batch})[batch])


def read_batches(session: Session, study: str, collection: str, page: PageRequest) -> list[Batch]:
    """A page of a collection's batches. Raises NotFound."""
    find(session, Collection, study, collection)
    rows = list_batches(session, study, collection, page)
    outcomes = count_outcomes(session, {row.id for row in rows})
    return [Batch(row, outcomes[row.id]) for row in rows]
