"""Ratings of units by raters as numbers and counts: what every measure of agreement starts from."""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats


def rating_matrix(ratings: ArrayLike) -> Floats:
    """Ratings as (units, raters) numbers, NaN where a rater did not rate.

    Raises CannotEstimate `bad_shape` with fewer than two raters, `no_rows` without a unit, `bad_value` for an infinite rating.
    """
    found = np.asarray(ratings, dtype=float)
    if found.ndim != 2 or found.shape[1] < 2:
        raise CannotEstimate("bad_shape", f"ratings are units by two or more raters, not {found.shape}")
    if np.isinf(found).any():
        raise CannotEstimate("bad_value", "a rating is infinite")
    if not len(found):
        raise CannotEstimate("no_rows", "there is no unit")
    return found


def complete_units(ratings: ArrayLike) -> Floats:
    """The units that every rater rated. Raises CannotEstimate `no_rows` with fewer than two of them."""
    found = rating_matrix(ratings)
    found = found[~np.isnan(found).any(axis=1)]
    if len(found) < 2:
        raise CannotEstimate("no_rows", "fewer than two units were rated by everybody")
    return found


def category_counts(ratings: Floats) -> tuple[Floats, Floats]:
    """How many raters gave each unit each category, (units, categories), and the categories in order."""
    heard = ~np.isnan(ratings)
    if not heard.any():
        raise CannotEstimate("all_missing", "no unit was rated")
    categories, codes = np.unique(ratings[heard], return_inverse=True)
    cells = np.nonzero(heard)[0] * len(categories) + codes
    counts = np.bincount(cells, minlength=len(ratings) * len(categories))
    return counts.reshape(len(ratings), len(categories)).astype(np.float64), categories


def beyond_chance(observed: float, expected: float) -> float:
    """(observed - expected) / (1 - expected). Raises CannotEstimate `constant_column` when all ratings are the same."""
    if expected >= 1.0 - 1e-12:
        raise CannotEstimate("constant_column", "all ratings are of one category: agreement by chance is certain")
    return (observed - expected) / (1.0 - expected)
