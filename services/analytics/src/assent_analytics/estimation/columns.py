"""Values and domains as columns of the same shape: what every descriptive statistic takes.

A domain is a column of true and false; a statistic over it leaves the other rows out, but never out of the design.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats


def columns(values: ArrayLike, rows: int, what: str = "values") -> Floats:
    """Numbers (n,) or (n, k) as (n, k). Raises CannotEstimate `bad_shape`."""
    return np.asarray(_table(values, rows, what), dtype=float)


def domains(within: ArrayLike | None, rows: int) -> Bools:
    """Domains (n,) or (n, k) as (n, k); None is everybody. Raises CannotEstimate `bad_shape`."""
    if within is None:
        return np.ones((rows, 1), dtype=bool)
    return np.asarray(_table(within, rows, "domains"), dtype=bool)


def alike(values: ArrayLike, within: ArrayLike | None, rows: int) -> tuple[Floats, Bools]:
    """Values and domains broadcast to one shape (n, k), with nought outside the domains.

    Raises CannotEstimate `bad_shape`, and `bad_value` when a value within its domain is not a number.
    """
    table, inside = columns(values, rows), domains(within, rows)
    try:
        shape = np.broadcast_shapes(table.shape, inside.shape)
    except ValueError:
        raise CannotEstimate("bad_shape", f"values {table.shape} and domains {inside.shape} do not go together") from None
    table, inside = np.broadcast_to(table, shape), np.broadcast_to(inside, shape)
    kept = np.where(inside, table, 0.0)
    if not np.isfinite(kept).all():
        raise CannotEstimate("bad_value", "a value within a domain is not a number; leave the row out of the domain instead")
    return kept, inside


def _table(values: ArrayLike, rows: int, what: str) -> NDArray[np.generic]:
    found = np.asarray(values)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[0] != rows:
        raise CannotEstimate("bad_shape", f"{what} of shape {np.shape(values)} for {rows} rows")
    return found
