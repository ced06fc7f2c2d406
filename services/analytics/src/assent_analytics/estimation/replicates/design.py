"""A design known by replicate weights: the variance of a statistic is the spread of what it is under each of them.

Any statistic can be used, whether or not it can be linearised (Wolter, Introduction to Variance Estimation, 2007; R: `svrepdesign`,
`as.svrepdesign` and `withReplicates`). With t_r the estimates under replicate r less their centre, the covariance is the scale times
the sum of rscale_r t_r t_r'. The centre is the mean of the replicates whose rscale is positive or, with `mse`, the estimate itself;
R leaves `mse` off unless told otherwise.

Not here: how replicate weights are made (jackknife, balanced, bootstrap, rescaled).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.estimate import Estimate, Statistic
from assent_analytics.estimation.of_totals import AllAtOnce, Columns
from assent_analytics.estimation.replicates.factors import Factors, Table

Failures = Literal["refuse", "drop"]


@dataclass(frozen=True, slots=True)
class ReplicateEstimate(Estimate):
    """Estimates with the replicates (R, k) that their covariance comes from; rows of those that `failed` hold not-a-number."""

    replicates: Floats = field(default_factory=lambda: np.empty((0, 0)))
    failed: int = 0


class ReplicateDesign:
    """Weights (n,) and replicates of them.

    `replicates` is a table (n, R) of whole weights (`combined`) or of factors for the weights; or factors of units, then `units`
    (n,) says which unit, from 0, each row belongs to. `rscales` (R,) is one each unless given. `failures` says what happens to an
    estimate that some replicates do not allow: `refuse`, or `drop` them and say how many in the estimate's `failed`, as R does with
    a warning.

    Raises CannotEstimate: `no_rows`, `bad_shape`, `no_weights`, `negative_weight`, `bad_replicates` (fewer than two, or a factor
    that is not a number), `bad_scale`. Negative factors are allowed: agencies publish such weights, and calibrated ones may be
    negative too.
    """

    def __init__(
        self,
        weights: ArrayLike,
        replicates: ArrayLike | Factors,
        *,
        scale: float,
        rscales: ArrayLike | None = None,
        combined: bool = False,
        units: Codes | None = None,
        mse: bool = False,
        failures: Failures = "refuse",
        method: str = "replicate weights as given",
    ) -> None:
        self.weights = usable_weights(weights, negative=combined)
        self.mse, self.failures, self.method, self.scale = mse, failures, method, float(scale)
        self.factors = replicates if isinstance(replicates, Factors) else _table(replicates)
        if self.factors.count < 2:
            raise CannotEstimate("bad_replicates", "a variance needs at least two replicates")
        self.rscales = np.ones(self.factors.count) if rscales is None else np.asarray(rscales, dtype=float)
        if self.rscales.shape != (self.factors.count,):
            raise CannotEstimate("bad_scale", f"{self.rscales.size} rscales for {self.factors.count} replicates")
        if not (np.isfinite(self.rscales).all() and np.isfinite(scale) and (self.rscales >= 0).all() and scale >= 0):
            raise CannotEstimate("bad_scale", "scale and rscales are numbers of at least nought")
        self._units = np.arange(self.rows) if units is None else np.asarray(units)
        self._base = np.ones(self.rows) if combined else self.weights
        if len(self._units) != self.rows or self._units.max() >= self._unit_count:
            raise CannotEstimate("bad_shape", f"replicates of {self._unit_count} units for {self.rows} weights")

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(self.weights)

    @property
    def replicates(self) -> int:
        """How many sets of replicate weights there are, R."""
        return self.factors.count

    @property
    def kish(self) -> float:
        """Kish's effective number of respondents, from the spread of the weights alone."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @cached_property
    def degrees_of_freedom(self) -> int:
        """The rank of the replicate weights less one: R's `degf` of a svrepdesign."""
        return int(self.domain_degrees_of_freedom(np.ones((self.rows, 1), dtype=bool))[0])

    def domain_degrees_of_freedom(self, within: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The rank of the replicate weights of the rows of each domain, less one: (n, k) -> (k,)."""
        counted = within & (self._base != 0)[:, None]
        present = np.zeros((self._unit_count, within.shape[1]), dtype=bool)
        for column in range(within.shape[1]):
            present[self._units[counted[:, column]], column] = True
        patterns, which = np.unique(present, axis=1, return_inverse=True)
        ranks = np.array([self.factors.rank(pattern) for pattern in patterns.T], dtype=np.int64)
        return np.maximum(ranks[which.ravel()] - 1, 0)

    def replicate(self, number: int) -> Floats:
        """The weights (n,) of one replicate, from 0."""
        found: Floats = self._base * self.factors.of(number)[self._units]
        return found

    def totals(self, columns: Columns) -> Floats:
        """Weighted totals of columns (n, m) under every replicate, (R, m), without expanding the replicates."""
        of_units = self._to_units @ columns
        return self.factors.totals(of_units.toarray() if isinstance(of_units, csr_array) else np.asarray(of_units))

    def estimate(self, statistic: Statistic, names: Sequence[str] = ()) -> ReplicateEstimate:
        """The statistic at the design's weights, with its covariance over the replicates.

        A statistic that needs only totals (`AllAtOnce`) is found for all replicates together, any other replicate by replicate.
        Raises CannotEstimate `replicate_failed` where some replicates allow no estimate (see `failures`), or none does.
        """
        whole = np.atleast_1d(statistic(self.weights).estimates)
        found, why = self._replicated(statistic, len(whole))
        good = np.asarray(np.isfinite(found).all(axis=1))
        failed = int((~good).sum())
        if failed and (self.failures == "refuse" or failed == len(good)):
            raise CannotEstimate("replicate_failed", f"{failed} of {len(good)} replicates allow no estimate{why}")
        covariance = self._covariance(found[good], self.rscales[good], whole)
        return ReplicateEstimate(whole, covariance, self.degrees_of_freedom, tuple(names), found, failed)

    def reweighted(self, change: Callable[[Floats], Floats]) -> "ReplicateDesign":
        """The design with the same change made to the weights and to every replicate of them, weights (n,) -> weights (n,).

        So raking, post-stratification and calibration enter the variance (R: `rake`, `postStratify` and `calibrate` of a
        svrepdesign). Holds (n, R) numbers. Raises CannotEstimate `replicate_failed` when a replicate cannot be fitted, and whatever
        the change does for the weights themselves.
        """
        weights = change(self.weights)
        replicates = np.empty((self.rows, self.replicates))
        for number in step_by_step(range(self.replicates), "replicate weight"):
            try:
                replicates[:, number] = change(self.replicate(number))
            except CannotEstimate as refused:
                raise CannotEstimate("replicate_failed", f"replicate {number + 1} cannot be re-weighted: {refused}") from refused
        return ReplicateDesign(
            weights,
            Table(replicates),
            scale=self.scale,
            rscales=self.rscales,
            combined=True,
            mse=self.mse,
            failures=self.failures,
            method=f"{self.method}, each re-weighted",
        )

    def describe(self) -> dict[str, bool | int | str]:
        """The design in words and counts, for the recipe of a figure."""
        return {
            "weighted": bool(np.ptp(self.weights) > 0),
            "replicates": self.replicates,
            "degrees_of_freedom": self.degrees_of_freedom,
            "variance": f"replicates: {self.method}, about {'the estimate' if self.mse else 'their mean'}",
        }

    @property
    def _unit_count(self) -> int:
        return len(self.factors.of(0))

    @cached_property
    def _to_units(self) -> csr_array:
        """A sparse (units, n) matrix of the weights, so that a product with it sums weighted rows within units."""
        return csr_array((self._base, (self._units, np.arange(self.rows))), shape=(self._unit_count, self.rows))

    def _replicated(self, statistic: Statistic, width: int) -> tuple[Floats, str]:
        """The estimates of every replicate, (R, k), and why the first of those that failed did."""
        if isinstance(statistic, AllAtOnce):
            return statistic.under(self.totals), ""
        found, why = np.full((self.replicates, width), np.nan), ""
        for number in step_by_step(range(self.replicates), "replicate"):
            try:
                found[number] = statistic(self.replicate(number)).estimates
            except CannotEstimate as refused:
                why = why or f"; replicate {number + 1}: {refused}"
        return found, why

    def _covariance(self, found: Floats, rscales: Floats, whole: Floats) -> Floats:
        centre = whole if self.mse else found[rscales > 0].mean(axis=0) if (rscales > 0).any() else whole
        apart = found - centre
        covariance: Floats = self.scale * ((apart.T * rscales) @ apart)
        return covariance


def _table(replicates: ArrayLike) -> Table:
    values = np.asarray(replicates, dtype=float)
    if values.ndim != 2:
        raise CannotEstimate("bad_shape", f"replicates are a table of units and replicates, not of shape {values.shape}")
    if not np.isfinite(values).all():
        raise CannotEstimate("bad_replicates", "a replicate weight is not a number")
    return Table(values)
