"""Weighted totals of items that are numbers, or how many people of the population gave some answers."""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.descriptive.totals import total
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Raw, Script
from assent_analytics.service.analyses.intervals import interval_numbers
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, By, ItemId, Words
from assent_analytics.service.analyses.shares import nobody
from assent_analytics.service.analyses.yes_no import yes_or_no
from assent_analytics.service.sample import Mask


class TotalRequest(AnalysisRequest):
    """The total of an item's values; with `options`, how many people gave one of these answers."""

    method: Literal["total"]
    item: ItemId
    options: Words | None = None
    by: By


def run(frame: Frame, request: TotalRequest) -> Numbers:
    """The total for everyone and for each group. Raises CannotEstimate."""
    values, valid, outcomes = _values(frame, request)
    found, tables = parts(frame, request.item, request.by, valid, outcomes)
    return Numbers(
        tuple(_figure(frame, request, part, values) for part in step_by_step(found, "group", rest=True)),
        tables=tuple(tables),
        facts={"base": int((valid & frame.within).sum())},
    )


def _values(frame: Frame, request: TotalRequest) -> tuple[Floats, Mask, dict[str, Mask] | None]:
    if request.options is None:
        return *frame.values(request.item), None
    hit, asked = yes_or_no(frame, request.item, request.options)
    return hit.astype(float), asked, {"yes": hit, "no": ~hit}


def _figure(frame: Frame, request: TotalRequest, part: Part, values: Floats) -> Figure:
    about = {"item": request.item, **part.group.about}
    if not part.base:
        return nobody(about)
    found = total(frame.design, np.where(part.members, values, 0.0), part.members)
    freedom = float(frame.design.domain_degrees_of_freedom(part.members[:, None])[0])
    numbers = interval_numbers("total", float(found.estimates[0]), float(found.covariance[0, 0]), freedom, request.level)
    return Figure(about, {**numbers, "base": part.base}, (part.base,), part.cells)


def in_r(frame: Frame, request: TotalRequest, script: Script) -> None:
    """svytotal over those with a value."""
    script.add(
        """
sum_of <- function(id, values, variable, group) {
  known <- update(design, value = values)
  known <- known[!is.na(known$variables$value) & members(known, variable, group), ]
  found <- svytotal(~value, known, na.rm = TRUE)
  data.frame(item = id, variable = variable, group = group, total = coef(found)[[1]], standard_error = SE(found)[[1]],
             base = people(known))
}"""
    )
    column = script.column(request.item)
    values = r_values(frame, script, request.item)
    if request.options is not None:
        answers = f"design$variables${column}"
        values = Raw(f"ifelse(is.na({answers}), NA, as.numeric({answers} %in% {script.quoted(request.options)}))")
    for variable, group in in_r_parts(frame, request.by):
        script.rows("sum_of", request.item, values, variable, group)
