"""Which number is the weighted quantile: R's twelve rules (`svyquantile(qrule = ...)`), after Hyndman and Fan (1996, American
Statistician 50) and Shah and Vaish (2006).

Whether a quantile falls on a value or between two hangs on the last digit of the cumulated weights; they are summed in extended
precision, as R does, so that the same side is chosen. A trap of R is kept: below the share of the smallest value `math` and its
relatives give the second value.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

Rule = Callable[[Floats], Floats]
"""Probabilities (m,) to quantiles (m,)."""


def quantile_rule(name: str, values: Floats, weights: Floats, *, as_chances: bool = True) -> Rule:
    """The rule for values (n,) and their weights (n,), of which those of no weight are left out.

    R keeps the weights of a design `as_chances` of selection, one over each; replicate weights it keeps as they are. Raises
    CannotEstimate `all_missing` when nothing is left, and `bad_setting` for a rule that is not one of `RULES`.
    """
    if name not in RULES:
        raise CannotEstimate("bad_setting", f"{name} is no rule for quantiles; there are {', '.join(sorted(RULES))}")
    weighing = weights != 0.0
    if not weighing.any():
        raise CannotEstimate("all_missing", "there is nobody to take a quantile of")
    order = np.argsort(values[weighing], kind="stable")
    kept = 1.0 / (1.0 / weights[weighing]) if as_chances else weights[weighing]
    return RULES[name](values[weighing][order], kept[order])


def _cumulated(weights: Floats) -> Floats:
    found: Floats = np.cumsum(weights.astype(np.longdouble)).astype(float)
    return found


class _Step:
    """Where a probability falls among cumulated weights: the last value not above it, the next, and how far it is from both."""

    def __init__(self, values: Floats, weights: Floats) -> None:
        self.values, self.cumulated = values, _cumulated(weights)
        self.total = self.cumulated[-1]

    def find(self, probabilities: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """Places of the lower and upper value, and the distances to their cumulated shares."""
        lower = np.maximum(np.searchsorted(self.cumulated, probabilities * self.total, side="right") - 1, 0)
        upper = np.minimum(lower + 1, len(self.values) - 1)
        below, above = probabilities - self.cumulated[lower] / self.total, self.cumulated[upper] / self.total - probabilities
        return lower, upper, below, above


def _inverse(values: Floats, weights: Floats) -> Rule:
    """Hyndman and Fan's type 1: the inverse of the distribution function."""
    step = _Step(values, weights)

    def rule(probabilities: Floats) -> Floats:
        lower, upper, below, _ = step.find(probabilities)
        return np.where(below == 0.0, values[lower], values[upper])

    return rule


def _averaged(values: Floats, weights: Floats) -> Rule:
    """Type 2, the school book's: half way between two values where the probability falls on the step."""
    step = _Step(values, weights)

    def rule(probabilities: Floats) -> Floats:
        lower, upper, below, _ = step.find(probabilities)
        return np.where(below == 0.0, (values[lower] + values[upper]) / 2.0, values[upper])

    return rule


def _nearest_even(values: Floats, weights: Floats) -> Rule:
    """Type 3: on a step, the value of even rank among the different values."""
    different, place = np.unique(values, return_inverse=True)
    step = _Step(different, np.asarray(np.bincount(place, weights), dtype=float))

    def rule(probabilities: Floats) -> Floats:
        lower, upper, below, _ = step.find(probabilities)
        return np.where((below == 0.0) & ((lower + 1) % 2 == 0), different[lower], different[upper])

    return rule


def _interpolated(values: Floats, weights: Floats) -> Rule:
    """Type 4: straight lines between the steps."""
    step = _Step(values, weights)

    def rule(probabilities: Floats) -> Floats:
        lower, upper, below, above = step.find(probabilities)
        both = below + above
        part = np.divide(below, both, out=np.zeros_like(both), where=both != 0.0)
        return values[lower] * (1.0 - part) + values[upper] * part

    return rule


def _positioned(positions: Callable[[Floats, Floats], Floats]) -> Callable[[Floats, Floats], Rule]:
    """Straight lines between plotting positions, which follow from the weights and their cumulated sums."""

    def make(values: Floats, weights: Floats) -> Rule:
        places = positions(weights, _cumulated(weights))
        return lambda probabilities: np.interp(probabilities, places, values)

    return make


def _before(cumulated: Floats) -> Floats:
    return np.concatenate([[0.0], cumulated[:-1]])


def _seventh(_: Floats, cumulated: Floats) -> Floats:
    """Of type 7, R's own `quantile`; a single value has a single position."""
    return _before(cumulated) / cumulated[-2] if len(cumulated) > 1 else np.zeros(1)


def _shah_vaish(values: Floats, weights: Floats) -> Rule:
    """Shah and Vaish's, as R has it: half of the unscaled weight is taken off, so that positions need not be in order."""
    scaled = _cumulated(weights / weights.mean())
    positions = (scaled + 0.5 - weights / 2.0) / (len(values) + 1.0)
    places, group = np.unique(positions, return_inverse=True)
    at = np.bincount(group, values) / np.bincount(group)
    return lambda probabilities: at[np.clip(np.searchsorted(places, probabilities, side="right") - 1, 0, len(at) - 1)]


RULES: dict[str, Callable[[Floats, Floats], Rule]] = {
    "math": _inverse,
    "school": _averaged,
    "shahvaish": _shah_vaish,
    "hf1": _inverse,
    "hf2": _averaged,
    "hf3": _nearest_even,
    "hf4": _interpolated,
    "hf5": _positioned(lambda weights, sums: (sums - weights / 2.0) / sums[-1]),
    "hf6": _positioned(lambda weights, sums: sums / (sums[-1] + weights[-1])),
    "hf7": _positioned(_seventh),
    "hf8": _positioned(lambda weights, sums: (_before(sums) / 3.0 + sums * 2.0 / 3.0) / (sums[-1] + weights[-1] / 3.0)),
    "hf9": _positioned(lambda weights, sums: (_before(sums) * 3.0 / 8.0 + sums * 5.0 / 8.0) / (sums[-1] + weights[-1] / 4.0)),
}
