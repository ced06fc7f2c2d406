"""Items, bases and plain estimates."""

from typing import Annotated

from fastapi import Query, Request

from assent_analytics.api.access import LiveReader, Reader
from assent_analytics.api.schemas import Bases, GroupCount, ItemCollection, ItemOut, VariableCounts
from assent_analytics.domain.item_view import ItemEvidence
from assent_analytics.problems import NothingReleased, Rebuilding, UnknownItem, UnknownVariable
from assent_analytics.service.count_bases import CollectionBases, count_bases
from assent_analytics.service.show_estimates import show_estimates
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
    _: LiveReader,
    collection: Annotated[str | None, Query(max_length=80, description="one collection; all of them without it")] = None,
) -> Page[Bases]:
    """How many respondents each group has, in each collection; small counts and what would reveal them are left out."""
    state = request.app.state
    counted = await state.database.read(count_bases, state.samples, study=study, collection=collection)
    return Page[Bases](items=[_bases(one) for one in counted])


@figures.get("/estimates", response_model_exclude_unset=True, responses=problems(NothingReleased, UnknownItem, UnknownVariable))
async def estimates(
    request: Request,
    study: str,
    _: LiveReader,
    item: Annotated[str, Query(max_length=300, description="an item's id")],
    by: Annotated[list[str] | None, Query(max_length=16, description="variables of the study's groups; may be repeated")] = None,
    collection: Annotated[
        str | None, Query(max_length=80, description="one collection; all that asked the item without it")
    ] = None,
) -> Page[ItemEvidence]:
    """An item's distribution over everyone asked, and its support by group: one entry for each collection."""
    state = request.app.state
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


def _bases(counted: CollectionBases) -> Bases:
    fields = {} if counted.respondents is None else {"respondents": counted.respondents}
    return Bases(
        collection=counted.collection.collection,
        wave=counted.collection.wave,
        variables=[
            VariableCounts(
                variable=variable.variable,
                label=variable.label,
                groups=[_group(group, label, count) for group, label, count in counted.groups(variable)],
            )
            for variable in counted.scheme.variables
        ],
        **fields,
    )


def _group(group: str, label: str, count: int | None) -> GroupCount:
    if count is None:
        return GroupCount(group=group, label=label, suppressed=True)
    return GroupCount(group=group, label=label, count=count)
