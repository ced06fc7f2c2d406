"""Withdrawals: a respondent's responses are deleted everywhere, and a receipt says where and when."""

import logging
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from tenacity import RetryError

from assent_kit.app import router
from assent_kit.auth import STEWARDS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import Made, Once, OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import FieldError, Forbidden, IdempotencyConflict, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.schemas import ReceiptOut, WithdrawalIn
from assent_survey.api.shapes import receipt_out
from assent_survey.problems import UnknownWithdrawalCode
from assent_survey.service.keys import Keys
from assent_survey.service.withdraw_respondent import withdraw_by_code, withdraw_by_name
from assent_survey.store.queries import find, list_page
from assent_survey.store.tables import Withdrawal

logger = logging.getLogger(__name__)
routes = router(
    prefix="/v1/studies/{study}/withdrawals", tags=["withdrawals"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Steward = Annotated[Principal, Depends(allow(STEWARDS))]


@routes.post(
    "", status_code=201, response_model=ReceiptOut, responses=problems(InvalidRequest, IdempotencyConflict, UnknownWithdrawalCode)
)
async def withdraw(request: Request, study: str, who: Steward, body: WithdrawalIn, once: OnceOnly) -> Response:
    """Withdraw a respondent from a collection, by name or by code. Nothing that arrives later brings them back."""
    database = request.app.state.database
    made = await _withdraw(request, study, body, once)
    try:
        await database.checkpoint()
    except RetryError:
        logger.warning("a reader holds the write-ahead log; the purge empties it later")
    return await _show(request, study, made.id, status=201, headers={"Location": made.location})


@routes.get("")
async def list_all(request: Request, study: str, who: Steward, page: PageQuery) -> Page[ReceiptOut]:
    """Receipts in order of the withdrawals, also of those that parents made themselves. None says whose."""
    rows = await request.app.state.database.read(list_page, Withdrawal, study, page)
    return paginate(rows, page, key=lambda row: row.id, shape=lambda row: receipt_out(row, request.app.state.settings))


@routes.get("/{withdrawal}", response_model=ReceiptOut)
async def show(request: Request, study: str, withdrawal: str, who: Steward) -> Response:
    """A receipt. It does not say whose."""
    return await _show(request, study, withdrawal)


async def _withdraw(request: Request, study: str, body: WithdrawalIn, once: Once) -> Made[str]:
    database, keys, at = request.app.state.database, Keys.of(request.app.state.settings), f"/v1/studies/{study}/withdrawals"
    match body.collection, body.respondent, body.withdrawal_code:
        case str(collection), str(respondent), None:
            return await once.create(database, at, withdraw_by_name, study, keys=keys, collection=collection, respondent=respondent)
        case None, None, str(code):
            return await once.create(database, at, withdraw_by_code, study, keys=keys, code=code)
        case _:
            message = "give either `collection` and `respondent`, or `withdrawal_code`"
            raise InvalidRequest(errors=[FieldError(pointer="", message=message)])


async def _show(request: Request, study: str, withdrawal: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, Withdrawal, study, withdrawal)
    return answer(request, receipt_out(row, request.app.state.settings), etag=etag_of(row.id), **extra)
