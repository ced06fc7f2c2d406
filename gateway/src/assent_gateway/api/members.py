"""Members: who has which role in a study."""

from urllib.parse import quote

from fastapi import Request, Response

from assent_gateway.api.access import Data, IfMatchOptional, Owner, PrincipalName, Reader, Researcher, access_changed
from assent_gateway.api.schemas import MemberIn, MemberOut
from assent_gateway.problems import LastOwner
from assent_gateway.service.set_member import remove_member, set_member
from assent_gateway.store.queries import find_member, members_of
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, NotFound, PreconditionRequired, StaleVersion, Unauthenticated, problems

members = router(prefix="/v1/studies/{study}/members", tags=["members"], responses=problems(Unauthenticated, Forbidden, NotFound))


@members.get("")
async def list_members(study: str, who: Researcher, database: Data, page: PageQuery) -> Page[MemberOut]:
    """The members, by principal."""
    rows = await database.read(members_of, study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda member: member.principal, shape=MemberOut.of)


@members.get("/{principal}", response_model=MemberOut)
async def read_member(request: Request, study: str, principal: PrincipalName, who: Reader, database: Data) -> Response:
    """Somebody's role. Those who may not see the list may see themselves."""
    if who.role in ("viewer", "analyst", "coder") and principal != who.subject:
        raise Forbidden
    member = await database.read(find_member, study, principal)
    if member is None:
        raise NotFound
    return answer(request, MemberOut.of(member), etag=etag_of(member.version))


@members.put("/{principal}", response_model=MemberOut, responses=problems(LastOwner, StaleVersion))
async def put_member(
    request: Request,
    study: str,
    principal: PrincipalName,
    who: Owner,
    body: MemberIn,
    database: Data,
    if_match: IfMatchOptional = None,
) -> Response:
    """Give somebody a role: 201 when they had none, 200 when it is changed."""
    member, new = await database.write(set_member, study, principal, role=body.role, if_match=if_match)
    access_changed(request, study)
    headers = {"Location": f"/v1/studies/{study}/members/{quote(principal, safe='')}"} if new else {}
    return answer(request, MemberOut.of(member), etag=etag_of(member.version), status=201 if new else 200, headers=headers)


@members.delete("/{principal}", status_code=204, responses=problems(LastOwner, StaleVersion, PreconditionRequired))
async def delete_member(
    request: Request, study: str, principal: PrincipalName, who: Owner, database: Data, if_match: IfMatch
) -> Response:
    """Take somebody's role away."""
    await database.write(remove_member, study, principal, if_match=if_match)
    access_changed(request, study)
    return Response(status_code=204)
