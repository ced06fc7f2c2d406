"""Transcripts: import, turns, and who is who."""

from typing import Annotated

from anyio import to_thread
from fastapi import Form, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from assent_kit import json_rules
from assent_kit.app import router
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery
from assent_kit.problems import NotFound, problems
from assent_qual.api.access import CODES, HOME, MANAGES, Data, single
from assent_qual.api.schemas import Speakers, TranscriptMetadata
from assent_qual.domain.turns import Transcript, UnreadableTranscript
from assent_qual.formats.reading import Format, read_transcript
from assent_qual.problems import (
    UNREADABLE,
    ParticipantUnknown,
    SpeakerUnknown,
    TranscriptCoded,
    TranscriptRedacted,
    TranscriptTooLarge,
)
from assent_qual.service import show_sessions
from assent_qual.service.answers import TranscriptAnswer, TurnAnswer
from assent_qual.service.bind_speakers import bind_speakers
from assent_qual.service.import_transcript import import_transcript
from assent_qual.settings import MEGABYTE, QualSettings

routes = router(prefix=f"{HOME}/sessions/{{session}}", tags=["sessions"], responses=problems(NotFound))


@routes.post(
    "/transcript",
    dependencies=MANAGES,
    status_code=201,
    response_model=TranscriptAnswer,
    responses=problems(*UNREADABLE.values(), TranscriptCoded, TranscriptRedacted, SpeakerUnknown, ParticipantUnknown),
)
async def post_transcript(
    request: Request,
    study: str,
    session: str,
    data: Data,
    file: UploadFile,
    once: OnceOnly,
    metadata: Annotated[str, Form(description="JSON: `{format?, speakers?: {label: participant}}`")] = "{}",
) -> Response:
    """Import a transcript (WebVTT, DOCX or `SPEAKER: words`) into turns. A second import replaces the first while nothing is coded."""
    facts = _metadata(metadata)
    settings: QualSettings = request.app.state.settings
    original = await _content(file, settings)
    file_format, transcript = await _read(original, facts.format, settings)
    await once.create(
        data,
        f"/v1/studies/{study}/sessions/{session}",
        import_transcript,
        study,
        session,
        file_format=file_format,
        transcript=transcript,
        speakers=facts.speakers,
        original=original if settings.qual_keep_originals else None,
    )
    shown = await data.read(show_sessions.show_transcript, study, session)
    return single(request, shown, status=201, location=f"/v1/studies/{study}/sessions/{session}/turns")


@routes.get("/turns", dependencies=CODES)
async def get_turns(study: str, session: str, data: Data, page: PageQuery) -> Page[TurnAnswer]:
    """The turns of a session in their order."""
    return await data.read(show_sessions.list_turns, study, session, page)


@routes.put(
    "/speakers", dependencies=MANAGES, response_model=TranscriptAnswer, responses=problems(SpeakerUnknown, ParticipantUnknown)
)
async def put_speakers(request: Request, study: str, session: str, data: Data, body: Speakers) -> Response:
    """Say who is who. Speakers that are not named stay as they are; a bound speaker is named by the participant's id."""
    await data.write(bind_speakers, study, session, speakers=body)
    return single(request, await data.read(show_sessions.show_transcript, study, session))


def _metadata(written: str) -> TranscriptMetadata:
    try:
        return TranscriptMetadata.model_validate(json_rules.parse(written.encode()))
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", "metadata", *one["loc"])} for one in error.errors()]) from error


async def _content(file: UploadFile, settings: QualSettings) -> bytes:
    most = settings.qual_transcript_megabytes * MEGABYTE
    content = await file.read(most + 1)
    if len(content) > most:
        raise TranscriptTooLarge(f"the file is larger than {settings.qual_transcript_megabytes} MB")
    return content


async def _read(content: bytes, stated: Format | None, settings: QualSettings) -> tuple[Format, Transcript]:
    try:
        file_format, transcript = await to_thread.run_sync(read_transcript, content, stated)
    except UnreadableTranscript as error:
        raise UNREADABLE[error.fault](str(error)) from error
    if len(transcript.turns) > settings.qual_transcript_turns:
        raise TranscriptTooLarge(f"the transcript has more than {settings.qual_transcript_turns:,} turns")
    return file_format, transcript
