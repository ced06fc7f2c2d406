"""A table of several items by the groups of one variable, in the manner of gtsummary's `tbl_svysummary`.

Items with options are counted: weighted number and share of everyone asked. Items that are numbers are summarised by mean and
standard deviation, median and quartiles. Beside them may stand a test of each item and, for two groups, the difference with its
interval.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.numbers import Cell, CountTable, Figure, Numbers, finite
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.by_group import Part, group_codes, parts
from assent_analytics.service.analyses.frame import Floats, Frame, option_labels
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId, Items
from assent_analytics.service.sample import Mask
from assent_contracts.practice import Term
from assent_kit.schemas import Flag

COLUMN = "column"
"""The term of figures about a column itself: how many people it is of."""


class TableRequest(AnalysisRequest):
    """A table of items by group. Items of `as_numbers` are summarised as the places of their options."""

    method: Literal["table"]
    items: Items
    as_numbers: tuple[ItemId, ...] = ()
    by: Term | None = None
    overall: Flag = True
    p: Flag = True
    difference: Flag = False
    test_of_numbers: Literal["t", "rank"] = "rank"


def run(frame: Frame, request: TableRequest) -> Numbers:
    """The cells of the table, and a test for each item. Raises CannotEstimate."""
    by = [request.by] if request.by is not None else []
    figures: list[Figure] = []
    tests: list[Figure] = []
    columns, tables = parts(frame, COLUMN, by, frame.within)
    figures += [_column(frame, part) for part in columns]
    if request.difference and len([part for part in columns if part.group.variable and part.base]) != 2:
        raise NotSuited("a difference column needs `by` with exactly two groups that have somebody in them")
    for id in step_by_step(request.items, "item", rest=True):
        of_item = _numeric if id in request.as_numbers or frame.item(id).kind == "number" else _counted
        found, tested, counted = of_item(frame, request, id, by)
        figures, tests, tables = [*figures, *found], [*tests, *tested], [*tables, *counted]
    return Numbers(tuple(figures), tuple(tests), tuple(tables), {"base": int(frame.within.sum())})


Found = tuple[list[Figure], list[Figure], list[CountTable]]


def _column(frame: Frame, part: Part) -> Figure:
    numbers = {"base": part.base, "weighted": float(frame.design.weights[part.members].sum())}
    return Figure({**part.group.about, "term": COLUMN}, numbers, (part.base,) if part.base else (), part.cells)


def _counted(frame: Frame, request: TableRequest, id: str, by: list[str]) -> Found:
    item = frame.scaled_item(id)
    answers = frame.answers(item)
    outcomes = {
        outcome: answers.chose(outcome) for outcome in answers.scale.outcomes if (answers.chose(outcome) & frame.within).any()
    }
    found, tables = parts(frame, id, by, answers.asked, outcomes)
    labels = option_labels(item)
    figures = []
    for part in found:
        for outcome, chose in outcomes.items():
            about = {"item": id, **part.group.about, "outcome": outcome, "label": labels.get(outcome, outcome)}
            figures.append(Figure(about, _count(frame, part, chose), (part.base,) if part.base else (), part.cells_of(outcome)))
        if request.difference and part.group.variable and part is found[-1]:
            figures += [
                _difference(frame, request, id, chose.astype(float), answers.asked, outcome, found)
                for outcome, chose in outcomes.items()
            ]
    codes, groups = group_codes(frame, by[0]) if by else (np.empty(0), [])
    shown = tuple(cell for part in found if part.group.variable for cell in part.cells)
    test = (
        _test(lambda: association(frame.design, np.where(answers.asked, answers.codes, -1), codes, within=frame.within).p)
        if groups and request.p
        else None
    )
    return figures, _tests(id, request, test, "Rao-Scott F", shown), tables


def _count(frame: Frame, part: Part, chose: Mask) -> dict[str, float | int | None]:
    if not part.base:
        return {"base": 0}
    weights = frame.design.weights
    found = mean(frame.design, chose.astype(float), part.members)
    return {
        "share": float(found.estimates[0]),
        "standard_error": float(found.standard_errors[0]),
        "weighted": float(weights[part.members & chose].sum()),
        "base": part.base,
    }


def _numeric(frame: Frame, request: TableRequest, id: str, by: list[str]) -> Found:
    values, valid = frame.values(id)
    found, tables = parts(frame, id, by, valid)
    figures = []
    for part in found:
        figures += _summaries(frame, id, part, values)
    if request.difference:
        figures.append(_difference(frame, request, id, values, valid, "", found))
    shown = tuple(cell for part in found if part.group.variable for cell in part.cells)
    p = None
    if by and request.p:
        codes, _ = group_codes(frame, by[0])
        known = np.where(valid, values, np.nan)
        two = len([part for part in found if part.group.variable and part.base]) == 2
        if request.test_of_numbers == "t" and two:
            return (
                figures,
                _tests(id, request, _test(lambda: two_groups(frame.design, known, codes, within=frame.within).p), "t", shown),
                tables,
            )
        p = _test(lambda: rank_test(frame.design, known, codes, within=frame.within).p)
    return figures, _tests(id, request, p, "rank (Wilcoxon or Kruskal-Wallis)", shown), tables


def _summaries(frame: Frame, id: str, part: Part, values: Floats) -> list[Figure]:
    about = {"item": id, **part.group.about}
    if not part.base:
        return [Figure({**about, "term": term}, {"base": 0}) for term in ("mean (SD)", "median (IQR)")]
    inside = np.where(part.members, values, 0.0)
    centre = mean(frame.design, inside, part.members)
    spread = float(variance(frame.design, inside, part.members).estimates[0]) if part.base > 1 else 0.0
    cuts = quantiles(frame.design, inside, (0.25, 0.5, 0.75), part.members)
    low, middle, high = (float(cut) for cut in cuts.estimates)
    own = values[part.members]
    beyond = (int((own <= low).sum()), int((own >= high).sum()))
    middling = {"mean": float(centre.estimates[0]), "standard_deviation": float(np.sqrt(spread)), "base": part.base}
    return [
        Figure({**about, "term": "mean (SD)"}, middling, (part.base,), part.cells),
        Figure(
            {**about, "term": "median (IQR)"},
            {"median": middle, "quartile_1": low, "quartile_3": high},
            (part.base, *beyond),
            part.cells,
        ),
    ]


def _difference(
    frame: Frame, request: TableRequest, id: str, values: Floats, valid: Mask, outcome: str, found: list[Part]
) -> Figure:
    """The first group less the second."""
    first, second = (part for part in found if part.group.variable and part.base)
    group = np.where(first.members, 1, np.where(second.members, 0, -1))
    about = {"item": id, "term": "difference", **({"outcome": outcome} if outcome else {})}
    cells = tuple(cell for part in (first, second) for cell in part.cells_of(outcome))
    try:
        test = two_groups(frame.design, np.where(valid, values, np.nan), group, within=frame.within)
    except CannotEstimate:
        return Figure(about, {"difference": None})
    low, high = test.interval(request.level)
    numbers = {"difference": test.difference, "difference_low": finite(low), "difference_high": finite(high), "p": finite(test.p)}
    return Figure(about, numbers, (first.base, second.base), cells)


def _test(p_value: Callable[[], float]) -> float | None:
    """A p-value; None where the data allow none, such as when everybody says the same."""
    try:
        return float(p_value())
    except CannotEstimate:
        return None


def _tests(id: str, request: TableRequest, p: float | None, name: str, cells: tuple[Cell, ...]) -> list[Figure]:
    return [] if p is None else [Figure({"item": id, "variable": str(request.by), "test": name}, {"p": p}, (), cells)]


def in_r(frame: Frame, request: TableRequest, script: Script) -> None:
    """svymean and svytotal of indicators; svymean, svyvar and svyquantile of numbers."""
    script.add(
        """
counted <- function(id, item, outcomes, variable, group) {
  asked <- design[!is.na(design$variables[[item]]) & members(design, variable, group), ]
  do.call(rbind, lapply(outcomes, function(outcome) {
    asked <- update(asked, hit = as.numeric(asked$variables[[item]] %in% outcome))
    data.frame(item = id, variable = variable, group = group, outcome = outcome, term = "", share = coef(svymean(~hit, asked))[[1]],
               standard_error = SE(svymean(~hit, asked))[[1]], weighted = coef(svytotal(~hit, asked))[[1]], base = people(asked),
               mean = NA, standard_deviation = NA, median = NA, quartile_1 = NA, quartile_3 = NA)
  }))
}
summarised <- function(id, values, variable, group) {
  known <- update(design, value = values)
  known <- known[!is.na(known$variables$value) & members(known, variable, group), ]
  cuts <- coef(svyquantile(~value, known, c(0.25, 0.5, 0.75), na.rm = TRUE))
  data.frame(item = id, variable = variable, group = group, outcome = "", term = c("mean (SD)", "median (IQR)"), share = NA,
             standard_error = NA, weighted = NA, base = c(people(known), NA),
             mean = c(coef(svymean(~value, known, na.rm = TRUE))[[1]], NA),
             standard_deviation = c(sqrt(coef(svyvar(~value, known, na.rm = TRUE))[[1]]), NA), median = c(NA, cuts[[2]]),
             quartile_1 = c(NA, cuts[[1]]), quartile_3 = c(NA, cuts[[3]]))
}"""
    )
    everyone_and_groups = [("", ""), *((request.by, group.group) for group in (frame.groups(request.by) if request.by else []))]
    for id in request.items:
        for variable, group in everyone_and_groups:
            if id in request.as_numbers or frame.item(id).kind == "number":
                script.rows("summarised", id, r_values(frame, script, id), variable, group)
            else:
                answers = frame.answers(frame.scaled_item(id))
                present = [outcome for outcome in answers.scale.outcomes if (answers.chose(outcome) & frame.within).any()]
                script.rows("counted", id, script.column(id), present, variable, group)
