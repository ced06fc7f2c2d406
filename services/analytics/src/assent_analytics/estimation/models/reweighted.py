"""Iteratively reweighted least squares: the coefficients at which the weighted quasi-score is nought.

Fisher scoring on blocks of rows, so that memory stays at the matrix itself, with halved steps where the deviance would rise
(McCullagh and Nelder, Generalized Linear Models, 1989, §2.5). It stops when a step moves the linear predictor by less than one part
in 10^12. R's `glm` stops when the deviance stands still to 1e-8 and keeps the working weights of the step before, so that the
standard errors of its logits are off by about 1e-5; with `epsilon` the same is done here, to compare with figures that R has
printed.

Not here: designs and covariances (generalised_linear).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.models.families import Family

_BLOCK = 32_768
_MOST_STEPS, _SUSPICIOUS = 200, 30  # steps; links that are not canonical take small ones in small samples
_SETTLED, _NEARLY = 1e-12, 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (p,), the inverse of the expected information (p, p), the deviance, and the steps taken.

    `weighted_at` are the coefficients that the information is taken at: those before the last step, where that step was of any
    length.
    """

    coefficients: Floats
    weighted_at: Floats
    inverse_information: Floats
    deviance: float
    steps: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What is fitted: matrix (n, p), outcome (n,), offset (n,) if any. Rows of no weight must hold numbers, which do not count."""

    matrix: Floats
    response: Floats
    family: Family
    offset: Floats | None = None

    def predictor(self, coefficients: Floats) -> Floats:
        """The linear predictor of every row, (n,)."""
        eta: Floats = self.matrix @ coefficients
        return eta if self.offset is None else eta + self.offset

    def working(self, weights: Floats, found: Fit) -> Floats:
        """The weighted working score of every row, (n,): times the matrix it is the row's part of the score."""
        now = self.family.moments(self.predictor(found.coefficients))
        before = now if found.weighted_at is found.coefficients else self.family.moments(self.predictor(found.weighted_at))
        score: Floats = weights * (self.response - now.mean) / now.slope * (before.slope**2 / before.variance)
        return score

    def blocks(self) -> Iterator[tuple[slice, "Rows"]]:
        """The same rows in blocks."""
        for start in range(0, len(self.response), _BLOCK):
            part = slice(start, start + _BLOCK)
            offset = None if self.offset is None else self.offset[part]
            yield part, Rows(self.matrix[part], self.response[part], self.family, offset)


@dataclass(frozen=True, slots=True)
class State:
    """The deviance, the sum of the working weights, the score (p,) and the expected information (p, p) at some coefficients."""

    deviance: float
    working: float
    score: Floats
    information: Floats


def state(rows: Rows, weights: Floats, coefficients: Floats) -> State:
    """One pass over the rows."""
    size = rows.matrix.shape[1]
    deviance, working, score, information = 0.0, 0.0, np.zeros(size), np.zeros((size, size))
    for part, block in rows.blocks():
        weight = weights[part]
        moments = rows.family.moments(block.predictor(coefficients))
        deviance += float(weight @ rows.family.deviance(block.response, moments.mean))
        pull = weight * moments.slope / moments.variance
        score += (pull * (block.response - moments.mean)) @ block.matrix
        pull *= moments.slope
        working += float(pull.sum())
        information += (block.matrix.T * pull) @ block.matrix
    return State(deviance, working, score, information)


def fit(rows: Rows, weights: Floats, start: Floats | None = None, *, epsilon: float | None = None) -> Fit:
    """The coefficients at some weights (n,), from a start (p,) near them if one is known; `epsilon` is R's stopping rule.

    Raises CannotEstimate: `singular` when the information cannot be inverted, `separation` when the outcome can be foretold without
    error from some covariate so that its coefficient has no finite value, `no_convergence` otherwise.
    """
    coefficients = _guessed(rows, weights) if start is None else start
    now, last = state(rows, weights, coefficients), float("inf")
    for steps in range(1, _MOST_STEPS + 1):
        try:
            inverse = inverted(now.information)
        except CannotEstimate as refused:
            raise (separation() if _separated(rows, weights, coefficients) else refused) from refused
        if steps == _SUSPICIOUS and _separated(rows, weights, coefficients):
            raise separation()
        step = inverse @ now.score
        change = _length(step, now.information) / (np.sqrt(now.working) + _length(coefficients, now.information))
        shaking = last / 2.0 <= change <= _NEARLY  # rounding keeps the steps from getting shorter
        if epsilon is None and (change <= _SETTLED or shaking):
            coefficients = coefficients + step
            return Fit(coefficients, coefficients, inverse, now.deviance, steps)
        last = change
        before, before_deviance = coefficients, now.deviance
        coefficients, now = _improved(rows, weights, coefficients, now, step)
        if epsilon is not None and abs(now.deviance - before_deviance) < epsilon * (abs(now.deviance) + 0.1):
            return Fit(coefficients, before, inverse, now.deviance, steps)
    raise CannotEstimate("no_convergence", f"the coefficients still move after {_MOST_STEPS} steps")


def products(rows: Rows, weights: Floats) -> Floats:
    """The weighted products of the columns, (p, p)."""
    size = rows.matrix.shape[1]
    found = np.zeros((size, size))
    for part, block in rows.blocks():
        found += (block.matrix.T * weights[part]) @ block.matrix
    return found


def inverted(information: Floats) -> Floats:
    """The inverse of a symmetric positive matrix, scaled so that units do not matter. Raises CannotEstimate `singular`."""
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and (diagonal > 0.0).all()):
        raise CannotEstimate("singular", "some column carries no information")
    scale = 1.0 / np.sqrt(diagonal)
    try:
        factor = cho_factor(information * np.outer(scale, scale), lower=True)
    except LinAlgError:
        raise CannotEstimate("singular", "some columns are combinations of others") from None
    found: Floats = cho_solve(factor, np.eye(len(scale))) * np.outer(scale, scale)
    return found


def independent_columns(gram: Floats) -> list[int]:
    """The columns that are no combination of earlier ones, by a Cholesky sweep of their products (p, p): what R keeps of them."""
    left, kept = gram.copy(), []
    own = np.diag(gram).copy()
    for column in range(len(gram)):
        # Measured by what the first column, the intercept, leaves: so a column of large numbers that differ little counts as one.
        if left[column, column] <= max(1e-9 * own[column], 1e-13 * gram[column, column]):
            continue
        kept.append(column)
        left = left - np.outer(left[:, column], left[column]) / left[column, column]
        if len(kept) == 1:
            own = np.diag(left).copy()
    return kept


def _length(change: Floats, information: Floats) -> float:
    """How far a change of the coefficients moves the linear predictors, in working weights."""
    return float(np.sqrt(max(float(change @ information @ change), 0.0)))


def _guessed(rows: Rows, weights: Floats) -> Floats:
    """The first step, from means drawn a little towards the middle."""
    size = rows.matrix.shape[1]
    pull, information = np.zeros(size), np.zeros((size, size))
    for part, block in rows.blocks():
        eta = rows.family.link(rows.family.guess(block.response, weights[part]))
        moments = rows.family.moments(eta)
        working = weights[part] * moments.slope**2 / moments.variance
        target = eta + (block.response - moments.mean) / moments.slope
        pull += (working * (target if block.offset is None else target - block.offset)) @ block.matrix
        information += (block.matrix.T * working) @ block.matrix
    found: Floats = inverted(information) @ pull
    return found


def _improved(rows: Rows, weights: Floats, coefficients: Floats, now: State, step: Floats) -> tuple[Floats, State]:
    """The longest of the step, its half, its quarter, … that does not raise the deviance."""
    allowed = now.deviance + 1e-9 * (abs(now.deviance) + 1e-9)
    for halvings in range(30):
        tried = coefficients + step / 2.0**halvings
        then = state(rows, weights, tried)
        if np.isfinite(then.deviance) and then.deviance <= allowed:
            return tried, then
    raise CannotEstimate("no_convergence", "no step lowers the deviance")


def separation() -> CannotEstimate:
    """What is said when the likelihood rises for ever along some covariate (Albert and Anderson, Biometrika 71, 1984)."""
    found = "some covariates foretell the outcome without error, or all but: no finite value of their coefficients was found"
    return CannotEstimate("separation", found)


def _separated(rows: Rows, weights: Floats, coefficients: Floats) -> bool:
    """Whether fitted means are at the end of their range, where ever larger coefficients take them."""
    mean = rows.family.moments(rows.predictor(coefficients)).mean[weights > 0]
    return bool(np.minimum(mean - rows.family.lowest, rows.family.highest - mean).min() < 1e-6)
