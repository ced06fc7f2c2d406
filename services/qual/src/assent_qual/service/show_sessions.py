"""Read sessions, transcripts and turns."""

from sqlmodel import Session

from assent_kit.paging import Page, PageRequest, paginate
from assent_kit.problems import FieldError, InvalidRequest, NotFound
from assent_qual.service.answers import SessionAnswer, SpeakerAnswer, TranscriptAnswer, TurnAnswer
from assent_qual.service.bind_speakers import RESEARCHER, speaker_of
from assent_qual.store import queries
from assent_qual.store.tables import TalkSession, Turn


def show_session(session: Session, study: str, id: str) -> tuple[SessionAnswer, int]:
    """A session and the version. Raises NotFound."""
    talk = queries.find(session, TalkSession, study, id)
    return _session(session, talk), talk.version


def list_sessions(session: Session, study: str, page: PageRequest) -> Page[SessionAnswer]:
    """Sessions in the order of their planning."""
    rows = queries.some(session, TalkSession, study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row.id, shape=lambda row: _session(session, row))


def show_transcript(session: Session, study: str, id: str) -> tuple[TranscriptAnswer, int]:
    """What a session's transcript holds and who speaks in it, with labels; and the session's version. Raises NotFound."""
    talk = queries.find(session, TalkSession, study, id)
    if talk.transcript is None:
        raise NotFound("the session has no transcript yet")
    speakers = [
        SpeakerAnswer(speaker=speaker, participant=participant, turns=turns)
        for voice, label, participant, turns in queries.voices(session, id)
        if (speaker := RESEARCHER if voice == "researcher" else participant or label) is not None
    ]
    answer = TranscriptAnswer.model_validate(
        {
            "id": talk.transcript,
            "session": id,
            "format": talk.format,
            "turns": talk.turns,
            "left_out": talk.left_out,
            "speakers": speakers,
        }
    )
    return answer, talk.version


def list_turns(session: Session, study: str, id: str, page: PageRequest) -> Page[TurnAnswer]:
    """The turns of a session in their order. Raises NotFound, for a session without a transcript too."""
    talk = queries.find(session, TalkSession, study, id)
    if talk.transcript is None:
        raise NotFound("the session has no transcript yet")
    if page.after is not None and not (page.after.isdecimal() and len(page.after) < 10):
        raise InvalidRequest(errors=[FieldError(pointer="?cursor", message="is not a cursor of this list")])
    rows = queries.turns(session, id, after=int(page.after or 0), limit=page.fetch)
    return paginate(rows, page, key=lambda row: str(row.n), shape=_turn)


def _session(session: Session, talk: TalkSession) -> SessionAnswer:
    voices = queries.voices(session, talk.id) if talk.transcript else []
    transcript = {
        "id": talk.transcript,
        "format": talk.format,
        "turns": talk.turns,
        "left_out": talk.left_out,
        "participants": [participant for _, _, participant, _ in voices if participant is not None],
        "unbound_turns": sum(turns for voice, _, _, turns in voices if voice in ("labelled", "unknown")),
    }
    return SessionAnswer.model_validate(
        {
            "id": talk.id,
            "kind": talk.kind,
            "title": talk.title,
            "held_on": talk.held_on,
            "cohort": talk.cohort,
            "contact": talk.contact,
            "transcript": transcript if talk.transcript else None,
        }
    )


def _turn(row: Turn) -> TurnAnswer:
    return TurnAnswer(
        n=row.n,
        speaker=speaker_of(row),
        participant=row.participant,
        text=row.text,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        redacted=row.voice == "withdrawn",
    )
