"""Every option of an item, don't know, refused and break-off apart, over everyone asked: for all, and by group."""

from collections.abc import Mapping
from typing import Literal

from assent_analytics.domain.distribution import Scale
from assent_analytics.domain.numbers import CountTable, Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.shares.proportions import Share
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Frame, option_labels
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.means_by_group import MeansByGroup
from assent_analytics.service.analyses.request import AnalysisRequest, By, Items
from assent_analytics.service.analyses.shares import nobody, share_numbers
from assent_contracts.events.survey import Item


class DistributionRequest(AnalysisRequest):
    """The distribution of items."""

    method: Literal["distribution"]
    items: Items
    by: By


def run(frame: Frame, request: DistributionRequest) -> Numbers:
    """The shares of all outcomes of each item, for everyone and for each group. Raises CannotEstimate."""
    figures: list[Figure] = []
    tables: list[CountTable] = []
    by_group = MeansByGroup(frame, request.by)
    for id in step_by_step(request.items, "item", rest=True):
        item = frame.scaled_item(id)
        answers = frame.answers(item)
        outcomes = {outcome: answers.chose(outcome) for outcome in answers.scale.outcomes}
        found, of_item = parts(frame, id, request.by, answers.asked, outcomes)
        tables += of_item
        for part, shares in by_group.shares(answers, found):
            figures += _figures(frame, item, {"item": id, **part.group.about}, part, dict(zip(outcomes, shares, strict=True)))
    return Numbers(figures=tuple(figures), tables=tuple(tables), facts={"base": int(frame.within.sum())})


def _figures(frame: Frame, item: Item, about: Mapping[str, str], part: Part, shares: Mapping[str, Share | None]) -> list[Figure]:
    if not part.base:
        return [nobody(about)]
    labels = option_labels(item)
    return [
        Figure(
            about={**about, "outcome": outcome, "label": labels.get(outcome, outcome)},
            numbers=share_numbers(share, frame.request.level),
            people=(share.base,),
            cells=part.cells_of(outcome),
        )
        for outcome, share in shares.items()
        if share is not None
    ]


def in_r(frame: Frame, request: DistributionRequest, script: Script) -> None:
    """svymean of an indicator for each outcome, over those who were asked."""
    script.add(
        """
shares <- function(id, item, outcomes, variable = "", group = "") {
  asked <- design[!is.na(design$variables[[item]]) & members(design, variable, group), ]
  do.call(rbind, lapply(outcomes, function(outcome) {
    found <- svymean(~hit, update(asked, hit = as.numeric(asked$variables[[item]] %in% outcome)))
    data.frame(item = id, variable = variable, group = group, outcome = outcome,
               share = coef(found)[[1]], standard_error = SE(found)[[1]], base = people(asked))
  }))
}"""
    )
    for id in request.items:
        outcomes = Scale.of(frame.scaled_item(id)).outcomes
        for variable, group in in_r_parts(frame, request.by):
            script.rows("shares", id, script.column(id), outcomes, variable, group)
