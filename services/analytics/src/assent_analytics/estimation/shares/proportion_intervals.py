"""Confidence intervals of a proportion from its design-based variance: the methods of R's `svyciprop`.

`xlogit` and `asin` are t intervals of the log odds and of the arcsine of the root, turned back; `mean` is the plain t interval;
`beta` is Korn and Graubard's (1998, Survey Methodology 24), an exact binomial interval for the effective number of people. `logit`
(R's default) and `likelihood` come from a logistic regression on nothing but its intercept: see `logistic_intervals`.

Traps of R: `beta` keeps the design's degrees of freedom whatever `df` says; and `na.rm = TRUE` keeps the rows and the degrees of
freedom of the whole design although it leaves the missing out, while a subset has its own. `counted="design"` asks for the former.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, expit, logit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import indicator_columns
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Linearised, Plan, t_quantile
from assent_analytics.estimation.shares.logistic_intervals import Fit, fitted_intercept, profiled

Method = Literal["logit", "likelihood", "asin", "beta", "mean", "xlogit"]
CLOSED = ("asin", "beta", "mean", "xlogit")


@dataclass(frozen=True, slots=True)
class Proportions:
    """Proportions (k,) with their variances (k,) and intervals (k, 2).

    Where everybody or nobody does, `defined` (k,) is false and the interval is the single point: the design shows no error then,
    and `proportions.share` has an interval that rests on the number of people alone.
    """

    estimates: Floats
    variances: Floats
    intervals: Floats
    defined: np.ndarray


def proportions(
    plan: Plan,
    indicators: ArrayLike,
    within: ArrayLike | None = None,
    *,
    method: Method = "logit",
    level: float = 0.95,
    degrees_of_freedom: float | None = None,
    counted: Literal["domain", "design"] = "domain",
) -> Proportions:
    """The proportion of each column of indicators (n,) or (n, k) over its domain. R: `svyciprop(~a, design, method, level, df)`.

    Raises CannotEstimate: as `mean`; `bad_value` for an indicator that is neither 0 nor 1; `bad_setting` for a level outside 0 to
    1.
    """
    if not 0.0 < level < 1.0:
        raise CannotEstimate("bad_setting", f"a confidence level of {level} is not between 0 and 1")
    inside, kept = indicator_columns(indicators, within, plan.rows)
    found = mean(plan, inside, kept)
    shares, variances = found.estimates.copy(), np.diag(found.covariance).copy()
    rows, own = _counted(plan, kept, counted)
    freedom = own if degrees_of_freedom is None else np.full(len(shares), degrees_of_freedom)
    defined = (variances > 0.0) & (shares > 0.0) & (shares < 1.0)
    intervals = np.column_stack([shares, shares])
    for place in np.flatnonzero(defined):
        share, variance, df = float(shares[place]), float(variances[place]), float(freedom[place])
        if method in CLOSED:
            intervals[place] = closed_interval(
                share, variance, method=method, level=level, freedom=df, rows=int(rows[place]), own_freedom=float(own[place])
            )
            continue
        domain = kept[:, place]
        whole = plan.weights[domain] if counted == "domain" else plan.weights
        weights = plan.weights[domain] / whole.mean()
        fit = fitted_intercept(inside[domain, place], weights)
        variance = _by_log_odds(plan, inside[:, place], domain, fit, variance)
        intervals[place] = fit.wald(variance, level, df) if method == "logit" else profiled(fit, variance, level, df)
        shares[place] = fit.share
    return Proportions(shares, variances, intervals, defined)


def closed_interval(
    share: float, variance: float, *, method: str, level: float, freedom: float, rows: int, own_freedom: float
) -> tuple[float, float]:
    """The interval of a share strictly between 0 and 1 by one of the closed methods, for `rows` people.

    `own_freedom` is the design's, which Korn and Graubard's correction uses whatever `freedom` is asked for.
    """
    tail = (1.0 - level) / 2.0
    if method == "beta":
        return korn_graubard(share, variance, tail=tail, rows=rows, freedom=own_freedom)
    reach = -t_quantile(tail, freedom) * np.sqrt(variance)
    if method == "mean":
        return share - reach, share + reach
    if method == "xlogit":
        reach = reach / (share * (1.0 - share))
        return float(expit(logit(share) - reach)), float(expit(logit(share) + reach))
    angle = np.arcsin(np.sqrt(share))
    reach = reach / (2.0 * np.sqrt(share * (1.0 - share)))
    return float(np.sin(angle - reach) ** 2), float(np.sin(angle + reach) ** 2)


def korn_graubard(share: float, variance: float, *, tail: float, rows: int, freedom: float) -> tuple[float, float]:
    """Clopper and Pearson's interval for p (1 - p) / V people, less what is lost by knowing V from few sampling units."""
    people = share * (1.0 - share) / variance * (t_quantile(tail, rows - 1) / t_quantile(tail, freedom)) ** 2
    hits, misses = people * share, people * (1.0 - share)
    return float(betaincinv(hits, misses + 1.0, tail)), float(betaincinv(hits + 1.0, misses, 1.0 - tail))


def _by_log_odds(plan: Plan, indicator: Floats, domain: Bools, fit: Fit, variance: float) -> float:
    """The variance of a share that its log odds have: replicates are turned into log odds before their spread is taken, as R does.

    A linearised design has one variance for both. Raises CannotEstimate `replicate_failed` where a replicate's share is 0 or 1.
    """
    if isinstance(plan, Design):
        return variance

    def log_odds(weights: Floats) -> Linearised:
        return Linearised(np.array([fit.refitted(float((weights @ indicator) / (weights @ domain)))]))

    return float(plan.estimate(log_odds).covariance[0, 0]) * (fit.share * (1.0 - fit.share)) ** 2


def _counted(plan: Plan, kept: np.ndarray, counted: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows and degrees of freedom of each domain, or of the whole design for all of them, (k,)."""
    if counted == "design":
        return np.full(kept.shape[1], plan.rows), np.full(kept.shape[1], float(plan.degrees_of_freedom))
    return kept.sum(axis=0), plan.domain_degrees_of_freedom(kept).astype(float)
