"""Ordered answers: cumulative logit and probit regression on any design, with sandwich errors. R: `svyolr`.

The model has one effect for all thresholds (proportional odds for the logit): P(Y <= k) = F(threshold_k - x'b), so that a positive
effect means higher answers. Influence values are the weighted scores times the inverse of the observed information (Binder 1983).

R's `svyolr` and `polr` stop their optimiser at about 1e-5 of the coefficients; this iterates to the end. `svyolr` divides its
deviance but not its information by the mean weight, so that its likelihood ratio tests depend on the scale of the weights; here
both are divided.

Not here: the likelihood itself (cumulative), models of unweighted records with their AIC (plain), tests of terms (term_tests).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.models.cumulative import LOGISTIC, Link, Ordered, influence_values, maximised
from assent_analytics.estimation.models.design_matrix import DesignMatrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.reweighted import independent_columns


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A fitted model: effects of `matrix` first, then the thresholds between neighbouring `levels`.

    `coefficients` has the names, with thresholds as `low|high`, the covariance and the residual degrees of freedom (the design's
    less the number of effects, as R has it); `deviance` and `working_covariance` are at weights of mean one; `dropped_levels`
    nobody chose.
    """

    coefficients: Estimate
    working_covariance: Floats
    deviance: float
    observations: int
    levels: tuple[str, ...]
    dropped_levels: tuple[str, ...]
    aliased: tuple[str, ...]
    matrix: DesignMatrix
    ordered: Ordered
    weights: Floats

    @property
    def thresholds(self) -> Floats:
        """The cut points on the scale of the linear predictor, (levels - 1,)."""
        return self.coefficients.estimates[len(self.matrix.names) :]

    def without(self, columns: Sequence[int]) -> float:
        """The deviance of the model without some effects, fitted to the same rows."""
        left = [column for column in range(len(self.matrix.names)) if column not in set(columns)]
        smaller = replace(self.ordered, covariates=self.ordered.covariates[:, left])
        return -2.0 * maximised(smaller, self.weights).log_likelihood

    def linear_predictor(self) -> Floats:
        """x'b of every row, (n,); nought for incomplete rows."""
        found: Floats = self.matrix.values @ self.coefficients.estimates[: len(self.matrix.names)]
        return found

    def probabilities(self) -> Floats:
        """The fitted chance of every level for each row used, (used, levels)."""
        used = self.weights > 0
        cuts = self.thresholds[None, :] - self.linear_predictor()[used][:, None]
        ends = np.column_stack([np.full(len(cuts), -40.0), cuts, np.full(len(cuts), 40.0)])
        return self.ordered.link.between(ends[:, :-1], ends[:, 1:])


def ordinal(
    plan: Plan, response: Factor, matrix: DesignMatrix, link: Link = LOGISTIC, *, within: ArrayLike | None = None
) -> Ordinal:
    """Fit `response`, its levels in order, to the rows of `within` (n,) that have every value. An intercept in the matrix is left
    out.

    R: `svyolr(response ~ terms, design, method = "logistic" | "probit")`. Raises CannotEstimate: `bad_shape`, `all_missing`,
    `constant_outcome`, `bad_setting` (fewer than three levels occur: fit a logit), `singular`, `separation`, `no_convergence`.
    """
    used, codes, levels, dropped = usable(plan, response, matrix, within)
    weights = np.where(used, plan.weights, 0.0)
    effects, aliased = effects_of(matrix, weights)
    ordered = Ordered(effects.values, codes, len(levels), link)
    first = maximised(ordered, weights)

    def statistic(replicate: Floats) -> Linearised:
        inside = np.where(used, replicate, 0.0)
        found = first if np.array_equal(inside, weights) else maximised(ordered, inside, first.parameters)

        return Linearised(found.parameters, lambda: influence_values(ordered, inside, found), used)

    names = (*effects.names, *(f"{low}|{high}" for low, high in pairwise(levels)))
    estimate = plan.estimate(statistic, names)
    mean_weight = float(weights[used].mean())
    freedom = int(plan.domain_degrees_of_freedom(used[:, None])[0]) - len(effects.names)
    return Ordinal(
        coefficients=replace(estimate, degrees_of_freedom=freedom),
        working_covariance=first.inverse_information * mean_weight,
        deviance=-2.0 * first.log_likelihood / mean_weight,
        observations=int(used.sum()),
        levels=levels,
        dropped_levels=dropped,
        aliased=aliased,
        matrix=effects,
        ordered=ordered,
        weights=weights / mean_weight,
    )


def usable(
    plan: Plan, response: Factor, matrix: DesignMatrix, within: ArrayLike | None
) -> tuple[Bools, NDArray[np.int64], tuple[str, ...], tuple[str, ...]]:
    """The rows that count (n,), codes of the levels that occur among them (n,), these levels, and those that nobody chose."""
    asked = np.ones(plan.rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    if {asked.shape, response.codes.shape, (matrix.rows,)} != {(plan.rows,)}:
        raise CannotEstimate("bad_shape", f"{response.rows} outcomes and a matrix of {matrix.rows} rows for {plan.rows} weights")
    used = asked & matrix.complete & (response.codes >= 0) & (plan.weights > 0)
    if not used.any():
        raise CannotEstimate("all_missing", "no row has an outcome and every covariate")
    present = np.unique(response.codes[used])
    if len(present) == 1:
        raise CannotEstimate("constant_outcome", f"everybody answered {response.levels[present[0]]!r}: there is nothing to explain")
    if len(present) == 2:
        raise CannotEstimate("bad_setting", "only two levels occur: that is a logit, not an ordered model")
    recode = np.zeros(len(response.levels), dtype=np.int64)
    recode[present] = np.arange(len(present))
    kept = tuple(response.levels[code] for code in present)
    dropped = tuple(level for level in response.levels if level not in kept)
    return used, np.where(used, recode[np.where(used, response.codes, 0)], 0), kept, dropped


def effects_of(matrix: DesignMatrix, weights: Floats) -> tuple[DesignMatrix, tuple[str, ...]]:
    """The columns that are neither the intercept nor combinations of it and of others, and the names of the latter."""
    whole = matrix.values if matrix.has_intercept else np.column_stack([matrix.complete.astype(float), matrix.values])
    kept = independent_columns((whole.T * weights) @ whole)
    places = [column if matrix.has_intercept else column - 1 for column in kept if column > 0]
    constant = {0} if matrix.has_intercept else set()
    aliased = tuple(name for place, name in enumerate(matrix.names) if place not in {*places, *constant})
    return matrix.keep(places), aliased
