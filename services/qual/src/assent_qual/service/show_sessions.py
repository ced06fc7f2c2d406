"""Read sessions, transcripts and turns."""

from collections.abc import Sequence

from sqlmodel import Session

from assent_kit.paging import Page, PageRequest, paginate
from assent_kit.problems import NotFound
from assent_qual.service.answers import SessionAnswer, SpeakerAnswer, TranscriptAnswer, TurnAnswer
from assent_qual.service.bind_speakers import speaker_of
from assent_qual.store import queries
from assent_qual.store.queries import VoiceHeard
from assent_qual.store.tables import TalkSession, Turn


def show_session(session: Session, study: str, id: str) -> tuple[SessionAnswer, int]:
    """A session and the version. Raises NotFound."""
    talk = queries.find(session, TalkSession, study, id)
    return _session(talk, queries.voices(session, [id])[id]), talk.version


def list_sessions(session: Session, study: str, page: PageRequest) -> Page[SessionAnswer]:
    """Sessions in the order of their planning."""
    rows = queries.some(session, TalkSession, study, after=page.after, limit=page.fetch)
    heard = queries.voices(session, [row.id for row in rows])
    return paginate(rows, page, key=lambda row: row.id, shape=lambda row: _session(row, heard[row.id]))


def show_transcript(session: Session, study: str, id: str) -> tuple[TranscriptAnswer, int]:
    """What a session's transcript holds and who speaks in it, with labels; and the session's version. Raises NotFound."""
    talk = queries.find(session, TalkSession, study, id)
    if talk.transcript is None:
        raise NotFound("the session has no transcript yet")
    speakers = [
        SpeakerAnswer(speaker=speaker, participant=one.participant, turns=one.turns)
        for one in queries.voices(session, [id])[id]
        if (speaker := speaker_of(one)) is not None
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
    """The turns of a session in their order. Raises InvalidRequest, and NotFound, for a session without a transcript too."""
    talk = queries.find(session, TalkSession, study, id)
    if talk.transcript is None:
        raise NotFound("the session has no transcript yet")
    rows = queries.turns(session, id, after=page.position, limit=page.fetch)
    return paginate(rows, page, key=lambda row: str(row.n), shape=_turn)


def _session(talk: TalkSession, heard: Sequence[VoiceHeard]) -> SessionAnswer:
    transcript = {
        "id": talk.transcript,
        "format": talk.format,
        "turns": talk.turns,
        "left_out": talk.left_out,
        "participants": [one.participant for one in heard if one.participant is not None],
        "unbound_turns": sum(one.turns for one in heard if one.voice in ("labelled", "unknown")),
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
