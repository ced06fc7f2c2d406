"""Support for a practice and opposition to it, over everyone asked, and how each group differs from everyone else.

Support is acceptable with or without conditions. A group's gap is to the rest, not to the whole, which contains it; a Rao-Scott
test asks first whether the groups differ at all, and p-values are corrected by Holm over every gap of the analysis.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from assent_analytics.domain.disclosure import Region, direction_of, protect
from assent_analytics.domain.distribution import NOT_ASKED, Answers
from assent_analytics.domain.multiplicity import holm
from assent_analytics.domain.numbers import CountTable, Figure, Numbers, finite
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.comparisons.contrasts import gaps_to_rest, omnibus
from assent_analytics.estimation.shares.proportions import share
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.frame import EVERYONE, Frame, Group
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, By, Items
from assent_analytics.service.analyses.shares import count_table, nobody, share_numbers
from assent_analytics.service.sample import Mask

SUPPORT, OPPOSITION, DONT_KNOW, NEITHER = "support", "opposition", "dont_know", "neither"
LABELS = {SUPPORT: "Acceptable, with or without conditions", OPPOSITION: "Not acceptable", DONT_KNOW: "Don't know"}


class SupportRequest(AnalysisRequest):
    """Support of items."""

    method: Literal["support"]
    items: Items
    by: By


def run(frame: Frame, request: SupportRequest) -> Numbers:
    """Support, opposition and don't know of each item, and the support of each group with its gap to the rest. Raises
    CannotEstimate.
    """
    figures: list[Figure] = []
    tests: list[Figure] = []
    tables: list[CountTable] = []
    for id in step_by_step(request.items, "item", rest=True):
        answers = _answers(frame, id)
        stances = _stances(answers)
        tables.append(count_table(id, stances, (), answers.asked))
        figures += _overall(frame, id, stances, answers.asked)
        for variable in request.by:
            groups = frame.groups(variable)
            compared = _by_group(frame, id, groups, answers)
            figures += compared
            if not any(figure.hidden for figure in compared):
                tests += _test(frame, id, variable, groups, answers)
    return Numbers(tuple(_corrected(figures)), tuple(tests), tuple(tables), {"base": int(frame.within.sum())})


def _answers(frame: Frame, id: str) -> Answers:
    """Everybody's outcome, of those whom the analysis is about."""
    item = frame.scaled_item(id)
    if not (item.supports or item.conditional or item.opposes):
        raise NotSuited(f"{id!r} does not say which options support the practice")
    answers = frame.answers(item)
    return replace(answers, codes=np.where(frame.within, answers.codes, NOT_ASKED))


def _stances(answers: Answers) -> dict[str, Mask]:
    stances = {SUPPORT: answers.supports, OPPOSITION: answers.opposes, DONT_KNOW: answers.dont_know}
    return {**stances, NEITHER: answers.asked & ~np.logical_or.reduce(list(stances.values()))}


def _overall(frame: Frame, id: str, stances: dict[str, Mask], asked: Mask) -> list[Figure]:
    if not asked.any():
        return [nobody({"item": id})]
    figures = []
    for stance, label in LABELS.items():
        found = share(frame.design, stances[stance], asked)
        about = {"item": id, "outcome": stance, "label": label}
        figures.append(Figure(about, share_numbers(found, frame.request.level), (found.base,), ((id, EVERYONE, stance),)))
    return figures


def _by_group(frame: Frame, id: str, groups: Sequence[Group], answers: Answers) -> list[Figure]:
    """The support of the groups of one variable, judged together. A hidden group still says on which side of one half it stands."""
    found = {
        group.group: share(frame.design, answers.supports, group.members & answers.asked)
        for group in groups
        if _peopled(group, answers)
    }
    regions = [Region(group.group, group.members & answers.asked) for group in groups if group.group in found]
    listed = frame.sample.listed(frame.variable(groups[0].variable)) if groups and answers.asked.all() else {}
    verdicts = protect(answers, regions, directions={name: direction_of(one) for name, one in found.items()}, listed=listed)
    figures = []
    for group in groups:
        about = {"item": id, **group.about, "outcome": SUPPORT, "label": LABELS[SUPPORT]}
        if group.group not in found:
            figures.append(nobody(about))
            continue
        verdict, support = verdicts[group.group], found[group.group]
        numbers = share_numbers(support, frame.request.level) | _gap(
            frame, answers.supports, group.members & answers.asked, answers.asked
        )
        figures.append(
            Figure(about, {} if verdict.hidden else numbers, (support.base,), hidden=verdict.hidden, direction=verdict.direction)
        )
    return figures


def _peopled(group: Group, answers: Answers) -> bool:
    return bool((group.members & answers.asked).any())


def _gap(frame: Frame, supports: Mask, members: Mask, asked: Mask) -> dict[str, float | None]:
    (gap,) = gaps_to_rest(frame.design, supports, members, asked)
    if gap is None:
        return {}
    tail = (1.0 - frame.request.level) / 2.0
    return {"difference": gap.difference, "difference_low": gap.lower(tail), "difference_high": gap.upper(tail), "p": gap.p}


def _test(frame: Frame, id: str, variable: str, groups: Sequence[Group], answers: Answers) -> list[Figure]:
    group = np.full(len(answers.codes), -1, dtype=np.int64)
    for number, one in enumerate(groups):
        group[one.members] = number
    found = omnibus(frame.design, np.where(answers.asked, answers.supports.astype(np.int64), -1), group)
    if found is None:
        return []
    numbers = {"f": found.f, "numerator_df": found.numerator_df, "denominator_df": found.denominator_df, "p": finite(found.p)}
    return [Figure({"item": id, "variable": variable, "test": "Rao-Scott F: support is alike in all groups"}, numbers)]


def _corrected(figures: list[Figure]) -> list[Figure]:
    """Holm over every gap of the analysis."""
    places = [place for place, figure in enumerate(figures) if figure.numbers.get("p") is not None]
    corrected = holm([float(figures[place].numbers["p"] or 0.0) for place in places])
    for place, p in zip(places, corrected, strict=True):
        figures[place] = replace(figures[place], numbers={**figures[place].numbers, "p_holm": p})
    return figures


def in_r(frame: Frame, request: SupportRequest, script: Script) -> None:
    """svymean of indicators; the gap by svyglm's contrast of a group with the rest, which has the same covariance."""
    script.add(
        """
stance <- function(id, item, outcome, options, variable = "", group = "") {
  asked <- design[!is.na(design$variables[[item]]), ]
  asked <- update(asked, hit = as.numeric(asked$variables[[item]] %in% options))
  inside <- members(asked, variable, group)
  found <- svymean(~hit, asked[inside, ])
  gap <- c(NA, NA)
  if (group != "" && outcome == "support") {
    fitted <- svyglm(hit ~ inside, update(asked, inside = inside))
    difference <- coef(fitted)[["insideTRUE"]]
    gap <- c(difference, 2 * pt(-abs(difference / SE(fitted)[["insideTRUE"]]), degf(asked)))
  }
  data.frame(item = id, variable = variable, group = group, outcome = outcome, share = coef(found)[[1]],
             standard_error = SE(found)[[1]], base = people(asked[inside, ]), difference = gap[1], p = gap[2])
}"""
    )
    for id in request.items:
        item = frame.scaled_item(id)
        options = {
            SUPPORT: (*item.supports, *item.conditional),
            OPPOSITION: item.opposes,
            DONT_KNOW: ("dont_know",),
        }
        for stance, chosen in options.items():
            script.rows("stance", id, script.column(id), stance, chosen)
            for variable in request.by if stance == SUPPORT else ():
                for group in frame.groups(variable):
                    script.rows("stance", id, script.column(id), stance, chosen, variable, group.group)
