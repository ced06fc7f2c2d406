"""Names for the arrays that the estimators take and give; docstrings add the shape, as in `(n,)` or `(n, k)`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Codes = NDArray[np.int64]
"""Places in a list of categories, groups or units, from 0; a negative code is none."""

LARGEST = 1e60
"""Values beyond this, and weights beyond it or all below its inverse, are refused: their squares and products would be no numbers."""


def too_large(values: Floats) -> Bools:
    """Which numbers are infinite, or too large to reckon with; one that is missing is neither."""
    found: Bools = np.abs(values) > LARGEST
    return found


Labels = Sequence[Any] | NDArray[Any]
"""Words or numbers that name strata, clusters or categories, one a row."""
