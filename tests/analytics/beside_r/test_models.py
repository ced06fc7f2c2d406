"""Regressions, tests of their terms and predictive margins beside R's, for made surveys of every design.

R stops early unless told otherwise: `glm.control(epsilon = 1e-15)`; a probit has not quite arrived then. Its `svyolr` cannot be told, stops
at 1e-4 of some coefficients, and takes its information from differences.
"""

from typing import Any

import numpy as np
import pytest
from tests.analytics.beside_r.asking import Asked, Call, Trap
from tests.analytics.beside_r.made import CALIBRATED, SEEDS, Made

from assent_analytics.estimation.models.cumulative import LOGISTIC, NORMAL, Link
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, LOGIT, POISSON, PROBIT, Family
from assent_analytics.estimation.models.generalised_linear import GeneralisedLinear, generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.predictive_margins import balanced_margins, predictive_margins
from assent_analytics.estimation.models.term_tests import coefficient_tests, likelihood_ratio_test, term_test, working_wald_test

DESIGNS = ("weights", "strata and clusters", "two stages", "three stages", "lonely adjusted", "lonely averaged", "post-stratified",
           "raked", "calibrated within bounds", "jkn", "brr", "bootstrap")  # fmt: skip
SURVEYS = [(name, seed) for name in DESIGNS for seed in SEEDS]
FACTORS = ("group", "sex", "band", "two")


def columns(s: Made) -> dict[str, Any]:
    found = {name: s[name] for name in ("x", "y", "z", "gap", "q")}
    return found | {name: Factor.of(np.where(s.known(name), s[name], None)) for name in FACTORS}


def model(s: Made, outcome: str, terms: str, family: Family, within: Any = None) -> GeneralisedLinear:
    return generalised_linear(s.plan, s[outcome], design_matrix(terms.split(" + "), columns(s)), family, within=within)


def figures(s: Made, outcome: str, terms: str, family: Family, within: Any = None) -> tuple[Any, ...]:
    found = model(s, outcome, terms, family, within)
    return found.coefficients.estimates, found.coefficients.covariance, coefficient_tests(found.coefficients).p


def dispersions(s: Made, outcome: str, terms: str, family: Family) -> tuple[float, ...]:
    found = model(s, outcome, terms, family)
    return found.deviance, found.null_deviance, found.residual_degrees_of_freedom


def term_figures(s: Made, outcome: str, terms: str, family: Family, *of: str) -> tuple[float, ...]:
    fitted = model(s, outcome, terms, family)
    wald, working, ratio = term_test(fitted, *of), working_wald_test(fitted, *of), likelihood_ratio_test(fitted, *of)
    return wald.f, wald.p, working.statistic, working.p, ratio.statistic, ratio.p


def ordered(s: Made, outcome: str, terms: str, link: Link, within: Any = None) -> tuple[Any, ...]:
    answers = s[outcome]
    codes = np.where(np.isnan(answers), -1, np.nan_to_num(answers) - 1).astype(int)
    levels = tuple(str(number + 1) for number in range(codes.max() + 1))
    found = ordinal(s.plan, Factor(codes, levels), design_matrix(terms.split(" + "), columns(s)), link, within=within)
    return found.coefficients.estimates, found.coefficients.standard_errors


def margins(s: Made, outcome: str, family: Family) -> tuple[Any, ...]:
    found = predictive_margins(s.plan, s[outcome], "group", ["x", "sex"], columns(s), family).margins
    return found.estimates, found.standard_errors


def balanced(s: Made) -> tuple[Any, ...]:
    found = balanced_margins(s.plan, s["yes"], "sex", ["x", "group"], columns(s)).margins
    return found.estimates, found.standard_errors


TIGHT = "control = glm.control(epsilon = 1e-15, maxit = 100)"
FITS = (
    ("y", "x + group", GAUSSIAN, "gaussian()"),
    ("gap", "x + band + sex:x", GAUSSIAN, "gaussian()"),
    ("yes", "x + group + sex", LOGIT, "quasibinomial()"),
    ("maybe", "y + band", LOGIT, "quasibinomial()"),
    ("yes", "x + group", PROBIT, "quasibinomial(probit)"),
    ("many", "x + group + sex + group:sex", POISSON, "quasipoisson()"),
)
CALLS: dict[str, Call] = {}
for outcome, terms, family, called in FITS:
    fit = f"svyglm({outcome} ~ {terms}, DESIGN, family = {called}, {TIGHT})"
    CALLS |= {
        f"m <- {fit.replace('DESIGN', 'd')}; c(coef(m), vcov(m), summary(m)$coefficients[, 4])": (
            lambda s, o=outcome, t=terms, f=family: figures(s, o, t, f)
        ),
        f"m <- {fit.replace('DESIGN', 'd')}; c(m$deviance, m$null.deviance, m$df.residual)": (
            lambda s, o=outcome, t=terms, f=family: dispersions(s, o, t, f)
        ),
    }
CALLS |= {
    f"m <- svyglm(yes ~ x + group, subset(d, sex == 'f'), family = quasibinomial(), {TIGHT}); "
    "c(coef(m), vcov(m), summary(m)$coefficients[, 4])": lambda s: figures(s, "yes", "x + group", LOGIT, s["sex"] == "f"),
}
W = 'with(regTermTest(m, ~group), c(Ftest, p)), with(regTermTest(m, ~group, method = "WorkingWald"), c(chisq, p))'
LR = 'with(regTermTest(m, ~group, method = "LRT"), c(chisq, p))'
TERMS: dict[str, Call] = {
    f"m <- svyglm(y ~ x + group, d, {TIGHT}); c({W}, {LR})": lambda s: term_figures(s, "y", "x + group", GAUSSIAN, "group"),
    f"m <- svyglm(yes ~ x + group + sex, d, family = quasibinomial(), {TIGHT}); c({W}, {LR})": lambda s: term_figures(
        s, "yes", "x + group + sex", LOGIT, "group"
    ),
}
MARGINS: dict[str, Call] = {
    f"b <- svypredmeans(svyglm({outcome} ~ x + sex, d, family = {called}, {TIGHT}), ~group); "
    "o <- order(names(coef(b))); c(coef(b)[o], SE(b)[o])  # linearised": lambda s, o=outcome, f=family: margins(s, o, f)
    for outcome, called, family in (
        ("yes", "quasibinomial()", LOGIT),
        ("y", "gaussian()", GAUSSIAN),
        ("many", "quasipoisson()", POISSON),
    )
} | {
    "b <- marginpred(svyglm(yes ~ sex, d, family = quasibinomial()), ~x + group, data.frame(sex = c('f', 'm')), se = TRUE, "
    "type = 'response'); c(coef(b), SE(b))  # linearised": balanced,
}
ORDERED: dict[str, Call] = {
    f"m <- svyolr(factor({outcome}) ~ {terms}, d, method = '{called}'); c(coef(m), SE(m))  # linearised": (
        lambda s, o=outcome, t=terms, link=link: ordered(s, o, t, link)
    )
    for outcome, terms in (("a", "x + group"), ("q", "sex + band"))
    for link, called in ((LOGISTIC, "logistic"), (NORMAL, "probit"))
}
TRAPS: list[Trap] = [
    (("brr",), "subset", "a replicate has no finite estimate, and R takes what it has reached"),
    (CALIBRATED, "svyolr.*band", "missing values are refused"),
]
FITTED = Asked(CALLS, SURVEYS, TRAPS)
TERM_TESTS = Asked(TERMS, SURVEYS)
PREDICTED = Asked(MARGINS, SURVEYS)
CUMULATIVE = Asked(ORDERED, SURVEYS, TRAPS)


@pytest.mark.parametrize(("name", "seed", "call"), FITTED.cases())
def test_generalised_linear(name: str, seed: int, call: str) -> None:
    FITTED.same(name, seed, call, 1e-6 if "probit" in call else 1e-8)


@pytest.mark.parametrize(("name", "seed", "call"), TERM_TESTS.cases())
def test_terms(name: str, seed: int, call: str) -> None:
    TERM_TESTS.same(name, seed, call, 1e-6)


@pytest.mark.parametrize(("name", "seed", "call"), PREDICTED.cases())
def test_predictive_margins(name: str, seed: int, call: str) -> None:
    PREDICTED.same(name, seed, call, 1e-8)


@pytest.mark.parametrize(("name", "seed", "call"), CUMULATIVE.cases())
def test_ordinal(name: str, seed: int, call: str) -> None:
    CUMULATIVE.same(name, seed, call, 2e-4)
