"""How far people agree on an item: A with where it peaks, net agreement and PCI2 side by side, because they differ by design."""

from dataclasses import replace
from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import CountTable, Figure, Numbers, finite
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.consensus.display import Consensus, consensus_by_group
from assent_analytics.service.analyses.by_group import Part, in_r_parts, parts
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, By, Items
from assent_analytics.service.analyses.shares import nobody

CHOSE_NONE = "chose none"


class ConsensusRequest(AnalysisRequest):
    """Agreement among those who chose an option, from opposition to support."""

    method: Literal["consensus"]
    items: Items
    by: By


def run(frame: Frame, request: ConsensusRequest) -> Numbers:
    """The measures for everyone and for each group; where any option of a group is hidden, they are too. Raises CannotEstimate.

    So they are where few of a group chose no option: beside its support their number could be worked out.
    """
    figures: list[Figure] = []
    tables: list[CountTable] = []
    for id in step_by_step(request.items, "item", rest=True):
        answers = frame.answers(frame.scaled_item(id))
        options = answers.scale.options
        chosen = (answers.codes >= 0) & (answers.codes < len(options)) & frame.within
        codes = np.where(chosen, answers.codes if answers.scale.upwards else len(options) - 1 - answers.codes, -1)
        outcomes = {option: answers.chose(option) for option in options}
        if (none := answers.asked & frame.within & ~chosen).any():
            outcomes[CHOSE_NONE] = none
        found, of_item = parts(frame, id, request.by, answers.asked, outcomes)
        tables += of_item
        found = [replace(part, members=part.members & chosen) for part in found]
        peopled = [part for part in found if part.base]
        measured = consensus_by_group(frame.design, codes, len(options), np.column_stack([part.members for part in peopled]))
        by_part = dict(zip([part.group.about.get("group", "") + part.group.variable for part in peopled], measured, strict=True))
        ordered = options if answers.scale.upwards else options[::-1]
        for part in found:
            one = by_part.get(part.group.about.get("group", "") + part.group.variable)
            figures.append(_figure(id, part, one, ordered) if one is not None else nobody({"item": id, **part.group.about}))
    return Numbers(tuple(figures), tables=tuple(tables), facts={"base": int(frame.within.sum())})


def _figure(id: str, part: Part, found: Consensus, options: tuple[str, ...]) -> Figure:
    low, high = found.agreement_interval or (None, None)
    net_low, net_high = found.net_interval or (None, None)
    numbers = {
        "agreement": finite(found.agreement),
        "low": finite(low),
        "high": finite(high),
        "net_agreement": finite(found.net_agreement),
        "net_low": finite(net_low),
        "net_high": finite(net_high),
        "polarization": finite(found.polarization),
        "options": found.options,
        "base": part.base,
    }
    at = ", ".join(options[place] for place in found.peaks_at)
    return Figure({"item": id, **part.group.about, "peaks_at": at}, numbers, (part.base,), part.cells)


def in_r(frame: Frame, request: ConsensusRequest, script: Script) -> None:
    """Van der Eijk's A by its layers, from svymean's shares."""
    script.add(
        """
layer <- function(present) {
  k <- length(present)
  s <- sum(present)
  triads <- combn(k, 3, function(at) {
    if (sum(present[at]) == 2) if (all(present[at] == c(1, 0, 1))) -1 else 1 else 0
  })
  tu <- sum(triads == 1)
  tdu <- sum(triads == -1)
  u <- if (tu + tdu == 0) 1 else ((k - 2) * tu - (k - 1) * tdu) / ((k - 2) * (tu + tdu))
  u * (1 - (s - 1) / (k - 1))
}
agreement <- function(shares) {
  left <- shares / sum(shares)
  found <- 0
  while (any(left > 1e-12)) {
    present <- as.numeric(left > 1e-12)
    height <- min(left[present == 1])
    found <- found + layer(present) * height * sum(present)
    left[present == 1] <- left[present == 1] - height
  }
  found
}
consensus <- function(id, item, options, variable, group) {
  chose <- design[design$variables[[item]] %in% options & members(design, variable, group), ]
  share <- function(option) coef(svymean(~hit, update(chose, hit = as.numeric(chose$variables[[item]] %in% option))))[[1]]
  shares <- sapply(options, share)
  half <- length(options) %/% 2
  data.frame(item = id, variable = variable, group = group, agreement = agreement(shares),
             net_agreement = sum(tail(shares, half)) - sum(head(shares, half)), base = people(chose))
}"""
    )
    for id in request.items:
        scale = frame.answers(frame.scaled_item(id)).scale
        options = scale.options if scale.upwards else scale.options[::-1]
        for variable, group in in_r_parts(frame, request.by):
            script.rows("consensus", id, script.column(id), options, variable, group)
