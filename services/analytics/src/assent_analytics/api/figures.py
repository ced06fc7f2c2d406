"""Items, bases and plain estimates."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request

from assent_analytics.api.access import Reader, sees_live
from assent_analytics.api.schemas import Bases, ItemCollection, ItemOut
from assent_analytics.domain.item_view import ItemEvidence
from assent_analytics.problems import NothingReleased, Rebuilding, UnknownItem, UnknownVariable
from assent_analytics.service.count_bases import count_bases, released_bases
from assent_analytics.service.show_estimates import released_estimates, show_estimates
from assent_analytics.service.showings import not_yet_shown, note_showing
from assent_analytics.service.study_items import StudyItem, page_of_items
from assent_kit.app import router
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import problems

figures = router(prefix="/v1/studies/{study}", tags=["estimates"], responses=problems(Rebuilding))


@figures.get("/items", response_model_exclude_unset=True)
async def items(request: Request, study: str, page: PageQuery, _: Reader) -> Page[ItemOut]:
    """What can be estimated: items with their practice and the collections that asked them, in the order of their ids."""
    rows = await request.app.state.database.read(page_of_items, study=study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda item: item.id, shape=_item)


@figures.get("/bases", response_model_exclude_unset=True, responses=problems(NothingReleased))
async def bases(
    request: Request,
    study: str,
    who: Reader,
    collection: Annotated[str | None, Query(max_length=80, description="one collection; all of them without it")] = None,
) -> Page[Bases]:
    """How many respondents each group has, in each collection; small counts and what would reveal them are left out.

    Viewers see the counts that were released last.
    """
    state = request.app.state
    if sees_live(who):
        counted = await state.database.read(count_bases, state.samples, study=study, collection=collection)
    else:
        counted = await state.database.read(released_bases, study=study, collection=collection)
        _require(counted)
    return Page[Bases](items=[Bases.model_validate(one) for one in counted])


@figures.get("/estimates", response_model_exclude_unset=True, responses=problems(NothingReleased, UnknownItem, UnknownVariable))
async def estimates(
    request: Request,
    study: str,
    who: Reader,
    item: Annotated[str, Query(max_length=300, description="an item's id")],
    by: Annotated[list[str] | None, Query(max_length=16, description="variables of the study's groups; may be repeated")] = None,
    collection: Annotated[
        str | None, Query(max_length=80, description="one collection; all that asked the item without it")
    ] = None,
) -> Page[ItemEvidence]:
    """An item's distribution over everyone asked, and its support by group: one entry for each collection.

    Viewers see the figures that were released last.
    """
    state = request.app.state
    if not sees_live(who):
        released = await state.database.read(released_estimates, study=study, item=item, by=by or [], collection=collection)
        _require(released)
        return Page[ItemEvidence](items=released)
    found = await state.database.read(show_estimates, state.samples, study=study, item=item, by=by or [], collection=collection)
    if found and await state.database.read(not_yet_shown, study=study, items=[item]):
        await state.database.write(note_showing, study=study, items=[item])
    return Page[ItemEvidence](items=found)


def _item(item: StudyItem) -> ItemOut:
    return ItemOut(
        item=item.id,
        name=item.item.name,
        wording=item.item.wording,
        role=item.item.role,
        options={option.option: option.label for option in item.item.scale},
        practice=item.item.practice,
        collections=[
            ItemCollection(collection=one.collection, wave=one.wave, state=one.state, sampling=one.sampling)
            for one in item.collections
        ],
    )


def _require(released: Sequence[object]) -> None:
    """Raises NothingReleased where there is nothing."""
    if not released:
        raise NothingReleased
