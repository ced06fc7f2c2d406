"""Galtung's shapes of a distribution (Theory and Methods of Social Research, 1969), with the two that R's `agrmt::ajus` adds.

A: one peak inside; J: a peak at the upper end; L: at the lower; U: at both ends; S: several peaks; F: flat. Shares that differ by
no more than a tolerance count as equal, and the tolerance decides much: look at more than one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.distributions import distributions

Signs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The type of each distribution, (...) letters, and its skew: 1 to the upper side, -1 to the lower, 0 for neither."""

    types: NDArray[np.str_]
    skews: Signs


def ajus(shares: ArrayLike, tolerance: float = 0.1) -> Shapes:
    """The shapes of distributions (..., K) of at least three options.

    Two conventions of R are kept. The skew compares the sums of both halves, whose common midpoint is rounded to the even, so that
    five options are halved into two and four. Steps that are all within the tolerance but add up to more make a J, whichever way
    they go. Raises CannotEstimate `bad_value` for two options, `bad_setting` for a negative tolerance.
    """
    if tolerance < 0.0:
        raise CannotEstimate("bad_setting", f"a tolerance is not negative: {tolerance}")
    found = distributions(shares, least=3)
    steps = _sign(np.diff(found, axis=-1), tolerance)
    level = _sign(found[..., -1] - found[..., 0], tolerance) == 0
    flat = (steps == 0).all(axis=-1) & level
    never_up, never_down = (steps < 1).all(axis=-1), (steps > -1).all(axis=-1)
    first, turns = _turns(steps)
    types = np.select(
        [flat, never_down, never_up, (turns == 1) & (first == 1), (turns == 1) & (first == -1)], ["F", "J", "L", "A", "U"], "S"
    )
    middle = round(found.shape[-1] / 2)
    halves = found[..., middle - 1 :].sum(axis=-1) - found[..., :middle].sum(axis=-1)
    skews = np.select([types == "J", types == "L"], [1, -1], _sign(halves, tolerance))
    return Shapes(types, skews)


def _sign(differences: Floats, tolerance: float) -> Signs:
    """1 for a rise, -1 for a fall, 0 within the tolerance."""
    return np.where(np.abs(differences) <= tolerance, 0, np.sign(differences)).astype(np.int64)


def _turns(steps: Signs) -> tuple[Signs, Signs]:
    """Which way the first step goes that is no nought, and how often the way changes afterwards: (..., K - 1) -> (...) each."""
    first = np.zeros(steps.shape[:-1], dtype=np.int64)
    last, turns = first.copy(), first.copy()
    for place in range(steps.shape[-1]):
        step = steps[..., place]
        turns += (step * last) < 0
        first = np.where(first == 0, step, first)
        last = np.where(step == 0, last, step)
    return first, turns
