"""Chi-square tests, goodness of fit, t-tests, rank tests, kappa and log-linear models beside R's, for every made design."""

from typing import Any, cast

import numpy as np
import pytest
from tests.analytics.beside_r.asking import Asked, Call, Trap
from tests.analytics.beside_r.made import CALIBRATED, MAKERS, REPLICATED, SEEDS, Made

from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.log_linear import compare_log_linear
from assent_analytics.estimation.hypothesis_tests.rank_tests import Scores, rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import TTest, one_sample, paired, two_groups
from assent_analytics.estimation.hypothesis_tests.tables import AssociationTest, association
from assent_analytics.estimation.raters.survey_kappa import kappa

SURVEYS = [(name, seed) for name in MAKERS for seed in SEEDS]


def chi_square(s: Made, rows: str, columns: str, test: AssociationTest, within: Any = None) -> tuple[float, ...]:
    found = association(s.plan, s.codes(rows), s.codes(columns), test, within=within)
    return found.statistic_over_all_rows, found.p


def t_test(found: TTest) -> tuple[Any, ...]:
    return found.t, found.degrees_of_freedom, found.p, found.difference, found.interval()


def ranks(s: Made, value: str, group: str, scores: Scores = "wilcoxon", within: Any = None) -> tuple[float, float]:
    found = rank_test(s.plan, s[value], s.codes(group), scores, within=within)
    return found.statistic, found.p


def fit(s: Made, name: str, shares: list[float]) -> tuple[float, ...]:
    found = goodness_of_fit(s.plan, s.codes(name), shares)
    return found.statistic, found.scale, found.degrees_of_freedom, found.p


def kappas(s: Made) -> tuple[float, float]:
    found = kappa(s.plan, s.codes("first"), s.codes("again"))
    return float(found.estimates[0]), float(found.standard_errors[0])


def independence(s: Made) -> tuple[float, ...]:
    factors = np.column_stack([s.codes("group"), s.codes("sex"), s.codes("two")])
    found = compare_log_linear(s.plan, factors, smaller=[(0,), (1,), (2,)], larger=[(0, 1), (1, 2)])
    deviance, score = found.deviance, found.score
    return (
        deviance.statistic, deviance.p_first_order, deviance.p_second_order(as_r=True),
        score.statistic, score.p_first_order, score.p_second_order(as_r=True),
    )  # fmt: skip


T = "with(t, c(statistic, parameter, p.value, estimate, conf.int))"
CALLS: dict[str, Call] = {
    f"t <- svyttest(y ~ sex, d); {T}": lambda s: t_test(two_groups(s.plan, s["y"], s.codes("sex"))),
    f"t <- svyttest(gap ~ two, d); {T}": lambda s: t_test(two_groups(s.plan, s["gap"], s.codes("two"))),
    f"t <- svyttest(y ~ two, subset(d, sex == 'f')); {T}": lambda s: t_test(
        two_groups(s.plan, s["y"], s.codes("two"), within=s["sex"] == "f")
    ),
    f"t <- svyttest(I(y - 52) ~ 0, d); {T}": lambda s: t_test(one_sample(s.plan, s["y"], against=52)),
    f"t <- svyttest(I(y - 9 * x) ~ 0, d); {T}": lambda s: t_test(paired(s.plan, s["y"], 9 * s["x"])),
    "t <- svygofchisq(~two, c(.6, .4), d); with(t, c(statistic, parameter, p.value))": lambda s: fit(s, "two", [0.6, 0.4]),
    "t <- svygofchisq(~factor(a), rep(.2, 5), d); with(t, c(statistic, parameter, p.value))": lambda s: fit(s, "a", [0.2] * 5),
    "k <- svykappa(~first + again, d); c(coef(k)[1], SE(k)[1])": kappas,
    "a <- anova(svyloglin(~group + sex + two, d), svyloglin(~group * sex + sex * two, d)); "
    "c(a$dev$dev, a$dev$p[2:3], a$score$chisq, a$score$p[2:3])  # linearised": independence,
}
for test in ("F", "Chisq", "Wald", "adjWald", "saddlepoint"):
    for rows, columns in (("group", "sex"), ("two", "sex"), ("q", "group"), ("band", "two")):
        CALLS[f"t <- svychisq(~{rows} + {columns}, d, '{test}'); with(t, c(statistic, p.value))"] = (
            lambda s, r=rows, c=columns, t=test: chi_square(s, r, c, cast(AssociationTest, t))
        )
    CALLS[f"t <- svychisq(~group + two, subset(d, sex == 'f'), '{test}'); with(t, c(statistic, p.value))"] = lambda s, t=test: (
        chi_square(s, "group", "two", cast(AssociationTest, t), s["sex"] == "f")
    )
for scores in ("wilcoxon", "vanderWaerden", "median"):
    for value, group in (("y", "sex"), ("a", "two"), ("gap", "sex")):
        CALLS[f"t <- svyranktest({value} ~ {group}, d, test = '{scores}'); with(t, c(statistic, p.value))"] = (
            lambda s, v=value, g=group, t=scores: ranks(s, v, g, cast(Scores, t))
        )
    CALLS[f"t <- svyranktest(z ~ group, d, test = '{scores}'); with(t, c(parameter, p.value))"] = lambda s, t=scores: ranks(
        s, "z", "group", cast(Scores, t)
    )
CALLS["t <- svyranktest(y ~ two, subset(d, sex == 'f')); with(t, c(statistic, p.value))"] = lambda s: ranks(
    s, "y", "two", within=s["sex"] == "f"
)

TRAPS: list[Trap] = [
    (CALIBRATED, "subset.*(Chisq|saddlepoint)", "the rows outside count in the statistic, though not in the p-value"),
    (("post-stratified",), "svychisq.~group . sex", "the table is known, and what is left of its variance is rounding"),
    (REPLICATED, "svyranktest.z ~ group", "ranks of three groups are refused"),
]
TESTS = Asked(CALLS, SURVEYS, TRAPS)


@pytest.mark.parametrize(("name", "seed", "call"), TESTS.cases())
def test_hypothesis_tests(name: str, seed: int, call: str) -> None:
    TESTS.same(name, seed, call, 1e-5 if "saddlepoint" in call else 1e-8)
