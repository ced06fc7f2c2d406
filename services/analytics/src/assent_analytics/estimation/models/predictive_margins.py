"""What each group would answer on average if it were made up like everybody: adjusted margins, beside a gap and never instead of
it.

Two ways. *Predictive margins* fit a model of the outcome on group and covariates, set everybody's group to each level in turn, and
average the predictions (Graubard and Korn, Predictive margins with survey data, Biometrics 55, 1999; R: `svypredmeans`). Their
covariance is that of the coefficients carried through the averages, plus that of the averages with the coefficients held; R adds
the two, which leaves out their covariance, nought when the model is right, and so does this. *Balanced margins* re-weight the rows
until covariates no longer go with the group, and then compare the groups as they are (R: `marginpred`); the weights are taken as
known, as R has it, except in a replicate design, where they are found again for every replicate.

An adjusted margin describes; it does not say what would happen if a person's group were another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.models.design_matrix import Columns, DesignMatrix, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import LOGIT, Family
from assent_analytics.estimation.models.generalised_linear import GeneralisedLinear, generalised_linear
from assent_analytics.estimation.models.reweighted import Rows, fit, independent_columns, inverted


@dataclass(frozen=True, slots=True)
class Margins:
    """A margin for each level of the group, with covariance, and the levels' shares (levels,) of the people they are of."""

    margins: Estimate
    shares: Floats
    model: GeneralisedLinear | None

    @property
    def gaps(self) -> Estimate:
        """Each level's margin less that of the rest, in which the other levels count by their shares."""
        rows = np.eye(len(self.shares)) - (1.0 - np.eye(len(self.shares))) * self.shares / (1.0 - self.shares)[:, None]
        return self.margins.contrast(rows, self.margins.names)


def predictive_margins(
    plan: Plan,
    response: ArrayLike,
    group: str,
    covariates: Sequence[str],
    columns: Columns,
    family: Family = LOGIT,
    *,
    within: ArrayLike | None = None,
    epsilon: float | None = None,
) -> Margins:
    """The margins of the column `group`, a factor, given terms of covariates, over the rows of `within` (n,).

    Rows without a group count in the averages, though not in the model. R: `svypredmeans(svyglm(response ~ covariates, design,
    family), ~ group)`, stopped as early as R does with `epsilon=1e-8`. Raises CannotEstimate as `generalised_linear`, and
    `bad_setting` when a level has nobody to fit its effect to.
    """
    factor = _factor(group, columns)
    known = {**columns, group: factor}
    terms = list(covariates) if group in covariates else [*covariates, group]
    model = generalised_linear(plan, response, design_matrix(terms, known), family, within=within, epsilon=epsilon)
    _require_all_levels(factor, model.specification.used)
    averaged = _averaged_rows(plan, np.asarray(response, dtype=float), covariates, group, known, within)
    weights = np.where(averaged, plan.weights, 0.0)
    predictions = np.empty((plan.rows, len(factor.levels)))
    slopes = np.empty((len(factor.levels), len(model.matrix.names)))
    for place, level in enumerate(factor.levels):
        moved = _same_columns(model, design_matrix(terms, {**known, group: factor.held_at(level)}))
        moments = family.moments(moved @ model.coefficients.estimates)
        predictions[:, place] = moments.mean
        slopes[place] = (weights * moments.slope) @ moved / weights.sum()
    averages = mean(plan, predictions, averaged)
    covariance = averages.covariance + slopes @ model.coefficients.covariance @ slopes.T
    found = Estimate(averages.estimates, covariance, model.residual_degrees_of_freedom, factor.levels)
    return Margins(found, _shares(plan, factor, averaged), model)


def balanced_margins(
    plan: Plan,
    response: ArrayLike,
    group: str,
    covariates: Sequence[str],
    columns: Columns,
    family: Family = LOGIT,
    *,
    within: ArrayLike | None = None,
) -> Margins:
    """The margins of the column `group` after weighting covariates to go with it no more.

    R: `marginpred(svyglm(response ~ group, design, family), adjustfor = ~ covariates)`, on the scale of the response. Raises
    CannotEstimate as `generalised_linear`, and `no_convergence` when no positive weights balance the covariates.
    """
    factor = _factor(group, columns)
    outcome = np.asarray(response, dtype=float)
    groups, adjusting = design_matrix([group], {group: factor}), design_matrix(covariates, columns)
    used = groups.complete & adjusting.complete & ~np.isnan(outcome) & (plan.weights > 0)
    if within is not None:
        used &= np.asarray(within, dtype=bool)
    family.check(outcome[used])
    _require_all_levels(factor, used)
    rows = Rows(groups.values, np.where(used, outcome, 0.0), family)
    at_levels = np.hstack([np.ones((len(factor.levels), 1)), np.eye(len(factor.levels))[:, 1:]])

    def statistic(weights: Floats) -> Linearised:
        balanced = _balanced(np.where(used, weights, 0.0), groups, adjusting)
        found = fit(rows, balanced)
        moments = family.moments(at_levels @ found.coefficients)
        carried = found.inverse_information @ (at_levels * moments.slope[:, None]).T
        return Linearised(moments.mean, lambda: (rows.matrix @ carried) * rows.working(balanced, found)[:, None], used)

    estimate = plan.estimate(statistic, factor.levels)
    freedom = int(plan.domain_degrees_of_freedom(used[:, None])[0]) + 1 - len(factor.levels)
    return Margins(replace(estimate, degrees_of_freedom=freedom), _shares(plan, factor, used), None)


def _factor(group: str, columns: Columns) -> Factor:
    if group not in columns:
        raise CannotEstimate("bad_setting", f"no column {group!r}; there are: {', '.join(columns)}")
    column = columns[group]
    return column if isinstance(column, Factor) else Factor.of(column)


def _require_all_levels(factor: Factor, used: Bools) -> None:
    counts = np.bincount(factor.codes[used & (factor.codes >= 0)], minlength=len(factor.levels))
    if len(counts) < 2:
        raise CannotEstimate("bad_setting", "a margin compares at least two groups")
    if (counts == 0).any():
        raise CannotEstimate("bad_setting", f"nobody of group {factor.levels[int(np.argmin(counts))]!r} answered")


def _averaged_rows(
    plan: Plan, outcome: Floats, covariates: Sequence[str], group: str, columns: Columns, within: ArrayLike | None
) -> Bools:
    """The rows that have outcome and covariates, whether or not their group is known."""
    names = {part for term in covariates for part in term.split(":")} - {group}
    found = ~np.isnan(outcome) & (plan.weights > 0)
    if names:
        found &= design_matrix(sorted(names), columns).complete
    return found if within is None else found & np.asarray(within, dtype=bool)


def _same_columns(model: GeneralisedLinear, matrix: DesignMatrix) -> Floats:
    """The columns of a matrix that the model has a coefficient for."""
    places = {name: place for place, name in enumerate(matrix.names)}
    return matrix.keep([places[name] for name in model.matrix.names]).values


def _shares(plan: Plan, factor: Factor, rows: Bools) -> Floats:
    counted = rows & (factor.codes >= 0)
    sums = np.bincount(factor.codes[counted], plan.weights[counted], len(factor.levels))
    found: Floats = sums / sums.sum()
    return found


def _balanced(weights: Floats, groups: DesignMatrix, adjusting: DesignMatrix) -> Floats:
    """Weights (n,), raked so that no covariate goes with the group: their weighted cross products about the means become nought."""
    first = groups.values[:, 1:]
    whole = np.hstack([groups.values, adjusting.values[:, 1:]])
    kept = independent_columns((whole.T * weights) @ whole)
    second = whole[:, [place for place in kept if place > first.shape[1]]]
    if second.shape[1] == 0:
        raise CannotEstimate("bad_setting", "the covariates say no more than the group does")
    centred = [part - weights @ part / weights.sum() for part in (first, second)]
    products = np.hstack([centred[1] * column[:, None] for column in centred[0].T])
    products /= np.sqrt(weights @ products**2 / weights.sum())
    return _raked(weights, products)


def _raked(weights: Floats, products: Floats) -> Floats:
    """Weights times exp(products @ m), with the m at which the weighted products sum to nought: the least such sum, by Newton."""
    total, multipliers, now = float(weights.sum()), np.zeros(products.shape[1]), weights
    for _ in range(50):
        misfit = now @ products
        if float(np.abs(misfit).max()) <= 1e-12 * total:
            return now
        step = -inverted((products.T * now) @ products) @ misfit
        for halvings in range(30):
            tried = weights * np.exp(np.minimum(products @ (multipliers + step / 2.0**halvings), 50.0))
            if float(tried.sum()) <= float(now.sum()) * (1.0 + 1e-12):
                multipliers, now = multipliers + step / 2.0**halvings, tried
                break
        else:
            break
    raise CannotEstimate("no_convergence", "no positive weights balance the covariates over the groups")
