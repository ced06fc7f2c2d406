"""The items that a survey with vignettes has: for each vignette in turn what its factors showed, and the judgement of it.

They are what the analysis of vignettes reads: a feature is the item that holds the level that was shown. The practice of these items
is unstated, because an average over what a design has varied is no judgement of any one practice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from assent_survey.domain.coding import Coded
from assent_survey.domain.instrument import Item, ScaleOption, Translation, Wording
from assent_survey.domain.vignettes.plan import Factor, Level, VignettePlan

_LONGEST_LABEL = 500


class JudgedVignette(NamedTuple):
    """The names of one vignette's items, as the analysis of vignettes takes them once `<instrument>.<number>.` is put before each."""

    judgement: str
    features: dict[str, str]


def vignette_items(plan: VignettePlan) -> list[Item]:
    """All items: for the first vignette that a respondent sees, then for the second, and so on."""
    return [item for number in range(1, plan.per_respondent + 1) for item in _items_of(plan, number)]


def judged_vignettes(plan: VignettePlan) -> list[JudgedVignette]:
    """Which items belong to which vignette."""
    return [
        JudgedVignette(
            item_name(plan, number, plan.rating.name),
            {factor.name: item_name(plan, number, factor.name) for factor in plan.factors},
        )
        for number in range(1, plan.per_respondent + 1)
    ]


def item_name(plan: VignettePlan, number: int, of: str) -> str:
    """The item of a factor, or of the judgement, for the vignette that is shown in this place, counted from 1."""
    return f"{plan.prefix}_{number}_{of}"


def shown_levels(plan: VignettePlan, vignettes: Sequence[Sequence[int]]) -> dict[str, str]:
    """What each factor's item holds when these vignettes were shown in this order: {item: option}."""
    return {
        item_name(plan, number, factor): level
        for number, vignette in enumerate(vignettes, 1)
        for factor, level in plan.levels_of(vignette).items()
    }


def factor_items(plan: VignettePlan) -> set[str]:
    """The items that nobody is asked: they hold what was shown."""
    return {name for vignette in judged_vignettes(plan) for name in vignette.features.values()}


def questions_only(coded: Coded, items: Sequence[Item], shown: Collection[str]) -> Coded:
    """The answers without the items that hold what was `shown`. Those come whole however far somebody came, so they are no answers; and
    questions that such an item follows were not passed over because of it: whoever stopped before them stopped there.
    """
    if not shown:
        return coded
    reached = [n for n, item in enumerate(items) if item.name not in shown and _was_answered(coded, item.name)]
    carried = [n for n, item in enumerate(items) if item.name in shown and item.name in coded.answers]
    never_reached = {item.name for item in items[max(reached, default=-1) + 1 : max(carried, default=0)]}
    return replace(
        coded,
        answers={name: answer for name, answer in coded.answers.items() if name not in shown},
        missing={
            name: "break_off" if why == "not_asked" and name in never_reached else why
            for name, why in coded.missing.items()
            if name not in shown
        },
    )


def unasked(plan: VignettePlan, items: Mapping[str, Item]) -> list[str]:
    """The names of items that an instrument, {name: item}, should have to hold this plan, and has not or with other options."""
    return [
        wanted.name
        for wanted in vignette_items(plan)
        if (found := items.get(wanted.name)) is None or found.kind != wanted.kind or not set(wanted.options) <= set(found.options)
    ]


def _was_answered(coded: Coded, name: str) -> bool:
    return name in coded.answers or name in coded.texts or coded.missing.get(name) in ("dont_know", "refused")


def _items_of(plan: VignettePlan, number: int) -> Iterator[Item]:
    section = f"{plan.title[: _LONGEST_LABEL - 20]}, vignette {number}"
    for factor in plan.factors:
        yield _factor_item(plan, factor, number, section)
    yield plan.rating.model_copy(
        update={"name": item_name(plan, number, plan.rating.name), "section": plan.rating.section or section}
    )


def _factor_item(plan: VignettePlan, factor: Factor, number: int, section: str) -> Item:
    main = plan.language
    return Item(
        name=item_name(plan, number, factor.name),
        wording=factor.label[main],
        kind="single",
        scale=tuple(ScaleOption(option=level.level, label=_label(level, main)) for level in factor.levels),
        translations={
            language: _translation(factor, language, factor.label[language]) for language in plan.text if language != main
        },
        section=section,
    )


def _translation(factor: Factor, language: str, wording: Wording) -> Translation:
    return Translation(wording=wording, labels={level.level: _label(level, language) for level in factor.levels})


def _label(level: Level, language: str) -> str:
    """A level in words. One that says nothing is called by its code."""
    return level.wording[language].strip()[:_LONGEST_LABEL] or level.level
