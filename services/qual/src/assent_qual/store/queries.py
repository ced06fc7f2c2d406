"""Every SQL statement of the qual service but those of withdrawal.

Rows that a use case is about to change are locked, participants before sessions, so that two use cases in two lanes cannot each decide
on what the other is changing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sql
from sqlalchemy import ColumnElement, text
from sqlmodel import Session, and_, col, delete, exists, func, insert, or_, select

from assent_contracts.stances import ConsentUse
from assent_kit.problems import NotFound
from assent_qual.domain.consent import Consent, Decision, Entry, current
from assent_qual.domain.spans import SpokenTurn, Voice
from assent_qual.store.tables import Attribute, Code, Cohort, ConsentEntry, Excerpt, Participant, TalkSession, Turn

Kind = TypeVar("Kind", Participant, Cohort, TalkSession, Code, Excerpt)


def find(session: Session, kind: type[Kind], study: str, id: str, *, lock: bool = False) -> Kind:
    """A thing of this study. Raises NotFound, for another study's things too."""
    wanted = select(kind).where(kind.id == id, kind.study == study)
    found = session.exec(wanted.with_for_update() if lock else wanted).first()
    if found is None:
        raise NotFound
    return found


def some(
    session: Session, kind: type[Kind], study: str, *conditions: ColumnElement[bool], after: str | None, limit: int
) -> list[Kind]:
    """Things of this study in the order of their ids, that is of their making."""
    wanted = select(kind).where(kind.study == study, col(kind.id) > (after or ""), *conditions).order_by(col(kind.id)).limit(limit)
    return list(session.exec(wanted))


def lock_participants(session: Session, study: str, ids: Iterable[str]) -> set[str]:
    """Which of these participants there are, locked against being withdrawn meanwhile."""
    wanted = select(Participant.id).where(Participant.study == study, col(Participant.id).in_(sorted(set(ids))))
    return set(session.exec(wanted.order_by(col(Participant.id)).with_for_update()))


def ledger(session: Session, participants: Iterable[str]) -> dict[str, list[Entry]]:
    """The consent entries of each of these participants."""
    entries: dict[str, list[Entry]] = {participant: [] for participant in participants}
    for row in session.exec(select(ConsentEntry).where(col(ConsentEntry.participant).in_(list(entries)))):
        entries[row.participant].append(entry_of(row))
    return entries


def entry_of(row: ConsentEntry) -> Entry:
    """A row of the ledger as the domain knows it."""
    uses = cast(dict[ConsentUse, bool], row.uses)
    return Entry(decision=cast(Decision, row.decision), uses=uses, at=row.at, form_version=row.form_version)


def consent_entries(
    session: Session, participant: str, condition: ColumnElement[bool], *, limit: int | None = None
) -> list[ConsentEntry]:
    """Rows of a participant's ledger in the order of entry."""
    wanted = select(ConsentEntry).where(ConsentEntry.participant == participant, condition)
    return list(session.exec(wanted.order_by(col(ConsentEntry.id)).limit(limit)))


def consents(session: Session, participants: Iterable[str]) -> dict[str, Consent]:
    """What each of these participants consents to now."""
    return {participant: current(entries) for participant, entries in ledger(session, participants).items()}


def attributes(session: Session, participants: Iterable[str]) -> dict[str, dict[str, str]]:
    """The groups of each of these participants, as {variable: word}."""
    words: dict[str, dict[str, str]] = {participant: {} for participant in participants}
    for row in session.exec(select(Attribute).where(col(Attribute.participant).in_(list(words))).order_by(col(Attribute.variable))):
        words[row.participant][row.variable] = row.word
    return words


def set_attributes(session: Session, participant: str, words: dict[str, str]) -> None:
    """Replace a participant's groups."""
    session.connection().execute(delete(Attribute).where(col(Attribute.participant) == participant))
    session.add_all(Attribute(participant=participant, variable=variable, word=word) for variable, word in words.items())
    session.flush()


def add_turns(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep the turns of a transcript."""
    session.connection().execute(insert(Turn), list(rows))


def remove_turns(session: Session, talk: str) -> None:
    """Forget the turns of a session, before another transcript takes their place."""
    session.connection().execute(delete(Turn).where(col(Turn.session) == talk))


def turns(session: Session, talk: str, *, after: int = 0, limit: int | None = None) -> list[Turn]:
    """The turns of a session in their order, from the one after `after`."""
    return list(session.exec(select(Turn).where(Turn.session == talk, col(Turn.n) > after).order_by(col(Turn.n)).limit(limit)))


def turns_between(session: Session, talk: str, first: int, last: int) -> list[SpokenTurn]:
    """The turns from `first` to `last`, as far as there are such."""
    wanted = select(Turn).where(Turn.session == talk, col(Turn.n).between(first, last)).order_by(col(Turn.n))
    return [spoken(turn) for turn in session.exec(wanted)]


def spoken(turn: Turn) -> SpokenTurn:
    """A row as the domain knows it."""
    return SpokenTurn(n=turn.n, voice=cast(Voice, turn.voice), participant=turn.participant, text=turn.text)


def turns_of_excerpts(session: Session, excerpts: Iterable[str]) -> dict[str, list[SpokenTurn]]:
    """The turns that each of these excerpts touches, in one query."""
    found: dict[str, list[SpokenTurn]] = {excerpt: [] for excerpt in excerpts}
    wanted = select(Excerpt.id, Turn).join(Turn, _touches()).where(col(Excerpt.id).in_(list(found))).order_by(col(Turn.n))
    for excerpt, turn in session.exec(wanted):
        found[excerpt].append(spoken(turn))
    return found


@dataclass(frozen=True, slots=True)
class VoiceHeard:
    """One voice of a session, and how many turns it has."""

    voice: Voice
    label: str | None
    participant: str | None
    turns: int


def voices(session: Session, talks: Iterable[str]) -> dict[str, list[VoiceHeard]]:
    """Who speaks in each of these sessions, in the order in which they first do."""
    found: dict[str, list[VoiceHeard]] = {talk: [] for talk in talks}
    who = (col(Turn.session), col(Turn.voice), col(Turn.label), col(Turn.participant))
    wanted = sql.select(*who, func.count()).where(col(Turn.session).in_(list(found))).group_by(*who).order_by(func.min(Turn.n))
    for talk, voice, label, participant, count in session.connection().execute(wanted):
        found[talk].append(VoiceHeard(voice=cast(Voice, voice), label=label, participant=participant, turns=count))
    return found


def heard(session: Session, talk: str, voice: Voice) -> bool:
    """Whether a session has a turn of this kind of voice."""
    return bool(session.scalar(select(exists().where(col(Turn.session) == talk, col(Turn.voice) == voice))))


def excerpts(session: Session, ids: Iterable[str], study: str) -> list[Excerpt]:
    """Those of these excerpts that there are in the study."""
    return list(session.exec(select(Excerpt).where(Excerpt.study == study, col(Excerpt.id).in_(list(ids)))))


def sessions(session: Session, ids: Iterable[str]) -> dict[str, TalkSession]:
    """These sessions by id."""
    return {talk.id: talk for talk in session.exec(select(TalkSession).where(col(TalkSession.id).in_(list(ids))))}


def excerpts_at(session: Session, talk: str, numbers: Iterable[int]) -> list[Excerpt]:
    """The excerpts of a session that touch any of these turns."""
    touched = set(numbers)
    rows = session.exec(select(Excerpt).where(Excerpt.session == talk).order_by(col(Excerpt.id)))
    return [row for row in rows if not touched.isdisjoint(range(row.start_turn, row.end_turn + 1))]


def is_coded(session: Session, talk: str) -> bool:
    """Whether any talk of a session is coded."""
    return bool(session.scalar(select(exists().where(col(Excerpt.session) == talk))))


def spoken_by(groups: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """The condition that somebody whom one of these words describes, as (variable, word), speaks in the excerpt."""
    described = or_(*(and_(col(Attribute.variable) == variable, col(Attribute.word) == word) for variable, word in groups))
    of_group = and_(_touches(), col(Attribute.participant) == col(Turn.participant), described)
    return select(Turn.n).where(of_group).correlate(Excerpt).exists()


def remove_excerpts(session: Session, study: str, ids: Sequence[str]) -> None:
    """Delete excerpts, also where the codebook names them as examples."""
    gone = set(ids)
    session.execute(delete(Excerpt).where(col(Excerpt.id).in_(gone)))
    for code in codes(session, study):
        if not gone.isdisjoint(code.examples):
            code.examples = [example for example in code.examples if example not in gone]
            code.version += 1
    session.flush()


def code_parents(session: Session, study: str) -> dict[str, str | None]:
    """Every code of a study with its parent."""
    return dict(session.exec(select(Code.id, Code.parent).where(Code.study == study)).all())


def codes(session: Session, study: str) -> list[Code]:
    """The whole codebook."""
    return list(session.exec(select(Code).where(Code.study == study).order_by(col(Code.id))))


def code_is_used(session: Session, code: str) -> bool:
    """Whether a code has codes below it or talk coded with it."""
    used = or_(exists().where(col(Code.parent) == code), exists().where(col(Excerpt.code) == code))
    return bool(session.scalar(select(used)))


def next_codebook_version(session: Session, study: str) -> int:
    """Count one more publication of the codebook; other writers of the same codebook wait from here on."""
    counted = text(
        "INSERT INTO codebook (study, version) VALUES (:study, 1)"
        " ON CONFLICT (study) DO UPDATE SET version = codebook.version + 1 RETURNING version"
    )
    return int(session.connection().execute(counted, {"study": study}).scalar_one())


def _touches() -> ColumnElement[bool]:
    return and_(Turn.session == Excerpt.session, col(Turn.n).between(Excerpt.start_turn, Excerpt.end_turn))
