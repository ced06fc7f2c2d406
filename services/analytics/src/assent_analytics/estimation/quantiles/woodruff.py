"""Quantiles of a number in the population, with Woodruff's intervals (1952, JASA 47): R's `svyquantile`.

A quantile is not a smooth function of the weights, so its interval is that of the share of people at or below it, turned back into
values by the same rule. The standard error is the length of the interval over twice the quantile of t that made it. The `score`
interval instead looks for the values at which the test of the share would just reject. Degrees of freedom and rows are the domain's
own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Plan, t_quantile
from assent_analytics.estimation.quantiles.asked import asked
from assent_analytics.estimation.quantiles.roots import crossings
from assent_analytics.estimation.quantiles.rules import Rule, quantile_rule
from assent_analytics.estimation.shares.proportion_intervals import closed_interval

IntervalType = Literal["mean", "beta", "xlogit", "asin", "score"]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles (m,), their intervals (m, 2) and standard errors (m,).

    `bounded` (m, 2) is false where an interval has no end on that side, because the interval of the share leaves 0 to 1 or the
    share is 0 or 1; the end, and the standard error, are not numbers then.
    """

    estimates: Floats
    intervals: Floats
    standard_errors: Floats
    bounded: Bools


def quantiles(
    plan: Plan,
    values: ArrayLike,
    probabilities: Sequence[float],
    within: ArrayLike | None = None,
    *,
    rule: str = "math",
    interval: IntervalType = "mean",
    level: float = 0.95,
    degrees_of_freedom: float | None = None,
) -> Quantiles:
    """The quantiles of values (n,) over a domain (n,). R: `svyquantile(~a, design, p, qrule, interval.type, alpha, df)`.

    Raises CannotEstimate: `bad_shape`; `bad_setting` for a probability outside 0 to 1 or an unknown rule; `bad_value` when a value
    within the domain is not a number; `all_missing`; `no_degrees_of_freedom`;
    `no_crossing` when a score interval's test rejects all values or none.
    """
    numbers, domain, wanted = asked(values, probabilities, within, plan.rows)
    chosen = quantile_rule(rule, numbers[domain], plan.weights[domain])
    own = float(plan.domain_degrees_of_freedom(domain[:, None])[0])
    freedom = own if degrees_of_freedom is None else degrees_of_freedom
    found = chosen(wanted)
    if interval == "score":
        ends = _score_ends(plan, numbers, domain, wanted, level=level, freedom=freedom)
    else:
        ends = _woodruff_ends(plan, numbers, domain, found, method=interval, level=level, freedom=freedom, own=own)
    bounded = ~np.isnan(ends)
    intervals = _back(chosen, ends)
    errors = (intervals[:, 1] - intervals[:, 0]) / (2.0 * t_quantile(1.0 - (1.0 - level) / 2.0, freedom))
    return Quantiles(found, intervals, errors, bounded)


def _woodruff_ends(
    plan: Plan, numbers: Floats, domain: Bools, at: Floats, *, method: str, level: float, freedom: float, own: float
) -> Floats:
    """The interval of the share of people at or below each quantile, (m, 2); not a number where it leaves 0 to 1."""
    below = mean(plan, numbers[:, None] <= at, domain)
    ends = np.full((len(at), 2), np.nan)
    for place, (share, variance) in enumerate(zip(below.estimates, np.diag(below.covariance), strict=True)):
        if variance > 0.0 and 0.0 < share < 1.0:
            ends[place] = closed_interval(
                float(share), float(variance), method=method, level=level, freedom=freedom, rows=int(domain.sum()), own_freedom=own
            )
        elif method == "mean":
            ends[place] = share
    ends[(ends < 0.0) | (ends > 1.0)] = np.nan
    return ends


def _back(rule: Rule, ends: Floats) -> Floats:
    """Shares (m, 2) turned into values, where there are any."""
    found = np.full(ends.shape, np.nan)
    known = ~np.isnan(ends)
    found[known] = rule(ends[known])
    return found


def _score_ends(plan: Plan, numbers: Floats, domain: Bools, wanted: Floats, *, level: float, freedom: float) -> Floats:
    """The unweighted shares of people at or below the two values where the test of each quantile would just reject, (m, 2).

    After Francisco and Fuller (1991, Annals of Statistics 19), with R's ends of the search and its tolerance.
    """
    inside = numbers[domain]
    low, high = np.quantile(inside, [0.25, 0.75])
    margin = (high - low) / 100.0
    reach = -t_quantile((1.0 - level) / 2.0, freedom)
    above, cuts = np.repeat(1.0 - wanted, 2), np.tile([reach, -reach], len(wanted))

    def tests(points: Floats, places: Sequence[int]) -> Floats:
        found = mean(plan, (numbers[:, None] > points) - above[places], domain)
        errors = found.standard_errors
        certain = np.where(found.estimates < 0.0, -np.inf, np.inf)  # the test of a share without error rejects whatever the level
        heights: Floats = np.divide(found.estimates, errors, out=certain, where=errors > 0.0) - cuts[places]
        return heights

    tolerance = 1.0 / (100.0 * np.sqrt(domain.sum()))
    ends = crossings(tests, len(cuts), low=inside.min() + margin, high=inside.max() - margin, tolerance=tolerance)
    below: Floats = (inside[:, None] <= ends).mean(axis=0).reshape(-1, 2)
    return below
