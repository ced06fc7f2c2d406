"""Types of respondents by their answers to several items, with the share of each type and its interval by replicate weights."""

from typing import Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.scales.latent_classes import class_shares, latent_classes
from assent_analytics.service.analyses.answers_matrix import answers_matrix
from assent_analytics.service.analyses.designs import replicated
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.reliability import ScaleItems
from assent_analytics.service.analyses.request import AnalysisRequest, Replicates
from assent_kit.schemas import Whole


class LatentClassesRequest(AnalysisRequest):
    """Latent classes of items; always a job."""

    method: Literal["latent_classes"]
    items: ScaleItems
    classes: Whole = Field(ge=2, le=8)
    starts: Whole = Field(default=20, ge=1, le=100)
    replicates: Whole = Field(default=100, ge=20, le=500, description="bootstrap replicates for the shares' intervals")
    seed: Whole = Field(default=20260101, ge=0)


def run(frame: Frame, request: LatentClassesRequest) -> Numbers:
    """Class shares with intervals, and each class's probability of each answer; a class of few people is hidden. Raises
    CannotEstimate.
    """
    answers, complete = answers_matrix(frame, request.items)
    weights = np.where(complete, frame.design.weights, 0.0)
    found = latent_classes(answers, request.classes, weights=weights, starts=request.starts, seed=request.seed)
    bootstrap = Replicates(count=request.replicates, seed=request.seed)
    plan = replicated(frame.sample, request.design, bootstrap).reweighted(lambda one: np.where(complete, one, 0.0))
    shares = class_shares(plan, answers, found)
    intervals = np.clip(shares.intervals(request.level), 0.0, 1.0)
    figures = []
    for place in range(request.classes):
        people = (int(found.modal[place]),)
        numbers = {
            "share": float(found.shares[place]),
            "standard_error": finite(shares.standard_errors[place]),
            "low": finite(intervals[place, 0]),
            "high": finite(intervals[place, 1]),
        }
        figures.append(Figure({"term": f"class {place + 1}"}, numbers, people))
        figures += [
            Figure({"item": id, "term": f"class {place + 1}", "outcome": f"{category:g}"}, {"share": float(probability)}, people)
            for id, categories, probabilities in zip(request.items, found.categories, found.probabilities, strict=True)
            for category, probability in zip(categories, probabilities[place], strict=True)
        ]
    facts = {
        "base": int(complete.sum()),
        "log_likelihood": found.log_likelihood,
        "bic": found.bic,
        "aic": found.aic,
        "relative_entropy": finite(found.relative_entropy),
        "best_solution_found": found.reached,
        "identified": found.identified,
    }
    return Numbers(
        tuple(figures), facts=facts, notes=("Classes are a description of answers, not kinds of people that exist by themselves.",)
    )
