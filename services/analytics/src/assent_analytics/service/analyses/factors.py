"""Factors or components behind a set of items: how each item hangs on each, and how much of the answers they account for."""

from typing import Annotated, Literal

from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.scales.adequacy import sampling_adequacy
from assent_analytics.estimation.scales.correlations import correlation, weighted_covariance
from assent_analytics.estimation.scales.factors import fit, likelihood_factors, minimum_residual_factors, principal_components
from assent_analytics.estimation.scales.rotation import oblimin, varimax
from assent_analytics.service.analyses.answers_matrix import answers_matrix
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.reliability import ScaleItems
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId
from assent_kit.schemas import Whole


class FactorsRequest(AnalysisRequest):
    """Factors of the weighted correlations of items."""

    method: Literal["factors"]
    items: Annotated[ScaleItems, Field(min_length=3)]
    reverse: tuple[ItemId, ...] = ()
    number: Whole = Field(ge=1, le=10)
    extraction: Literal["minimum_residual", "maximum_likelihood", "components"] = "minimum_residual"
    rotation: Literal["none", "varimax", "oblimin"] = "varimax"


def run(frame: Frame, request: FactorsRequest) -> Numbers:
    """Loadings and communalities, eigenvalues, sampling adequacy and fit. Raises CannotEstimate."""
    answers, complete = answers_matrix(frame, request.items, request.reverse)
    correlations = correlation(weighted_covariance(answers[complete], frame.design.weights[complete]))
    rows = int(complete.sum())
    people = (rows,)
    facts: dict[str, object] = {"base": rows, "sampling_adequacy": finite(float(sampling_adequacy(correlations).overall))}
    if request.extraction == "components":
        components = principal_components(correlations, request.number)
        loadings = components.loadings
        facts["eigenvalues"] = [float(value) for value in components.eigenvalues]
    else:
        extract = minimum_residual_factors if request.extraction == "minimum_residual" else likelihood_factors
        factors = extract(correlations, request.number)
        loadings = factors.loadings
        facts |= {"eigenvalues": [float(value) for value in factors.eigenvalues], "doubtful": factors.heywood}
        if factors.degrees_of_freedom > 0:
            fitted = fit(correlations, factors, rows=rows)
            facts |= {
                "chi_square": fitted.statistic,
                "degrees_of_freedom": fitted.degrees_of_freedom,
                "rmsea": finite(fitted.approximation_error),
            }
    turned, between = _rotated(loadings, request)
    figures = [
        Figure({"item": id, "term": f"factor {factor + 1}"}, {"estimate": float(turned[place, factor])}, people)
        for place, id in enumerate(request.items)
        for factor in range(request.number)
    ]
    figures += [
        Figure(
            {"term": f"correlation of factors {first + 1} and {second + 1}"}, {"estimate": float(between[first, second])}, people
        )
        for first in range(len(between))
        for second in range(first)
    ]
    return Numbers(tuple(figures), facts=facts)


def _rotated(loadings: Floats, request: FactorsRequest) -> tuple[Floats, Floats]:
    """Rotated loadings, and the correlations of factors where the rotation lets them correlate."""
    if request.number == 1 or request.rotation == "none":
        return loadings, loadings[:0, :0]
    found = varimax(loadings) if request.rotation == "varimax" else oblimin(loadings)
    return found.loadings, found.factor_correlations if request.rotation == "oblimin" else loadings[:0, :0]
