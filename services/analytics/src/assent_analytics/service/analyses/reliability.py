"""Whether items measure one thing: alpha under the design, omega, and what each item has to do with the rest."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.scales.correlations import correlation, weighted_covariance
from assent_analytics.estimation.scales.omega import omega
from assent_analytics.estimation.scales.reliability import alpha_of_covariance, design_alpha
from assent_analytics.service.analyses.answers_matrix import answers_matrix
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Raw, Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, Distinct, ItemId

ScaleItems = Annotated[tuple[ItemId, ...], Field(min_length=2, max_length=50), Distinct]


class ReliabilityRequest(AnalysisRequest):
    """The reliability of a scale of items; those of `reverse` are turned round first."""

    method: Literal["reliability"]
    items: ScaleItems
    reverse: tuple[ItemId, ...] = ()


def run(frame: Frame, request: ReliabilityRequest) -> Numbers:
    """Alpha, standardised alpha and omega over those who answered every item, and alpha without each. Raises CannotEstimate."""
    answers, complete = answers_matrix(frame, request.items, request.reverse)
    people = (int(complete.sum()),)
    whole = design_alpha(frame.design, answers, level=request.level)
    covariances = weighted_covariance(answers[complete], frame.design.weights[complete])
    coefficients = alpha_of_covariance(covariances)
    figures = [
        Figure(
            {"term": "alpha"},
            {
                "estimate": whole.alpha,
                "standard_error": finite(whole.standard_error),
                "low": finite(whole.lower),
                "high": finite(whole.upper),
            },
            people,
        ),
        Figure({"term": "standardised alpha"}, {"estimate": coefficients.standardised}, people),
    ]
    if len(request.items) > 2:
        figures.append(Figure({"term": "omega total"}, {"estimate": omega(correlation(covariances)).total}, people))
        figures += [
            Figure({"item": id, "term": "alpha without"}, {"estimate": _without(covariances, place)}, people)
            for place, id in enumerate(request.items)
        ]
    figures += [
        Figure({"item": id, "term": "correlation with the rest"}, {"estimate": _rest(covariances, place)}, people)
        for place, id in enumerate(request.items)
    ]
    return Numbers(tuple(figures), facts={"base": people[0]})


def _without(covariances: Floats, item: int) -> float:
    kept = [place for place in range(len(covariances)) if place != item]
    return alpha_of_covariance(covariances[np.ix_(kept, kept)]).raw


def _rest(covariances: Floats, item: int) -> float:
    kept = [place for place in range(len(covariances)) if place != item]
    rest = covariances[np.ix_(kept, kept)].sum()
    return float(covariances[item, kept].sum() / np.sqrt(covariances[item, item] * rest))


def in_r(frame: Frame, request: ReliabilityRequest, script: Script) -> None:
    """svycralpha among those who answered every item."""
    names = [f"item_{place}" for place, _ in enumerate(request.items, start=1)]
    values = [_turned(r_values(frame, script, id), turned=id in request.reverse) for id in request.items]
    script.add(
        "design <- update(design, " + ",\n  ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True)) + ")"
    )
    script.add(f"complete <- design[complete.cases(design$variables[, {script.quoted(names)}]), ]")
    script.add(
        f"""
alpha <- function(term) data.frame(item = "", variable = "", group = "", term = term,
                                   estimate = as.numeric(svycralpha(~{" + ".join(names)}, complete)))"""
    )
    script.rows("alpha", "alpha")


def _turned(values: Raw, *, turned: bool) -> str:
    return f"(function(x) max(x, na.rm = TRUE) + min(x, na.rm = TRUE) - x)({values})" if turned else str(values)
