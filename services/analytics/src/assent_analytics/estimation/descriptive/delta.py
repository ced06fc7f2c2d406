"""Functions of estimates, with their covariance by the delta method: gradient times covariance times gradient.

Linear contrasts are `Estimate.contrast`. R: `svycontrast(stat, quote(a / b))`.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Estimate

# Relative to the value: a smaller step loses more digits to rounding than the extrapolation of a larger one loses to curvature.
STEP = 1e-3


def transform(
    estimate: Estimate,
    function: Callable[[Floats], ArrayLike],
    gradient: Callable[[Floats], ArrayLike] | None = None,
    *,
    names: Sequence[str] = (),
) -> Estimate:
    """`function` maps estimates (k,) to m numbers; `gradient` to (m, k), found by differences of fourth order where it is not
    given.

    Raises CannotEstimate `bad_value` where the function or its gradient is not a number at the estimates.
    """
    with np.errstate(all="ignore"):
        at = np.atleast_1d(np.asarray(function(estimate.estimates), dtype=float))
        slopes = _differences(function, estimate.estimates) if gradient is None else gradient(estimate.estimates)
    jacobian = np.asarray(slopes, dtype=float).reshape(len(at), len(estimate.estimates))
    if not (np.isfinite(at).all() and np.isfinite(jacobian).all()):
        raise CannotEstimate("bad_value", "a function of the estimates is not a number, or changes without bound")
    return Estimate(at, jacobian @ estimate.covariance @ jacobian.T, estimate.degrees_of_freedom, tuple(names))


def _differences(function: Callable[[Floats], ArrayLike], at: Floats) -> Floats:
    """The gradient by Richardson's extrapolation of central differences, (m, k)."""
    slopes = []
    for place, value in enumerate(at):
        step = np.zeros_like(at)
        step[place] = STEP * (abs(value) or 1.0)

        def central(size: float, step: Floats = step, place: int = place) -> Floats:
            ahead, behind = (np.atleast_1d(np.asarray(function(at + sign * size * step), dtype=float)) for sign in (1.0, -1.0))
            slope: Floats = (ahead - behind) / (2.0 * size * step[place])
            return slope

        wide, near, nearer = central(2.0), central(1.0), central(0.5)
        once, again = (4.0 * near - wide) / 3.0, (4.0 * nearer - near) / 3.0
        slopes.append((16.0 * again - once) / 15.0)
    return np.column_stack(slopes)
