"""Say who is who in a transcript: bind labels to participants, or to the research team.

A bound turn forgets its label, which is a name more often than not. A speaker may be bound again, under the id that then stands in the
label's place, so that a mistake can be put right.
"""

from collections.abc import Mapping

from sqlmodel import Session

from assent_kit.problems import FieldError, NotFound
from assent_qual.problems import ParticipantUnknown, SpeakerUnknown
from assent_qual.service import announcements
from assent_qual.store import queries
from assent_qual.store.queries import VoiceHeard
from assent_qual.store.tables import TalkSession, Turn

RESEARCHER = "researcher"
"""What a label is bound to whose words are the team's own."""


def bind_speakers(session: Session, study: str, talk: str, *, speakers: Mapping[str, str]) -> None:
    """Bind some speakers of a session; those that are not named stay as they are.

    Raises NotFound (also for a session without a transcript), SpeakerUnknown and ParticipantUnknown.
    """
    queries.lock_participants(session, study, speakers.values())
    held = queries.find(session, TalkSession, study, talk, lock=True)
    if held.transcript is None:
        raise NotFound("the session has no transcript yet")
    changed = bind(session, held, speakers)
    held.version += 1
    excerpts = queries.excerpts_at(session, talk, changed)
    for excerpt in excerpts:
        excerpt.version += 1
    session.flush()
    announcements.transcript_imported(session, held)
    announcements.excerpts_coded(session, excerpts)


def bind(session: Session, talk: TalkSession, speakers: Mapping[str, str]) -> list[int]:
    """Bind speakers of a session that is locked, without announcing it. Returns the numbers of the turns that changed."""
    known = queries.lock_participants(session, talk.study, speakers.values())
    turns = queries.turns(session, talk.id)
    spoken = {speaker_of(turn) for turn in turns}
    _refuse({who for who in speakers if who not in spoken}, SpeakerUnknown)
    _refuse({who for who, bound in speakers.items() if bound != RESEARCHER and bound not in known}, ParticipantUnknown)
    changed = [turn for turn in turns if speaker_of(turn) in speakers]
    for turn in changed:
        bound = speakers[speaker_of(turn) or ""]
        turn.voice, turn.participant = ("researcher", None) if bound == RESEARCHER else ("participant", bound)
        turn.label = None
    session.flush()
    return [turn.n for turn in changed]


def speaker_of(turn: Turn | VoiceHeard) -> str | None:
    """What stands for a speaker: the label until it is bound, then the participant's id or `researcher`."""
    return RESEARCHER if turn.voice == "researcher" else turn.participant or turn.label


def _refuse(speakers: set[str], problem: type[SpeakerUnknown] | type[ParticipantUnknown]) -> None:
    if speakers:
        places = sorted(f"/{speaker.replace('~', '~0').replace('/', '~1')}" for speaker in speakers)
        raise problem(errors=[FieldError(pointer=place, message=problem.title) for place in places])
