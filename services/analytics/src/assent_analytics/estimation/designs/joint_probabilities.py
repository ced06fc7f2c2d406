"""Designs whose joint probabilities of selection are known: Horvitz and Thompson's variance, or Yates and Grundy's.

R: `svydesign(id = ~1, fpc = ~p, pps = ppsmat(pij), variance = "HT")`. The table of pairs has a row and a column for every
respondent, so this is for hundreds or a few thousand of them; `Design(unequal=True)` is Brewer's approximation, which needs only
each one's own chance. Not here: stages and calibration.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.estimate import Estimate, Statistic


class JointProbabilities:
    """A sample of n rows with the probabilities (n, n) that both of two rows are drawn; those of single rows are on the diagonal.

    The variance of a total of influence values x is the sum over pairs of (1 - p_i p_j / p_ij) x_i x_j (Horvitz and Thompson 1952),
    from which `yates_grundy` takes what vanishes for a sample of fixed size (Yates and Grundy 1953). Pairs that count less than
    `negligible` are left out, as R leaves them out; nought keeps them all. Raises CannotEstimate `bad_shape`, `no_rows`, and
    `bad_population` for probabilities that are no probabilities, differ from pair to mirrored pair, or are nought.
    """

    def __init__(
        self,
        joint: ArrayLike,
        *,
        variance: Literal["horvitz_thompson", "yates_grundy"] = "horvitz_thompson",
        negligible: float = 1e-4,
    ) -> None:
        pairs = np.asarray(joint, dtype=float)
        if pairs.ndim != 2 or pairs.shape[0] != pairs.shape[1]:
            raise CannotEstimate("bad_shape", f"joint probabilities are a square table, not {pairs.shape}")
        if len(pairs) == 0:
            raise CannotEstimate("no_rows", "there is nobody to estimate from")
        if not ((pairs > 0.0) & (pairs <= 1.0)).all() or not np.allclose(pairs, pairs.T, rtol=1e-9):
            raise CannotEstimate(
                "bad_population", "joint probabilities of selection are above 0, at most 1, and the same both ways"
            )
        single = np.diag(pairs)
        self.weights: Floats = 1.0 / single
        self.variance = variance
        self._pairs: Floats = (pairs - np.outer(single, single)) / pairs
        self._pairs[np.abs(self._pairs) < negligible] = 0.0

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(self.weights)

    @property
    def degrees_of_freedom(self) -> int:
        """Rows less one: R's `degf`."""
        return self.rows - 1

    def domain_degrees_of_freedom(self, within: Bools) -> NDArray[np.int64]:
        """Rows of each domain less one, (n, k) -> (k,)."""
        found: NDArray[np.int64] = np.maximum(within.sum(axis=0) - 1, 0)
        return found

    def covariance(self, influence: Floats) -> Floats:
        """The covariance of linearised estimates: influence (n, k) -> (k, k)."""
        found: Floats = influence.T @ self._pairs @ influence
        if self.variance == "yates_grundy":
            found = found - (influence.T * self._pairs.sum(axis=0)) @ influence
        return found

    def estimate(self, statistic: Statistic, names: Sequence[str] = ()) -> Estimate:
        """The statistic at the design's weights, with its covariance. Raises CannotEstimate `not_linearised`."""
        found = statistic(self.weights)
        if found.influence is None:
            raise CannotEstimate("not_linearised", "this statistic has no linearised variance: use a design with replicate weights")
        return Estimate(found.estimates, self.covariance(found.influence()), self.degrees_of_freedom, tuple(names))
