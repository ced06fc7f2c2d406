"""How many equally weighted, independently drawn people a figure is worth.

Two answers that must not be mixed up. Kish's (1965) needs only the weights and says what their spread costs. The design-based one,
p (1 - p) / V(p), also knows strata and clusters, and differs from figure to figure; it is undefined for a share of 0 or 1.
"""

from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.of_totals import over


def kish_sizes(weights: Floats, within: Bools) -> Floats:
    """Kish's effective size of each domain: weights (n,), within (n, k) -> (k,); nought for an empty one."""
    sums = weights @ within
    squares = (weights**2) @ within
    sizes: Floats = over(sums**2, squares, empty=0.0)
    return sizes


def design_based_size(share: float, variance: float) -> float | None:
    """p (1 - p) / V, or None where the share is 0 or 1 or the design shows no variance."""
    if variance <= 0.0 or not 0.0 < share < 1.0:
        return None
    return share * (1.0 - share) / variance


def design_effect(share: float, variance: float, base: int) -> float | None:
    """V over the variance of a simple random sample of the same size drawn with replacement: R's `deff = "replace"`."""
    if base < 2 or not 0.0 < share < 1.0:
        return None
    return variance * (base - 1) / (share * (1.0 - share))
