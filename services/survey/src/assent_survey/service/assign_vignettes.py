"""Which vignettes a respondent gets: always the same ones, and every deck as often as the others.

A place is given out in the transaction that keeps it, so that no two respondents have the same and none is lost; what the place gets is
the domain's (assignment). Nobody is kept by name, only by the blind index that their response will have.
"""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from assent_kit.paging import PageRequest
from assent_survey.domain.coding import Coded
from assent_survey.domain.instrument import Item
from assent_survey.domain.vignettes.assignment import turn_of
from assent_survey.domain.vignettes.items import factor_items, shown_levels, unasked
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.problems import CollectionIsClosed, RespondentHasWithdrawn, VignettesNotAsked, VignettesNotFixed
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keys import Keys
from assent_survey.service.tokens import find_token
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.queries import find
from assent_survey.store.responses import withdrawn_among
from assent_survey.store.tables import Collection
from assent_survey.store.tokens import test_tokens_among
from assent_survey.store.vignette_tables import VignetteAssignment, VignetteDesign
from assent_survey.store.vignettes import assignments_of, designs_page, next_place, place_of, take_place

DESIGNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a respondent is shown: a plan, the deck's number, counted from 1, and the vignettes in their order by places of levels."""

    design: str
    plan: VignettePlan
    deck: int
    vignettes: list[list[int]]


def assign_by_token(session: Session, design: str, *, keys: Keys, token: str) -> Assigned:
    """The vignettes of whoever holds a token. Raises UnknownToken, NotFound, and as `assign`."""
    holder = find_token(session, keys, token)
    return assign(
        session, holder.study, design, collection=holder.collection, respondent_index=holder.respondent_index, test=holder.test
    )


def assign_by_name(
    session: Session, study: str, design: str, *, keys: Keys, collection: str, respondent: str, test: bool
) -> Assigned:
    """The vignettes of whom the platform or the researcher calls `respondent`; whoever has a token for tests is a test.

    Raises NotFound, and as `assign`.
    """
    index = keys.blind.respondent(collection, respondent)
    test = test or index in test_tokens_among(session, {index})
    return assign(session, study, design, collection=collection, respondent_index=index, test=test)


def assign(session: Session, study: str, design: str, *, collection: str, respondent_index: str, test: bool) -> Assigned:
    """Give a respondent the next place of the collection, or the one they have.

    Tests have places of their own. Raises NotFound, VignettesNotFixed, CollectionIsClosed, VignettesNotAsked, RespondentHasWithdrawn.
    """
    row = find(session, VignetteDesign, study, design)
    if row.fixed_at is None:
        raise VignettesNotFixed
    plan = VignettePlan.model_validate(row.plan)
    given = place_of(session, design, respondent_index)
    if given is None:
        given = _give_place(session, design, plan, find(session, Collection, study, collection), respondent_index, test=test)
    return Assigned(design, plan, *_turn(row, plan, given))


def assigned_answers(session: Session, respondent_indexes: Several[str]) -> dict[str, dict[str, str]]:
    """What the factors' items hold for those of these respondents who have been assigned vignettes: {respondent: {item: option}}."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    designs: dict[str, tuple[VignetteDesign, VignettePlan]] = {}
    for given in assignments_of(session, respondent_indexes):
        if given.design not in designs:
            row = session.get_one(VignetteDesign, given.design)
            designs[given.design] = row, VignettePlan.model_validate(row.plan)
        row, plan = designs[given.design]
        _, vignettes = _turn(row, plan, given)
        found[given.respondent_index] |= shown_levels(plan, vignettes)
    return dict(found)


def shown_items(session: Session, study: str, items: Sequence[Item]) -> set[str]:
    """Which items of an instrument hold what vignettes showed: those of every design of the study that it has all the items of."""
    by_name = {item.name: item for item in items}
    shown: set[str] = set()
    page = PageRequest(limit=DESIGNS_AT_ONCE, after=None)
    while rows := designs_page(session, study, page):
        for plan in (VignettePlan.model_validate(row.plan) for row in rows):
            if not unasked(plan, by_name):
                shown |= factor_items(plan)
        page = PageRequest(limit=DESIGNS_AT_ONCE, after=rows[-1].id)
    return shown


def fill_in(coded: Coded, assigned: dict[str, str]) -> Coded:
    """The answers with the levels that were assigned, where the platform did not carry them. What it says itself stands."""
    filled = assigned.keys() & coded.missing.keys()
    if not filled:
        return coded
    return replace(
        coded,
        answers={**coded.answers, **{name: option for name, option in assigned.items() if name in filled}},
        missing={name: why for name, why in coded.missing.items() if name not in filled},
    )


def _give_place(
    session: Session, design: str, plan: VignettePlan, collection: Collection, respondent_index: str, *, test: bool
) -> VignetteAssignment:
    if collection.closed_at is not None:
        raise CollectionIsClosed
    if unasked(plan, {item.name: item for item in published_items(session, collection.instrument, collection.number)}):
        raise VignettesNotAsked
    hold_off_withdrawals(session)
    if withdrawn_among(session, {respondent_index}):
        raise RespondentHasWithdrawn
    place = next_place(session, design, collection.id, test=test)
    known = place_of(session, design, respondent_index)  # again: somebody may have given it while we waited for the place
    if known is not None:
        return known
    given = VignetteAssignment(respondent_index=respondent_index, design=design, collection=collection.id, test=test, place=place)
    take_place(session, given)
    return given


def _turn(row: VignetteDesign, plan: VignettePlan, given: VignetteAssignment) -> tuple[int, list[list[int]]]:
    """The number of the deck that a place gets, counted from 1, and its vignettes in their order."""
    # Tests have permutations of their own, as they have places of their own.
    scope = f"{given.collection}/test" if given.test else given.collection
    turn = turn_of(given.place, seed=plan.seed, collection=scope, decks=plan.decks, per_respondent=plan.per_respondent)
    deck = row.decks[turn.deck]
    return turn.deck + 1, [deck[place] for place in turn.order]
