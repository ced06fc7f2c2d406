"""Intervals of a proportion that R takes from a logistic regression on nothing but its intercept.

Both equal R's figures and not only their limit: R stops iterating once the deviance changes by less than 1e-8 of itself, which
leaves the share off in its ninth digit, and reads the likelihood interval off a spline through at most 21 points of the profile,
which leaves its ends off in the fifth. The limits are the method `xlogit`, and the values where z = -t and t in `Fit.z`.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.special import expit, logit, ndtr, stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import t_quantile

DEVIANCE_CHANGE = 1e-8
MOST_STEPS = 25
PROFILE_STEPS = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """An intercept, the share of the data, the sum of the scaled weights, how many rows they weigh, and the information on the
    intercept.

    The information is that of the last step's start, as R keeps it.
    """

    intercept: float
    observed: float
    weight: float
    rows: int
    information: float

    @property
    def share(self) -> float:
        """The share that the intercept stands for; that of the data but for rounding and R's stopping rule."""
        return float(expit(self.intercept))

    @property
    def dispersion(self) -> float:
        """The population variance of Pearson's residuals, times the mean weight, which is not one where the missing count in it."""
        misfit = self.observed * (1.0 - self.share) ** 2 + (1.0 - self.observed) * self.share**2
        return misfit / (self.share * (1.0 - self.share)) * self.weight / (self.rows - 1)

    def deviance(self, intercept: float | Floats) -> Floats:
        """Minus twice the weighted log likelihood."""
        at = np.asarray(intercept, dtype=float)
        found: Floats = 2.0 * self.weight * (self.observed * np.logaddexp(0.0, -at) + (1.0 - self.observed) * np.logaddexp(0.0, at))
        return found

    def z(self, intercept: Floats) -> Floats:
        """The signed root of the scaled rise in deviance."""
        rise = np.maximum(self.deviance(intercept) - self.deviance(self.intercept), 0.0) / self.dispersion
        found: Floats = np.sign(intercept - self.intercept) * np.sqrt(rise)
        return found

    def refitted(self, observed: float) -> float:
        """The intercept where another share is observed, from this one and with R's stopping rule: R's `svyglm` under a replicate.

        Raises CannotEstimate `replicate_failed` for a share of 0 or 1.
        """
        if not 0.0 < observed < 1.0:
            raise CannotEstimate("replicate_failed", "the log odds of a share of 0 or 1 are without bound")
        other, intercept = replace(self, observed=observed, weight=1.0), self.intercept
        last = float(other.deviance(intercept))
        for _ in range(MOST_STEPS):
            share = float(expit(intercept))
            intercept += (observed - share) / (share * (1.0 - share))
            now = float(other.deviance(intercept))
            if abs(now - last) / (abs(now) + 0.1) < DEVIANCE_CHANGE:
                break
            last = now
        return intercept

    def wald(self, variance: float, level: float, freedom: float) -> tuple[float, float]:
        """The t interval of the intercept, turned back: `variance` is that of the share."""
        reach = -t_quantile((1.0 - level) / 2.0, freedom) * np.sqrt(variance) / (self.share * (1.0 - self.share))
        return float(expit(self.intercept - reach)), float(expit(self.intercept + reach))


def fitted_intercept(indicator: Floats, weights: Floats) -> Fit:
    """The intercept by iteratively reweighted least squares, from R's start and with R's stopping rule; weights average about
    one.
    """
    total = float(weights.sum())
    observed = float(weights @ indicator) / total
    start = (weights * indicator + 0.5) / (weights + 1.0)
    slope = start * (1.0 - start)
    working = logit(start) + (indicator - start) / slope
    intercept = float((weights * slope) @ working / ((weights * slope).sum()))
    rows = int((weights > 0).sum())
    last = float(_rows_deviance(indicator, weights, start))
    information = float((weights * slope).sum())
    for _ in range(MOST_STEPS):
        fit = Fit(intercept, observed, total, rows, information)
        now = float(fit.deviance(intercept))
        if abs(now - last) / (abs(now) + 0.1) < DEVIANCE_CHANGE:
            break
        last, intercept = now, intercept + (observed - fit.share) / (fit.share * (1.0 - fit.share))
        information = total * fit.share * (1.0 - fit.share)
    return fit


def profiled(fit: Fit, variance: float, level: float, freedom: float) -> tuple[float, float]:
    """Where the profile of the deviance reaches the design-adjusted quantile, as a share; `variance` is that of the share.

    The cut is t times the root of lambda, the design's variance of the intercept over that of the regression (Rao and Scott 1984).
    The profile is read off at steps of a fifth of its reach, joined by a spline whose ends are the cubics of the four last points,
    and between three points of this spline for each of its knots by straight lines: so R's `confint(method = "likelihood")`.
    """
    error = float(np.sqrt(variance)) / (fit.share * (1.0 - fit.share))
    cut = -t_quantile((1.0 - level) / 2.0, freedom) * error * float(np.sqrt(fit.information))
    reach = -float(stdtrit(fit.rows - 1, ndtr(-cut) / 4.0))  # the root of the upper quantile of F with one degree of freedom
    knots = _grid(fit, reach=reach, error=error)
    heights = fit.z(knots)
    fine = np.linspace(knots[0], knots[-1], 3 * len(knots))
    smooth = make_interp_spline(
        knots, heights, k=3, bc_type=([(3, _third(knots[:4], heights[:4]))], [(3, _third(knots[-4:], heights[-4:]))])
    )
    low, high = np.interp([-cut, cut], smooth(fine), fine)
    return float(expit(low)), float(expit(high))


def _grid(fit: Fit, *, reach: float, error: float) -> Floats:
    """The intercept and steps of a fifth of the reach to both sides, until the profile has passed it; nine steps at most."""
    found = [fit.intercept]
    for sign in (-1.0, 1.0):
        for step in range(1, PROFILE_STEPS):
            found.append(fit.intercept + sign * step * reach / 5.0 * error)
            if abs(fit.z(np.array(found[-1]))) >= reach:
                break
    return np.sort(np.array(found))


def _third(knots: Floats, heights: Floats) -> float:
    """The third derivative of the cubic through four points: six times its divided difference."""
    while len(heights) > 1:
        heights = np.diff(heights) / (knots[-len(heights) + 1 :] - knots[: len(heights) - 1])
    return 6.0 * float(heights[0])


def _rows_deviance(indicator: Floats, weights: Floats, means: Floats) -> float:
    return float(-2.0 * (weights @ np.log(np.where(indicator > 0, means, 1.0 - means))))
