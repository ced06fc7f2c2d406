"""A sampling design and the variance it gives: strata, primary sampling units (PSUs) drawn with replacement, weights.

The variance is the ultimate-cluster one: linearise an estimate into one influence value a row, sum these within PSUs, and take the
spread of PSU totals within strata (Binder 1983; Lumley, Complex Surveys, 2010, §2.3 and appendix). It equals R's
`svydesign(ids, strata, weights, nest = TRUE)` without a finite population correction. A domain never subsets the rows: rows outside it
have an influence of nought, so that the number of PSUs of each stratum stays what the design says.

Not here: finite population corrections, later stages, replicate weights, calibration. They would be further kinds of design that answer
the same two questions, `covariance` and `degrees_of_freedom`.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.estimate import Estimate, Statistic

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Lonely = Literal["fail", "remove", "adjust", "average", "certainty"]


class Design:
    """Weights (n,), stratum labels (n,) and cluster labels (n,), and what they say about the variance of an estimate.

    `lonely` says what a stratum with a single PSU adds: `fail` refuses it; `remove` and `certainty` add nothing; `adjust` (the default)
    centres it at the mean of the whole sample, which errs upwards; `average` adds the mean of the other strata.
    Raises CannotEstimate: `no_rows`, `bad_shape`, `no_weights` (none positive, or some not a number), `negative_weight`, `one_psu`,
    `lonely_psu`.
    """

    def __init__(
        self,
        weights: ArrayLike,
        *,
        strata: Sequence[Any] | NDArray[Any] | None = None,
        clusters: Sequence[Any] | NDArray[Any] | None = None,
        lonely: Lonely = "adjust",
    ) -> None:
        self.weights = _usable_weights(weights)
        self.lonely = lonely
        self.has_strata, self.has_clusters = strata is not None, clusters is not None
        self._stratum = _codes(strata, self.rows, "strata")
        self._psu, self._stratum_of_psu = _nested(self._stratum, clusters, self.rows)
        self._psus = np.bincount(self._stratum_of_psu)
        self._rows_to_psus = _membership(self._psu)
        self._psus_to_strata = _membership(self._stratum_of_psu)
        if len(self._stratum_of_psu) < 2:
            raise CannotEstimate("one_psu", "a variance needs at least two primary sampling units")
        if lonely == "fail" and (self._psus == 1).any():
            raise CannotEstimate("lonely_psu", f"{int((self._psus == 1).sum())} strata have a single primary sampling unit")

    @classmethod
    def equal(cls, rows: int) -> "Design":
        """Every row counts the same and stands for itself: for a collection that declares no weight."""
        return cls(np.ones(rows))

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(self.weights)

    @property
    def kish(self) -> float:
        """Kish's effective number of respondents, from the spread of the weights alone."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @property
    def degrees_of_freedom(self) -> int:
        """PSUs less strata, over rows of positive weight."""
        return int(self.domain_degrees_of_freedom(np.ones((self.rows, 1), dtype=bool))[0])

    def domain_degrees_of_freedom(self, within: Bools) -> NDArray[np.int64]:
        """PSUs less strata that have a row in each domain, (n, k) -> (k,); as R's `degf` of a subset."""
        present = (within & (self.weights > 0)[:, None]).astype(float)
        psus = (self._rows_to_psus @ present) > 0
        strata = (self._psus_to_strata @ psus.astype(float)) > 0
        counted: NDArray[np.int64] = psus.sum(axis=0) - strata.sum(axis=0)
        return counted

    def variances(self, influence: Floats) -> Floats:
        """The variance of each linearised estimate: influence (n, k), whose columns sum to the estimate's error, -> (k,)."""
        spread, scale, share_heard = self._deviations(influence)
        found: Floats = (spread**2 * scale[:, None]).sum(axis=0) * share_heard
        return found

    def covariance(self, influence: Floats) -> Floats:
        """The covariance of linearised estimates: influence (n, k) -> (k, k)."""
        spread, scale, share_heard = self._deviations(influence)
        found: Floats = (spread.T * scale) @ spread * share_heard
        return found

    def estimate(self, statistic: Statistic, names: Sequence[str] = ()) -> Estimate:
        """The statistic at the design's weights, with its linearised covariance.

        Raises CannotEstimate `not_linearised` for a statistic without influence values: use replicate weights for it.
        """
        found = statistic(self.weights)
        if found.influence is None:
            raise CannotEstimate("not_linearised", "this statistic has no linearised variance: use a design with replicate weights")
        return Estimate(found.estimates, self.covariance(found.influence()), self.degrees_of_freedom, tuple(names))

    def describe(self) -> dict[str, bool | int | str]:
        """The design in words and counts, for the recipe of a figure."""
        return {
            "weighted": bool(np.ptp(self.weights) > 0),
            "strata": len(self._psus) if self.has_strata else 0,
            "clusters": len(self._stratum_of_psu) if self.has_clusters else 0,
            "degrees_of_freedom": self.degrees_of_freedom,
            "single_psu_strata": self.lonely,
            "variance": "linearised, ultimate clusters with replacement",
        }

    def _deviations(self, influence: Floats) -> tuple[Floats, Floats, float]:
        """PSU totals about their stratum's mean, a scale for each PSU, and the factor by which `average` fills silent strata."""
        totals = self._rows_to_psus @ influence
        means = (self._psus_to_strata @ totals) / self._psus[:, None]
        alone = (self._psus == 1)[self._stratum_of_psu]
        spread = totals - means[self._stratum_of_psu]
        if self.lonely == "adjust":
            spread[alone] = totals[alone]  # influence values are centred at nought over the whole sample
        size = self._psus[self._stratum_of_psu]
        scale = np.where(alone, 1.0, size / np.maximum(size - 1, 1))
        heard = int((self._psus > 1).sum())
        if self.lonely == "average":
            if heard == 0:
                raise CannotEstimate("lonely_psu", "every stratum has a single primary sampling unit: there is nothing to average")
            return spread, scale, len(self._psus) / heard
        return spread, scale, 1.0


def _usable_weights(weights: ArrayLike) -> Floats:
    found = np.asarray(weights, dtype=float)
    if found.ndim != 1:
        raise CannotEstimate("bad_shape", f"weights are one number a row, not {found.ndim}-dimensional")
    if len(found) == 0:
        raise CannotEstimate("no_rows", "there is nobody to estimate from")
    if not np.isfinite(found).all():
        raise CannotEstimate("no_weights", f"{int((~np.isfinite(found)).sum())} of {len(found)} rows have no weight")
    if (found < 0).any():
        raise CannotEstimate("negative_weight", f"{int((found < 0).sum())} of {len(found)} weights are negative")
    if not (found > 0).any():
        raise CannotEstimate("no_weights", "no weight is positive")
    return found


def _codes(labels: Sequence[Any] | NDArray[Any] | None, rows: int, what: str) -> NDArray[np.int64]:
    """Labels as numbers from 0; None means that all rows share one label."""
    if labels is None:
        return np.zeros(rows, dtype=np.int64)
    if len(labels) != rows:
        raise CannotEstimate("bad_shape", f"{len(labels)} {what} for {rows} weights")
    found = np.unique(np.asarray(labels).astype(str), return_inverse=True)[1]
    return np.asarray(found, dtype=np.int64)


def _nested(
    stratum: NDArray[np.int64], clusters: Sequence[Any] | NDArray[Any] | None, rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """PSUs as clusters within strata (one a row when there are none): each row's PSU, and each PSU's stratum."""
    if clusters is None:
        return np.arange(rows, dtype=np.int64), stratum
    cluster = _codes(clusters, rows, "clusters")
    both = stratum * (cluster.max() + 1) + cluster
    psus, psu = np.unique(both, return_inverse=True)
    return np.asarray(psu, dtype=np.int64), np.asarray(psus // (cluster.max() + 1), dtype=np.int64)


def _membership(code: NDArray[np.int64]) -> csr_array:
    """A sparse (groups, members) matrix of ones, so that a product with it sums within groups."""
    members = len(code)
    return csr_array((np.ones(members), (code, np.arange(members))), shape=(int(code.max()) + 1, members))
