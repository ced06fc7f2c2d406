"""Every option of an item, don't know, refused and break-off apart, over everyone asked: for all, and by group."""

from typing import Literal

from assent_analytics.domain.numbers import CountTable, Figure, Numbers
from assent_analytics.estimation.proportions import shares
from assent_analytics.service.analyses.frame import EVERYONE, Frame, Group, option_labels
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, By, Items
from assent_analytics.service.analyses.shares import columns_of, count_table, nobody, share_numbers
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
    for id in request.items:
        item = frame.scaled_item(id)
        answers = frame.answers(item)
        asked = answers.asked & frame.within
        outcomes = {outcome: answers.chose(outcome) & asked for outcome in answers.scale.outcomes}
        names = []
        for variable in request.by or (EVERYONE,):
            groups = frame.groups(variable) if variable else []
            name = f"{id}|{variable}"
            names.append(name)
            tables.append(count_table(name, outcomes, groups, asked))
            for group in groups:
                figures += _figures(frame, id, item, group, asked=group.members & asked, outcomes=outcomes, tables=[name])
        figures += _figures(frame, id, item, frame.everyone(), asked=asked, outcomes=outcomes, tables=names)
    return Numbers(figures=tuple(figures), tables=tuple(tables), facts={"base": int(frame.within.sum())})


def _figures(frame: Frame, id: str, item: Item, group: Group, *, asked, outcomes, tables: list[str]) -> list[Figure]:  # type: ignore[no-untyped-def]
    about = {"item": id, **group.about}
    if not asked.any():
        return [nobody(about)]
    found = shares(frame.design, columns_of(outcomes), asked)
    labels = option_labels(item)
    return [
        Figure(
            about={**about, "outcome": outcome, "label": labels.get(outcome, outcome)},
            numbers=share_numbers(share, frame.request.level),
            people=(share.base,),
            cells=tuple((name, group.group, word) for name in tables for word in (outcome, EVERYONE)),
        )
        for outcome, share in zip(outcomes, found, strict=True)
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
        outcomes = frame.answers(frame.scaled_item(id)).scale.outcomes
        script.rows("shares", id, script.column(id), outcomes)
        for variable in request.by:
            for group in frame.groups(variable):
                script.rows("shares", id, script.column(id), outcomes, variable, group.group)
