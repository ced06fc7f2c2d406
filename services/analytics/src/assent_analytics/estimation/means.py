"""Weighted means of columns over domains, linearised: what shares, gaps and tests are built from.

A mean over a domain is the ratio sum(w d y) / sum(w d); its influence on each row is w d (y - mean) / sum(w d) (Särndal, Swensson and
Wretman, Model Assisted Survey Sampling, 1992, §5.6). Not here: intervals and tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.design import Bools, Design, Floats


@dataclass(frozen=True, slots=True)
class Means:
    """Means (k,), their influence values (n, k), the unweighted base of each domain (k,) and the domains themselves (n, k)."""

    estimates: Floats
    influence: Floats
    bases: NDArray[np.int64]
    within: Bools


def means(design: Design, values: ArrayLike, within: ArrayLike | None = None) -> Means:
    """The mean of each column of `values` (n,) or (n, k) over the rows where `within` (n,) or (n, k) is true.

    Raises CannotEstimate: `bad_shape`; `all_missing` when a domain has no row of positive weight; `bad_value` when a value in a domain is
    not a number.
    """
    columns = _columns(values, design.rows, "values").astype(float)
    domains = np.ones((design.rows, 1), dtype=bool) if within is None else _columns(within, design.rows, "domains").astype(bool)
    columns, domains = np.broadcast_arrays(columns, domains)
    domains = domains & (design.weights > 0)[:, None]
    weighted = design.weights[:, None] * domains
    sums = weighted.sum(axis=0)
    if (sums <= 0).any():
        raise CannotEstimate("all_missing", f"{int((sums <= 0).sum())} of {len(sums)} domains have nobody in them")
    inside = np.where(domains, columns, 0.0)
    if not np.isfinite(inside).all():
        raise CannotEstimate("bad_value", "a value within a domain is not a number; leave the row out of the domain instead")
    estimates = (weighted * inside).sum(axis=0) / sums
    influence = weighted * (inside - estimates) / sums
    return Means(estimates=estimates, influence=influence, bases=domains.sum(axis=0), within=domains)


def _columns(values: ArrayLike, rows: int, what: str) -> NDArray[np.generic]:
    found = np.asarray(values)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[0] != rows:
        raise CannotEstimate("bad_shape", f"{what} of shape {np.shape(values)} for {rows} rows")
    return found
