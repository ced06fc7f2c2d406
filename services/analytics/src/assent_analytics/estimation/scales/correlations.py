"""Covariances and correlations of items with missing answers and weights: what reliability and factors are computed from.

Answers are (n, k) with NaN where there is none. Not here: polychoric correlations.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

Use = Literal["pairwise", "complete"]


def item_matrix(answers: ArrayLike, *, least: int = 2) -> Floats:
    """Answers as (n, k) numbers, NaN where missing.

    Raises CannotEstimate: `bad_shape` with fewer than `least` items, `bad_value` for an infinite answer, `all_missing` for an item that
    nobody answered, `constant_column` for an item without spread.
    """
    found = np.asarray(answers, dtype=float)
    if found.ndim != 2 or found.shape[1] < least:
        raise CannotEstimate("bad_shape", f"a scale needs at least {least} items beside each other, not shape {found.shape}")
    if np.isinf(found).any():
        raise CannotEstimate("bad_value", "an answer is infinite")
    heard = ~np.isnan(found)
    if (heard.sum(axis=0) < 2).any():
        raise CannotEstimate("all_missing", f"items {np.flatnonzero(heard.sum(axis=0) < 2).tolist()} have fewer than two answers")
    low, high = np.where(heard, found, np.inf).min(axis=0), np.where(heard, found, -np.inf).max(axis=0)
    if (low == high).any():
        raise CannotEstimate("constant_column", f"everybody gave the same answer to items {np.flatnonzero(low == high).tolist()}")
    return found


def complete_rows(answers: Floats) -> NDArray[np.bool_]:
    """Which rows have an answer to every item, (n,). Raises CannotEstimate `no_rows` with fewer than two such rows."""
    heard = np.asarray(~np.isnan(answers).any(axis=1))
    if heard.sum() < 2:
        raise CannotEstimate("no_rows", "fewer than two respondents answered every item")
    return heard


def covariance(answers: Floats, *, use: Use = "pairwise") -> Floats:
    """The covariance (k, k) of answers (n, k); each pair over the rows that have both, or all over the complete rows.

    R: `cov(x, use = "pairwise")`. A pair's means and divisor are those of its own rows, so the matrix need not be positive definite.
    Raises CannotEstimate `no_rows` for a pair that fewer than two respondents answered.
    """
    if use == "complete":
        answers = answers[complete_rows(answers)]
    centre = np.nanmean(answers, axis=0)
    heard = ~np.isnan(answers)
    values, seen = np.where(heard, answers - centre, 0.0), heard.astype(float)
    pairs = seen.T @ seen
    if (pairs < 2).any():
        raise CannotEstimate("no_rows", "two items have fewer than two respondents in common")
    sums = values.T @ seen  # sum of item i over the rows that answered j too
    found: Floats = (values.T @ values - sums * sums.T / pairs) / (pairs - 1)
    return found


def pairwise_correlation(answers: Floats) -> Floats:
    """Correlations (k, k) of answers (n, k), each pair with the means and deviations of its own rows.

    R: `cor(x, use = "pairwise")`, which with missing answers is not `cov2cor(cov(x, use = "pairwise"))`: R's `alpha` uses the latter,
    `omega` and `fa` the former. Raises CannotEstimate `no_rows`, `constant_column`.
    """
    matrix, heard = covariance(answers), ~np.isnan(answers)
    values, seen = np.where(heard, answers - np.nanmean(answers, axis=0), 0.0), heard.astype(float)
    pairs, sums = seen.T @ seen, values.T @ seen
    variances = ((values**2).T @ seen - sums**2 / pairs) / (pairs - 1)  # of item i over the rows that answered j too
    if not (variances > 0).all():
        raise CannotEstimate("constant_column", "an item does not vary among those who answered another")
    found: Floats = matrix / np.sqrt(variances * variances.T)
    np.fill_diagonal(found, 1.0)
    return found


def weighted_covariance(answers: Floats, weights: Floats) -> Floats:
    """The covariance (k, k) of complete answers (n, k) with sampling weights, times n / (n - 1). R: `svyvar`."""
    used = weights > 0
    shares = weights[used] / weights[used].sum()
    centred = answers[used] - shares @ answers[used]
    rows = int(used.sum())
    found: Floats = (centred.T * shares) @ centred * rows / max(rows - 1, 1)
    return found


def correlation(covariances: Floats) -> Floats:
    """Correlations (k, k) from covariances. Raises CannotEstimate `constant_column` for an item without variance."""
    variances = np.diag(covariances)
    if not (variances > 0).all():
        raise CannotEstimate("constant_column", f"items {np.flatnonzero(~(variances > 0)).tolist()} do not vary")
    scale = np.sqrt(variances)
    found: Floats = covariances / np.outer(scale, scale)
    np.fill_diagonal(found, 1.0)
    return found


def inverse(correlations: Floats) -> Floats:
    """The inverse of a correlation matrix. Raises CannotEstimate `singular_correlations` where one item follows from the others."""
    if np.linalg.matrix_rank(correlations, hermitian=True) < len(correlations):
        raise CannotEstimate("singular_correlations", "one item follows from the others: leave out a duplicate")
    return np.linalg.inv(correlations).astype(np.float64)


def squared_multiple_correlations(correlations: Floats) -> Floats:
    """How much of each item's variance the others explain, (k,): 1 - 1 / diag(R^-1). R: `psych::smc`."""
    found: Floats = 1.0 - 1.0 / np.diag(inverse(correlations))
    return found


def first_component_signs(correlations: Floats) -> Floats:
    """+1 or -1 for each item: its side of the first principal component, which is turned to the majority, (k,)."""
    axis = np.linalg.eigh(correlations)[1][:, -1]
    axis = axis * (1.0 if axis.sum() >= 0 else -1.0)
    return np.where(axis < 0, -1.0, 1.0)
