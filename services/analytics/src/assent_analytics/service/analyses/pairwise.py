"""Every pair of groups of a variable compared in the mean of an item, corrected for how many pairs there are."""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.comparisons.pairwise import pairwise
from assent_analytics.service.analyses.by_group import group_codes, parts
from assent_analytics.service.analyses.difference import r_of, values_of
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId, Words
from assent_contracts.practice import Term


class PairwiseRequest(AnalysisRequest):
    """All pairs of a variable's groups in an item's values, or in the share of `options`."""

    method: Literal["pairwise"]
    item: ItemId
    options: Words | None = None
    variable: Term
    correction: Literal["holm", "benjamini_hochberg", "bonferroni"] = "holm"


def run(frame: Frame, request: PairwiseRequest) -> Numbers:
    """A difference for each pair, and the test that all groups are alike. Raises CannotEstimate."""
    values, valid = values_of(frame, request.item, request.options)
    codes, groups = group_codes(frame, request.variable)
    found = pairwise(frame.design, np.where(valid, values, np.nan), codes, within=valid & frame.within)
    outcomes = None if request.options is None else {"yes": values > 0, "no": ~(values > 0)}
    _, tables = parts(frame, request.item, [request.variable], valid, outcomes)
    words = ("", "yes") if outcomes else ("",)
    corrected, plain = found.p_values(request.correction), found.p_values("none")
    intervals = found.differences.intervals(request.level)
    figures = []
    for place, pair in enumerate(found.pairs):
        first, second = (groups[found.groups[one]] for one in pair)
        numbers = {
            "estimate": float(found.differences.estimates[place]),
            "standard_error": float(found.differences.standard_errors[place]),
            "low": finite(intervals[place, 0]),
            "high": finite(intervals[place, 1]),
            "t": float(found.t[place]),
            "p": float(plain[place]),
            "p_corrected": float(corrected[place]),
        }
        about = {"item": request.item, "variable": request.variable, "term": f"{first.group} less {second.group}"}
        cells = tuple(tables[1].cell(one.group, word) for one in (first, second) for word in words)
        figures.append(Figure(about, numbers, (), cells))
    everyone = tuple(cell for figure in figures for cell in figure.cells)
    about = {"item": request.item, "variable": request.variable, "test": "Wald: all groups are alike"}
    test = Figure(about, {"p": found.omnibus_p}, (), everyone)
    base = int((valid & (codes >= 0) & frame.within).sum())
    return Numbers(tuple(figures), (test,), tuple(tables), {"base": base})


def in_r(frame: Frame, request: PairwiseRequest, script: Script) -> None:
    """svyby with the covariance of all groups, svycontrast for each pair, p.adjust."""
    script.add(
        """
pairs <- function(id, values, levels, variable, correction) {
  stated <- factor(design$variables[[paste0("group_", variable)]], levels)
  known <- update(design, value = values, stated = stated)
  known <- known[!is.na(known$variables$value) & !is.na(stated), ]
  means <- svyby(~value, ~stated, known, svymean, covmat = TRUE)
  names <- names(coef(means))
  found <- combn(length(names), 2, function(pair) {
    weights <- replace(numeric(length(names)), pair, c(1, -1))
    contrast <- svycontrast(means, weights)
    c(coef(contrast), SE(contrast))
  })
  terms <- combn(names, 2, paste, collapse = " less ")
  p <- 2 * pt(-abs(found[1, ] / found[2, ]), degf(known))
  data.frame(item = id, variable = variable, group = "", term = terms, estimate = found[1, ], standard_error = found[2, ], p = p,
             p_corrected = p.adjust(p, correction))
}"""
    )
    levels = [category.group for category in frame.variable(request.variable).categories]
    correction = {"benjamini_hochberg": "BH"}.get(request.correction, request.correction)
    script.rows("pairs", request.item, r_of(frame, script, request.item, request.options), levels, request.variable, correction)
