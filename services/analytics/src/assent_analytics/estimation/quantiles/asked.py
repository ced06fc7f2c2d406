"""What a question for quantiles must be: probabilities, and numbers that are known throughout the domain."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import alike, one_domain


def asked(values: ArrayLike, probabilities: Sequence[float], within: ArrayLike | None, rows: int) -> tuple[Floats, Bools, Floats]:
    """Numbers (n,), nought outside the domain, the domain (n,), and the probabilities (m,).

    Raises CannotEstimate: `bad_shape`; `bad_setting` for a probability outside 0 to 1; `bad_value` when a value within the domain is
    not a number.
    """
    wanted = np.asarray(probabilities, dtype=float)
    if not ((wanted >= 0.0) & (wanted <= 1.0)).all():
        raise CannotEstimate("bad_setting", "a quantile is asked for by a probability between 0 and 1")
    kept, inside = alike(values, one_domain(within, rows), rows)
    return kept[:, 0], inside[:, 0], wanted
