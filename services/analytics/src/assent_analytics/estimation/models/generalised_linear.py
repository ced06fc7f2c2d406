"""Linear, logit, probit, complementary log-log and Poisson regression on any design, with sandwich errors: R's `svyglm`.

The coefficients solve the weighted score equations; their influence on row i is A w_i u_i with u_i the row's score and A the
inverse of the expected information (Binder, On the variances of asymptotically normal estimators from complex surveys,
International Statistical Review 51, 1983). With replicate weights the model is fitted again for every set.

Conventions of R that are kept, and what to know about them:
- rows with a missing value are a domain: they leave the fit and its degrees of freedom, but not the strata's numbers of sampling
  units;
- t and F take the design's degrees of freedom + 1 - p, not n - p;
- deviances take weights of mean one over all rows asked, the incomplete among them;
- `dispersion` is that of `summary(svyglm)`, which counts the weights of incomplete rows in one mean and not in the other;
- a column that is a combination of earlier ones is left out, and named in `aliased`.

Not here: AIC and likelihoods, which a weighted fit has not got (plain), tests of terms (term_tests), predictions
(predictive_margins).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, too_large
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.models.design_matrix import DesignMatrix
from assent_analytics.estimation.models.families import GAUSSIAN, Family
from assent_analytics.estimation.models.reweighted import Fit, Rows, fit, independent_columns, products, state


@dataclass(frozen=True, slots=True)
class Specification:
    """The rows that a model is fitted to: matrix of independent columns, outcome without gaps (n,), and which rows count (n,)."""

    plan: Plan
    matrix: DesignMatrix
    response: Floats
    family: Family
    offset: Floats | None
    used: Bools
    mean_weight: float

    @property
    def rows(self) -> Rows:
        """What the iterations see."""
        return Rows(self.matrix.values, self.response, self.family, self.offset)

    def domain(self, weights: Floats) -> Floats:
        """Weights (n,) that are nought outside the rows used, in units of the mean weight."""
        scaled: Floats = weights / self.mean_weight
        return scaled if self.used.all() else np.where(self.used, scaled, 0.0)


@dataclass(frozen=True, slots=True)
class GeneralisedLinear:
    """A fitted model.

    `coefficients` carries names, covariance and the residual degrees of freedom; `working_covariance` (p, p) is the inverse of the
    expected information at weights of mean one; `aliased` names the columns that were left out.
    """

    coefficients: Estimate
    working_covariance: Floats
    deviance: float
    null_deviance: float
    dispersion: float
    observations: int
    aliased: tuple[str, ...]
    specification: Specification

    @property
    def family(self) -> Family:
        """The family that was fitted."""
        return self.specification.family

    @property
    def matrix(self) -> DesignMatrix:
        """The columns that have a coefficient."""
        return self.specification.matrix

    @property
    def residual_degrees_of_freedom(self) -> float:
        """The design's degrees of freedom + 1 - p; R: `df.residual`."""
        return self.coefficients.degrees_of_freedom

    def linear_predictor(self) -> Floats:
        """Of every row (n,); meaningless for rows that were not used."""
        return self.specification.rows.predictor(self.coefficients.estimates)

    def fitted(self) -> Floats:
        """The fitted means of the rows used, in their order, (used,); R: `fitted`."""
        return self.family.moments(self.linear_predictor()).mean[self.specification.used]

    def without(self, columns: Sequence[int]) -> float:
        """The deviance, at weights of mean one, of the model without some columns, fitted to the same rows."""
        left = [column for column in range(len(self.matrix.names)) if column not in set(columns)]
        weights = self.specification.domain(self.specification.plan.weights)
        rows = replace(self.specification.rows, matrix=self.matrix.values[:, left])
        return fit(rows, weights).deviance if left else state(rows, weights, np.zeros(0)).deviance

    def pseudo_r_squared(self) -> tuple[float, float]:
        """Cox and Snell's and Nagelkerke's, estimated for the population; R: `psrsq`.

        T. Lumley, Pseudo-R2 statistics under complex sampling, Australian & New Zealand Journal of Statistics 59, 2017. Raises
        CannotEstimate `bad_setting` for a Gaussian model, which has an R-squared of its own.
        """
        if self.family.name == "gaussian":
            raise CannotEstimate("bad_setting", "pseudo R-squared is for discrete outcomes")
        people = float(self.specification.domain(self.specification.plan.weights).sum())
        gained = -np.expm1((self.deviance - self.null_deviance) / people)
        return float(gained), nagelkerke(self.deviance, self.null_deviance, people)


def generalised_linear(
    plan: Plan,
    response: ArrayLike,
    matrix: DesignMatrix,
    family: Family = GAUSSIAN,
    *,
    within: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    epsilon: float | None = None,
) -> GeneralisedLinear:
    """Fit a model of `response` (n,), numbers or truth values, to the rows of `within` (n,) that have every value.

    R: `svyglm(response ~ terms, design, family)`, or on `subset(design, within)`; `epsilon=1e-8` stops as early as R does, where
    this iterates to the end (R: `control = glm.control(epsilon = 1e-15)`). Raises CannotEstimate: `bad_shape`, `bad_value`,
    `all_missing`, `constant_outcome`, `singular`, `separation`, `no_convergence`, `no_degrees_of_freedom`.
    """
    everything = _specify(plan, response, matrix, family, within, offset)
    specification, aliased = _without_aliased(everything)
    first = fit(specification.rows, specification.domain(plan.weights), epsilon=epsilon)

    def statistic(weights: Floats) -> Linearised:
        inside = specification.domain(weights)
        found = first if np.array_equal(weights, plan.weights) else fit(specification.rows, inside, first.coefficients)

        def influence() -> Floats:
            working = specification.rows.working(inside, found)
            spread: Floats = specification.matrix.values @ found.inverse_information
            spread *= working[:, None]
            return spread

        return Linearised(found.coefficients, influence, specification.used)

    estimate = plan.estimate(statistic, specification.matrix.names)
    return _described(specification, estimate, first, aliased)


def nagelkerke(deviance: float, null_deviance: float, rows: float) -> float:
    """Nagelkerke's (1991) share of variation explained, from deviances at weights that sum to the number of `rows`."""
    return float(-np.expm1((deviance - null_deviance) / rows) / -np.expm1(-null_deviance / rows))


def _specify(
    plan: Plan, response: ArrayLike, matrix: DesignMatrix, family: Family, within: ArrayLike | None, offset: ArrayLike | None
) -> Specification:
    outcome = np.asarray(response, dtype=float)
    asked = np.ones(plan.rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    added = None if offset is None else np.asarray(offset, dtype=float)
    shapes = {outcome.shape, asked.shape, (matrix.rows,), (plan.rows,)} | ({added.shape} if added is not None else set())
    if len(shapes) != 1:
        raise CannotEstimate("bad_shape", f"outcome, matrix, domain and design of shapes {sorted(shapes)}")
    if too_large(outcome).any():
        raise CannotEstimate("bad_value", "the outcome has values that are infinite or too large to reckon with")
    used = asked & matrix.complete & ~np.isnan(outcome) & (plan.weights > 0)
    if added is not None:
        used &= np.isfinite(added)
        added = np.where(used, added, 0.0)
    family.check(outcome[used])
    return Specification(plan, matrix, np.where(used, outcome, 0.0), family, added, used, float(plan.weights[asked].mean()))


def _without_aliased(specification: Specification) -> tuple[Specification, tuple[str, ...]]:
    """Only columns that are no combination of earlier ones among the rows used; the names of the others."""
    matrix = specification.matrix
    weights = specification.domain(specification.plan.weights)
    kept = independent_columns(products(specification.rows, weights))
    if not kept:
        raise CannotEstimate("singular", "no column of the model carries information")
    left_out = tuple(name for place, name in enumerate(matrix.names) if place not in kept)
    if not left_out:
        return specification, ()
    return replace(specification, matrix=matrix.keep(kept)), left_out


def _described(specification: Specification, estimate: Estimate, found: Fit, aliased: Sequence[str]) -> GeneralisedLinear:
    plan, used = specification.plan, specification.used
    weights = specification.domain(plan.weights)
    freedom = int(plan.domain_degrees_of_freedom(used[:, None])[0]) + 1 - len(estimate.estimates)
    moments = specification.family.moments(specification.rows.predictor(found.coefficients))
    pearson = (specification.response - moments.mean) / np.sqrt(moments.variance)
    people = int(used.sum())
    pearson -= weights @ pearson / weights.sum()
    spread = float(weights @ pearson**2) / max(people - 1, 1)
    return GeneralisedLinear(
        coefficients=replace(estimate, degrees_of_freedom=freedom),
        working_covariance=found.inverse_information,
        deviance=found.deviance,
        null_deviance=_null_deviance(specification, weights),
        dispersion=spread,
        observations=people,
        aliased=tuple(aliased),
        specification=specification,
    )


def _null_deviance(specification: Specification, weights: Floats) -> float:
    """The deviance without covariates: of the mean alone, or of the offset alone where there is no intercept."""
    rows = specification.rows
    if not specification.matrix.has_intercept:
        return state(rows, weights, np.zeros(rows.matrix.shape[1])).deviance
    if specification.offset is not None:
        return fit(replace(rows, matrix=rows.matrix[:, :1]), weights).deviance
    mean = np.full(len(weights), np.average(rows.response, weights=weights))
    return float(weights @ rows.family.deviance(rows.response, mean))
