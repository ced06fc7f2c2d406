"""The path model of social licence: fair procedure and good contact go with trust, and trust with acceptance.

K. Moffat and A. Zhang, The paths to social licence to operate: an integrative model explaining community acceptance of mining,
Resources Policy 39, 2014. Two linear regressions on the same rows, trust on the antecedents and acceptance on trust and the
antecedents (and on covariates in both). An antecedent's *indirect* association is its coefficient in the first times that of trust
in the second, its *direct* one what is left in the second, the *total* their sum, which equals the coefficient without trust in the
model.

The errors are the design's: both regressions are linearised together, so that the product knows their covariance (the delta method
of Sobel 1982, with survey influence values); a replicate design fits both again for every replicate. R: two calls of `svyglm`, and
for the products `withReplicates`. Not here: latent variables and fit indices (lavaan), and any claim of cause: see `CAUTIONS`,
which every result carries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, too_large
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.models.design_matrix import Columns, DesignMatrix, design_matrix
from assent_analytics.estimation.models.families import GAUSSIAN
from assent_analytics.estimation.models.reweighted import Fit, Rows, fit, independent_columns, products


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that must stand beside the figures wherever they go."""

    code: str
    text: str


CAUTIONS = (
    Caution("cross_sectional", "Everything was asked at one time: the figures are associations, and do not show what comes first."),
    Caution(
        "not_mediation",
        "An indirect association is no proof that trust carries an effect: "
        "whatever lies behind both trust and acceptance adds to it, and the opposite order fits as well.",
    ),
    Caution(
        "made_for_mining",
        "The model was made for communities beside mines and has not been validated on parents or on data linkage.",
    ),
    Caution(
        "scales_unchecked",
        "The scores are taken as they are: check that each scale holds together, and means the same in every group.",
    ),
    Caution(
        "trust_needs_knowledge",
        "Trust without knowledge of the practice is not informed trust: show what respondents knew beside it.",
    ),
)


@dataclass(frozen=True, slots=True)
class PathModel:
    """The two regressions and what follows from them; `direct`, `indirect` and `total` have one entry for each antecedent, by name.

    All come from one joint covariance, but intervals of products are symmetric here and so only approximate in small samples:
    replicate weights show more. `observations` is how many rows had every value.
    """

    trust: Estimate
    acceptance: Estimate
    direct: Estimate
    indirect: Estimate
    total: Estimate
    observations: int
    cautions: tuple[Caution, ...] = CAUTIONS


def path_model(
    plan: Plan,
    *,
    antecedents: Mapping[str, ArrayLike],
    trust: ArrayLike,
    acceptance: ArrayLike,
    covariates: Columns | None = None,
    within: ArrayLike | None = None,
) -> PathModel:
    """The path model of scores (n,): antecedents by name (procedural fairness, contact quality, …), trust and acceptance.

    Raises CannotEstimate: `bad_shape`, `bad_setting` (a name used twice, no antecedent), `all_missing`, `constant_outcome`,
    `singular` (an antecedent is a combination of the others and the covariates).
    """
    others = dict(covariates or {})
    names = list(antecedents)
    if not names or {*names, "trust"} & set(others) or "trust" in names:
        raise CannotEstimate(
            "bad_setting", "antecedents, covariates and trust need names of their own, and there must be an antecedent"
        )
    numbers = {name: np.asarray(column, dtype=float) for name, column in {**antecedents, "trust": trust}.items()}
    outcome = np.asarray(acceptance, dtype=float)
    second = design_matrix([*names, "trust", *others], {**numbers, **others})
    used = _usable(plan, second, outcome, within)
    second = _checked(second, np.where(used, plan.weights, 0.0), [*names, "trust"])
    first = second.keep([place for place, name in enumerate(second.names) if name != "trust"])
    paths = _Paths(
        trust=Rows(first.values, np.where(used, numbers["trust"], 0.0), GAUSSIAN),
        acceptance=Rows(second.values, np.where(used, outcome, 0.0), GAUSSIAN),
        in_trust=[first.names.index(name) for name in names],
        in_acceptance=[second.names.index(name) for name in names],
        through=second.names.index("trust"),
    )
    for regression in (paths.trust, paths.acceptance):
        GAUSSIAN.check(regression.response[used])
    whole = plan.estimate(lambda weights: paths.linearised(np.where(used, weights, 0.0)))
    freedom = int(plan.domain_degrees_of_freedom(used[:, None])[0]) + 1 - len(second.names)
    split = _split(replace(whole, degrees_of_freedom=freedom), [first.names, second.names, names, names, names])
    trusting = replace(split[0], degrees_of_freedom=freedom + 1)  # has one coefficient less: none for trust
    return PathModel(trusting, split[1], split[2], split[3], split[4], observations=int(used.sum()))


@dataclass(frozen=True, slots=True)
class _Paths:
    """The two regressions, where the antecedents stand in each, and where trust stands in the second."""

    trust: Rows
    acceptance: Rows
    in_trust: Sequence[int]
    in_acceptance: Sequence[int]
    through: int

    def linearised(self, weights: Floats) -> Linearised:
        """All coefficients of both, then direct, indirect and total associations."""
        first, second = fit(self.trust, weights), fit(self.acceptance, weights)
        estimates, jacobian = self._derived(first.coefficients, second.coefficients)

        def influence() -> Floats:
            both = np.hstack([_influence(self.trust, weights, first), _influence(self.acceptance, weights, second)])
            return both @ jacobian.T

        return Linearised(estimates, influence)

    def _derived(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """The figures, and their derivatives by the coefficients."""
        size, count = len(first), len(self.in_trust)
        to_trust, direct, carried = first[list(self.in_trust)], second[list(self.in_acceptance)], second[self.through]
        by_direct = np.zeros((count, size + len(second)))
        by_indirect = np.zeros_like(by_direct)
        rows = np.arange(count)
        by_direct[rows, size + np.asarray(self.in_acceptance)] = 1.0
        by_indirect[rows, np.asarray(self.in_trust)] = carried
        by_indirect[:, size + self.through] = to_trust
        estimates = np.concatenate([first, second, direct, to_trust * carried, direct + to_trust * carried])
        return estimates, np.vstack([np.eye(size + len(second)), by_direct, by_indirect, by_direct + by_indirect])


def _usable(plan: Plan, matrix: DesignMatrix, outcome: Floats, within: ArrayLike | None) -> Bools:
    asked = np.ones(plan.rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    if {outcome.shape, asked.shape, (matrix.rows,)} != {(plan.rows,)}:
        raise CannotEstimate("bad_shape", f"acceptance {outcome.shape} and {matrix.rows} rows of scores for {plan.rows} weights")
    if too_large(outcome).any():
        raise CannotEstimate("bad_value", "acceptance has values that are infinite or too large to reckon with")
    used: Bools = asked & matrix.complete & ~np.isnan(outcome) & (plan.weights > 0)
    if not used.any():
        raise CannotEstimate("all_missing", "no row has every score")
    return used


def _checked(matrix: DesignMatrix, weights: Floats, needed: Sequence[str]) -> DesignMatrix:
    """The matrix without aliased covariates; an antecedent or trust may not be one of them."""
    kept = independent_columns(products(Rows(matrix.values, weights, GAUSSIAN), weights))
    lost = [name for name in needed if matrix.names.index(name) not in kept]
    if lost:
        raise CannotEstimate("singular", f"{', '.join(lost)} never varies, or is a combination of other columns")
    return matrix.keep(kept)


def _influence(rows: Rows, weights: Floats, found: Fit) -> Floats:
    made: Floats = (rows.matrix @ found.inverse_information) * rows.working(weights, found)[:, None]
    return made


def _split(whole: Estimate, names: Sequence[Sequence[str]]) -> list[Estimate]:
    """Consecutive parts of an estimate, under their names."""
    made, start = [], 0
    for part in names:
        stop = start + len(part)
        covariance = whole.covariance[start:stop, start:stop]
        made.append(Estimate(whole.estimates[start:stop], covariance, whole.degrees_of_freedom, tuple(part)))
        start = stop
    return made
