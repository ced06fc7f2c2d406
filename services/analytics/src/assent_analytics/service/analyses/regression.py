"""Regressions of an item on the study's groups and on other items: what goes with an answer when the others are held."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.models.cumulative import LOGISTIC
from assent_analytics.estimation.models.design_matrix import DesignMatrix, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, LOGIT, POISSON, PROBIT, Family
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.term_tests import Fitted, coefficient_tests, term_test
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.difference import r_of, values_of
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Raw, Script
from assent_analytics.service.analyses.mean import r_values
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId, Words
from assent_contracts.practice import Term

FAMILIES: dict[str, Family] = {"linear": GAUSSIAN, "logit": LOGIT, "probit": PROBIT, "poisson": POISSON}
RATIOS = {"logit": "odds_ratio", "ordinal": "odds_ratio", "poisson": "rate_ratio"}
R_FAMILIES = {
    "linear": "gaussian()",
    "logit": 'quasibinomial("logit")',
    "probit": 'quasibinomial("probit")',
    "poisson": "quasipoisson()",
}


class RegressionRequest(AnalysisRequest):
    """A model of an item. `options` makes it yes or no, as logit and probit need it; `ordinal` takes the options in their order."""

    method: Literal["regression"]
    model: Literal["linear", "logit", "probit", "poisson", "ordinal"]
    outcome: ItemId
    options: Words | None = None
    groups: Annotated[
        tuple[Term, ...],
        Field(default=(), max_length=12, description="variables of the study's groups; the first group is the reference"),
    ]
    covariates: Annotated[tuple[ItemId, ...], Field(default=(), max_length=12, description="items as numbers")]


def run(frame: Frame, request: RegressionRequest) -> Numbers:
    """Coefficients, with odds or rate ratios where they have one, and Wald's test of each variable. Raises CannotEstimate."""
    if not (request.groups or request.covariates):
        raise NotSuited("a regression needs something to explain the outcome by: `groups` or `covariates`")
    terms, columns = _terms(frame, request)
    matrix = design_matrix(terms, columns)
    model, coefficients, used = _fit(frame, request, matrix)
    people = (int(used.sum()) - len(coefficients.estimates),)
    figures = _figures(request, coefficients, people, _labels(frame, request))
    tests = []
    for term in terms:
        found = term_test(model, term)
        numbers = {"f": found.f, "numerator_df": found.numerator_df, "denominator_df": finite(found.denominator_df), "p": found.p}
        tests.append(Figure({"item": request.outcome, "test": f"Wald: {term} is of no account"}, numbers, people))
    empty = _few(frame, request, used)
    notes = (_references(frame, request, columns),) if request.groups else ()
    facts = {"base": int(used.sum()), "degrees_of_freedom": finite(coefficients.degrees_of_freedom)}
    hidden = tuple(figure.suppressed() if figure.about["term"] in empty else figure for figure in figures)
    return Numbers(hidden, tuple(tests), facts=facts, notes=notes)


def _references(frame: Frame, request: RegressionRequest, columns: Mapping[str, Any]) -> str:
    """Whom the groups are compared with."""
    labels = {name: {category.group: category.label for category in frame.variable(name).categories} for name in request.groups}
    named = [f"{frame.variable(name).label}: {labels[name][columns[name].levels[0]]}" for name in request.groups]
    return f"Reference groups: {'; '.join(named)}."


def _terms(frame: Frame, request: RegressionRequest) -> tuple[list[str], dict[str, Any]]:
    """The names of the columns that explain, as R would call them, and the columns."""
    columns: dict[str, Any] = {}
    for name in request.groups:
        levels = tuple(category.group for category in frame.variable(name).categories)
        stated = np.where(frame.within, frame.sample.stated(name), -1)
        present = [place for place in range(len(levels)) if (stated == place).any()]
        places = {place: number for number, place in enumerate(present)}
        columns[name] = Factor(
            np.array([places.get(int(code), -1) for code in range(-1, len(levels))])[stated + 1],
            tuple(levels[place] for place in present),
        )
    for id in request.covariates:
        values, valid = frame.values(id)
        columns[_column_name(frame, id)] = np.where(valid, values, np.nan)
    return list(columns), columns


def _column_name(frame: Frame, id: str) -> str:
    return frame.item(id).name


def _fit(frame: Frame, request: RegressionRequest, matrix: DesignMatrix) -> tuple[Fitted, Estimate, Any]:
    if request.model == "ordinal":
        answers = frame.answers(frame.scaled_item(request.outcome))
        options = answers.scale.options
        chosen = np.where(answers.codes < len(options), answers.codes, -1)
        model = ordinal(frame.design, Factor(chosen, options), matrix, LOGISTIC, within=frame.within)
        return model, model.coefficients, (chosen >= 0) & matrix.complete & frame.within
    if request.model in ("logit", "probit") and request.options is None:
        raise NotSuited(f"a {request.model} model is of yes or no: name the `options` that count as yes")
    values, valid = values_of(frame, request.outcome, request.options)
    outcome = np.where(valid, values, np.nan)
    fitted = generalised_linear(frame.design, outcome, matrix, FAMILIES[request.model], within=frame.within)
    return fitted, fitted.coefficients, valid & matrix.complete & frame.within


def _labels(frame: Frame, request: RegressionRequest) -> dict[str, str]:
    """The terms in words."""
    labels = {"(Intercept)": "Intercept", **{_column_name(frame, id): frame.item(id).wording for id in request.covariates}}
    for name in request.groups:
        variable = frame.variable(name)
        labels |= {f"{name}{category.group}": f"{variable.label}: {category.label}" for category in variable.categories}
    return labels


def _figures(request: RegressionRequest, coefficients: Estimate, people: tuple[int, ...], labels: dict[str, str]) -> list[Figure]:
    tested = coefficient_tests(coefficients)
    intervals = coefficients.intervals(request.level)
    figures = []
    for place, name in enumerate(coefficients.names):
        estimate = float(coefficients.estimates[place])
        numbers: dict[str, float | None] = {
            "estimate": estimate,
            "standard_error": float(coefficients.standard_errors[place]),
            "low": finite(intervals[place, 0]),
            "high": finite(intervals[place, 1]),
            "t": float(tested.t[place]),
            "p": float(tested.p[place]),
        }
        if request.model in RATIOS and name != "(Intercept)" and "|" not in name:
            numbers[RATIOS[request.model]] = finite(float(np.exp(estimate)))
        figures.append(Figure({"item": request.outcome, "term": name, "label": labels.get(name, name)}, numbers, people))
    return figures


def _few(frame: Frame, request: RegressionRequest, used: Any) -> set[str]:
    """Terms that tell of a group of few people."""
    few = set()
    for name in request.groups:
        for group in frame.groups(name):
            if 0 < int((group.members & used).sum()) < LEAST_OF_A_TERM:
                few.add(f"{name}{group.group}")
    return few


LEAST_OF_A_TERM = 10


def in_r(frame: Frame, request: RegressionRequest, script: Script) -> None:
    """svyglm iterated to the end; for ordered answers svyolr, pressed on, though it finds its Hessian by differences."""
    columns = _r_columns(frame, request, script)
    script.add("design <- update(design, " + ",\n  ".join(f"{name} = {values}" for name, values in columns.items()) + ")")
    formula = f"outcome ~ {' + '.join(name for name in columns if name != 'outcome')}"
    if request.model == "ordinal":
        # `coef` of a svyolr holds its thresholds too.
        script.add(
            f"model <- svyolr({formula}, design, control = list(reltol = 1e-15, maxit = 1000))\n"
            "coefficients <- coef(model)\nerrors <- SE(model)"
        )
    else:
        script.add(
            f"model <- svyglm({formula}, design, family = {R_FAMILIES[request.model]},\n"
            "                control = glm.control(epsilon = 1e-15, maxit = 100))\n"
            "coefficients <- coef(model)\nerrors <- SE(model)"
        )
    script.add(
        """
coefficients_of <- function(id) data.frame(item = id, variable = "", group = "", term = names(coefficients),
                                           estimate = as.numeric(coefficients), standard_error = as.numeric(errors))"""
    )
    script.rows("coefficients_of", request.outcome)


def _r_columns(frame: Frame, request: RegressionRequest, script: Script) -> Mapping[str, str]:
    if request.model == "ordinal":
        options = frame.answers(frame.scaled_item(request.outcome)).scale.options
        outcome: str = f"factor(design$variables${script.column(request.outcome)}, {script.quoted(options)})"
    else:
        outcome = str(r_of(frame, script, request.outcome, request.options))
    columns = {"outcome": outcome}
    for name in request.groups:
        levels = [category.group for category in frame.variable(name).categories]
        columns[name] = f"droplevels(factor(design$variables$group_{name}, {script.quoted(levels)}))"
    for id in request.covariates:
        columns[_column_name(frame, id)] = str(Raw(r_values(frame, script, id)))
    return columns
