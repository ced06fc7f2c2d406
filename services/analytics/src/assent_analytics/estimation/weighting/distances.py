"""Distances between weights, by the functions that follow from them: how a factor on a weight depends on its linear predictor.

Calibration makes the new weights w = d F(x'λ) as near to the old ones d as the totals allow; F is the inverse of the derivative of
the distance (Deville and Särndal 1992, table 1 and §2). F(0) = 1 and F'(0) = 1. With bounds a factor stays within (lower, upper):
those of the logit distance come near to its bounds and never reach them, those of the others are cut off there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

Name = Literal["linear", "raking", "logit", "sinh"]
"""R's `calfun`: "linear" may give negative weights where it is not bounded, "raking" never does; "logit" needs bounds."""


@dataclass(frozen=True, slots=True)
class Distance:
    """Factors F(u) and their derivatives F'(u) at predictors (n,), under bounds that are numbers or one a row, (n,)."""

    name: Name
    lower: float | Floats = -np.inf
    upper: float | Floats = np.inf

    def __post_init__(self) -> None:
        """Raises CannotEstimate `bad_bounds`."""
        if not (np.all(np.less(self.lower, 1.0)) and np.all(np.greater(self.upper, 1.0))):
            raise CannotEstimate(
                "bad_bounds", "a weight that is left as it is has a factor of 1: bounds must be below and above it"
            )
        if self.name == "logit" and not (np.all(np.isfinite(self.lower)) and np.all(np.isfinite(self.upper))):
            raise CannotEstimate("bad_bounds", "the logit distance needs a lower and an upper bound")

    def factors(self, predictor: Floats) -> tuple[Floats, Floats]:
        """F and F' at predictors (n,)."""
        if self.name == "logit":
            return self._logit(predictor)
        free, slope = _FREE[self.name](predictor)
        inside = (free > self.lower) & (free < self.upper)
        return np.clip(free, self.lower, self.upper), np.where(inside, slope, 0.0)

    def _logit(self, predictor: Floats) -> tuple[Floats, Floats]:
        """Between the bounds as a logistic curve that is 1 at 0: L + (U - L) expit(A u - log((U - 1) / (1 - L)))."""
        width = np.subtract(self.upper, self.lower)
        below, above = np.subtract(1.0, self.lower), np.subtract(self.upper, 1.0)
        rate = width / (below * above)
        curve = expit(rate * predictor - np.log(above / below))
        return self.lower + width * curve, rate * width * curve * (1.0 - curve)


def _linear(predictor: Floats) -> tuple[Floats, Floats]:
    return 1.0 + predictor, np.ones_like(predictor)


def _raking(predictor: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore"):  # an infinite factor makes the caller halve its step
        factor = np.exp(predictor)
    return factor, factor


def _sinh(predictor: Floats) -> tuple[Floats, Floats]:
    """F solves F - 1/F = asinh(2u): the distance with derivative sinh(F - 1/F) / 2 (Le Guennec and Sautory 2002, with α = 1)."""
    bend = np.arcsinh(2.0 * predictor)
    root = np.sqrt(bend**2 + 4.0)
    factor = (bend + root) / 2.0
    return factor, factor / root * 2.0 / np.hypot(1.0, 2.0 * predictor)


_FREE: dict[str, Callable[[Floats], tuple[Floats, Floats]]] = {"linear": _linear, "raking": _raking, "sinh": _sinh}
