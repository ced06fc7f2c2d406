"""The mixed logit with random intercepts, by Laplace's approximation. R: `lme4::glmer(y ~ x + (1 | g), binomial, nAGQ = 1)`.

Given fixed effects and deviations, the random effects' mode is found by penalised reweighted least squares, and the integral over them
taken as that of a normal around it (Breslow and Clayton 1993; Bates et al. 2015). Fixed effects and deviations then maximise the result
together. Rows alike in everything are counted once, so that the cost follows the number of different rows.

lme4 stops its inner iterations at `tolPwrss = 1e-7`, which leaves 4e-4 of an effect and 1 % of a standard error in its own example
`cbpp`; with `glmerControl(tolPwrss = 1e-13)` it comes to the figures that are found here.

Not here: survey weights. Selection is met by the variables in the model and by post-stratification (poststratified).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.multilevel.intercepts import MOST_DENSE, Intercepts, Penalised, intercepts
from assent_analytics.estimation.multilevel.mixed_linear import AT_BOUNDARY, GroupEffects, group_effects, usable_columns

LARGEST_LOGIT = 15.0
NEGLIGIBLE = 1e-18  # the square of what is left of a step, in which the determinant is linear
LARGEST_DEVIATION = 10.0
MOST_ERRORS = 200.0


@dataclass(frozen=True, slots=True)
class Pooling:
    """For each level of a grouping: how many rows, the share of yes among them, the intercept, and how much of it is the level's own.

    `own` is s^2 w / (1 + s^2 w), with w the information of the level's rows and s the deviation of the grouping: near 1 a level stands
    for itself, near 0 it is given what the other variables say of it.
    """

    name: str
    levels: tuple[str, ...]
    rows: Floats
    raw_shares: Floats
    effects: Floats
    own: Floats


@dataclass(frozen=True, slots=True)
class MixedLogit:
    """Fixed effects (p,) with covariance (p, p), each grouping's part, how its levels are pooled, and the log-likelihood by Laplace.

    `joint_precision` (p + levels, p + levels) is that of the fixed effects and the levels' intercepts on the scale of one deviation,
    given the deviations; None beyond 3,000 levels.
    """

    coefficients: Floats
    covariance: Floats
    groups: tuple[GroupEffects, ...]
    pooling: tuple[Pooling, ...]
    joint_precision: Floats | None
    log_likelihood: float
    rows: int

    @property
    def standard_errors(self) -> Floats:
        """Of the fixed effects, (p,)."""
        found: Floats = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """Distinct rows: columns (c, p), how many there are of each (c,), and how many of these said yes (c,)."""

    columns: Floats
    trials: Floats
    successes: Floats
    found: Intercepts


@dataclass(frozen=True, slots=True)
class _Mode:
    """Where the random effects are likeliest: on the scale of one deviation (levels,), with the approximate log-likelihood there."""

    effects: Floats
    log_likelihood: float
    working: Floats


def mixed_logit(
    outcome: ArrayLike, fixed: ArrayLike, groups: Mapping[str, Sequence[Any] | NDArray[Any]], *, boundary_avoiding: bool = False
) -> MixedLogit:
    """Fit outcomes of 0 and 1 (n,) to columns `fixed` (n, p), the intercept among them, and a random intercept for each grouping.

    `boundary_avoiding` adds the logarithm of each deviation to the log-likelihood (Chung et al. 2013); switch it off to compare with R.
    Raises CannotEstimate: those of `mixed_linear`; `bad_value` for an outcome other than 0 and 1; `separation`; `no_convergence`.
    """
    response, columns = usable_columns(outcome, fixed)
    if not np.isin(response, (0.0, 1.0)).all():
        raise CannotEstimate("bad_value", "an outcome is neither 0 nor 1")
    cells = _cells(response, columns, intercepts(groups, rows=len(response)))
    number, last = columns.shape[1], [np.zeros(cells.found.membership.shape[1])]

    def criterion(parameters: Floats) -> float:
        deviations = np.abs(parameters[number:])
        mode = _mode(cells, parameters[:number], deviations, last[0])
        last[0] = mode.effects
        prior = float(np.log(np.maximum(deviations, 1e-12)).sum()) if boundary_avoiding else 0.0
        return -2.0 * (mode.log_likelihood + prior)

    parameters = _searched(criterion, cells)
    coefficients, deviations = parameters[:number], np.abs(parameters[number:])
    mode = _mode(cells, coefficients, deviations, last[0])
    scales = cells.found.scales(deviations)
    return MixedLogit(
        coefficients=coefficients,
        covariance=_covariance(criterion, parameters, number),
        groups=group_effects(cells.found, deviations, scales * mode.effects),
        pooling=_pooling(cells, mode, scales),
        joint_precision=_joint_precision(cells, mode.working, scales),
        log_likelihood=mode.log_likelihood,
        rows=len(response),
    )


def _cells(response: Floats, columns: Floats, found: Intercepts) -> _Cells:
    keys = np.column_stack([columns, *(one.codes for one in found.groupings)])
    distinct, first, of_row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    trials = np.bincount(of_row.ravel(), minlength=len(distinct)).astype(np.float64)
    successes = np.bincount(of_row.ravel(), weights=response, minlength=len(distinct)).astype(np.float64)
    inside = Intercepts(found.groupings, found.membership[first], found.grouping_of_level)
    return _Cells(columns[first], trials, successes, inside)


def _mode(cells: _Cells, coefficients: Floats, deviations: Floats, start: Floats) -> _Mode:
    """Newton steps, halved while they do not help, to the mode of the random effects. Raises CannotEstimate `no_convergence`."""
    scales, offset, effects = cells.found.scales(deviations), cells.columns @ coefficients, start
    member = cells.found.membership

    def height(effects: Floats) -> tuple[float, Floats]:
        logits = offset + member @ (scales * effects)
        return float(cells.successes @ logits - cells.trials @ np.logaddexp(0.0, logits) - effects @ effects / 2), logits

    value, logits = height(effects)
    for _ in range(100):
        chances = expit(logits)
        working = cells.trials * chances * (1 - chances)
        penalised = Penalised(cells.found.products(working), scales)
        gradient = scales * (member.T @ (cells.successes - cells.trials * chances)) - effects
        step = penalised.solve(gradient)
        promised = float(gradient @ step)
        if promised < NEGLIGIBLE:
            return _Mode(effects, value - penalised.log_determinant / 2, working)
        for halving in range(30):
            moved = effects + step / 2**halving
            new_value, new_logits = height(moved)
            if new_value > value or promised < 1e-9:
                break
        effects, value, logits = moved, new_value, new_logits
    raise CannotEstimate("no_convergence", "the random effects did not settle")


def _start(cells: _Cells) -> tuple[Floats, Floats]:
    """A few steps of plain logistic regression, and a root of its covariance: a step of 1 along it is one standard error."""
    coefficients = np.zeros(cells.columns.shape[1])
    for _ in range(8):
        chances = expit(np.clip(cells.columns @ coefficients, -8, 8))
        working = cells.trials * np.maximum(chances * (1 - chances), 1e-3)
        left = (cells.columns.T * working) @ cells.columns
        coefficients = coefficients + np.linalg.solve(left, cells.columns.T @ (cells.successes - cells.trials * chances))
    return coefficients, np.linalg.cholesky(np.linalg.inv(left))


def _searched(criterion: Any, cells: _Cells) -> Floats:
    """Fixed effects and deviations of the smallest criterion. Raises CannotEstimate `separation`, `no_convergence`.

    The search is over variances: in a deviation the likelihood is even, so that its slope at nought would say that one may stop there.
    """
    origin, root = _start(cells)
    number, groupings = len(origin), len(cells.found.groupings)

    def parameters(moved: Floats) -> Floats:
        return np.concatenate([origin + root @ moved[:number], np.sqrt(moved[number:])])

    begin = np.concatenate([np.zeros(number), np.full(groupings, 0.25)])
    bounds = [(-MOST_ERRORS, MOST_ERRORS)] * number + [(0.0, LARGEST_DEVIATION**2)] * groupings
    for _ in range(5):
        found = minimize(
            lambda moved: criterion(parameters(moved)), begin, jac="3-point", method="L-BFGS-B", bounds=bounds,
            options={"ftol": 1e-15, "gtol": 1e-6, "maxiter": 500},
        )  # fmt: skip
        settled = np.abs(found.x - begin).max() < 1e-4
        begin = found.x
        if settled:
            break
    logits = cells.columns @ parameters(begin)[:number]
    if np.abs(logits).max() > LARGEST_LOGIT or (begin[number:] > 0.98 * LARGEST_DEVIATION**2).any():
        raise CannotEstimate("separation", "a column or a grouping settles the outcome: its effect has no estimate")
    if not settled and np.abs(found.jac[(begin > 0) | (np.arange(len(begin)) < number)]).max() > 1e-2:
        raise CannotEstimate("no_convergence", f"the likelihood did not settle: {found.message}")
    return parameters(begin)


def _covariance(criterion: Any, parameters: Floats, number: int) -> Floats:
    """Of the fixed effects: twice the inverse of the criterion's second derivatives over all parameters that are not at the boundary.

    As lme4's `vcov` with `use.hessian`: it allows for the deviations being estimated too.
    """
    free = np.flatnonzero((np.arange(len(parameters)) < number) | (parameters > 10 * AT_BOUNDARY))
    steps = 1e-3 * np.maximum(np.abs(parameters[free]), 0.1)
    steps = np.where(free >= number, np.minimum(steps, parameters[free] / 4), steps)
    moves = np.zeros((len(free), len(parameters)))
    moves[np.arange(len(free)), free] = steps

    def second(one: int, other: int) -> float:
        corners = [
            sign * criterion(parameters + first * moves[one] + then * moves[other])
            for first, then, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
        ]
        return float(sum(corners) / (4 * steps[one] * steps[other]))

    curvature = np.zeros((len(free), len(free)))
    for one in range(len(free)):
        for other in range(one + 1):
            curvature[one, other] = curvature[other, one] = second(one, other)
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        raise CannotEstimate("no_convergence", "the likelihood has no top where the search ended")
    return np.asarray(2.0 * np.linalg.inv(curvature)[:number, :number], dtype=np.float64)


def _pooling(cells: _Cells, mode: _Mode, scales: Floats) -> tuple[Pooling, ...]:
    found, member = cells.found, cells.found.membership
    information = scales**2 * (member.T @ mode.working)
    own, effects = information / (1.0 + information), scales * mode.effects
    rows = member.T @ cells.trials
    shares = (member.T @ cells.successes) / rows
    inside = [found.grouping_of_level == place for place in range(len(found.groupings))]
    return tuple(
        Pooling(one.name, one.levels, rows[here], shares[here], effects[here], own[here])
        for one, here in zip(found.groupings, inside, strict=True)
    )


def _joint_precision(cells: _Cells, working: Floats, scales: Floats) -> Floats | None:
    if len(scales) > MOST_DENSE:
        return None
    left = (cells.columns.T * working) @ cells.columns
    crossed = (cells.found.membership.T @ (cells.columns * working[:, None])) * scales[:, None]
    among = cells.found.membership.T @ csr_array(cells.found.membership.multiply(working[:, None]))
    below = among.toarray() * np.outer(scales, scales) + np.eye(len(scales))
    return np.asarray(np.block([[left, crossed.T], [crossed, below]]), dtype=np.float64)
