"""The item bank: questions with their source and licence, to be found and asked again."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from assent_contracts.practice import Operation, Term
from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    StaleVersion,
    Unauthenticated,
    problems,
)
from assent_survey.api.bank_schemas import BankImport, BankImported, BankItemChange, BankItemIn, BankItemOut
from assent_survey.problems import NotPublished
from assent_survey.service.item_bank import BankEntry, bank_item, bank_version, change_bank_item, delete_bank_item, entry_of
from assent_survey.store.bank import list_bank_items
from assent_survey.store.bank_tables import BankItem
from assent_survey.store.queries import find

routes = router(
    prefix="/v1/studies/{study}/item-bank", tags=["item bank"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.post("", status_code=201, response_model=BankItemOut, responses=problems(InvalidRequest, IdempotencyConflict))
async def create(request: Request, study: str, who: Researcher, body: BankItemIn, once: OnceOnly) -> Response:
    """Put a question into the bank."""
    entry = BankEntry(item=body.item, origin=body.origin, notes=body.notes)
    made = await once.create(request.app.state.database, f"/v1/studies/{study}/item-bank", bank_item, study, entry)
    return await _show(request, study, made.id, status=201, headers={"Location": made.location})


@routes.get("")
async def list_all(
    request: Request,
    study: str,
    who: Reader,
    page: PageQuery,
    q: Annotated[
        str | None, Query(min_length=1, max_length=200, description="words to be found in wording, options or notes")
    ] = None,
    purpose: Term | None = None,
    operation: Operation | None = None,
    licence: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[BankItemOut]:
    """Items of the bank in order of their making; those whose practice has this purpose or operation, or of this licence."""
    rows = await request.app.state.database.read(
        list_bank_items, study, page, q=q, purpose=purpose, operation=operation, licence=licence
    )
    return paginate(rows, page, key=lambda row: row.id, shape=_shape)


@routes.post("/import", response_model=BankImported, responses=problems(InvalidRequest, NotPublished))
async def import_version(request: Request, study: str, who: Researcher, body: BankImport) -> BankImported:
    """Put all items of a published version into the bank. Asked again it makes none twice."""
    banked = await request.app.state.database.write(
        bank_version, study, instrument=body.instrument, number=body.number, origin=body.origin, notes=body.notes
    )
    return BankImported(made=banked.made, known=banked.known)


@routes.get("/{bank_item}", response_model=BankItemOut)
async def show(request: Request, study: str, bank_item: str, who: Reader) -> Response:
    """An item of the bank."""
    return await _show(request, study, bank_item)


@routes.patch("/{bank_item}", response_model=BankItemOut, responses=problems(InvalidRequest, PreconditionRequired, StaleVersion))
async def change(
    request: Request, study: str, bank_item: str, who: Researcher, body: BankItemChange, if_match: IfMatch
) -> Response:
    """Change an item of the bank. Instruments that have a copy keep theirs."""
    await request.app.state.database.write(change_bank_item, study, bank_item, if_match, body.model_dump(exclude_unset=True))
    return await _show(request, study, bank_item)


@routes.delete("/{bank_item}", status_code=204, responses=problems(PreconditionRequired, StaleVersion))
async def delete(request: Request, study: str, bank_item: str, who: Researcher, if_match: IfMatch) -> Response:
    """Take an item out of the bank. Instruments that have a copy keep theirs."""
    await request.app.state.database.write(delete_bank_item, study, bank_item, if_match)
    return Response(status_code=204)


async def _show(request: Request, study: str, id: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, BankItem, study, id)
    return answer(request, _shape(row), etag=etag_of(row.version), **extra)


def _shape(row: BankItem) -> BankItemOut:
    entry = entry_of(row)
    return BankItemOut(id=row.id, item=entry.item, origin=entry.origin, notes=entry.notes, created_at=row.created_at)
