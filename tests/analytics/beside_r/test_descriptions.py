"""Means, totals, ratios, variances, shares, groups, contrasts, quantiles and tables beside R's, for made surveys of every design."""

from typing import Any

import numpy as np
import pytest
from tests.analytics.beside_r.asking import Asked, Call, Trap
from tests.analytics.beside_r.made import CALIBRATED, MAKERS, REPLICATED, SEEDS, Made

from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.counts import weighted_table
from assent_analytics.estimation.descriptive.cumulative import cumulative
from assent_analytics.estimation.descriptive.delta import transform
from assent_analytics.estimation.descriptive.design_effects import mean_effects, total_effects
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.quantiles.woodruff import IntervalType, quantiles
from assent_analytics.estimation.replicates.quantiles import replicate_quantiles
from assent_analytics.estimation.shares.proportion_intervals import Method, proportions

METHODS: tuple[Method, ...] = ("logit", "likelihood", "asin", "beta", "mean", "xlogit")
RULES = ("math", "school", "shahvaish", *(f"hf{number}" for number in range(1, 10)))
INTERVALS: tuple[IntervalType, ...] = ("mean", "beta", "xlogit", "asin", "score")
SURVEYS = [(name, seed) for name in MAKERS for seed in SEEDS]


def both(found: Estimate) -> tuple[Any, ...]:
    return found.estimates, found.covariance


def table(s: Made, *names: str) -> np.ndarray:
    return np.column_stack([s[name] for name in names])


def levels(s: Made, name: str) -> np.ndarray:
    return (s[name][:, None] == np.unique(s[name][s.known(name)])).astype(float)


def intervals(s: Made, name: str, method: Method, within: Any = None, **options: Any) -> tuple[Any, ...]:
    found = proportions(s.plan, np.nan_to_num(s[name]), within, method=method, **options)
    return found.estimates, found.intervals


def grouped(s: Made, item: str, *names: str) -> Estimate:
    values, known = np.nan_to_num(s[item]), s.known(item)
    return by(
        s.plan, lambda members: mean_statistic(values, members, s.plan.rows), groups_of(*(s[name] for name in names), within=known)
    )


def ratios(s: Made) -> Estimate:
    return mean(s.plan, table(s, "y", "x"))


CALLS: dict[str, Call] = {
    "both(svymean(~y + x + yes, d))": lambda s: both(mean(s.plan, table(s, "y", "x", "yes"))),
    "both(svymean(~group, d))": lambda s: both(mean(s.plan, levels(s, "group"))),
    "both(svymean(~gap, d, na.rm = TRUE))": lambda s: both(mean(s.plan, s["gap"], s.known("gap"))),
    "both(svymean(~gap + q, d, na.rm = TRUE))": lambda s: both(mean(s.plan, table(s, "gap", "q"), s.known("gap", "q"))),
    "both(svymean(~band, d, na.rm = TRUE))": lambda s: both(mean(s.plan, levels(s, "band"), s.known("band"))),
    "confint(svymean(~y + x, d))": lambda s: mean(s.plan, table(s, "y", "x")).intervals(degrees_of_freedom=np.inf).T,
    "confint(svymean(~y + x, d), level = .9, df = degf(d))": lambda s: mean(s.plan, table(s, "y", "x")).intervals(0.9).T,
    "both(svytotal(~y + x + yes, d))": lambda s: both(total(s.plan, table(s, "y", "x", "yes"))),
    "both(svytotal(~group, d))": lambda s: both(total(s.plan, levels(s, "group"))),
    "both(svytotal(~gap, d, na.rm = TRUE))": lambda s: both(total(s.plan, np.nan_to_num(s["gap"]), s.known("gap"))),
    "both(svyratio(~y, ~x, d))": lambda s: both(ratio(s.plan, s["y"], s["x"])),
    "both(svyratio(~gap, ~x, d, na.rm = TRUE))": lambda s: both(ratio(s.plan, s["gap"], s["x"], s.known("gap"))),
    "v <- svyvar(~y, d); c(v, vcov(v))": lambda s: both(variance(s.plan, s["y"])),
    "v <- svyvar(~gap, subset(d, !is.na(gap))); c(v, vcov(v))": lambda s: both(variance(s.plan, s["gap"], s.known("gap"))),
    "c(degf(d), degf(subset(d, group == 'west')), degf(subset(d, x > 9)))": lambda s: (
        s.plan.degrees_of_freedom,
        s.plan.domain_degrees_of_freedom(np.column_stack([s["group"] == "west", s["x"] > 9])),
    ),
    "both(svymean(~y + yes, subset(d, group == 'west')))": lambda s: both(mean(s.plan, table(s, "y", "yes"), s["group"] == "west")),
    "both(svytotal(~y + yes, subset(d, x > 9)))": lambda s: both(total(s.plan, table(s, "y", "yes"), s["x"] > 9)),
    "both(svyratio(~y, ~x, subset(d, sex == 'f')))": lambda s: both(ratio(s.plan, s["y"], s["x"], s["sex"] == "f")),
    "v <- svyvar(~y, subset(d, sex == 'f')); c(v, vcov(v))": lambda s: both(variance(s.plan, s["y"], s["sex"] == "f")),
    "both(svyby(~y, ~group, d, svymean, covmat = TRUE))": lambda s: both(grouped(s, "y", "group")),
    "both(svyby(~y, ~group + sex, d, svymean, covmat = TRUE))": lambda s: both(grouped(s, "y", "group", "sex")),
    "both(svyby(~gap, ~group, subset(d, !is.na(gap)), svymean, covmat = TRUE))": lambda s: both(grouped(s, "gap", "group")),
    "b <- svyby(~y, ~group, d, svytotal); c(coef(b), SE(b))": lambda s: (
        total(s.plan, s["y"], groups_of(s["group"]).members).estimates,
        total(s.plan, s["y"], groups_of(s["group"]).members).standard_errors,
    ),
    "both(svycontrast(svyby(~y, ~group, d, svymean, covmat = TRUE), list(c(1, -1, 0), c(.5, .5, -1))))": lambda s: both(
        grouped(s, "y", "group").contrast([[1, -1, 0], [0.5, 0.5, -1]])
    ),
    "both(svycontrast(svymean(~y + x, d), quote(log(y / x))))": lambda s: both(
        transform(ratios(s), lambda at: np.log(at[0] / at[1]))
    ),
    "m <- svymean(~y + yes, d, deff = 'replace'); deff(m)": lambda s: mean_effects(s.plan, table(s, "y", "yes"), replace=True),
    "m <- svymean(~y + yes, subset(d, x > 5), deff = 'replace'); deff(m)  # linearised": lambda s: mean_effects(
        s.plan, table(s, "y", "yes"), s["x"] > 5, replace=True
    ),
    "m <- svymean(~y + yes, d, deff = TRUE); deff(m)": lambda s: mean_effects(s.plan, table(s, "y", "yes")),
    "m <- svytotal(~y + yes, d, deff = TRUE); deff(m)": lambda s: total_effects(s.plan, table(s, "y", "yes")),
    "m <- svytotal(~y + yes, d, deff = 'replace'); deff(m)": lambda s: total_effects(s.plan, table(s, "y", "yes"), replace=True),
    "svycdf(~y, d)[[1]](c(40, 52, 60))": lambda s: cumulative(s.plan, s["y"], [40, 52, 60]).estimates,
    "svytable(~group + sex, d)": lambda s: weighted_table(s.plan, s["group"], s["sex"]).counts.T,
}
for method in METHODS:
    CALLS |= {
        f"p <- svyciprop(~yes, d, method = '{method}'); c(p, confint(p))": lambda s, m=method: intervals(s, "yes", m),
        f"p <- svyciprop(~rare, d, method = '{method}', level = .9); c(p, confint(p))": lambda s, m=method: intervals(
            s, "rare", m, level=0.9
        ),
        f"p <- svyciprop(~yes, d, method = '{method}', df = Inf); c(p, confint(p))": lambda s, m=method: intervals(
            s, "yes", m, degrees_of_freedom=np.inf
        ),
        f"p <- svyciprop(~yes, subset(d, sex == 'f'), method = '{method}'); c(p, confint(p))": lambda s, m=method: intervals(
            s, "yes", m, s["sex"] == "f"
        ),
        f"p <- svyciprop(~maybe, subset(d, !is.na(maybe)), method = '{method}'); c(p, confint(p))": lambda s, m=method: intervals(
            s, "maybe", m, s.known("maybe")
        ),
        f"p <- svyciprop(~maybe, d, na.rm = TRUE, method = '{method}'); c(p, confint(p))": lambda s, m=method: intervals(
            s, "maybe", m, s.known("maybe"), counted="design"
        ),
    }


def cut(s: Made, item: str, within: Any = None, **options: Any) -> tuple[Any, ...]:
    """R's columns: quantile, two ends, error."""
    found = quantiles(s.plan, s[item], [0.1, 0.25, 0.5, 0.9], within, **options)
    return (np.column_stack([found.estimates, found.intervals, found.standard_errors]).T,)


AVERAGED = ("lonely averaged", "lonely domains averaged")
TRAPS: list[Trap] = [
    (
        CALIBRATED,
        "subset.*is.na.(gap|maybe)",
        "of a calibrated design a subset keeps all rows, and nought times not-a-number is not a number",
    ),
    (CALIBRATED, "svyciprop.*(subset|na.rm).*(likelihood|beta|logit)", "rows outside count as people, and in the mean weight"),
    (CALIBRATED, "svyby.*covmat", "influence values of all rows are put into the places of the group's, one after the other"),
    (
        (*AVERAGED, "lonely domains adjusted"),
        "svyby.*covmat",
        "strata without the group count, though not in the errors of the same table",
    ),
    (REPLICATED, "likelihood", "not a number"),
]
DESCRIPTIONS = Asked(CALLS, SURVEYS, TRAPS)


@pytest.mark.parametrize(("name", "seed", "call"), DESCRIPTIONS.cases())
def test_descriptions(name: str, seed: int, call: str) -> None:
    DESCRIPTIONS.same(name, seed, call, 1e-9)


AT = "c(.1, .25, .5, .9)"
LINEARISED: dict[str, Call] = {}
for rule in RULES:
    for item in ("y", "z"):
        LINEARISED[f"svyquantile(~{item}, d, {AT}, qrule = '{rule}')[[1]]"] = lambda s, r=rule, i=item: cut(s, i, rule=r)
for kind in INTERVALS:
    for item in ("y", "z"):
        LINEARISED[f"svyquantile(~{item}, d, {AT}, interval.type = '{kind}')[[1]]"] = lambda s, k=kind, i=item: cut(
            s, i, interval=k
        )
LINEARISED |= {
    f"svyquantile(~y, subset(d, sex == 'f'), {AT}, qrule = 'hf7')[[1]]": lambda s: cut(s, "y", s["sex"] == "f", rule="hf7"),
    f"svyquantile(~gap, d, {AT}, na.rm = TRUE, alpha = .1)[[1]]": lambda s: cut(s, "gap", s.known("gap"), level=0.9),
}

CUT = Asked(
    LINEARISED, [(name, seed) for name in ("strata and clusters", "two stages", "lonely averaged", "raked") for seed in SEEDS]
)


@pytest.mark.parametrize(("name", "seed", "call"), CUT.cases())
def test_quantiles(name: str, seed: int, call: str) -> None:
    CUT.same(name, seed, call, 1e-9)


def by_replicates(s: Made) -> Any:
    found = replicate_quantiles(s.plan, s["z"], [0.25, 0.5, 0.75])  # type: ignore[arg-type]
    return np.concatenate([found.estimates, found.standard_errors])


QUANTILES = Asked(
    {
        "q <- svyquantile(~z, d, c(.25, .5, .75), interval.type = 'quantile'); c(coef(q), SE(q))": by_replicates,
        f"svyquantile(~y, d, {AT}, interval.type = 'mean')[[1]]": lambda s: cut(s, "y"),
    },
    [(name, seed) for name in REPLICATED for seed in SEEDS],
)


@pytest.mark.parametrize(("name", "seed", "call"), QUANTILES.cases())
def test_quantiles_by_replicates(name: str, seed: int, call: str) -> None:
    QUANTILES.same(name, seed, call, 1e-9)
