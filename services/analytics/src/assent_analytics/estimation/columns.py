"""What callers give, as columns of one length: values, codes, and domains.

A domain is a column of true and false; a statistic over it leaves the other rows out, but never out of the design.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import LARGEST, Bools, Codes, Floats, too_large
from assent_analytics.estimation.estimate import Plan


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
    if not (np.abs(kept) <= LARGEST).all():
        raise CannotEstimate(
            "bad_value", "a value within a domain is not a number, or too large; leave the row out of the domain instead"
        )
    return kept, inside


def indicator_columns(values: ArrayLike, within: ArrayLike | None, rows: int) -> tuple[Floats, Bools]:
    """As `alike`, of columns that say who does and who does not. Raises CannotEstimate `bad_value` for what is neither 0 nor 1."""
    inside, kept = alike(values, within, rows)
    if ((inside != 0.0) & (inside != 1.0)).any():
        raise CannotEstimate("bad_value", "a share is of people who do or do not: an indicator is neither 0 nor 1")
    return inside, kept


def one_domain(within: ArrayLike | None, rows: int) -> Bools:
    """One domain (n,), everybody unless told otherwise. Raises CannotEstimate `bad_shape`."""
    found = np.ones(rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    if found.shape != (rows,):
        raise CannotEstimate("bad_shape", f"a domain of shape {found.shape} for {rows} rows")
    return found


def domain_of(within: ArrayLike | None, plan: Plan) -> Bools:
    """The rows of positive weight of a domain (n,), everybody unless told otherwise.

    Raises CannotEstimate `bad_shape`, `all_missing`.
    """
    found: Bools = one_domain(within, plan.rows) & (plan.weights > 0)
    if not found.any():
        raise CannotEstimate("all_missing", "there is nobody in the domain")
    return found


def value_column(values: ArrayLike, rows: int) -> Floats:
    """Numbers (n,), NaN where missing. Raises CannotEstimate `bad_shape`, `bad_value`."""
    found = np.asarray(values, dtype=float)
    if found.shape != (rows,):
        raise CannotEstimate("bad_shape", f"values of shape {found.shape} for {rows} rows")
    if too_large(found).any():
        raise CannotEstimate("bad_value", f"{int(too_large(found).sum())} values are infinite or too large to reckon with")
    return found


def code_column(codes: ArrayLike, rows: int, what: str) -> Codes:
    """Whole-numbered codes (n,). Raises CannotEstimate `bad_shape` or `bad_value`."""
    found = np.asarray(codes)
    if found.shape != (rows,):
        raise CannotEstimate("bad_shape", f"{what} of shape {found.shape} for {rows} rows")
    if found.dtype.kind not in "biu":
        raise CannotEstimate("bad_value", f"{what} are codes: whole numbers, negative where unknown")
    return found.astype(np.int64)


def _table(values: ArrayLike, rows: int, what: str) -> NDArray[np.generic]:
    found = np.asarray(values)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[0] != rows:
        raise CannotEstimate("bad_shape", f"{what} of shape {np.shape(values)} for {rows} rows")
    return found
