"""Confirmatory factor analysis: items that are said to measure given factors, fitted by maximum likelihood to their covariance.

The covariance is L P L' + T, with a loading for each item on its own factor and no other, factors that correlate, and errors that do not
(Jöreskog 1969). A poor fit says that the items do not measure what the scale claims; a good one does not prove that they do.

Not here: ordered answers by weighted least squares (WLSMV), cross-loadings, several groups, weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize
from scipy.special import chdtrc
from scipy.stats import ncx2

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.scales.correlations import complete_rows, correlation, covariance, inverse, item_matrix

Scaling = Literal["first_loading", "factor_variance"]


@dataclass(frozen=True, slots=True)
class FitMeasures:
    """Against the items' own covariance (chi-square) and against no correlation at all (CFI, TLI); RMSEA with its 90 % interval; the root
    mean square of standardised residuals; the normal log-likelihood with its criteria."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    comparative: float
    tucker_lewis: float
    approximation_error: float
    approximation_lower: float
    approximation_upper: float
    residual: float
    log_likelihood: float
    aic: float
    bic: float


@dataclass(frozen=True, slots=True)
class Confirmatory:
    """Loadings (k,) of items on their factors with standard errors, nought where fixed; error variances (k,) and the covariance of the
    factors (m, m) with theirs; standardised loadings (k,)."""

    loadings: Floats
    loading_errors: Floats
    residual_variances: Floats
    residual_errors: Floats
    factor_covariance: Floats
    factor_errors: Floats
    standardised: Floats
    fit: FitMeasures
    rows: int


@dataclass(frozen=True, slots=True)
class _Model:
    """Which factor each item is of (k,), which loadings are free, and the places of free factor (co)variances."""

    factor: NDArray[np.int64]
    free: NDArray[np.int64]
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    scaling: Scaling

    def matrices(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Loadings (k, m), factor covariance (m, m) and error variances (k,)."""
        items, factors, loose = len(self.factor), int(self.factor.max()) + 1, len(self.free)
        loadings = np.zeros((items, factors))
        loadings[np.arange(items), self.factor] = 1.0
        loadings[self.free, self.factor[self.free]] = parameters[:loose]
        between = np.eye(factors)
        rows, columns = self.pairs
        between[rows, columns] = between[columns, rows] = parameters[loose : loose + len(rows)]
        return loadings, between, parameters[loose + len(rows) :]

    def derivatives(self, parameters: Floats) -> Floats:
        """How the covariance changes with each parameter, (parameters, k, k)."""
        loadings, between, _ = self.matrices(parameters)
        items, common = len(self.factor), loadings @ between
        made = []
        for item in self.free:
            one = np.zeros((items, items))
            one[item] = common[:, self.factor[item]]
            made.append(one + one.T)
        for row, column in zip(*self.pairs, strict=True):
            one = np.outer(loadings[:, row], loadings[:, column])
            made.append(one if row == column else one + one.T)
        made.extend(np.diag(np.eye(items)[item]) for item in range(items))
        return np.array(made)


def confirmatory(answers: ArrayLike, factor_of_item: Sequence[int], *, scaling: Scaling = "first_loading") -> Confirmatory:
    """Fit answers (n, k), complete rows only, with the factor of each item numbered from 0.

    R: lavaan `cfa("f =~ x1 + x2 ...", data)`; `scaling="factor_variance"` is `std.lv = TRUE`. Raises CannotEstimate: those of
    `item_matrix` and `complete_rows`; `bad_setting` for a factor with fewer than two items, `singular_correlations`,
    `too_many_factors` when no degree of freedom is left, `no_convergence`.
    """
    items = item_matrix(answers, least=3)
    items = item_matrix(items[complete_rows(items)], least=3)
    model, rows = _model(factor_of_item, items.shape[1], scaling), len(items)
    observed = covariance(items) * (rows - 1) / rows
    scale = np.sqrt(np.diag(observed))
    inverse(correlation(observed))  # a singular matrix is refused in the same words
    parameters, discrepancy = _fitted(model, observed)
    loadings, between, residual = model.matrices(parameters)
    errors = _errors(model, parameters, rows)
    loose, pairs = len(model.free), len(model.pairs[0])
    loading_errors, factor_errors = np.zeros(items.shape[1]), np.zeros_like(between)
    loading_errors[model.free] = errors[:loose]
    factor_errors[model.pairs] = factor_errors[model.pairs[::-1]] = errors[loose : loose + pairs]
    own = loadings[np.arange(len(scale)), model.factor]
    implied = loadings @ between @ loadings.T + np.diag(residual)
    return Confirmatory(
        loadings=own,
        loading_errors=loading_errors,
        residual_variances=residual,
        residual_errors=errors[loose + pairs :],
        factor_covariance=between,
        factor_errors=factor_errors,
        standardised=own * np.sqrt(np.diag(between))[model.factor] / np.sqrt(np.diag(implied)),
        fit=_measures(observed, implied, discrepancy, len(parameters), rows),
        rows=rows,
    )


def _model(factor_of_item: Sequence[int], items: int, scaling: Scaling) -> _Model:
    factor = np.asarray(factor_of_item, dtype=np.int64)
    if factor.shape != (items,) or factor.min() < 0 or np.bincount(factor).min() < 2:
        raise CannotEstimate("bad_setting", "every item has a factor, numbered from 0, and every factor two items or more")
    factors = int(factor.max()) + 1
    markers = [int(np.flatnonzero(factor == one)[0]) for one in range(factors)]
    standard = scaling == "factor_variance"
    free = np.arange(items) if standard else np.setdiff1d(np.arange(items), markers)
    pairs = np.triu_indices(factors, 1 if standard else 0)
    if len(free) + len(pairs[0]) + items >= items * (items + 1) // 2:
        raise CannotEstimate("too_many_factors", "a model with as many parameters as covariances fits anything")
    return _Model(factor, free, (pairs[0].astype(np.int64), pairs[1].astype(np.int64)), scaling)


def _fitted(model: _Model, observed: Floats) -> tuple[Floats, float]:
    """The parameters, and the discrepancy log|S'| + tr(S S'^-1) - log|S| - k at its smallest."""
    items = len(observed)
    constant = float(np.linalg.slogdet(observed)[1]) + items

    def discrepancy(parameters: Floats) -> tuple[float, Floats]:
        loadings, between, residual = model.matrices(parameters)
        implied = loadings @ between @ loadings.T + np.diag(residual)
        sign, logarithm = np.linalg.slogdet(implied)
        if sign <= 0 or (residual <= 0).any() or np.linalg.eigvalsh(implied)[0] <= 0:
            return 1e10, np.zeros(len(parameters))
        back = np.linalg.inv(implied)
        slope = back - back @ observed @ back
        gradient = np.einsum("pij,ij->p", model.derivatives(parameters), slope)
        return float(logarithm + (observed * back).sum() - constant), gradient

    scale = np.sqrt(np.diag(observed))
    strength = 0.7 if model.scaling == "factor_variance" else 1.0
    rows, columns = model.pairs
    common = 0.5 * np.array(
        [observed[model.factor == one][:, model.factor == one].mean() for one in range(int(model.factor.max()) + 1)]
    )
    start = np.concatenate([
        scale[model.free] * strength if model.scaling == "factor_variance" else np.ones(len(model.free)),
        np.where(rows == columns, common[rows], 0.05),
        0.5 * scale**2,
    ])  # fmt: skip
    found = minimize(discrepancy, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 5000})
    if np.abs(found.jac).max() > 1e-5 or found.fun >= 1e9:
        raise CannotEstimate("no_convergence", "the factor model did not settle: an error variance may be negative")
    return np.asarray(found.x, dtype=np.float64), float(found.fun)


def _errors(model: _Model, parameters: Floats, rows: int) -> Floats:
    """Standard errors from the expected information: n / 2 tr(S^-1 dS S^-1 dS')."""
    loadings, between, residual = model.matrices(parameters)
    back = np.linalg.inv(loadings @ between @ loadings.T + np.diag(residual))
    changes = back @ model.derivatives(parameters)
    information = rows / 2 * np.einsum("pij,qji->pq", changes, changes)
    if np.linalg.matrix_rank(information, hermitian=True) < len(parameters):
        raise CannotEstimate("singular", "the covariances do not settle the model's parameters")
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))), dtype=np.float64)


def _measures(observed: Floats, implied: Floats, discrepancy: float, parameters: int, rows: int) -> FitMeasures:
    """Bentler (1990) for CFI, Tucker and Lewis (1973), Steiger (1990) for RMSEA; all on n times the discrepancy, as lavaan has them."""
    items = len(observed)
    freedom, none = items * (items + 1) // 2 - parameters, items * (items - 1) // 2
    statistic = rows * max(discrepancy, 0.0)
    alone = -rows * float(np.linalg.slogdet(correlation(observed))[1])
    excess, alone_excess = max(statistic - freedom, 0.0), max(alone - none, statistic - freedom, 0.0)
    lower, upper = (_noncentrality(statistic, freedom, tail) for tail in (0.95, 0.05))
    deviations = np.sqrt(np.diag(observed))
    apart = ((observed - implied) / np.outer(deviations, deviations))[np.tril_indices(items)]
    entropy = float(np.linalg.slogdet(implied)[1]) + float(np.trace(np.linalg.solve(implied, observed)))
    height = -rows / 2 * float(items * np.log(2 * np.pi) + entropy)
    return FitMeasures(
        statistic=statistic,
        degrees_of_freedom=freedom,
        p_value=float(chdtrc(freedom, statistic)),
        comparative=1.0 - excess / alone_excess if alone_excess > 0 else 1.0,
        tucker_lewis=1.0 - (statistic - freedom) / freedom * none / (alone - none),
        approximation_error=float(np.sqrt(excess / (freedom * rows))),
        approximation_lower=float(np.sqrt(lower / (freedom * rows))),
        approximation_upper=float(np.sqrt(upper / (freedom * rows))),
        residual=float(np.sqrt((apart**2).mean())),
        log_likelihood=height,
        aic=2 * parameters - 2 * height,
        bic=float(np.log(rows)) * parameters - 2 * height,
    )


def _noncentrality(statistic: float, freedom: int, share: float) -> float:
    """The noncentrality under which a share of chi-squares lies below the statistic, nought where none does."""
    if chdtrc(freedom, statistic) > 1 - share:
        return 0.0
    return float(brentq(lambda shift: ncx2.cdf(statistic, freedom, shift) - share, 1e-9, statistic * 4 + 50))
