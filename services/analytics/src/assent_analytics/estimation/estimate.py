"""Estimates with their covariance, whatever design they come from, and what can be derived from them.

A `Statistic` is how an estimate follows from the weights. A linearised design asks it for influence values; a replicate design asks it
again for every set of replicate weights, and so takes statistics that cannot be linearised too. Every estimator of this room is written
as a statistic and handed to `design.estimate`: none of them knows which kind of design it has got.

Not here: how a covariance is found (design, replicates), and tests.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools

Floats = NDArray[np.float64]


NOISE = 1e-13
"""Sums of weights leave a last digit where nothing varies: an error below this part of what it is the error of is none."""


@dataclass(frozen=True, slots=True)
class Linearised:
    """Estimates (k,), and a function that gives their influence values (n, k).

    An influence value holds the weight already: the error of an estimate is the sum of its column, so the design's covariance of the
    columns' totals is the covariance of the estimates. None where a statistic cannot be linearised.

    `within` says of which rows they are, (n,) or (n, k): a row can be of a domain and yet have no influence, and a stratum without
    a row of the domain does not count where strata are averaged. None for the rows that have any influence.
    """

    estimates: Floats
    influence: Callable[[], Floats] | None = None
    within: Bools | None = None


Statistic = Callable[[Floats], Linearised]
"""Weights (n,) to estimates. It must not keep the weights, nor depend on anything but them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimates (k,) with their covariance (k, k), the degrees of freedom of the design they come from, and their names if any."""

    estimates: Floats
    covariance: Floats
    degrees_of_freedom: float
    names: tuple[str, ...] = ()

    @property
    def standard_errors(self) -> Floats:
        """The square roots of the variances, (k,)."""
        found: Floats = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return found

    def intervals(self, level: float = 0.95, *, degrees_of_freedom: float | None = None) -> Floats:
        """Two-sided t intervals, (k, 2); `degrees_of_freedom=inf` gives normal ones, as R's `confint` does unless told otherwise.

        Raises CannotEstimate `no_degrees_of_freedom`.
        """
        freedom = self.degrees_of_freedom if degrees_of_freedom is None else degrees_of_freedom
        tail = (1.0 - level) / 2.0
        reach = -t_quantile(tail, freedom) * self.standard_errors
        return np.column_stack([self.estimates - reach, self.estimates + reach])

    def contrast(self, rows: ArrayLike, names: Sequence[str] = ()) -> "Estimate":
        """Linear combinations: rows (m, k) -> m estimates. R: `svycontrast(stat, list(...))`. Raises CannotEstimate `bad_shape`."""
        matrix = np.atleast_2d(np.asarray(rows, dtype=float))
        if matrix.shape[1] != len(self.estimates):
            raise CannotEstimate("bad_shape", f"a contrast of {matrix.shape[1]} numbers for {len(self.estimates)} estimates")
        return Estimate(matrix @ self.estimates, matrix @ self.covariance @ matrix.T, self.degrees_of_freedom, tuple(names))


class Plan(Protocol):
    """What every kind of design offers to the estimators."""

    @property
    def weights(self) -> Floats:
        """The weights (n,) that give the estimates themselves."""

    @property
    def rows(self) -> int:
        """How many respondents there are, n."""

    @property
    def degrees_of_freedom(self) -> int:
        """Of the variance that this design estimates."""

    def domain_degrees_of_freedom(self, within: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Those of subsets of the rows: (n, k) -> (k,)."""

    def estimate(self, statistic: Statistic, names: Sequence[str] = ()) -> Estimate:
        """The statistic at the design's weights, with its covariance. Raises CannotEstimate."""


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Of Student's t, or of the normal where the degrees of freedom are without bound.

    Raises CannotEstimate `no_degrees_of_freedom` where there are none.
    """
    if not degrees_of_freedom > 0:
        raise CannotEstimate("no_degrees_of_freedom", "there are no degrees of freedom left: as many strata as sampling units")
    return float(ndtri(probability) if np.isinf(degrees_of_freedom) else stdtrit(degrees_of_freedom, probability))
