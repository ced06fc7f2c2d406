"""The parents' own address: what they were told, what is held about them, and the way out, without an account.

Whoever has the token may read and withdraw, so it is kept out of logs, metrics, caches and referrers. Reading never withdraws, because
programs that preview links read them.
"""

import logging
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel
from tenacity import RetryError

from assent_kit.app import router
from assent_kit.problems import FieldError, InvalidRequest, Problem, TooLarge, problems
from assent_kit.tables import now
from assent_survey.api.parents_html import POLICY, confirmation_page, held_page, not_known_page, withdrawn_page
from assent_survey.api.parents_schemas import (
    HeldAnswer,
    HeldOut,
    HeldResponseOut,
    QuotaAnswer,
    SheetShown,
    WithdrawIn,
    WithdrawnOut,
)
from assent_survey.api.parents_words import CONFIRMED, DOES, DOES_NOT, in_english, sentences, withdrawal_means
from assent_survey.api.preferences import preferred, prefers_html
from assent_survey.domain.quotas import kind_of
from assent_survey.domain.quotas import screen as screen_kind
from assent_survey.domain.read_back import ReadBack
from assent_survey.problems import UnknownToken
from assent_survey.service.keys import Keys
from assent_survey.service.tokens import find_token
from assent_survey.service.what_is_held import Held, HeldResponse, read_held
from assent_survey.service.withdraw_by_token import withdraw_by_token
from assent_survey.settings import SurveySettings

MOST_BYTES = 4096  # of a body; a confirmation is a few words

QUIET = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
    "Vary": "Accept, Accept-Language",
}
"""What every answer under a token says, so that its address goes nowhere."""

logger = logging.getLogger(__name__)
routes = router(prefix="/v1/p/{token}", tags=["parents"], responses=problems(UnknownToken))

Token = Annotated[str, Path(description="as it was issued; capitals, spaces and hyphens do not matter")]
Wanted = Annotated[
    str | None, Query(description="where the sheet is not in it, those of `Accept-Language` are tried in their order")
]

_ALSO_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"confirm": {"const": "yes"}}}}}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": WithdrawIn.model_json_schema()}, **_FORM}}}


@routes.get("", response_model=HeldOut, responses=_ALSO_HTML)
async def show(request: Request, token: Token, language: Wanted = None) -> Response:
    """The information sheet, whom to ask, where there is help, and everything that is held. A page for `Accept: text/html`."""
    held = await _read(request, token, language)
    if held is None:
        return _not_known(request)
    if prefers_html(request.headers.get("accept", "")):
        return _page(held_page(held, _means(request, held)))
    return _json(_shape(held, request.app.state.settings))


@routes.get("/withdraw", responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}})
async def ask(request: Request, token: Token, language: Wanted = None) -> Response:
    """A page that says what withdrawing does, and asks. It withdraws nobody."""
    held = await _read(request, token, language)
    return _not_known(request) if held is None else _page(confirmation_page(held, _means(request, held)))


@routes.post(
    "/withdraw", response_model=WithdrawnOut, responses={**_ALSO_HTML, **problems(InvalidRequest, TooLarge)}, openapi_extra=_BODY
)
async def withdraw(request: Request, token: Token, language: Wanted = None) -> Response:
    """Withdraw, if `confirm` says so. The answer is a plain confirmation; the receipt is the study's, for its stewards."""
    confirmed = await _confirmed(request)
    held = await _read(request, token, language)
    if held is None:
        return _not_known(request)
    if not confirmed:
        return _page(confirmation_page(held, _means(request, held)))
    database, settings = request.app.state.database, request.app.state.settings
    try:
        at = await database.write(withdraw_by_token, keys=Keys.of(settings), token=token)
    except UnknownToken:
        return _not_known(request)
    await _leave_no_trace(request)
    told = sentences(CONFIRMED, at, settings, held.language)
    if prefers_html(request.headers.get("accept", "")):
        return _page(withdrawn_page(held, told))
    return _json(WithdrawnOut(withdrawn_at=at, says=in_english(sentences(CONFIRMED, at, settings, "en"))))


@routes.get("/quota", response_model=QuotaAnswer)
async def screen(request: Request, token: Token) -> Response:
    """For the survey platform: whether somebody of whom this is known is still wanted; `?lone_parent=lone`, by variable or item."""
    known = dict(request.query_params)
    keys = Keys.of(request.app.state.settings)
    try:
        holder = await request.app.state.database.read(find_token, keys, token)
    except UnknownToken as unknown:
        raise _quiet(unknown) from None
    state, _ = screen_kind(await request.app.state.screening.cells(holder.collection), kind_of(known, known))
    return _json(QuotaAnswer(state=state))


async def _read(request: Request, token: str, language: str | None) -> Held | None:
    """What is held, in the language asked for; None for a token that is not known."""
    wanted = [*([language] if language else []), *preferred(request.headers.get("accept-language", ""))]
    keys = Keys.of(request.app.state.settings)
    try:
        held: Held = await request.app.state.database.read(read_held, keys=keys, token=token, languages=wanted)
    except UnknownToken:
        return None
    return held


async def _confirmed(request: Request) -> bool:
    """Whether a body means it; False for a form that has yet to be confirmed. Raises InvalidRequest, TooLarge."""
    raw = await _body(request)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(raw.decode("utf-8", "replace")).get("confirm") == ["yes"]
    given = await request.json() if request.headers.get("content-type", "").startswith("application/json") else None
    if given == {"confirm": True} and given["confirm"] is True:
        return True
    raise InvalidRequest(
        errors=[FieldError(pointer="/confirm", message="send `true`: a withdrawal cannot be undone")], headers=QUIET
    )


async def _body(request: Request) -> bytes:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise TooLarge(headers=QUIET)
    return raw


async def _leave_no_trace(request: Request) -> None:
    try:
        await request.app.state.database.checkpoint()
    except RetryError:
        logger.warning("a reader holds the write-ahead log; the purge empties it later")


def _not_known(request: Request) -> Response:
    """The same for a token that withdrew and one that never was."""
    if prefers_html(request.headers.get("accept", "")):
        return _page(not_known_page(), status=404)
    raise _quiet(UnknownToken())


def _quiet(problem: Problem) -> Problem:
    problem.headers = QUIET
    return problem


def _page(html: str, status: int = 200) -> Response:
    return Response(html, status_code=status, headers=QUIET, media_type="text/html")


def _json(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), headers=QUIET, media_type="application/json")


def _means(request: Request, held: Held) -> dict[Any, dict[str, str]]:
    return dict(sentences((*DOES, *DOES_NOT), now(), request.app.state.settings, held.language))


def _shape(held: Held, settings: SurveySettings) -> HeldOut:
    sheet = None
    if held.sheet is not None:
        text = held.sheet.text.model_dump(exclude={"words"})
        sheet = SheetShown(version=held.sheet.version, since=held.sheet.since, languages=list(held.sheet.languages), **text)
    return HeldOut(
        language=held.language,
        test=held.test,
        information_sheet=sheet,
        responses=[_response(each) for each in held.responses],
        messages=held.deliveries,
        withdrawal=withdrawal_means(now(), settings),
    )


def _response(response: HeldResponse) -> HeldResponseOut:
    return HeldResponseOut(
        received_on=response.received_on,
        complete=response.complete,
        consented=response.consented,
        test=response.test,
        information_sheet=response.sheet,
        earlier=response.earlier,
        answers=[_answer(each) for each in response.answers],
        calculation=[_answer(each) for each in response.design],
    )


def _answer(answer: ReadBack) -> HeldAnswer:
    return HeldAnswer(question=answer.question, answers=list(answer.answers), unanswered=answer.unanswered)
