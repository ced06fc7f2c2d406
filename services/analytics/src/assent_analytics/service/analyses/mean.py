"""The mean of items that are numbers, or of the places of an ordered item's options, for everyone and by group."""

from typing import Literal

import numpy as np

from assent_analytics.domain.distribution import Scale
from assent_analytics.domain.numbers import CountTable, Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Raw, Script
from assent_analytics.service.analyses.intervals import interval_numbers
from assent_analytics.service.analyses.means_by_group import Mean, MeansByGroup
from assent_analytics.service.analyses.request import AnalysisRequest, By, Items
from assent_analytics.service.analyses.shares import nobody


class MeanRequest(AnalysisRequest):
    """The means of items; don't know and refused are left out."""

    method: Literal["mean"]
    items: Items
    by: By


def run(frame: Frame, request: MeanRequest) -> Numbers:
    """The mean of each item over those who gave a value. Raises CannotEstimate."""
    figures: list[Figure] = []
    tables: list[CountTable] = []
    by_group = MeansByGroup(frame, request.by)
    for id in step_by_step(request.items, "item", rest=True):
        values, valid = frame.values(id)
        found, of_item = parts(frame, id, request.by, valid)
        figures += [_figure(frame, id, part, one) for part, one in by_group.means(np.where(valid, values, np.nan), found)]
        tables += of_item
    return Numbers(tuple(figures), tables=tuple(tables), facts={"base": int(frame.within.sum())})


def _figure(frame: Frame, id: str, part: Part, found: Mean | None) -> Figure:
    about = {"item": id, **part.group.about}
    if found is None:
        return nobody(about)
    numbers = interval_numbers("mean", found.mean, found.variance, found.degrees_of_freedom, frame.request.level)
    return Figure(about, {**numbers, "base": part.base}, (part.base,), part.cells)


def in_r(frame: Frame, request: MeanRequest, script: Script) -> None:
    """svymean over those with a value."""
    script.add(
        """
average <- function(id, values, variable, group) {
  known <- update(design, value = values)
  known <- known[!is.na(known$variables$value) & members(known, variable, group), ]
  found <- svymean(~value, known, na.rm = TRUE)
  data.frame(item = id, variable = variable, group = group, mean = coef(found)[[1]], standard_error = SE(found)[[1]],
             base = people(known))
}"""
    )
    for id in request.items:
        values = r_values(frame, script, id)
        for variable, group in in_r_parts(frame, request.by):
            script.rows("average", id, values, variable, group)


def r_values(frame: Frame, script: Script, id: str) -> Raw:
    """An item as numbers in R: as `Frame.values` has it."""
    item, column = frame.item(id), script.column(id)
    if item.kind == "number":
        return Raw(f"as.numeric(design$variables${column})")
    return Raw(f"match(design$variables${column}, {script.quoted(Scale.of(item).options)})")
