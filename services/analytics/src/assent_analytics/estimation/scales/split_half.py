"""The reliability of every split of a scale into two halves: the best, the worst and the mean split.

The halves' correlation is stepped up as 4 C_ab / sum C (Flanagan-Rulon). The mean over all splits is alpha for an even number of items.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.scales.correlations import (
    Use,
    correlation,
    covariance,
    first_component_signs,
    item_matrix,
    squared_multiple_correlations,
)
from assent_analytics.estimation.scales.reliability import alpha_of_covariance

MOST_SPLITS = 20_000


@dataclass(frozen=True, slots=True)
class SplitHalf:
    """Guttman's lambda 4 (the best split), beta (the worst), the mean split; alpha, lambda 2 and lambda 6 of the correlations."""

    best: float
    worst: float
    mean: float
    alpha: float
    lambda_2: float
    lambda_6: float
    splits: int
    every_split: bool


def split_half(answers: ArrayLike, *, use: Use = "pairwise", seed: int = 0) -> SplitHalf:
    """Split halves of answers (n, k) on correlations, items against the first component reversed.

    R: `psych::splitHalf(x)`; with an odd number of items R looks at the first half of the splits only, so that its worst and mean split
    are not those of all of them, as here. Beyond 20,000 splits a seeded sample is taken, and `every_split` is False; R's limit is 10,000.
    Raises CannotEstimate: those of `item_matrix` and `covariance`, `no_common_variance`.
    """
    matrix = correlation(covariance(item_matrix(answers), use=use))
    signs = first_component_signs(matrix)
    matrix = matrix * np.outer(signs, signs)
    number, total = len(matrix), float(matrix.sum())
    every = comb(number, number // 2) <= MOST_SPLITS
    halves = every_half(number) if every else _some_halves(number, seed)
    found = reliabilities(matrix, halves)
    between = matrix - np.eye(number)
    return SplitHalf(
        best=float(found.max()),
        worst=float(found.min()),
        mean=float(found.mean()),
        alpha=alpha_of_covariance(matrix).raw,
        lambda_2=float((between.sum() + np.sqrt((between**2).sum() * number / (number - 1))) / total),
        lambda_6=float((between.sum() + squared_multiple_correlations(matrix).sum()) / total),
        splits=len(found),
        every_split=every,
    )


def reliabilities(matrix: Floats, halves: Floats) -> Floats:
    """The reliability of each split: a covariance or correlation matrix (k, k) and 1 for the items of a half (s, k) -> (s,)."""
    found: Floats = 4 * ((halves @ matrix) * (1 - halves)).sum(axis=1) / matrix.sum()
    return found


def every_half(number: int) -> Floats:
    """One row a split, 1 for the items of the first half, in the order of the items' numbers.

    With an even number of items each split comes twice, which changes neither extreme nor mean.
    """
    chosen = np.array(list(combinations(range(number), number // 2)), dtype=int)
    halves = np.zeros((len(chosen), number))
    np.put_along_axis(halves, chosen, 1.0, axis=1)
    return halves


def _some_halves(number: int, seed: int) -> Floats:
    if number > 500:
        raise CannotEstimate("bad_shape", f"{number} items are no scale")
    order = np.random.default_rng(seed).random((MOST_SPLITS // 2, number)).argsort(axis=1)
    found: Floats = (order < number // 2).astype(float)
    return found
