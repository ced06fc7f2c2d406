"""Critical values of Student's t, by quadrature of its density in terms of the angle atan(t / √df).

P(|T| <= t) = 2 c ∫ cos^(df-1), from 0 to that angle, with c = Γ((df+1)/2) / (√π Γ(df/2)): Abramowitz and Stegun 26.7.3 and 26.7.4 are
this integral in closed form. In the angle it is smooth for few degrees of freedom, and for many it is a normal curve.
"""

from math import atan, exp, lgamma, pi, sqrt, tan
from statistics import NormalDist

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_BISECTIONS = 100


def critical_value(alpha: float, degrees_of_freedom: int) -> float:
    """The t that a two-sided test at level `alpha` must exceed."""
    root = sqrt(degrees_of_freedom)
    low, high = 0.0, pi / 2
    beyond = atan(20.0 * NormalDist().inv_cdf(1.0 - alpha / 2.0) / root)
    if _within(beyond, degrees_of_freedom) > 1.0 - alpha:
        high = beyond  # where the curve is narrow, the nodes must not be spread over all of it
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _within(middle, degrees_of_freedom) > 1.0 - alpha else (middle, high)
    return root * tan((low + high) / 2.0)


def _within(angle: float, degrees_of_freedom: int) -> float:
    constant = exp(lgamma((degrees_of_freedom + 1.0) / 2.0) - lgamma(degrees_of_freedom / 2.0)) / sqrt(pi)
    heights = np.cos(angle * (_NODES + 1.0) / 2.0) ** (degrees_of_freedom - 1.0)
    return float(2.0 * constant * angle / 2.0 * (heights @ _WEIGHTS))
