"""Krippendorff's alpha: 1 less observed over expected disagreement, for any number of raters, missing ratings and four kinds of scale.

Disagreements are weighed by how far two values lie apart on the scale (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011).
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.raters.ratings import category_counts, rating_matrix

Scale = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(ratings: ArrayLike, *, scale: Scale) -> float:
    """Alpha of ratings (units, raters), NaN where missing. R: `irr::kripp.alpha(t(ratings), method)`, whose rows are raters.

    Raises CannotEstimate: those of `rating_matrix`; `no_rows` when no unit was rated twice, `constant_column` when all ratings are the
    same, `bad_value` for a negative rating on a ratio scale, `bad_setting`.
    """
    counts, values = category_counts(rating_matrix(ratings))
    raters = counts.sum(axis=1)
    counts, raters = counts[raters >= 2], raters[raters >= 2]
    if not len(counts):
        raise CannotEstimate("no_rows", "no unit was rated twice")
    totals = counts.sum(axis=0)
    apart = _squared_distances(values, totals, scale)
    together = (counts / (raters[:, None] - 1)).T @ counts  # coincidences of values within units, with each rating beside itself
    observed, expected = float((together * apart).sum()), float(totals @ apart @ totals) / float(totals.sum() - 1)
    if expected <= 0:
        raise CannotEstimate("constant_column", "all ratings are the same: disagreement cannot be expected")
    return 1.0 - observed / expected


def _squared_distances(values: Floats, totals: Floats, scale: Scale) -> Floats:
    if scale == "nominal":
        return 1.0 - np.eye(len(values))
    if scale == "ordinal":
        middle = np.cumsum(totals) - totals / 2  # ranks between two values, half of their own counted
        return np.subtract.outer(middle, middle) ** 2
    differences = np.subtract.outer(values, values)
    if scale == "interval":
        return differences**2
    if scale != "ratio":
        raise CannotEstimate("bad_setting", f"a scale is nominal, ordinal, interval or ratio, not {scale!r}")
    if (values < 0).any():
        raise CannotEstimate("bad_value", "a ratio scale has no negative values")
    sums = np.add.outer(values, values)
    return (differences / np.where(sums > 0, sums, 1.0)) ** 2
