"""A thousand responses: every kind of estimate without replicate weights, in milliseconds, each to be under twenty.

The floor beside it is the time that the same design takes to be made. Medians of several runs, CPU time of one thread.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable

import numpy as np

from assent_analytics.estimation.comparisons.pairwise import pairwise
from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.cumulative import cumulative
from assent_analytics.estimation.descriptive.delta import transform
from assent_analytics.estimation.descriptive.design_effects import mean_effects
from assent_analytics.estimation.descriptive.grouped import grouped_means
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, LOGIT, POISSON, PROBIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.predictive_margins import predictive_margins
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.shares.proportion_intervals import proportions

GOAL = 20.0
ROWS = 1_000


def median_milliseconds(task: Callable[[], object], runs: int = 9) -> float:
    """The median of so many runs, after one that is not counted."""
    task()
    times = []
    for _ in range(runs):
        before = time.process_time()
        task()
        times.append(1000 * (time.process_time() - before))
    return sorted(times)[runs // 2]


def tasks() -> tuple[Callable[[], Design], dict[str, Callable[[], object]]]:
    """How the design is made, and what is asked of it: 20 items, 6 groups, 20 strata, 128 clusters, ten covariates."""
    chance = np.random.default_rng(1)
    weights, stratum, cluster = np.exp(chance.normal(0, 0.25, ROWS)), np.arange(ROWS) % 20, np.arange(ROWS) % 128
    items = np.clip(np.round(3 + chance.normal(0, 1, (ROWS, 20))), 1, 5)
    group, sex, score = chance.integers(0, 6, ROWS), chance.integers(0, 2, ROWS), chance.normal(50, 10, ROWS)
    columns = {f"covariate{number}": chance.normal(0, 1, ROWS) for number in range(10)}
    accept = (chance.random(ROWS) < 0.6).astype(float)
    matrix = design_matrix(list(columns), columns)

    def made() -> Design:
        return Design(weights, strata=stratum, clusters=cluster)

    plan = made()
    agree = items >= 4
    by_group = groups_of(group)
    found: dict[str, Callable[[], object]] = {
        "means of 20 items": lambda: mean(plan, items),
        "totals of 20 items": lambda: total(plan, items),
        "ratio": lambda: ratio(plan, items[:, 0], items[:, 1]),
        "variances and covariance": lambda: variance(plan, items[:, :2]),
        "20 items by 6 groups": lambda: grouped_means(plan, list(items.T), group),
        "by group, any statistic": lambda: by(plan, lambda within: mean_statistic(items, within, ROWS), by_group),
        "contrast, delta method": lambda: transform(mean(plan, items[:, :2]), lambda values: values[:1] / values[1:]),
        "design effects": lambda: mean_effects(plan, items, replace=True),
        "quantiles": lambda: quantiles(plan, score, [0.1, 0.25, 0.5, 0.75, 0.9]),
        "distribution function": lambda: cumulative(plan, score, [40, 50, 60]),
        "goodness of fit": lambda: goodness_of_fit(plan, group, np.full(6, 1 / 6)),
        "t-test": lambda: two_groups(plan, score, sex),
        "rank test, 6 groups": lambda: rank_test(plan, score, group),
        "pairwise, 6 groups": lambda: pairwise(plan, score, group),
        "ordinal model": lambda: ordinal(plan, Factor.of(items[:, 0].astype(int)), matrix),
        "predictive margins": lambda: predictive_margins(
            plan, accept, "sex", ["covariate0", "covariate1"], columns | {"sex": sex.astype(str)}
        ),
    }
    for method in ("logit", "beta", "asin", "xlogit", "mean"):
        found[f"proportions of 20 items, {method}"] = lambda method=method: proportions(plan, agree, method=method)  # type: ignore[misc]
    # A search of its own for each item.
    found["proportion of one item, likelihood"] = lambda: proportions(plan, agree[:, 0], method="likelihood")
    for test in ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"):
        found[f"association, {test}"] = lambda test=test: association(plan, items[:, 0].astype(int) - 1, group, test)  # type: ignore[misc]
    for family in (GAUSSIAN, LOGIT, PROBIT, POISSON):
        found[f"regression, {family.name} {family.link_name}"] = lambda family=family: generalised_linear(
            plan, accept, matrix, family
        )  # type: ignore[misc]
    return made, found


if __name__ == "__main__":
    make_design, asked = tasks()
    print(
        f"{ROWS:,} responses, median ms   (making the design: {median_milliseconds(make_design):.2f} ms; goal for each {GOAL:.0f} ms)"
    )
    for name, task in asked.items():
        taken = median_milliseconds(task)
        print(f"  {name:<38} {taken:>7.2f} ms" + ("   NOT met" if taken >= GOAL else ""))
