"""The path model of social licence, from fair procedure and good contact to trust, and from trust to acceptance, as two
regressions.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.models.term_tests import coefficient_tests
from assent_analytics.estimation.path_model import path_model
from assent_analytics.service.analyses.answers_matrix import answers_matrix
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId
from assent_contracts.practice import Term

Score = Annotated[tuple[ItemId, ...], Field(min_length=1, max_length=20, description="items whose mean is the score")]


class PathModelRequest(AnalysisRequest):
    """The path model of scores, each the mean of its items."""

    method: Literal["path_model"]
    antecedents: Annotated[dict[Term, Score], Field(min_length=1, max_length=6)]
    trust: Score
    acceptance: Score


def run(frame: Frame, request: PathModelRequest) -> Numbers:
    """Both regressions, and direct, indirect and total effects, with the cautions that go with them. Raises CannotEstimate."""
    found = path_model(
        frame.design,
        antecedents={name: _score(frame, ids) for name, ids in request.antecedents.items()},
        trust=_score(frame, request.trust),
        acceptance=_score(frame, request.acceptance),
        within=frame.within,
    )
    people = (found.observations - len(found.acceptance.estimates),)
    parts = {
        "on trust": found.trust,
        "on acceptance": found.acceptance,
        "direct": found.direct,
        "indirect": found.indirect,
        "total": found.total,
    }
    figures = [figure for kind, estimate in parts.items() for figure in _figures(kind, estimate, people, request.level)]
    return Numbers(tuple(figures), facts={"base": found.observations}, notes=tuple(caution.text for caution in found.cautions))


def _score(frame: Frame, ids: tuple[str, ...]) -> Floats:
    matrix, _ = answers_matrix(frame, ids)
    scores: Floats = matrix.mean(axis=1)
    return scores


def _figures(kind: str, estimate: Estimate, people: tuple[int, ...], level: float) -> list[Figure]:
    tested, intervals = coefficient_tests(estimate), estimate.intervals(level)
    return [
        Figure(
            {"outcome": kind, "term": name},
            {
                "estimate": float(estimate.estimates[place]),
                "standard_error": float(estimate.standard_errors[place]),
                "low": finite(np.float64(intervals[place, 0])),
                "high": finite(np.float64(intervals[place, 1])),
                "t": float(tested.t[place]),
                "p": float(tested.p[place]),
            },
            people,
        )
        for place, name in enumerate(estimate.names)
    ]


def in_r(frame: Frame, request: PathModelRequest, script: Script) -> None:
    """Two svyglm among those who have every score; the effects follow from their coefficients."""
    scores = {**request.antecedents, "trust": request.trust, "acceptance": request.acceptance}
    lines = []
    for name, ids in scores.items():
        values = ", ".join(r_values(frame, script, id) for id in ids)
        lines.append(f"{name} = rowMeans(cbind({values}))")
    names = list(request.antecedents)
    script.add("design <- update(design, " + ",\n  ".join(lines) + ")")
    script.add(
        f"""
known <- design[complete.cases(design$variables[, {script.quoted(list(scores))}]), ]
models <- list("on trust" = svyglm(trust ~ {" + ".join(names)}, known),
               "on acceptance" = svyglm(acceptance ~ {" + ".join([*names, "trust"])}, known))
path <- function(kind) data.frame(item = "", variable = "", group = "", outcome = kind, term = names(coef(models[[kind]])), level = "",
                                  estimate = as.numeric(coef(models[[kind]])), standard_error = as.numeric(SE(models[[kind]])))"""
    )
    script.rows("path", "on trust")
    script.rows("path", "on acceptance")
