"""Read coded talk: as a list with its groups and consent, or as words for a use that everybody in it agrees to."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from assent_contracts.practice import Practice
from assent_contracts.stances import TalkStance
from assent_kit.paging import Page, PageRequest, paginate
from assent_qual.domain.consent import USES, Consent
from assent_qual.domain.quotation import withheld
from assent_qual.domain.spans import Position, Span, SpokenTurn, speakers, words
from assent_qual.service.answers import (
    CodingAnswer,
    ExcerptAnswer,
    ExcerptSpeaker,
    ExcerptText,
    ExcerptTexts,
    ExcerptUse,
    Place,
    Withheld,
)
from assent_qual.store import queries
from assent_qual.store.tables import Excerpt, TalkSession


def show_coding(session: Session, study: str, id: str) -> tuple[CodingAnswer, int]:
    """A coding and its version. Raises NotFound."""
    excerpt = queries.find(session, Excerpt, study, id)
    return CodingAnswer.model_validate(_facts(excerpt)), excerpt.version


def list_excerpts(
    session: Session,
    study: str,
    page: PageRequest,
    *,
    code: str | None,
    stance: TalkStance | None,
    groups: Sequence[tuple[str, str]],
    talk: str | None,
    with_text: bool,
) -> Page[ExcerptAnswer]:
    """Excerpts in the order of their coding. Text and memo are filled in `with_text`, where everybody in it takes part."""
    conditions: list[ColumnElement[bool]] = []
    conditions += [col(Excerpt.code) == code] if code else []
    conditions += [col(Excerpt.stance) == stance] if stance else []
    conditions += [col(Excerpt.session) == talk] if talk else []
    conditions += [queries.spoken_by(groups)] if groups else []
    rows = queries.some(session, Excerpt, study, *conditions, after=page.after, limit=page.fetch)
    return paginate(_excerpts(session, rows, with_text=with_text), page, key=lambda one: one.id, shape=lambda one: one)


def read_texts(session: Session, study: str, *, ids: Sequence[str], use: ExcerptUse) -> ExcerptTexts:
    """The words of those excerpts whose speakers all agree to the use now, and why the others are withheld.

    Words are read before consent: whoever withdraws it in between is heard.
    """
    found = {excerpt.id: excerpt for excerpt in queries.excerpts(session, ids, study)}
    spoken = queries.turns_of_excerpts(session, found)
    consents = queries.consents(session, {who for turns in spoken.values() for who in speakers(turns)})
    items, refused = [], []
    for id in dict.fromkeys(ids):
        reason = withheld(spoken[id], consents, use) if id in found else "not_found"
        if reason is None:
            items.append(ExcerptText(id=id, text=words(_span(found[id]), spoken[id])))
        else:
            refused.append(Withheld(id=id, reason=reason))
    return ExcerptTexts(items=items, withheld=refused)


def _excerpts(session: Session, rows: Sequence[Excerpt], *, with_text: bool) -> list[ExcerptAnswer]:
    spoken = queries.turns_of_excerpts(session, [row.id for row in rows])
    people = {who for turns in spoken.values() for who in speakers(turns)}
    groups, consents = queries.attributes(session, people), queries.consents(session, people)
    talks = queries.sessions(session, {row.session for row in rows})
    return [_excerpt(row, talks[row.session], spoken[row.id], groups, consents, with_text=with_text) for row in rows]


def _excerpt(
    row: Excerpt,
    talk: TalkSession,
    turns: Sequence[SpokenTurn],
    groups: Mapping[str, dict[str, str]],
    consents: Mapping[str, Consent],
    *,
    with_text: bool,
) -> ExcerptAnswer:
    readable = with_text and withheld(turns, consents, "take_part") is None
    return ExcerptAnswer.model_validate(
        {
            **_facts(row),
            "memo": row.memo if with_text else None,
            "session_kind": talk.kind,
            "cohort": talk.cohort,
            "speakers": [_speaker(who, groups[who], consents[who]) for who in speakers(turns)],
            "quotable": withheld(turns, consents, "quote") is None,
            "text": words(_span(row), turns) if readable else None,
        }
    )


def _speaker(participant: str, groups: dict[str, str], consent: Consent) -> ExcerptSpeaker:
    return ExcerptSpeaker(participant=participant, groups=groups, uses={use: use in consent.uses for use in USES})


def _facts(row: Excerpt) -> dict[str, object]:
    return {
        **row.model_dump(),
        "start": Place(turn=row.start_turn, offset=row.start_offset),
        "end": Place(turn=row.end_turn, offset=row.end_offset),
        "practice": Practice.model_validate(row.practice),
    }


def _span(row: Excerpt) -> Span:
    return Span(start=Position(row.start_turn, row.start_offset), end=Position(row.end_turn, row.end_offset))
