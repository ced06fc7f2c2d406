"""Code a span of talk, and take a coding back."""

from sqlmodel import Session

from assent_contracts.practice import Practice
from assent_contracts.stances import TalkStance
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.problems import FieldError, NotFound
from assent_qual.domain import spans
from assent_qual.problems import CodeUnknown, SpanOutside, SpanRedacted
from assent_qual.service import announcements
from assent_qual.store import queries
from assent_qual.store.tables import Code, Excerpt, TalkSession


def code_span(
    session: Session,
    study: str,
    talk: str,
    *,
    span: spans.Span,
    code: str,
    stance: TalkStance | None,
    practice: Practice,
    memo: str,
    coder: str,
) -> str:
    """Code a span of a session's talk. Returns the excerpt's id. Raises NotFound, CodeUnknown, SpanOutside and SpanRedacted."""
    held = queries.find(session, TalkSession, study, talk, lock=True)
    try:
        queries.find(session, Code, study, code, lock=True)
        spans.check(span, queries.turns_between(session, held.id, span.start.turn, span.end.turn))
    except NotFound as error:
        raise CodeUnknown(errors=[FieldError(pointer="/code", message=CodeUnknown.title)]) from error
    except spans.OutsideTranscript as error:
        raise SpanOutside(str(error), errors=[FieldError(pointer=f"/{error.end}", message=str(error))]) from error
    except spans.HoldsWithdrawnTalk as error:
        raise SpanRedacted from error
    excerpt = Excerpt(
        id=new_id("exc"),
        study=study,
        session=held.id,
        start_turn=span.start.turn,
        start_offset=span.start.offset,
        end_turn=span.end.turn,
        end_offset=span.end.offset,
        code=code,
        stance=stance,
        practice=practice.model_dump(mode="json", exclude_defaults=True),
        memo=memo,
        coder=coder,
    )
    session.add(excerpt)
    session.flush()
    announcements.excerpts_coded(session, [excerpt])
    return excerpt.id


def take_back_coding(session: Session, study: str, coding: str, *, if_match: str) -> None:
    """Delete a coding, also where the codebook names it as an example. Raises NotFound and StaleVersion."""
    excerpt = queries.find(session, Excerpt, study, coding, lock=True)
    check_match(if_match, excerpt.version)
    announcements.excerpts_uncoded(session, [excerpt])
    queries.remove_excerpts(session, study, [excerpt.id])
