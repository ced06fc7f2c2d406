"""Names for the arrays that the estimators take and give; docstrings add the shape, as in `(n,)` or `(n, k)`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Codes = NDArray[np.int64]
"""Places in a list of categories, groups or units, from 0; a negative code is none."""

Labels = Sequence[Any] | NDArray[Any]
"""Words or numbers that name strata, clusters or categories, one a row."""
