"""Proposals, and what stewards say of their matches."""

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from assent_analytics.api.access import Reader, Researcher, Steward
from assent_analytics.api.schemas import MatchIn, MatchOut, ProposalIn, ProposalOut, ProposalPatch, as_request
from assent_analytics.domain.proposal import Draft, Proposal
from assent_analytics.problems import UnknownItem
from assent_analytics.service.decide_match import decide_match
from assent_analytics.service.proposals import change_proposal, find_proposal, list_proposals, make_proposal, withdraw_proposal
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.merge_patch import merge
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import NotFound, PreconditionRequired, StaleVersion, problems

proposals = router(prefix="/v1/studies/{study}/proposals", tags=["proposals"], responses=problems(NotFound))


def _answer(request: Request, proposal: Proposal, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = ProposalOut.of(proposal)
    return answer(request, body, etag=etag_of(proposal.version), status=status, headers=headers, exclude_unset=True)


@proposals.post("", status_code=201, response_model=ProposalOut)
async def propose(request: Request, study: str, body: ProposalIn, who: Researcher, once: OnceOnly) -> Response:
    """Propose a practice, and say whom it is likely to single out before looking at any estimate."""
    database = request.app.state.database
    at = f"/v1/studies/{study}/proposals"
    made = await once.create(database, at, make_proposal, study=study, draft=body.draft(), by=who.subject)
    proposal = await database.read(find_proposal, study=study, proposal=made.id)
    return _answer(request, proposal, status=201, headers={"Location": made.location})


@proposals.get("", response_model_exclude_unset=True)
async def proposals_of_study(request: Request, study: str, page: PageQuery, _: Reader) -> Page[ProposalOut]:
    """The study's proposals in the order in which they were made."""
    rows = await request.app.state.database.read(list_proposals, study=study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda proposal: proposal.id, shape=ProposalOut.of)


@proposals.get("/{proposal}", response_model=ProposalOut)
async def proposal_of_study(request: Request, study: str, proposal: str, _: Reader) -> Response:
    """One proposal."""
    return _answer(request, await request.app.state.database.read(find_proposal, study=study, proposal=proposal))


@proposals.patch("/{proposal}", response_model=ProposalOut, responses=problems(StaleVersion, PreconditionRequired))
async def change(request: Request, study: str, proposal: str, body: ProposalPatch, _: Researcher, if_match: IfMatch) -> Response:
    """Change a proposal. A target declared or changed after the evidence has been shown is marked `post_hoc`."""
    patch = body.model_dump(mode="json", exclude_unset=True)
    changed = await request.app.state.database.write(
        change_proposal, study=study, proposal=proposal, if_match=if_match, change=lambda draft: _patched(draft, patch)
    )
    return _answer(request, changed)


@proposals.delete("/{proposal}", status_code=204, responses=problems(StaleVersion, PreconditionRequired))
async def withdraw(request: Request, study: str, proposal: str, _: Researcher, if_match: IfMatch) -> Response:
    """Delete a proposal, with what was decided about its matches."""
    await request.app.state.database.write(withdraw_proposal, study=study, proposal=proposal, if_match=if_match)
    return Response(status_code=204)


@proposals.put("/{proposal}/matches/{item:path}", response_model=MatchOut, responses=problems(UnknownItem))
async def decide(request: Request, study: str, proposal: str, item: str, body: MatchIn, who: Steward) -> Response:
    """Confirm or correct how near an item is to the proposal. Who said so, and when, is kept and shown."""
    decision = await request.app.state.database.write(
        decide_match,
        study=study,
        proposal=proposal,
        item=item,
        level=body.level,
        direction=body.direction,
        note=body.note,
        by=who.subject,
    )
    return answer(request, MatchOut.of(decision), etag=etag_of(decision.version), exclude_unset=True)


def _patched(draft: Draft, patch: dict[str, Any]) -> Draft:
    """The draft with a merge patch applied. Raises RequestValidationError as if the whole had been sent."""
    try:
        return ProposalIn.model_validate(merge(as_request(draft), patch)).draft()
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
