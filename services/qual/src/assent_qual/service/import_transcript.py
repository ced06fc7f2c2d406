"""Take in the transcript of a session: its turns and, where so set, its file."""

from collections.abc import Mapping

from sqlmodel import Session

from assent_kit import blobs
from assent_kit.identifiers import new_id
from assent_qual.domain.turns import Transcript
from assent_qual.formats.reading import Format
from assent_qual.problems import TranscriptCoded, TranscriptRedacted
from assent_qual.service import announcements
from assent_qual.service.bind_speakers import bind
from assent_qual.store import queries
from assent_qual.store.tables import Blob, TalkSession


def import_transcript(
    session: Session,
    study: str,
    talk: str,
    *,
    file_format: Format,
    transcript: Transcript,
    speakers: Mapping[str, str],
    original: bytes | None,
) -> str:
    """Give a session its transcript, and bind the speakers that are named. An earlier transcript goes, as long as nothing is coded.

    Returns the transcript's id. Raises NotFound, TranscriptCoded, TranscriptRedacted, SpeakerUnknown and ParticipantUnknown.
    """
    queries.lock_participants(session, study, speakers.values())
    held = queries.find(session, TalkSession, study, talk, lock=True)
    if queries.heard(session, talk, "withdrawn"):
        raise TranscriptRedacted
    if queries.is_coded(session, talk):
        raise TranscriptCoded
    if held.transcript is not None:
        queries.remove_turns(session, talk)
        blobs.remove(session, Blob, held.transcript)
    held.version += 1
    transcript_id = held.transcript = new_id("trn")
    held.format = file_format
    held.turns = len(transcript.turns)
    held.left_out = transcript.left_out
    session.flush()
    queries.add_turns(session, _rows(talk, transcript))
    if original is not None:
        blobs.put(session, Blob, transcript_id, original)
    if speakers:
        bind(session, held, speakers)
    announcements.transcript_imported(session, held)
    return transcript_id


def _rows(talk: str, transcript: Transcript) -> list[dict[str, object]]:
    return [
        {
            "session": talk,
            "n": n,
            "voice": "unknown" if turn.speaker is None else "labelled",
            "label": turn.speaker,
            "participant": None,
            "text": turn.text,
            "from_ms": turn.from_ms,
            "to_ms": turn.to_ms,
        }
        for n, turn in enumerate(transcript.turns, start=1)
    ]
