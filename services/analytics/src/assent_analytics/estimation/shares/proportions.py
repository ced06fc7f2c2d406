"""Shares of people with design-based intervals and one-sided tests.

Two intervals, as in R's `svyciprop`. The default is the logit one: a t interval on the log odds, turned back. Where the share is
near 0 or 1, or the effective base is small, it is Korn and Graubard's (1998, Survey Methodology 24): an exact binomial
(Clopper-Pearson) interval for the effective number of people, corrected for the design's degrees of freedom.

A one-sided p-value is the level at which the one-sided bound would just touch the threshold, so bounds and tests never disagree.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, expit, logit, stdtr, stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.columns import indicator_columns
from assent_analytics.estimation.descriptive.effective import design_based_size, design_effect, kish_sizes
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import NOISE, Plan

IntervalMethod = Literal["logit", "korn_graubard"]

# Where the logit interval covers too little. Under these the reading keeps the error rates of its rule (bench/reading.py).
NEAR_AN_END = 0.10
SMALL_EFFECTIVE_BASE = 60.0


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the people of a domain, 0 to 1, with what its uncertainty rests on.

    `base` is the unweighted number of people of the domain. `n_effective` is design-based, p (1 - p) / V, unless the share is 0 or
    1 or the design shows no variance: then it is Kish's, and `effective_by` says so. `design_effect` compares V with a simple
    random sample.
    """

    share: float
    standard_error: float
    base: int
    n_effective: float
    effective_by: Literal["design", "kish"]
    degrees_of_freedom: int
    design_effect: float | None

    @property
    def method(self) -> IntervalMethod:
        """Which interval this share calls for."""
        edge = min(self.share, 1.0 - self.share)
        small = self.n_effective < SMALL_EFFECTIVE_BASE or edge < NEAR_AN_END or self.effective_by == "kish"
        return "korn_graubard" if small else "logit"

    @property
    def low(self) -> float:
        """The lower end of the two-sided 95 % interval."""
        return self.lower(0.025)

    @property
    def high(self) -> float:
        """The upper end of the two-sided 95 % interval."""
        return self.upper(0.025)

    def interval(self, level: float = 0.95, method: IntervalMethod | None = None) -> tuple[float, float]:
        """A two-sided interval with equal tails."""
        tail = (1.0 - level) / 2.0
        return self.lower(tail, method), self.upper(tail, method)

    def lower(self, alpha: float, method: IntervalMethod | None = None) -> float:
        """The one-sided lower bound: the share is below it with probability at most about `alpha`."""
        if (method or self.method) == "logit":
            return float(expit(logit(self.share) - self._log_odds_error() * -stdtrit(self.degrees_of_freedom, alpha)))
        people = self._people(alpha)
        hits = people * self.share
        return float(betaincinv(hits, people - hits + 1.0, alpha)) if hits > 0.0 else 0.0

    def upper(self, alpha: float, method: IntervalMethod | None = None) -> float:
        """The one-sided upper bound."""
        return 1.0 - self._rest().lower(alpha, method or self.method)

    def above(self, threshold: float) -> float:
        """The p-value of "the share is at most `threshold`"; `lower(alpha) > threshold` exactly when it is below alpha."""
        if not 0.0 < threshold < 1.0:
            return 0.0 if threshold <= 0.0 < self.share else 1.0
        if self.method == "logit":
            return float(stdtr(self.degrees_of_freedom, (logit(threshold) - logit(self.share)) / self._log_odds_error()))
        return self._exact_p(threshold)

    def below(self, threshold: float) -> float:
        """The p-value of "the share is at least `threshold`"."""
        return self._rest().above(1.0 - threshold)

    def _rest(self) -> "Share":
        return Share(
            share=1.0 - self.share,
            standard_error=self.standard_error,
            base=self.base,
            n_effective=self.n_effective,
            effective_by=self.effective_by,
            degrees_of_freedom=self.degrees_of_freedom,
            design_effect=self.design_effect,
        )

    def _log_odds_error(self) -> float:
        if not 0.0 < self.share < 1.0:
            raise CannotEstimate("bad_value", "the log odds of a share of 0 or 1 are without bound: use korn_graubard")
        return self.standard_error / (self.share * (1.0 - self.share))

    def _people(self, alpha: float) -> float:
        """The effective number of people, less what is lost by knowing the variance from few PSUs only."""
        known = max(self.base - 1, 1)
        if known == self.degrees_of_freedom:
            return self.n_effective
        tail = min(alpha, 0.499)  # at one half both quantiles are nought
        ratio = stdtrit(known, tail) / stdtrit(self.degrees_of_freedom, tail)
        return float(self.n_effective * ratio**2)

    def _exact_p(self, threshold: float) -> float:
        """The level whose Korn-Graubard lower bound is `threshold`."""
        if self.share <= 0.0:
            return 1.0

        def at(alpha: float) -> float:
            people = self._people(alpha)
            return float(betainc(people * self.share, people * (1.0 - self.share) + 1.0, threshold))

        smallest, largest = 1e-15, 1.0 - 1e-9
        if at(smallest) <= smallest:
            return at(smallest)
        if at(largest) >= largest:
            return 1.0
        return float(brentq(lambda alpha: at(alpha) - alpha, smallest, largest))


def shares(design: Plan, indicators: ArrayLike, within: ArrayLike | None = None) -> list[Share | None]:
    """The share of each column of `indicators` (n,) or (n, k) over its domain `within` (n,) or (n, k); None where a domain is
    empty.

    Raises CannotEstimate `bad_shape`, and `bad_value` for an indicator that is neither 0 nor 1.
    """
    columns, domains = indicator_columns(indicators, within, design.rows)
    peopled = (design.weights @ domains) > 0
    if not peopled.any():
        return [None] * len(peopled)
    people = domains[:, peopled] & (design.weights != 0.0)[:, None]
    found = mean(design, columns[:, peopled], people)
    variances = found.standard_errors**2
    kish = kish_sizes(design.weights, people)
    freedom = design.domain_degrees_of_freedom(people)
    rows = zip(found.estimates, variances, people.sum(axis=0), kish, freedom, strict=True)
    made = iter([share_of(float(p), float(v), base=int(n), kish=float(k), freedom=int(df)) for p, v, n, k, df in rows])
    return [next(made) if has_people else None for has_people in peopled]


def share(design: Plan, indicator: ArrayLike, within: ArrayLike | None = None) -> Share:
    """The share of one indicator (n,) over one domain (n,). Raises CannotEstimate `all_missing` when the domain is empty."""
    found = shares(design, indicator, within)[0]
    if found is None:
        raise CannotEstimate("all_missing", "there is nobody in the domain")
    return found


def share_of(estimate: float, variance: float, *, base: int, kish: float, freedom: int) -> Share:
    """A share from its estimate and variance, the people of its domain, their effective number by Kish, and degrees of freedom.

    Sums of weights leave a last digit where everyone or no one does, or nothing varies: it is taken off.
    """
    estimate = min(max(estimate, 0.0), 1.0)
    estimate = 0.0 if estimate < NOISE else 1.0 if estimate > 1.0 - NOISE else estimate
    variance = variance if variance > NOISE**2 and 0.0 < estimate < 1.0 else 0.0
    by_design = design_based_size(estimate, variance)
    return Share(
        share=estimate,
        standard_error=float(np.sqrt(variance)),
        base=base,
        n_effective=kish if by_design is None else by_design,
        effective_by="kish" if by_design is None else "design",
        degrees_of_freedom=max(freedom, 1),
        design_effect=design_effect(estimate, variance, base),
    )
