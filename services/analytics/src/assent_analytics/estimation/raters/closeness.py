"""How far two categories count as agreement: Cohen's weights (1968, Psychological Bulletin 70), which count near misses in part."""

from typing import Literal

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

Closeness = Literal["exact", "linear", "quadratic"]

_POWERS = {"linear": 1, "quadratic": 2}


def credit(categories: int, closeness: Closeness) -> Floats:
    """The part of agreement of each pair of categories in their order, 0 to 1, (categories, categories).

    Raises CannotEstimate `bad_setting` for another word.
    """
    if closeness != "exact" and closeness not in _POWERS:
        raise CannotEstimate("bad_setting", f"closeness is exact, linear or quadratic, not {closeness!r}")
    if closeness == "exact" or categories < 2:
        return np.eye(categories)
    apart = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))) / (categories - 1)
    found: Floats = 1.0 - apart ** _POWERS[closeness]
    return found
