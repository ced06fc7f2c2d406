"""Least squares with errors that do without equal variances or without independence: HC0 to HC3 and CR0, CR1.

For records that are no survey, or to compare with software that has no designs (White 1980; MacKinnon and White 1985; Liang and
Zeger 1986). R: `sandwich::vcovHC(lm, type)`, `vcovCL(lm, cluster, type)`. For respondents use `generalised_linear` on their design;
with weights only it equals HC0 times n / (n - 1).
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.designs.stages import codes, membership
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.models.design_matrix import DesignMatrix
from assent_analytics.estimation.models.families import GAUSSIAN
from assent_analytics.estimation.models.reweighted import Rows, fit, independent_columns, products

Errors = Literal["HC0", "HC1", "HC2", "HC3", "CR0", "CR1"]


def least_squares(
    response: ArrayLike,
    matrix: DesignMatrix,
    *,
    errors: Errors = "HC1",
    clusters: Sequence[Any] | NDArray[Any] | None = None,
    weights: ArrayLike | None = None,
) -> Estimate:
    """Coefficients of `response` (n,) with a robust covariance and n - p degrees of freedom (clusters - 1 with clusters).

    Weights (n,) are those of weighted least squares. CR0 and CR1 take `clusters` (n,): CR0 is the plain sum over them, CR1 that
    times G/(G - 1) (n - 1)/(n - p), as `vcovCL` does by default. Raises CannotEstimate: `bad_shape`, `bad_setting`, `all_missing`,
    `constant_outcome`, `one_psu`, `no_degrees_of_freedom`, and `leverage` when HC2 or HC3 meets a row that alone decides its
    fit.
    """
    outcome = np.asarray(response, dtype=float)
    given = np.ones(matrix.rows) if weights is None else usable_weights(weights, matrix.rows)
    if outcome.shape != (matrix.rows,):
        raise CannotEstimate("bad_shape", f"outcome {outcome.shape} for {matrix.rows} rows")
    if (errors in ("CR0", "CR1")) != (clusters is not None):
        raise CannotEstimate("bad_setting", "CR0 and CR1 need clusters, and only these do")
    used = matrix.complete & ~np.isnan(outcome) & (given > 0)
    GAUSSIAN.check(outcome[used])
    response_used, weight, values = outcome[used], given[used], matrix.values[used]
    kept = independent_columns(products(Rows(values, response_used, GAUSSIAN), weight))
    rows = Rows(values[:, kept], response_used, GAUSSIAN)
    found = fit(rows, weight)
    people, size = len(weight), len(kept)
    if people <= size:
        raise CannotEstimate("no_degrees_of_freedom", f"{size} coefficients for {people} records")
    influence = (rows.matrix @ found.inverse_information) * rows.working(weight, found)[:, None]
    names = tuple(matrix.names[place] for place in kept)
    if clusters is None:
        influence *= np.sqrt(_factors(errors, rows.matrix, weight, found.inverse_information))[:, None]
        return Estimate(found.coefficients, influence.T @ influence, people - size, names)
    covariance, groups = _clustered(influence, codes(np.asarray(clusters)[used], people, "clusters"))
    factor = groups / (groups - 1) * (people - 1) / (people - size) if errors == "CR1" else 1.0
    return Estimate(found.coefficients, covariance * factor, groups - 1, names)


def _clustered(influence: Floats, of_row: NDArray[np.int64]) -> tuple[Floats, int]:
    """The products of the clusters' totals, and how many clusters there are."""
    groups = int(of_row.max()) + 1
    if groups < 2:
        raise CannotEstimate("one_psu", "errors by cluster need at least two clusters")
    totals: Floats = membership(of_row) @ influence
    return totals.T @ totals, groups


def _factors(errors: Errors, matrix: Floats, weights: Floats, inverse: Floats) -> Floats:
    """What each squared residual is multiplied by, (n,)."""
    people, size = matrix.shape
    if errors in ("HC0", "HC1"):
        return np.full(people, people / (people - size) if errors == "HC1" else 1.0)
    left = 1.0 - weights * np.einsum("ij,ij->i", matrix @ inverse, matrix)
    if (left < 1e-10).any():
        raise CannotEstimate(
            "leverage", f"{int((left < 1e-10).sum())} records alone decide their own fit: HC2 and HC3 are undefined"
        )
    found: Floats = 1.0 / left ** (1 if errors == "HC2" else 2)
    return found
