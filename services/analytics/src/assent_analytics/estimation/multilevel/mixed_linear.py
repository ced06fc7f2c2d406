"""The linear mixed model with random intercepts, by restricted or full maximum likelihood. R: `lme4::lmer(y ~ x + (1 | g))`.

The effects and the residual deviation are profiled out, so that only the ratios of standard deviations are searched for (Bates, Mächler,
Bolker and Walker 2015, §3.4, equations 34 and 41). Not here: random slopes, weights, tests of effects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import LARGEST, Floats
from assent_analytics.estimation.multilevel.intercepts import Intercepts, Penalised, Products, intercepts

AT_BOUNDARY = 1e-4


@dataclass(frozen=True, slots=True)
class GroupEffects:
    """The levels of a grouping, their standard deviation and predicted intercepts, and whether the deviation came out as nought."""

    name: str
    levels: tuple[str, ...]
    deviation: float
    effects: Floats
    at_boundary: bool


@dataclass(frozen=True, slots=True)
class MixedLinear:
    """Fixed effects (p,) with covariance (p, p), each grouping's part, the residual deviation, and the (restricted) log-likelihood."""

    coefficients: Floats
    covariance: Floats
    groups: tuple[GroupEffects, ...]
    residual_deviation: float
    log_likelihood: float
    restricted: bool
    rows: int

    @property
    def standard_errors(self) -> Floats:
        """Of the fixed effects, (p,)."""
        found: Floats = np.sqrt(np.diag(self.covariance))
        return found

    def intraclass(self, name: str) -> float:
        """The share of the variance around the fixed effects that one grouping makes."""
        whole = self.residual_deviation**2 + sum(group.deviation**2 for group in self.groups)
        return next(group.deviation**2 for group in self.groups if group.name == name) / whole


@dataclass(frozen=True, slots=True)
class _Moments:
    """Cross-products of the data: all that the likelihood depends on. Columns are the fixed effects and last the outcome."""

    products: Products
    crossed: Floats
    squares: Floats
    rows: int


def mixed_linear(
    outcome: ArrayLike,
    fixed: ArrayLike,
    groups: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    restricted: bool = True,
    boundary_avoiding: bool = False,
) -> MixedLinear:
    """Fit outcome (n,) to columns `fixed` (n, p), the intercept among them, and a random intercept for each grouping of labels (n,).

    `boundary_avoiding` adds the logarithm of each ratio of deviations to the log-likelihood, a weak prior that keeps them above nought
    (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013). Without it a deviation may come out as nought and is then flagged.
    Raises CannotEstimate: `bad_shape`, `bad_value`, `singular`, `constant_outcome`; those of `intercepts`; `no_convergence`.
    """
    response, columns = usable_columns(outcome, fixed)
    found = intercepts(groups, rows=len(response))
    together = np.column_stack([columns, response])
    ones = np.ones(len(response))
    data = _Moments(found.products(ones), np.asarray(found.membership.T @ together), together.T @ together, len(response))

    def criterion(ratios: Floats) -> float:
        value, *_ = _profiled(data, found, np.abs(ratios), restricted)
        return value - 2.0 * float(np.log(np.maximum(np.abs(ratios), 1e-12)).sum()) if boundary_avoiding else value

    ratios = _searched(criterion, len(found.groupings))
    value, coefficients, variance, information, effects = _profiled(data, found, ratios, restricted)
    deviations, residual = ratios * np.sqrt(variance), float(np.sqrt(variance))
    return MixedLinear(
        coefficients=coefficients,
        covariance=np.asarray(variance * np.linalg.inv(information), dtype=np.float64),
        groups=group_effects(found, deviations, effects, scale=residual),
        residual_deviation=residual,
        log_likelihood=-value / 2,
        restricted=restricted,
        rows=data.rows,
    )


def group_effects(found: Intercepts, deviations: Floats, effects: Floats, *, scale: float = 1.0) -> tuple[GroupEffects, ...]:
    """Each grouping's deviation (g,) and its part of the effects of all levels (a + b,); `scale` is what makes a deviation large."""
    return tuple(
        GroupEffects(
            one.name, one.levels, float(deviation), effects[found.grouping_of_level == place], bool(deviation < AT_BOUNDARY * scale)
        )
        for place, (one, deviation) in enumerate(zip(found.groupings, deviations, strict=True))
    )


def usable_columns(outcome: ArrayLike, fixed: ArrayLike) -> tuple[Floats, Floats]:
    """The outcome (n,) and the fixed columns (n, p) as numbers. Raises CannotEstimate as `mixed_linear`."""
    response, columns = np.asarray(outcome, dtype=float), np.asarray(fixed, dtype=float)
    if response.ndim != 1 or columns.ndim != 2 or len(columns) != len(response) or columns.shape[1] < 1:
        raise CannotEstimate("bad_shape", f"an outcome of shape {response.shape} and columns of shape {columns.shape}")
    if not ((np.abs(response) <= LARGEST).all() and (np.abs(columns) <= LARGEST).all()):
        raise CannotEstimate("bad_value", "an outcome or a column is not a number, or too large to reckon with: leave the row out")
    if len(response) <= columns.shape[1] or np.linalg.matrix_rank(columns.T @ columns, hermitian=True) < columns.shape[1]:
        raise CannotEstimate("singular", "one column follows from the others, or there are too few rows")
    if np.ptp(response) == 0:
        raise CannotEstimate("constant_outcome", "everybody has the same outcome: there is nothing to explain")
    return response, columns


def _profiled(data: _Moments, found: Intercepts, ratios: Floats, restricted: bool) -> tuple[float, Floats, float, Floats, Floats]:
    """-2 log-likelihood at ratios of deviations to the residual one; fixed effects, residual variance, information, random effects."""
    scales = found.scales(ratios)
    penalised = Penalised(data.products, scales)
    right = scales[:, None] * data.crossed
    solved = penalised.solve(right)
    left = data.squares - right.T @ solved
    information, toward = left[:-1, :-1], left[:-1, -1]
    coefficients = np.asarray(np.linalg.solve(information, toward), dtype=np.float64)
    rest = float(left[-1, -1] - toward @ coefficients)
    if rest <= 1e-12 * data.squares[-1, -1]:
        raise CannotEstimate("singular", "the columns explain the outcome without a rest")
    freedom = data.rows - len(coefficients) * restricted
    value = penalised.log_determinant + freedom * (1 + np.log(2 * np.pi * rest / freedom))
    if restricted:
        value += np.linalg.slogdet(information)[1]
    effects = scales * (solved[:, -1] - solved[:, :-1] @ coefficients)
    return float(value), coefficients, rest / freedom, information, effects


def _searched(criterion: Any, number: int) -> Floats:
    """The ratios (g,) of the smallest criterion, from a start of 1 and again from where the first search ended."""
    start = np.ones(number)
    for _ in range(4):
        found = minimize(
            criterion,
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 2000 * number, "adaptive": number > 2},
        )
        settled = np.abs(np.abs(found.x) - np.abs(start)).max() < 1e-5
        start = np.abs(np.asarray(found.x, dtype=np.float64))
        if found.success and settled:
            return start
    if not found.success:
        raise CannotEstimate("no_convergence", "the deviations of the groupings did not settle")
    return start
