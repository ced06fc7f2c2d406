"""Quantiles with Woodruff's intervals; never so far out that fewer than ten people lie beyond."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, By, ItemId
from assent_analytics.service.analyses.shares import nobody
from assent_kit.schemas import Number

Probability = Annotated[Number, Field(gt=0.0, lt=1.0)]


class QuantileRequest(AnalysisRequest):
    """Quantiles of an item's values by one of R's rules."""

    method: Literal["quantile"]
    item: ItemId
    probabilities: Annotated[tuple[Probability, ...], Field(min_length=1, max_length=20)] = (0.25, 0.5, 0.75)
    rule: Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"] = "math"
    by: By


def run(frame: Frame, request: QuantileRequest) -> Numbers:
    """The quantiles for everyone and for each group. Raises CannotEstimate."""
    values, valid = frame.values(request.item)
    found, tables = parts(frame, request.item, request.by, valid)
    figures = [figure for part in step_by_step(found, "group", rest=True) for figure in _figures(frame, request, part, values)]
    return Numbers(tuple(figures), tables=tuple(tables), facts={"base": int((valid & frame.within).sum())})


def _figures(frame: Frame, request: QuantileRequest, part: Part, values: Floats) -> list[Figure]:
    about = {"item": request.item, **part.group.about}
    if not part.base:
        return [nobody(about)]
    inside = values[part.members]
    found = quantiles(
        frame.design,
        np.where(part.members, values, 0.0),
        request.probabilities,
        part.members,
        rule=request.rule,
        level=request.level,
    )
    figures = []
    for place, probability in enumerate(request.probabilities):
        at = float(found.estimates[place])
        numbers = {
            "quantile": at,
            "standard_error": finite(found.standard_errors[place]),
            "low": finite(found.intervals[place, 0]),
            "high": finite(found.intervals[place, 1]),
            "base": part.base,
        }
        beyond = (int((inside <= at).sum()), int((inside >= at).sum()))
        figures.append(Figure({**about, "term": f"{100 * probability:g}%"}, numbers, (part.base, *beyond), part.cells))
    return figures


def in_r(frame: Frame, request: QuantileRequest, script: Script) -> None:
    """svyquantile with its default interval."""
    script.add(
        """
quantiles <- function(id, values, probabilities, rule, level, variable, group) {
  known <- update(design, value = values)
  known <- known[!is.na(known$variables$value) & members(known, variable, group), ]
  found <- svyquantile(~value, known, probabilities, qrule = rule, alpha = 1 - level, na.rm = TRUE)[[1]]
  data.frame(item = id, variable = variable, group = group, term = paste0(format(100 * probabilities, trim = TRUE), "%"),
             quantile = found[, "quantile"], standard_error = found[, "se"], base = people(known))
}"""
    )
    values = r_values(frame, script, request.item)
    for variable, group in in_r_parts(frame, request.by):
        script.rows("quantiles", request.item, values, request.probabilities, request.rule, request.level, variable, group)
