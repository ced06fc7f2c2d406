"""A sampling design and the variance it gives: strata, one or more stages of clusters, populations to correct for, weights.

Linearise an estimate into one influence value a row, sum these within the units of each stage, and take the spread of unit totals
within strata (Binder 1983; Lumley, Complex Surveys, 2010, §2.3 and appendix). It equals R's `svydesign(ids, strata, weights, fpc,
nest = TRUE)`. Without populations it is the ultimate-cluster variance, for which the first stage says all. A domain never subsets
the rows: rows outside it have an influence of nought, so that the number of units of each stratum stays what the design says.

Not here: replicate weights and joint probabilities of selection, which are other kinds of `Plan`; and how weights are calibrated,
of which a design only knows the `Adjustment` of its variance.
"""

from collections.abc import Sequence
from copy import copy
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import LARGEST, Bools, Floats, Labels
from assent_analytics.estimation.designs.stages import Layout, Parts, membership
from assent_analytics.estimation.designs.stages import Lonely as Lonely
from assent_analytics.estimation.designs.stages import Stage as Stage
from assent_analytics.estimation.estimate import Estimate, Statistic


class Adjustment(Protocol):
    """What fitting weights to known totals does to a variance: only what the totals do not explain still varies."""

    def residual(self, influence: Floats) -> Floats:
        """Influence values (n, k), weights included, less what the known totals explain of them."""


class Design:
    """Weights (n,) and the stages of selection, and what they say about the variance of an estimate.

    `strata`, `clusters` and `population` (n,) are those of the first stage, `later` the stages within its clusters; see `Stage`.
    Weights left out follow from the populations of all stages. Clusters are counted within strata, unless `nest=False`: then a
    cluster in two strata is refused. With `unequal` the population holds each cluster's own chance of selection, and the variance
    is Brewer's approximation (R: `pps = "brewer"`).

    `lonely` says what a stratum with a single unit adds: `fail` refuses it; `remove` and `certainty` add nothing; `adjust` (the
    default) centres it at the mean of the whole sample, which errs upwards; `average` adds the mean of the other strata.
    `lonely_domains` applies the rule to strata of which a domain has a single unit too (R: `survey.adjust.domain.lonely`).

    Raises CannotEstimate: `no_rows`, `bad_shape`, `no_weights` (none positive, or some not a number), `negative_weight`, `one_psu`,
    `lonely_psu`, `not_nested`, `bad_population` (fewer than were drawn, not the same throughout a stratum, counts and fractions
    mixed).
    """

    def __init__(
        self,
        weights: ArrayLike | None = None,
        *,
        strata: Labels | None = None,
        clusters: Labels | None = None,
        population: ArrayLike | None = None,
        later: Sequence[Stage] = (),
        lonely: Lonely = "adjust",
        lonely_domains: bool = False,
        nest: bool = True,
        unequal: bool = False,
        adjustments: Sequence[Adjustment] = (),
    ) -> None:
        rows = _rows(weights, population)
        first = Stage(clusters, strata, population, unequal)
        self.layouts = _layouts([first, *later], rows)
        self.weights = usable_weights(_implied(self.layouts) if weights is None else weights)
        self.lonely, self.lonely_domains = lonely, lonely_domains
        self.has_strata, self.has_clusters = strata is not None, clusters is not None
        self.adjustments = tuple(adjustments)
        if self.layouts[0].units < 2 and len(self.contributing) < 2:
            raise CannotEstimate("one_psu", "a variance needs at least two primary sampling units")
        if not nest:
            _require_nested(self.layouts[0], clusters)
        if lonely == "fail":
            self._refuse_lonely()

    @classmethod
    def equal(cls, rows: int) -> "Design":
        """Every row counts the same and stands for itself: for a collection that declares no weight."""
        return cls(np.ones(rows))

    def reweighted(self, weights: ArrayLike, *adjustments: Adjustment) -> "Design":
        """The same selection with other weights (n,), and what fitting them does to the variance beside what was there already.

        Fitted weights may be negative, as those of linear calibration sometimes are. Raises CannotEstimate `bad_shape`,
        `no_weights`.
        """
        found = copy(self)
        found.weights = usable_weights(weights, self.rows, negative=True)
        found.adjustments = (*self.adjustments, *adjustments)
        return found

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(self.weights)

    @property
    def kish(self) -> float:
        """Kish's effective number of respondents, from the spread of the weights alone."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @property
    def contributing(self) -> Sequence[Layout]:
        """The stages that add to the variance: those after one drawn with replacement do not."""
        first_open = next((place for place, layout in enumerate(self.layouts) if not layout.corrected), len(self.layouts) - 1)
        return self.layouts[: first_open + 1]

    @property
    def degrees_of_freedom(self) -> int:
        """First-stage units less strata, over rows of some weight: R's `degf`."""
        return int(self.domain_degrees_of_freedom(np.ones((self.rows, 1), dtype=bool))[0])

    def domain_degrees_of_freedom(self, within: Bools) -> NDArray[np.int64]:
        """First-stage units less strata that have a row in each domain, (n, k) -> (k,); as R's `degf` of a subset."""
        first = self.layouts[0]
        present = (within & (self.weights != 0)[:, None]).astype(float)
        units = first.totals(present) > 0
        strata = (membership(first.stratum) @ units.astype(float)) > 0
        counted: NDArray[np.int64] = units.sum(axis=0) - strata.sum(axis=0)
        return counted

    def variances(self, influence: Floats) -> Floats:
        """The variance of each linearised estimate: influence (n, k), whose columns sum to the estimate's error, -> (k,)."""
        found = np.zeros(influence.shape[1])
        for part in self._parts(influence):
            found += part.scale @ part.spread**2
        return found

    def covariance(self, influence: Floats, within: Bools | None = None) -> Floats:
        """The covariance of linearised estimates: influence (n, k) -> (k, k); `within` (n,) or (n, k) as in `Linearised`."""
        found = np.zeros((influence.shape[1], influence.shape[1]))
        for part in self._parts(influence, within):
            found += (part.spread.T * part.scale) @ part.spread
        return found

    def estimate(self, statistic: Statistic, names: Sequence[str] = ()) -> Estimate:
        """The statistic at the design's weights, with its linearised covariance.

        Raises CannotEstimate `not_linearised` for a statistic without influence values: use replicate weights for it.
        """
        found = statistic(self.weights)
        if found.influence is None:
            raise CannotEstimate("not_linearised", "this statistic has no linearised variance: use a design with replicate weights")
        return Estimate(found.estimates, self.covariance(found.influence(), found.within), self.degrees_of_freedom, tuple(names))

    def describe(self) -> dict[str, bool | int | str]:
        """The design in words and counts, for the recipe of a figure."""
        corrected = self.layouts[0].corrected
        return {
            "weighted": bool(np.ptp(self.weights) > 0),
            "strata": len(self.layouts[0].size) if self.has_strata else 0,
            "clusters": self.layouts[0].units if self.has_clusters else 0,
            "degrees_of_freedom": self.degrees_of_freedom,
            "single_psu_strata": self.lonely,
            "variance": f"linearised, without replacement, stages: {len(self.contributing)}"
            if corrected
            else "linearised, ultimate clusters with replacement",
        }

    def _parts(self, influence: Floats, within: Bools | None = None) -> list[Parts]:
        """What each contributing stage adds, after the adjustments for known totals, which reach beyond any domain."""
        for adjustment in self.adjustments:
            influence, within = adjustment.residual(influence), None
        people = None if within is None else within.astype(float) if within.ndim == 2 else within[:, None].astype(float)
        asked = people if self.lonely == "average" or self.lonely_domains else None
        return [
            layout.parts(
                layout.totals(influence),
                self.lonely,
                lonely_domains=self.lonely_domains,
                present=None if asked is None else layout.totals(asked) > 0.0,
            )
            for layout in self.contributing
        ]

    def _refuse_lonely(self) -> None:
        for layout in self.contributing:
            if (alone := int(layout.alone.sum())) > 0:
                raise CannotEstimate("lonely_psu", f"{alone} strata have a single sampling unit at stage {layout.number}")


def _rows(weights: ArrayLike | None, population: ArrayLike | None) -> int:
    known = weights if weights is not None else population
    if known is None:
        raise CannotEstimate("no_weights", "a design needs weights, or populations from which they follow")
    return len(_numbers(known)) if weights is None else len(usable_weights(weights))


def _numbers(values: ArrayLike) -> Floats:
    found = np.asarray(values, dtype=float)
    if found.ndim != 1:
        raise CannotEstimate("bad_shape", f"one number a row is wanted, not a {found.ndim}-dimensional table")
    if len(found) == 0:
        raise CannotEstimate("no_rows", "there is nobody to estimate from")
    return found


def usable_weights(weights: ArrayLike, rows: int | None = None, *, negative: bool = False) -> Floats:
    """Weights (n,) as numbers, of so many rows if said, unless allowed not negative.

    Raises CannotEstimate `bad_shape`, `no_rows`, `no_weights`, `negative_weight`; `bad_value` for weights of no usable size.
    """
    found = _numbers(weights)
    if rows is not None and len(found) != rows:
        raise CannotEstimate("bad_shape", f"{len(found)} weights for {rows} rows")
    if not np.isfinite(found).all():
        raise CannotEstimate("no_weights", f"{int((~np.isfinite(found)).sum())} of {len(found)} rows have no weight")
    if not negative and (found < 0).any():
        raise CannotEstimate("negative_weight", f"{int((found < 0).sum())} of {len(found)} weights are negative")
    if not (found > 0).any():
        raise CannotEstimate("no_weights", "no weight is positive")
    if not 1.0 / LARGEST <= np.abs(found).max() <= LARGEST:
        raise CannotEstimate("bad_value", f"weights up to {np.abs(found).max():.3g} cannot be reckoned with: scale them")
    return found


def _layouts(stages: Sequence[Stage], rows: int) -> list[Layout]:
    made: list[Layout] = []
    for number, stage in enumerate(stages, start=1):
        if number < len(stages) and stage.clusters is None:
            raise CannotEstimate("bad_shape", f"stage {number} has no clusters, so nothing can be drawn within them")
        made.append(Layout(stage, rows, number=number, parent=made[-1] if made else None))
    return made


def _implied(layouts: Sequence[Layout]) -> Floats:
    """Weights as the inverse of the chances of selection of all stages (R: `weights(fpc)`)."""
    chances = [layout.chance for layout in layouts]
    found = np.ones(len(layouts[0].unit))
    for chance in chances:
        if chance is None:
            raise CannotEstimate("no_weights", "weights follow from populations only where every stage states them")
        found = found / chance
    return found


def _require_nested(first: Layout, clusters: Labels | None) -> None:
    if clusters is not None and first.units > len(np.unique(np.asarray(clusters))):
        raise CannotEstimate(
            "not_nested", "a cluster label occurs in several strata: give nest=True if these are different clusters"
        )
