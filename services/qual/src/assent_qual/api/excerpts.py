"""Codings, and the excerpts that they make."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from assent_contracts.stances import TalkStance
from assent_kit.app import router
from assent_kit.auth import ANALYSTS, CODERS
from assent_kit.etags import IfMatch
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery
from assent_kit.problems import Forbidden, NotFound, PreconditionRequired, StaleVersion, problems
from assent_qual.api.access import CODES, HOME, Analyst, Coder, Data, Reader, single
from assent_qual.api.schemas import CodingIn, TextsIn
from assent_qual.domain.spans import Position, Span
from assent_qual.problems import CodeUnknown, SpanOutside, SpanRedacted
from assent_qual.service import show_excerpts
from assent_qual.service.answers import CodingAnswer, ExcerptAnswer, ExcerptTexts
from assent_qual.service.code_talk import code_span, take_back_coding

routes = router(prefix=HOME, tags=["excerpts"], responses=problems(NotFound))

GroupWord = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}:.{1,80}$")]
GroupFilter = Annotated[
    list[GroupWord] | None,
    Query(
        max_length=64,
        description="`variable:word`, in the words of the participants' attributes: somebody of this group speaks in the excerpt. "
        "Repeat it for a group with several words (`GET …/groups` lists its aliases): any of them will do",
    ),
]


@routes.post(
    "/sessions/{session}/codings",
    status_code=201,
    response_model=CodingAnswer,
    responses=problems(CodeUnknown, SpanOutside, SpanRedacted),
)
async def post_coding(
    request: Request, study: str, session: str, who: Coder, data: Data, body: CodingIn, once: OnceOnly
) -> Response:
    """Code a span of talk; the coder is whoever asks."""
    made = await once.create(
        data,
        f"/v1/studies/{study}/codings",
        code_span,
        study,
        session,
        span=Span(Position(body.start.turn, body.start.offset), Position(body.end.turn, body.end.offset)),
        code=body.code,
        stance=body.stance,
        practice=body.practice,
        memo=body.memo,
        coder=who.subject,
    )
    return single(request, await data.read(show_excerpts.show_coding, study, made.id), status=201, location=made.location)


@routes.get("/codings/{coding}", dependencies=CODES, response_model=CodingAnswer)
async def get_coding(request: Request, study: str, coding: str, data: Data) -> Response:
    """A coding."""
    return single(request, await data.read(show_excerpts.show_coding, study, coding))


@routes.delete("/codings/{coding}", dependencies=CODES, status_code=204, responses=problems(PreconditionRequired, StaleVersion))
async def remove_coding(study: str, coding: str, data: Data, if_match: IfMatch) -> Response:
    """Take a coding back."""
    await data.write(take_back_coding, study, coding, if_match=if_match)
    return Response(status_code=204)


@routes.get("/excerpts")
async def get_excerpts(
    study: str,
    who: Analyst,
    data: Data,
    page: PageQuery,
    code: str | None = None,
    stance: TalkStance | None = None,
    group: GroupFilter = None,
    session: str | None = None,
) -> Page[ExcerptAnswer]:
    """Coded talk with its groups and consent, in the order of coding. Only coders and stronger roles see words and memos here."""
    words = [(variable, word) for variable, _, word in (named.partition(":") for named in group or ())]
    return await data.read(
        show_excerpts.list_excerpts,
        study,
        page,
        code=code,
        stance=stance,
        groups=words,
        talk=session,
        with_text=who.role in CODERS,
    )


@routes.post("/excerpts/texts")
async def post_texts(study: str, data: Data, body: TextsIn, who: Reader) -> ExcerptTexts:
    """Words of excerpts for one use; none without the consent of everybody who speaks in them to that use.

    Viewers read quotations, whose excerpts released evidence names, and words for no other use.
    """
    if body.use != "quote" and who.role not in ANALYSTS:
        raise Forbidden
    return await data.read(show_excerpts.read_texts, study, ids=body.ids, use=body.use)
