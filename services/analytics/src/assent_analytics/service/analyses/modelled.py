"""Shares of small groups from a model: a mixed logit's predictions, summed over the population's cells. Modelled, and labelled so.

Such figures never name a group in a reading: they tell what the other variables say of it where few of it were asked.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.multilevel.mixed_logit import mixed_logit
from assent_analytics.estimation.multilevel.poststratified import Cells, poststratify
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.by_group import group_codes
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId, Words
from assent_analytics.service.analyses.yes_no import yes_or_no
from assent_contracts.practice import Term
from assent_kit.schemas import Number, Request, Whole

MODELLED = "Modelled: figures of groups with few respondents lean on what the model says of people like them; they name no group."


class PopulationCell(Request):
    """A cell of the population: a group of each variable, and how many people are in it."""

    groups: Annotated[dict[Term, Term], Field(min_length=1, max_length=6)]
    people: Number = Field(ge=0)


class ModelledRequest(AnalysisRequest):
    """Modelled shares of `options` in each group of `area`; always a job."""

    method: Literal["mrp"]
    item: ItemId
    options: Words
    groups: Annotated[tuple[Term, ...], Field(min_length=1, max_length=6, description="variables of the model, `area` among them")]
    area: Term
    population: Annotated[tuple[PopulationCell, ...], Field(min_length=1, max_length=20_000)]
    draws: Whole = Field(default=2000, ge=200, le=20_000)
    seed: Whole = Field(default=20260101, ge=0)


def run(frame: Frame, request: ModelledRequest) -> Numbers:
    """The modelled share of each area and overall, with how much of it is the area's own. Raises CannotEstimate."""
    if request.area not in request.groups:
        raise NotSuited("`area` must be one of `groups`")
    hit, asked = yes_or_no(frame, request.item, request.options)
    codes = {name: group_codes(frame, name) for name in request.groups}
    used = asked & np.logical_and.reduce([code >= 0 for code, _ in codes.values()])
    labels = {name: np.array([group.group for group in groups], dtype=object)[code[used]] for name, (code, groups) in codes.items()}
    model = mixed_logit(hit[used].astype(float), np.ones((int(used.sum()), 1)), labels, boundary_avoiding=True)
    missing = [cell for cell in request.population if set(cell.groups) != set(request.groups)]
    if missing:
        raise NotSuited("every cell of the population must name a group of each variable of the model, and of no other")
    cells = Cells(
        fixed=np.ones((len(request.population), 1)),
        groups={name: [cell.groups[name] for cell in request.population] for name in request.groups},
        counts=np.array([cell.people for cell in request.population], dtype=float),
    )
    areas = [cell.groups[request.area] for cell in request.population]
    found = poststratify(model, cells, areas, draws=request.draws, seed=request.seed, level=request.level)
    names = {group.group: group for group in codes[request.area][1]}
    own = next(pooling for pooling in model.pooling if pooling.name == request.area)
    pooled = dict(zip(own.levels, own.own, strict=True))
    figures = [
        Figure(
            {"item": request.item, **(names[area.area].about if area.area in names else {"term": area.area}), "kind": found.kind},
            {
                "share": area.estimate,
                "standard_error": finite(area.standard_error),
                "low": finite(area.lower),
                "high": finite(area.upper),
                "own": finite(pooled.get(area.area)),
            },
            (int(used.sum()),),
        )
        for area in (found.overall, *found.areas)
    ]
    return Numbers(tuple(figures), facts={"base": int(used.sum()), "seed": found.seed, "draws": found.draws}, notes=(MODELLED,))
