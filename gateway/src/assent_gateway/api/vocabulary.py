"""The study's vocabulary of practice terms: the built-in ones and its own."""

from fastapi import Request, Response

from assent_contracts.vocabulary import TermDefinition
from assent_gateway.api.access import Data, Reader, Researcher
from assent_gateway.api.schemas import TermIn, TermOut
from assent_gateway.domain.records import ListedTerm
from assent_gateway.problems import StudyClosed, TermExists
from assent_gateway.service.add_term import add_term, list_terms, place_of
from assent_kit.app import router
from assent_kit.database import Database
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, NotFound, Unauthenticated, problems

TERM_VERSION = 1  # a term never changes

vocabulary = router(
    prefix="/v1/studies/{study}/vocabulary", tags=["vocabulary"], responses=problems(Unauthenticated, Forbidden, NotFound)
)


@vocabulary.get("")
async def list_vocabulary(study: str, who: Reader, database: Data, page: PageQuery, slot: str | None = None) -> Page[TermOut]:
    """The terms, by slot and name; those of one slot with `?slot=`."""
    terms = await database.read(list_terms, study)
    wanted = [term for term in terms if slot in (None, term.definition.slot) and place_of(term) > (page.after or "")]
    return paginate(wanted[: page.fetch], page, key=place_of, shape=TermOut.of)


@vocabulary.post("", status_code=201, response_model=TermOut, responses=problems(StudyClosed, TermExists))
async def post_term(request: Request, study: str, who: Researcher, body: TermIn, database: Data, once: OnceOnly) -> Response:
    """Add a term. Slots whose values are fixed take none, and a term that exists keeps its meaning."""
    term = TermDefinition(**body.model_dump())
    made = await once.create(database, f"/v1/studies/{study}/vocabulary", add_term, study, term=term, by=who.subject)
    return await _show(request, database, study, made.id, status=201, headers={"Location": made.location})


@vocabulary.get("/{slot}/{term}", response_model=TermOut)
async def read_term(request: Request, study: str, slot: str, term: str, who: Reader, database: Data) -> Response:
    """A term."""
    return await _show(request, database, study, f"{slot}/{term}")


async def _show(
    request: Request, database: Database, study: str, place: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    found: list[ListedTerm] = [term for term in await database.read(list_terms, study) if place_of(term) == place]
    if not found:
        raise NotFound
    return answer(request, TermOut.of(found[0]), etag=etag_of(TERM_VERSION), status=status, headers=headers)
