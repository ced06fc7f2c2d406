"""Indices that set the two sides of a scale against each other: who is for, who is against, and how far apart they stand.

The scale is centred at nought; an odd one has a middle that is on neither side. The Potential for Conflict Index is Manfredo, Vaske
and Teel (2003, Human Dimensions of Wildlife 8) in its first form and Vaske, Beaman, Barreto and Shelby (2010, Leisure Sciences 32)
in its second.
"""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.distributions import distributions
from assent_analytics.estimation.consensus.from_cumulative import of_odd_numbers


def net_agreement(shares: ArrayLike) -> Floats:
    """The share of the upper side less that of the lower, (..., K) -> (...), -1 to 1; a middle option counts for neither."""
    found = distributions(shares)
    net: Floats = found @ np.sign(_places(found.shape[-1]))
    return net


def pci1(shares: ArrayLike) -> Floats:
    """The first Potential for Conflict Index: twice the weaker side's mean distance from the middle, over the largest possible."""
    found = distributions(shares)
    places = _places(found.shape[-1])
    above, below = found @ np.maximum(places, 0.0), found @ np.maximum(-places, 0.0)
    conflict: Floats = 2.0 * np.minimum(above, below) / places.max()
    return conflict


def pci2(shares: ArrayLike, *, discount: int = 1, power: float = 1.0, people: ArrayLike | None = None) -> Floats:
    """The second Potential for Conflict Index, (..., K) -> (...), 0 (no conflict) to 1 (half at either end).

    Only people on different sides conflict, by their distance less a `discount`, to some power: a discount of 1 is the distance D1
    (R: `pcir::pci2`), of 0 D2. An odd number of `people` cannot split evenly, and is allowed for. For two options D1 and D2 are the
    same, 4 p (1 - p). Raises CannotEstimate `bad_setting` for another discount or a power that is not positive.
    """
    if discount not in (0, 1) or not power > 0.0:
        raise CannotEstimate("bad_setting", f"a distance discounted by {discount} to the power {power}")
    found = distributions(shares)
    places = _places(found.shape[-1])
    opposed = places[:, None] * places < 0
    apart = np.where(opposed, np.abs(places[:, None] - places) - discount, 0.0) ** power
    conflict: Floats = ((found @ apart) * found).sum(axis=-1) / (apart.max() / 2.0)
    return conflict * of_odd_numbers(people)


def pci2_d1(shares: ArrayLike) -> Floats:
    """PCI2 with distance D1, for weighted shares."""
    return pci2(shares, discount=1)


def pci2_d2(shares: ArrayLike) -> Floats:
    """PCI2 with distance D2, for weighted shares."""
    return pci2(shares, discount=0)


def _places(options: int) -> Floats:
    """Where the options stand on a scale centred at nought: -2, -1, 0, 1, 2 or -2, -1, 1, 2."""
    half = options // 2
    places = np.arange(-half, half + 1, dtype=float)
    return places if options % 2 else np.delete(places, half)
