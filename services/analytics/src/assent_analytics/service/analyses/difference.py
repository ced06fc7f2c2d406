"""Two groups compared in the mean of an item, or in the share of some answers: a design-based t-test."""

from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.estimation.hypothesis_tests.t_tests import two_groups
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.by_group import parts
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Raw, Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId, Words
from assent_analytics.service.analyses.yes_no import yes_or_no
from assent_analytics.service.sample import Mask
from assent_contracts.practice import Term


class DifferenceRequest(AnalysisRequest):
    """`group` less `versus` of a variable, less everybody else in it without `versus`; of values, or of the share of `options`."""

    method: Literal["difference"]
    item: ItemId
    options: Words | None = None
    variable: Term
    group: Term
    versus: Term | None = None


def run(frame: Frame, request: DifferenceRequest) -> Numbers:
    """The difference with its t-test. Raises CannotEstimate."""
    values, valid = values_of(frame, request.item, request.options)
    inside = frame.in_group(request.variable, request.group)
    outside = _others(frame, request) & ~inside
    group = np.where(inside, 1, np.where(outside, 0, -1))
    found = two_groups(frame.design, np.where(valid, values, np.nan), group, within=valid & frame.within)
    low, high = found.interval(request.level)
    versus = request.versus or "the rest"
    numbers = {
        "estimate": found.difference,
        "standard_error": found.standard_error,
        "low": low,
        "high": high,
        "t": found.t,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p": found.p,
    }
    about = {"item": request.item, "term": f"{request.group} less {versus}"}
    people = (int((inside & valid).sum()), int((outside & valid).sum()))
    outcomes = None if request.options is None else {"yes": values > 0, "no": ~(values > 0)}
    _, tables = parts(frame, request.item, [request.variable], valid, outcomes)
    words = ("", "yes") if outcomes else ("",)
    cells = tuple(
        tables[1].cell(one, word) for one in (request.group, *([request.versus] if request.versus else [])) for word in words
    )
    figure = Figure(about, numbers, people, cells)
    return Numbers((figure,), tables=tuple(tables), facts={"base": int(sum(people))})


def values_of(frame: Frame, id: str, options: Words | None) -> tuple[Floats, Mask]:
    """An item as numbers, or as 1 and 0 for some answers; and who has one."""
    if options is None:
        return frame.values(id)
    hit, asked = yes_or_no(frame, id, options)
    return hit.astype(float), asked


def _others(frame: Frame, request: DifferenceRequest) -> Mask:
    if request.versus is None:
        stated: Mask = np.logical_or.reduce([group.members for group in frame.groups(request.variable)])
        return stated
    if request.versus == request.group:
        raise NotSuited("a group cannot be compared with itself")
    return frame.in_group(request.variable, request.versus)


def in_r(frame: Frame, request: DifferenceRequest, script: Script) -> None:
    """svyttest between the two groups."""
    script.add(
        """
difference <- function(id, term, values, variable, group, versus) {
  stated <- design$variables[[paste0("group_", variable)]]
  known <- update(design, value = values, inside = as.numeric(stated == group))
  known <- known[!is.na(known$variables$value) & !is.na(stated) & (is.null(versus) | stated %in% c(group, versus)), ]
  found <- svyttest(value ~ inside, known)
  data.frame(item = id, variable = "", group = "", term = term, estimate = found$estimate[[1]], t = found$statistic[[1]],
             p = found$p.value[[1]], degrees_of_freedom = found$parameter[[1]])
}"""
    )
    term = f"{request.group} less {request.versus or 'the rest'}"
    versus = Raw("NULL") if request.versus is None else request.versus
    values = r_of(frame, script, request.item, request.options)
    script.rows("difference", request.item, term, values, request.variable, request.group, versus)


def r_of(frame: Frame, script: Script, id: str, options: Words | None) -> Raw:
    """The same values in R."""
    if options is None:
        return r_values(frame, script, id)
    answers = f"design$variables${script.column(id)}"
    return Raw(f"ifelse(is.na({answers}), NA, as.numeric({answers} %in% {script.quoted(options)}))")
