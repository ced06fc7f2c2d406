"""Groups of a variable compared in the ranks of an item's values: Wilcoxon and Kruskal-Wallis under a design, and their kin."""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.service.analyses.by_group import group_codes, parts
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId
from assent_contracts.practice import Term


class RankTestRequest(AnalysisRequest):
    """A rank test of an item's values between the groups of a variable."""

    method: Literal["rank_test"]
    item: ItemId
    variable: Term
    scores: Literal["wilcoxon", "vanderWaerden", "median"] = "wilcoxon"


def run(frame: Frame, request: RankTestRequest) -> Numbers:
    """The test. Raises CannotEstimate."""
    values, valid = frame.values(request.item)
    codes, groups = group_codes(frame, request.variable)
    found = rank_test(frame.design, np.where(valid, values, np.nan), codes, request.scores, within=valid & frame.within)
    _, tables = parts(frame, request.item, [request.variable], valid)
    numbers = {
        "statistic": found.statistic,
        "numerator_df": found.numerator_df,
        "denominator_df": found.denominator_df,
        "p": found.p,
    }
    peopled = [group for group in groups if (group.members & valid).any()]
    base = int((valid & (codes >= 0) & frame.within).sum())
    figure = Figure(
        {"item": request.item, "variable": request.variable, "term": request.scores},
        numbers,
        (base,),
        tuple(tables[1].cell(group.group) for group in peopled),
    )
    return Numbers((figure,), tables=tuple(tables), facts={"base": base})


def in_r(frame: Frame, request: RankTestRequest, script: Script) -> None:
    """svyranktest among those with a value."""
    script.add(
        """
ranks <- function(id, values, levels, variable, scores) {
  stated <- factor(design$variables[[paste0("group_", variable)]], levels)
  known <- update(design, value = values, stated = stated)
  known <- known[!is.na(known$variables$value) & !is.na(stated), ]
  known <- update(known, stated = droplevels(stated))
  found <- svyranktest(value ~ stated, known, test = scores)
  # For three groups and more R gives the chi-square as the parameter and its degrees of freedom as the statistic.
  statistic <- if (names(found$statistic) == "df") found$parameter[[1]] else found$statistic[[1]]
  data.frame(item = id, variable = variable, group = "", term = scores, statistic = statistic, p = found$p.value[[1]])
}"""
    )
    levels = [category.group for category in frame.variable(request.variable).categories]
    script.rows("ranks", request.item, r_values(frame, script, request.item), levels, request.variable, request.scores)
