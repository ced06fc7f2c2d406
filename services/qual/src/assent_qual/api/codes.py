"""The codebook."""

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from assent_kit.app import router
from assent_kit.etags import IfMatch
from assent_kit.idempotency import OnceOnly
from assent_kit.merge_patch import merge
from assent_kit.paging import Page, PageQuery
from assent_kit.problems import NotFound, PreconditionRequired, StaleVersion, problems
from assent_qual.api.access import CODES, HOME, READS, Data, single
from assent_qual.api.schemas import CodeIn, CodePatch
from assent_qual.problems import CodebookTooLarge, CodeInUse, CodeTreeBroken, RationaleUnclear
from assent_qual.service import show_codes
from assent_qual.service.answers import CodeAnswer
from assent_qual.service.keep_codebook import Facts, add_code, change_code, delete_code

routes = router(prefix=f"{HOME}/codes", tags=["codes"], responses=problems(NotFound))


@routes.post(
    "",
    dependencies=CODES,
    status_code=201,
    response_model=CodeAnswer,
    responses=problems(CodeTreeBroken, RationaleUnclear, CodebookTooLarge),
)
async def post_code(request: Request, study: str, data: Data, body: CodeIn, once: OnceOnly) -> Response:
    """Add a code to the tree."""
    made = await once.create(data, f"/v1/studies/{study}/codes", add_code, study, facts=_columns(body))
    return single(request, await data.read(show_codes.show_code, study, made.id), status=201, location=made.location)


@routes.get("", dependencies=READS)
async def get_codes(study: str, data: Data, page: PageQuery) -> Page[CodeAnswer]:
    """The codes in the order of their adding; `parent` makes them a tree."""
    return await data.read(show_codes.list_codes, study, page)


@routes.get("/{code}", dependencies=READS, response_model=CodeAnswer)
async def get_code(request: Request, study: str, code: str, data: Data) -> Response:
    """A code."""
    return single(request, await data.read(show_codes.show_code, study, code))


@routes.patch(
    "/{code}",
    dependencies=CODES,
    response_model=CodeAnswer,
    responses=problems(CodeTreeBroken, RationaleUnclear, CodebookTooLarge, PreconditionRequired, StaleVersion),
)
async def patch_code(request: Request, study: str, code: str, data: Data, body: CodePatch, if_match: IfMatch) -> Response:
    """Change a code, by merge patch."""
    patch = body.model_dump(mode="json", exclude_unset=True)
    await data.write(change_code, study, code, if_match=if_match, change=lambda facts: _patched(facts, patch))
    return single(request, await data.read(show_codes.show_code, study, code))


@routes.delete("/{code}", dependencies=CODES, status_code=204, responses=problems(CodeInUse, PreconditionRequired, StaleVersion))
async def remove_code(study: str, code: str, data: Data, if_match: IfMatch) -> Response:
    """Delete a code that has no codes below it and no talk coded with it."""
    await data.write(delete_code, study, code, if_match=if_match)
    return Response(status_code=204)


def _columns(body: CodeIn) -> Facts:
    return {**body.model_dump(mode="json"), "practice": body.practice.model_dump(mode="json", exclude_defaults=True)}


def _patched(facts: Facts, patch: dict[str, Any]) -> Facts:
    """The facts with a merge patch applied, checked as if the whole had been sent."""
    try:
        return _columns(CodeIn.model_validate(merge(facts, patch)))
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
