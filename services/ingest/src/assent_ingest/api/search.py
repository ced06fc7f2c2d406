"""Search the text of the study's documents."""

from typing import Annotated

from fastapi import Query

from assent_contracts.stances import Stakeholder
from assent_ingest.api.access import Reader, Store, sees_private_words
from assent_ingest.api.schemas import Hit
from assent_ingest.service.search_documents import search
from assent_kit.app import router
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, problems

routes = router(prefix="/v1/studies/{study}/search", tags=["search"], responses=problems(NotFound, Forbidden, InvalidRequest))

Words = Annotated[
    str, Query(min_length=1, max_length=200, description='words that all occur, `"a phrase"`, `beginning*`; not stemmed')
]


@routes.get("", response_model_exclude_none=True)
async def hits(
    study: str, who: Reader, store: Store, page: PageQuery, q: Words, stakeholder: Stakeholder | None = None
) -> Page[Hit]:
    """Blocks in which every term occurs, in the order of upload and reading. Case and accents make no difference."""
    verbatim = sees_private_words(who)
    rows = await store.read(search, study, q, stakeholder=stakeholder, after=page.position, limit=page.fetch, verbatim=verbatim)
    return paginate(rows, page, key=lambda row: row["position"], shape=lambda row: Hit(**row))
