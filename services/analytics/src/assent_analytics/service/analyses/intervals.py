"""An estimate with its t interval, as figures tell it."""

import numpy as np
from scipy.special import stdtrit

from assent_analytics.domain.numbers import finite


def interval_numbers(name: str, estimate: float, variance: float, freedom: float, level: float) -> dict[str, float | int | None]:
    """The estimate under its name, its standard error, and the interval at `level` with so many degrees of freedom."""
    error = float(np.sqrt(max(variance, 0.0)))
    reach = float(-stdtrit(max(freedom, 1), (1.0 - level) / 2.0)) * error
    return {
        name: finite(estimate),
        "standard_error": finite(error),
        "low": finite(estimate - reach),
        "high": finite(estimate + reach),
        "degrees_of_freedom": finite(freedom),
    }
