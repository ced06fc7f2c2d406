"""The ratio of two totals, such as children known to a service for each child in a household."""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.descriptive.totals import ratio
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.intervals import interval_numbers
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, By, ItemId
from assent_analytics.service.analyses.shares import nobody


class RatioRequest(AnalysisRequest):
    """The total of one item over the total of another, among those who gave both."""

    method: Literal["ratio"]
    numerator: ItemId
    denominator: ItemId
    by: By


def run(frame: Frame, request: RatioRequest) -> Numbers:
    """The ratio for everyone and for each group. Raises CannotEstimate."""
    (above, known_above), (below, known_below) = frame.values(request.numerator), frame.values(request.denominator)
    valid = known_above & known_below
    found, tables = parts(frame, request.numerator, request.by, valid)
    figures = [_figure(frame, request, part, above, below) for part in step_by_step(found, "group", rest=True)]
    return Numbers(tuple(figures), tables=tuple(tables), facts={"base": int((valid & frame.within).sum())})


def _figure(frame: Frame, request: RatioRequest, part: Part, above: Floats, below: Floats) -> Figure:
    about = {"item": request.numerator, "denominator": request.denominator, **part.group.about}
    if not part.base:
        return nobody(about)
    found = ratio(frame.design, np.where(part.members, above, 0.0), np.where(part.members, below, 0.0), part.members)
    freedom = float(frame.design.domain_degrees_of_freedom(part.members[:, None])[0])
    numbers = interval_numbers("ratio", float(found.estimates[0]), float(found.covariance[0, 0]), freedom, request.level)
    return Figure(about, {**numbers, "base": part.base}, (part.base,), part.cells)


def in_r(frame: Frame, request: RatioRequest, script: Script) -> None:
    """svyratio over those with both values."""
    script.add(
        """
over <- function(id, above, below, variable, group) {
  known <- update(design, above = above, below = below)
  known <- known[!is.na(known$variables$above) & !is.na(known$variables$below) & members(known, variable, group), ]
  found <- svyratio(~above, ~below, known, na.rm = TRUE)
  data.frame(item = id, variable = variable, group = group, ratio = coef(found)[[1]], standard_error = SE(found)[[1]],
             base = people(known))
}"""
    )
    above, below = r_values(frame, script, request.numerator), r_values(frame, script, request.denominator)
    for variable, group in in_r_parts(frame, request.by):
        script.rows("over", request.numerator, above, below, variable, group)
