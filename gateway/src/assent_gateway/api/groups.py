"""The study's groups of parents."""

from fastapi import Request, Response

from assent_contracts.groups import GroupScheme
from assent_gateway.api.access import Data, IfMatchOptional, Reader, Steward
from assent_gateway.problems import StudyClosed
from assent_gateway.service.set_groups import read_groups, set_groups
from assent_kit.app import router
from assent_kit.database import Database
from assent_kit.etags import answer, etag_of
from assent_kit.problems import Forbidden, NotFound, StaleVersion, Unauthenticated, problems

groups = router(prefix="/v1/studies/{study}/groups", tags=["groups"], responses=problems(Unauthenticated, Forbidden, NotFound))


@groups.get("", response_model=GroupScheme)
async def get_groups(request: Request, study: str, who: Reader, database: Data) -> Response:
    """Every variable with its categories, and the words by which answers and attributes name them."""
    return await _show(request, database, study)


@groups.put("", response_model=GroupScheme, responses=problems(StudyClosed, StaleVersion))
async def put_groups(
    request: Request, study: str, who: Steward, body: GroupScheme, database: Data, if_match: IfMatchOptional = None
) -> Response:
    """Replace the groups, whole."""
    await database.write(set_groups, study, scheme=body, if_match=if_match)
    return await _show(request, database, study)


async def _show(request: Request, database: Database, study: str) -> Response:
    scheme, version = await database.read(read_groups, study)
    return answer(request, scheme, etag=etag_of(version))
