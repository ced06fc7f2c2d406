"""The likelihood of an ordered outcome: P(Y <= k) = F(threshold_k - x'b), and the Newton steps to its maximum.

A row in category y lies between two cut points, upper_y'g and lower_y'g, linear in all parameters g = (coefficients, thresholds).
Everything follows from that: effects that differ by threshold (partial proportional odds) are only other columns (McCullagh,
Regression models for ordinal data, Journal of the Royal Statistical Society B 42, 1980; Peterson and Harrell, Applied Statistics
39, 1990). The log-likelihood is concave for the links given here (Pratt 1981), so a maximum is the maximum.

Not here: designs and covariances (ordinal).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.models.reweighted import inverted, separation

_BLOCK = 32_768
_MOST_STEPS = 40
_SETTLED = 1e-20  # Newton's decrement a row, which is the square of a step


@dataclass(frozen=True, slots=True)
class Link:
    """A distribution of the latent error: the probability `between` lower and upper points, its `density` and its `slope`."""

    name: str
    between: Callable[[Floats, Floats], Floats]
    density: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def _both_tails(cumulative: Callable[[Floats], Floats]) -> Callable[[Floats, Floats], Floats]:
    """F(upper) - F(lower) of a symmetric distribution, taken in the tail where nothing cancels."""

    def between(lower: Floats, upper: Floats) -> Floats:
        right = lower > 0.0
        found: Floats = cumulative(np.where(right, -lower, upper)) - cumulative(np.where(right, -upper, lower))
        return found

    return between


def _logistic_density(at: Floats) -> Floats:
    found: Floats = expit(at) * expit(-at)
    return found


def _normal_density(at: Floats) -> Floats:
    found: Floats = np.exp(-0.5 * np.square(at)) / np.sqrt(2.0 * np.pi)
    return found


LOGISTIC = Link("logistic", _both_tails(expit), _logistic_density, lambda at: _logistic_density(at) * -np.tanh(at / 2.0))
NORMAL = Link("probit", _both_tails(ndtr), _normal_density, lambda at: -at * _normal_density(at))


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows of an ordered outcome: covariates (n, p), codes from 0 (n,), how many categories, and columns whose effect differs by
    threshold.

    Parameters are p coefficients, then the thresholds, then for each column of `nominal` (n, m) its extra effect on every threshold
    but the first. Codes of rows without weight must lie in the range, and do not count.
    """

    covariates: Floats
    codes: Codes
    categories: int
    link: Link
    nominal: Floats | None = None

    @property
    def size(self) -> int:
        """How many parameters there are."""
        extra = 0 if self.nominal is None else int(self.nominal.shape[1]) * (self.categories - 2)
        return int(self.covariates.shape[1]) + self.categories - 1 + extra

    def part(self, rows: slice) -> "Ordered":
        """Some of the rows."""
        nominal = None if self.nominal is None else self.nominal[rows]
        return Ordered(self.covariates[rows], self.codes[rows], self.categories, self.link, nominal)

    def cut_points(self) -> tuple[Floats, Floats]:
        """The columns (n, size) of the upper and of the lower cut point of each row's category; noughts where it has none."""
        return self._cut(self.codes), self._cut(self.codes - 1)

    def _cut(self, threshold: Codes) -> Floats:
        """The columns of a row's threshold, coded from 0; those outside the range have none."""
        inside = (threshold >= 0) & (threshold < self.categories - 1)
        made = [-self.covariates * inside[:, None], (threshold[:, None] == np.arange(self.categories - 1)).astype(float)]
        if self.nominal is not None:
            made += [self.nominal * (threshold == later)[:, None] for later in range(1, self.categories - 1)]
        return np.hstack(made)


@dataclass(frozen=True, slots=True)
class Maximum:
    """The parameters at the maximum, the log-likelihood there, and the inverse of the observed information (size, size)."""

    parameters: Floats
    log_likelihood: float
    inverse_information: Floats


@dataclass(frozen=True, slots=True)
class Slopes:
    """Derivatives of each row's log-likelihood by its two cut points: first and second ones, all (n,)."""

    probability: Floats
    by_upper: Floats
    by_lower: Floats
    upper_twice: Floats
    lower_twice: Floats
    crossed: Floats


def slopes(ordered: Ordered, parameters: Floats, upper: Floats, lower: Floats) -> Slopes:
    """At some parameters (size,), given the columns of the cut points."""
    has_upper, has_lower = ordered.codes < ordered.categories - 1, ordered.codes > 0
    top = np.where(has_upper, upper @ parameters, 40.0)  # beyond which neither link has anything left
    bottom = np.where(has_lower, lower @ parameters, -40.0)
    probability = ordered.link.between(bottom, top)
    held = np.where(probability > 0.0, probability, 1.0)  # where it is not, no derivative is of use
    up = np.where(has_upper, ordered.link.density(top), 0.0) / held
    down = np.where(has_lower, ordered.link.density(bottom), 0.0) / held
    return Slopes(
        probability=probability,
        by_upper=up,
        by_lower=-down,
        upper_twice=np.where(has_upper, ordered.link.slope(top), 0.0) / held - up**2,
        lower_twice=-np.where(has_lower, ordered.link.slope(bottom), 0.0) / held - down**2,
        crossed=up * down,
    )


def influence_values(ordered: Ordered, weights: Floats, at: Maximum) -> Floats:
    """Each row's weighted score times the inverse of the information, (n, size), block by block."""
    found = np.empty((len(weights), ordered.size))
    for start in range(0, len(weights), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = ordered.part(rows)
        upper, lower = block.cut_points()
        pull = slopes(block, at.parameters, upper, lower)
        score = upper * (weights[rows] * pull.by_upper)[:, None] + lower * (weights[rows] * pull.by_lower)[:, None]
        found[rows] = score @ at.inverse_information
    return found


def maximised(ordered: Ordered, weights: Floats, start: Floats | None = None) -> Maximum:
    """The maximum at some weights (n,), from a start (size,) or from the marginal shares of the categories.

    Raises CannotEstimate: `singular`; `separation` when the likelihood rises for ever along some covariate; `no_convergence`.
    """
    parameters = marginal_start(ordered, weights) if start is None else start
    likelihood, score, information = evaluated(ordered, weights, parameters)
    total = float(weights.sum())
    for _ in range(_MOST_STEPS):
        try:
            inverse = inverted(information)
        except CannotEstimate as refused:
            raise (separation() if _separated(ordered, weights, parameters) else refused) from refused
        step = inverse @ score
        if float(step @ score) <= _SETTLED * total:
            return Maximum(parameters + step, likelihood, inverse)
        size = 1.0
        while True:
            tried = parameters + size * step
            then = evaluated(ordered, weights, tried)
            if then[0] >= likelihood - 1e-12 * (abs(likelihood) + 1.0):
                break
            size /= 2.0
            if size < 1e-9:
                raise CannotEstimate("no_convergence", "no step raises the likelihood: thresholds would have to cross")
        parameters, (likelihood, score, information) = tried, then
    if _separated(ordered, weights, parameters):
        raise separation()
    raise CannotEstimate("no_convergence", f"the coefficients still move after {_MOST_STEPS} steps")


def _separated(ordered: Ordered, weights: Floats, parameters: Floats) -> bool:
    """Whether some row is further from its cut point than any that chance decides."""
    furthest = max(float(np.abs(cut[weights > 0] @ parameters).max()) for cut in ordered.cut_points())
    return furthest > 12.0


def marginal_start(ordered: Ordered, weights: Floats) -> Floats:
    """No effects, and the thresholds that give the observed shares under the logistic link."""
    shares = np.bincount(ordered.codes, weights, ordered.categories)
    below = np.cumsum(shares)[:-1] / shares.sum()
    found = np.zeros(ordered.size)
    first = ordered.covariates.shape[1]
    found[first : first + ordered.categories - 1] = np.log(below / (1.0 - below)) * (1.0 if ordered.link is LOGISTIC else 0.6)
    return found


def evaluated(ordered: Ordered, weights: Floats, parameters: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, score and observed information; a likelihood of nought is minus infinity."""
    likelihood, score = 0.0, np.zeros(ordered.size)
    information = np.zeros((ordered.size, ordered.size))
    for start in range(0, len(ordered.codes), _BLOCK):
        block, weight = ordered.part(slice(start, start + _BLOCK)), weights[start : start + _BLOCK]
        upper, lower = block.cut_points()
        found = slopes(block, parameters, upper, lower)
        if (found.probability[weight > 0] <= 0.0).any():
            return -np.inf, score, information
        likelihood += float(weight @ np.log(np.where(weight > 0, found.probability, 1.0)))
        score += (weight * found.by_upper) @ upper + (weight * found.by_lower) @ lower
        across = (upper.T * (weight * found.crossed)) @ lower
        information -= (upper.T * (weight * found.upper_twice)) @ upper + (lower.T * (weight * found.lower_twice)) @ lower
        information -= across + across.T
    return likelihood, score, information
