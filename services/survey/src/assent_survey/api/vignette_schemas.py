"""The bodies of vignettes. Plans, figures of quality and suppositions of power have their shape in the domain."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from assent_contracts.practice import Practice
from assent_kit.schemas import Answer, Flag, Request, Whole
from assent_survey.api.schemas import Given
from assent_survey.domain.instrument import Item, Language
from assent_survey.domain.vignettes.items import judged_vignettes, shown_levels, vignette_items
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.power import EffectPower
from assent_survey.domain.vignettes.quality import Quality
from assent_survey.service.assign_vignettes import Assigned
from assent_survey.store.vignette_tables import VignetteDesign


class PlanChange(Request):
    """A JSON merge patch of the plan. Lists are replaced whole; null puts back what is so without saying."""

    title: str | None = None
    prefix: str | None = None
    language: str | None = None
    text: dict[str, Any] | None = None
    practice: dict[str, Any] | None = None
    factors: list[Any] | None = None
    excluded: list[Any] | None = None
    interactions: list[Any] | None = None
    per_respondent: Whole | None = None
    decks: Whole | None = None
    rating: dict[str, Any] | None = None
    seed: Whole | None = None


class DesignSummary(Answer):
    """A design without its decks. Once fixed it never changes."""

    id: str
    plan: VignettePlan
    quality: Quality
    created_at: datetime
    fixed_at: datetime | None


class Vignette(Answer):
    """One vignette: its levels, the practice that it describes, and its text by language."""

    levels: dict[str, str]
    practice: Practice
    texts: dict[str, str]


class DesignOut(DesignSummary):
    """A design with its decks, in no order that anyone is shown."""

    decks: list[list[Vignette]]


class JudgedOut(Answer):
    """The items of one vignette: of its judgement, and of each factor."""

    judgement: str
    features: dict[str, str]


class ItemsOut(Answer):
    """The items to put into an instrument, and which belong to which vignette, as the analysis `vignettes` asks."""

    items: list[Item]
    vignettes: list[JudgedOut]


class PowerOut(Answer):
    """The power of each effect, in the order of the plan."""

    effects: list[EffectPower]


class AssignmentIn(Request):
    """Who is to be shown vignettes. Whoever is assigned as a `test` uses up no place of the others."""

    collection: Given
    respondent: Annotated[str, Field(min_length=1, max_length=500)]
    language: Language | None = None
    test: Flag = False


class ShownVignette(Answer):
    """A vignette in its place, counted from 1."""

    number: int
    text: str
    levels: dict[str, str]


class AssignmentOut(Answer):
    """What a respondent is shown, in this order and language. `fields` are the factors' items with the options that were shown."""

    design: str
    deck: int
    language: str
    vignettes: list[ShownVignette]
    fields: dict[str, str]


def summary_out(row: VignetteDesign) -> DesignSummary:
    """A design without its decks."""
    return DesignSummary(**row.model_dump(include={"id", "plan", "quality", "created_at", "fixed_at"}))


def design_out(row: VignetteDesign) -> DesignOut:
    """A design with its decks."""
    summary = summary_out(row)
    decks = [[_vignette(summary.plan, levels) for levels in deck] for deck in row.decks]
    return DesignOut(**dict(summary), decks=decks)


def items_out(row: VignetteDesign) -> ItemsOut:
    """The items of a design."""
    plan = VignettePlan.model_validate(row.plan)
    return ItemsOut(items=vignette_items(plan), vignettes=[JudgedOut(**each._asdict()) for each in judged_vignettes(plan)])


def assignment_out(assigned: Assigned, wanted: str | None) -> AssignmentOut:
    """An assignment in the language wanted, or the nearest that there is."""
    plan = assigned.plan
    language = plan.nearest_language(wanted)
    return AssignmentOut(
        design=assigned.design,
        deck=assigned.deck,
        language=language,
        vignettes=[
            ShownVignette(number=number, text=plan.text_in(language, levels), levels=plan.levels_of(levels))
            for number, levels in enumerate(assigned.vignettes, 1)
        ],
        fields=shown_levels(plan, assigned.vignettes),
    )


def _vignette(plan: VignettePlan, levels: list[int]) -> Vignette:
    texts = {language: plan.text_in(language, levels) for language in plan.text}
    return Vignette(levels=plan.levels_of(levels), practice=plan.practice_of(levels), texts=texts)
