"""Whether an item's answers are spread alike in the groups of a variable, or go with those to another item: Rao-Scott and its
kin.
"""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import CountTable, Figure, Numbers, finite
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId
from assent_analytics.service.sample import Mask
from assent_contracts.practice import Term


class AssociationRequest(AnalysisRequest):
    """A test of independence of `item` and a `variable` of the study's groups, or an item `with_item`; of those who chose
    options.
    """

    method: Literal["association"]
    item: ItemId
    variable: Term | None = None
    with_item: ItemId | None = None
    test: Literal["F", "Chisq", "Wald", "adjWald"] = "F"


def run(frame: Frame, request: AssociationRequest) -> Numbers:
    """The test. Raises CannotEstimate."""
    rows, answers = _options(frame, request.item)
    columns, names = _columns(frame, request)
    found = association(frame.design, rows, columns, request.test, within=frame.within)
    about = {"item": request.item, "variable": request.variable or "", "with_item": request.with_item or "", "term": request.test}
    numbers = {
        "statistic": found.statistic,
        "numerator_df": found.numerator_df,
        "denominator_df": finite(found.denominator_df),
        "p": found.p,
    }
    kept = (rows >= 0) & (columns >= 0) & frame.within
    counts = np.array(
        [[(kept & (columns == one) & (rows == other)).sum() for other in range(len(answers))] for one in range(len(names))]
    )
    table = CountTable("association", tuple(names), tuple(answers), counts)
    cells = tuple(table.cell(name) for name in names)
    figure = Figure({name: word for name, word in about.items() if word}, numbers, (int(kept.sum()),), cells)
    return Numbers((figure,), tables=(table,), facts={"base": int(kept.sum())})


def _options(frame: Frame, id: str) -> tuple[np.ndarray, tuple[str, ...]]:
    answers = frame.answers(frame.scaled_item(id))
    chosen: Mask = (answers.codes >= 0) & (answers.codes < len(answers.scale.options))
    return np.where(chosen, answers.codes, -1), answers.scale.options


def _columns(frame: Frame, request: AssociationRequest) -> tuple[np.ndarray, tuple[str, ...]]:
    if (request.variable is None) == (request.with_item is None):
        raise NotSuited("name either a `variable` or `with_item`")
    if request.with_item is not None:
        return _options(frame, request.with_item)
    variable = frame.variable(str(request.variable))
    return frame.sample.stated(variable.variable), tuple(category.group for category in variable.categories)


def in_r(frame: Frame, request: AssociationRequest, script: Script) -> None:
    """svychisq among those with both; R counts rows that are left out in its chi-square, so that one is not compared."""
    script.add(
        """
independence <- function(id, item, options, with, levels, variable, test) {
  known <- update(design, first = factor(design$variables[[item]], options), second = factor(design$variables[[with]], levels))
  known <- known[!is.na(known$variables$first) & !is.na(known$variables$second), ]
  known <- update(known, first = droplevels(first), second = droplevels(second))
  found <- svychisq(~first + second, known, statistic = test)
  data.frame(item = id, variable = variable, group = "", term = test, statistic = found$statistic[[1]], p = found$p.value[[1]])
}"""
    )
    _, options = _options(frame, request.item)
    _, levels = _columns(frame, request)
    other = script.column(request.with_item) if request.with_item is not None else f"group_{request.variable}"
    script.rows(
        "independence", request.item, script.column(request.item), options, other, levels, request.variable or "", request.test
    )
