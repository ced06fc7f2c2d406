"""The share of those asked who gave one of some answers, with the interval that was asked for."""

from typing import Literal

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.shares.proportion_intervals import proportions
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, By, ItemId, Words
from assent_analytics.service.analyses.shares import nobody
from assent_analytics.service.analyses.yes_no import yes_or_no
from assent_analytics.service.sample import Mask


class ProportionRequest(AnalysisRequest):
    """The share of an item's `options` (`dont_know` and `refused` are among them) over everyone asked."""

    method: Literal["proportion"]
    item: ItemId
    options: Words
    interval: Literal["logit", "likelihood", "asin", "beta", "mean", "xlogit"] = "logit"
    by: By


def run(frame: Frame, request: ProportionRequest) -> Numbers:
    """The share for everyone and for each group. Raises CannotEstimate."""
    hit, asked = yes_or_no(frame, request.item, request.options)
    found, tables = parts(frame, request.item, request.by, asked, {"yes": hit, "no": ~hit})
    figures = [_figure(frame, request, part, hit) for part in step_by_step(found, "group", rest=True)]
    return Numbers(tuple(figures), tables=tuple(tables), facts={"base": int((asked & frame.within).sum())})


def _figure(frame: Frame, request: ProportionRequest, part: Part, hit: Mask) -> Figure:
    about = {"item": request.item, **part.group.about}
    if not part.base:
        return nobody(about)
    found = proportions(frame.design, hit, part.members, method=request.interval, level=request.level)
    low, high = found.intervals[0]
    numbers = {
        "share": float(found.estimates[0]),
        "standard_error": finite(float(found.variances[0]) ** 0.5),
        "low": finite(float(low)),
        "high": finite(float(high)),
        "base": part.base,
    }
    return Figure(about, numbers, (part.base,), part.cells)


def in_r(frame: Frame, request: ProportionRequest, script: Script) -> None:
    """svyciprop with the degrees of freedom of those it is about."""
    script.add(
        """
proportion <- function(id, item, options, interval, level, variable, group) {
  asked <- design[!is.na(design$variables[[item]]) & members(design, variable, group), ]
  asked <- update(asked, hit = as.numeric(asked$variables[[item]] %in% options))
  found <- svyciprop(~hit, asked, method = interval, level = level, df = degf(asked))
  data.frame(item = id, variable = variable, group = group, share = coef(found)[[1]],
             standard_error = SE(svymean(~hit, asked))[[1]], low = confint(found)[[1]], high = confint(found)[[2]],
             base = people(asked))
}"""
    )
    for variable, group in in_r_parts(frame, request.by):
        script.rows(
            "proportion",
            request.item,
            script.column(request.item),
            request.options,
            request.interval,
            request.level,
            variable,
            group,
        )
