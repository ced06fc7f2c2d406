"""Cronbach's alpha and what stands beside it: item statistics, alpha without each item, intervals; and alpha under a design.

Alpha = k/(k-1) (1 - tr C / sum C) of the items' covariance C (Cronbach 1951). It is a lower bound of reliability when errors do not
correlate, and no proof that the items measure one thing: see `factors` and `item_functioning`. Alpha of a polychoric matrix is ordinal
alpha (Zumbo, Gadermann and Zeisser 2007). Not here: omega, split halves.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as f_distribution

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Linearised, Plan, t_quantile
from assent_analytics.estimation.scales.correlations import (
    Use,
    complete_rows,
    correlation,
    covariance,
    first_component_signs,
    item_matrix,
    squared_multiple_correlations,
)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What follows from one covariance matrix; `spread` is n times the variance of raw alpha (van Zyl, Neudecker and Nel 2000)."""

    raw: float
    standardised: float
    guttman_6: float
    average_correlation: float
    median_correlation: float
    signal_to_noise: float
    spread: float


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One number an item, (k,): correlations with the total as it is, with the total without the item, and corrected for the overlap
    and for unreliability; the mean and standard deviation after reversal; how many answered."""

    correlation_with_total: Floats
    correlation_with_rest: Floats
    corrected_correlation: Floats
    means: Floats
    standard_deviations: Floats
    answers: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha of a scale with its asymptotic standard error and Feldt's interval; `without` is None for two items."""

    coefficients: Coefficients
    standard_error: float
    lower: float
    upper: float
    mean: float
    standard_deviation: float
    reversed_items: NDArray[np.bool_]
    items: ItemStatistics
    without: tuple[Coefficients, ...] | None


@dataclass(frozen=True, slots=True)
class DesignAlpha:
    """Raw alpha under a design, with an interval by way of ln(1 - alpha), and how many respondents answered every item."""

    alpha: float
    standard_error: float
    lower: float
    upper: float
    complete: int


def alpha_of_covariance(covariances: ArrayLike) -> Coefficients:
    """The coefficients of a covariance or correlation matrix (k, k); of polychoric correlations: ordinal alpha.

    R: `psych::alpha(C)$total`. Raises CannotEstimate `bad_shape`, `constant_column`, `singular_correlations`, `no_common_variance`.
    """
    matrix = np.asarray(covariances, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise CannotEstimate("bad_shape", f"alpha needs a square matrix of at least two items, not {matrix.shape}")
    number, total, correlations = len(matrix), float(matrix.sum()), correlation(matrix)
    summed, trace = float(correlations.sum()), float(np.trace(matrix))
    if total <= 0 or summed <= 0:
        raise CannotEstimate(
            "no_common_variance", "the total of these items has no variance: reverse items that point the other way"
        )
    between = correlations[np.tril_indices(number, -1)]
    average, square = float(between.mean()), matrix @ matrix
    spread = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    return Coefficients(
        raw=float((1 - trace / total) * number / (number - 1)),
        standardised=(1 - number / summed) * number / (number - 1),
        guttman_6=float(1 - (1 - squared_multiple_correlations(correlations)).sum() / summed),
        average_correlation=average,
        median_correlation=float(np.median(between)),
        signal_to_noise=number * average / (1 - average) if average < 1 else np.inf,
        spread=float(2 * number**2 / ((number - 1) ** 2 * total**3) * spread),
    )


def cronbach_alpha(
    answers: ArrayLike, *, reverse: ArrayLike | Literal["check", "none"] = "none", use: Use = "pairwise", level: float = 0.95
) -> Alpha:
    """Alpha of answers (n, k), NaN where missing. `reverse` is a truth value an item, or "check": those against the first component.

    R: `psych::alpha(x, check.keys =, use =)`. R counts every row in the standard error and in Feldt's interval, even one without any
    answer, and so does this with `use="pairwise"`. A reversed answer is the largest plus the smallest of all items, less the answer.
    Raises CannotEstimate: those of `item_matrix`, `covariance` and `alpha_of_covariance`; `bad_setting`.
    """
    given = item_matrix(answers)
    if use == "complete":
        given = given[complete_rows(given)]
    turned = _reversed(given, reverse, use)
    items = np.where(turned, np.nanmax(given) + np.nanmin(given) - given, given)
    matrix = covariance(items, use=use)
    found, number, rows = alpha_of_covariance(matrix), items.shape[1], len(items)
    answered = ~np.isnan(items)
    totals = np.where(answered, items, 0.0).sum(axis=1)[answered.any(axis=1)] / answered.sum(axis=1)[answered.any(axis=1)]
    lower, upper = feldt_interval(found.raw, rows=rows, items=number, level=level)
    return Alpha(
        coefficients=found,
        standard_error=float(np.sqrt(max(found.spread, 0.0) / rows)),
        lower=lower,
        upper=upper,
        mean=float(totals.mean()),
        standard_deviation=float(totals.std(ddof=1)),
        reversed_items=turned,
        items=_item_statistics(items, matrix),
        without=tuple(alpha_of_covariance(_without(matrix, item)) for item in range(number)) if number > 2 else None,
    )


def feldt_interval(alpha: float, *, rows: int, items: int, level: float = 0.95) -> tuple[float, float]:
    """Feldt's interval of alpha (Feldt, Woodruff and Salih 1987): (1 - alpha) times quantiles of F. R: `psych::alpha.ci`."""
    tail, first = (1 - level) / 2, rows - 1
    quantiles = f_distribution.ppf([1 - tail, tail], first, first * (items - 1))
    low, high = 1 - (1 - alpha) * quantiles
    return float(low), float(high)


def design_alpha(plan: Plan, answers: ArrayLike, *, level: float = 0.95) -> DesignAlpha:
    """Raw alpha of the population under any design, over those who answered every item; rows outside keep their place in the design.

    R: `svycralpha(~a + b, design, na.rm = TRUE)` gives the same figure, without a standard error. The interval is a t interval of
    ln(1 - alpha), which keeps it below 1 (Bonett 2002). Raises CannotEstimate: those of `item_matrix`; `bad_shape`, `no_rows`,
    `no_common_variance`.
    """
    items = item_matrix(answers)
    if len(items) != plan.rows:
        raise CannotEstimate("bad_shape", f"{len(items)} rows of answers for a design of {plan.rows}")
    heard = complete_rows(items)
    values = np.where(heard[:, None], items, 0.0)
    values = np.column_stack([values, values.sum(axis=1)])

    def statistic(weights: Floats) -> Linearised:
        shares = weights * heard / (weights * heard).sum()
        deviations = (values - shares @ values) ** 2
        variances = shares @ deviations
        if not variances[-1] > 0:
            raise CannotEstimate("no_common_variance", "the total of these items has no variance")
        ratio = variances[:-1].sum() / variances[-1]
        scale = (items.shape[1] / (items.shape[1] - 1)) / variances[-1]

        def influence() -> Floats:
            errors = shares[:, None] * (deviations - variances)
            found: Floats = -scale * (errors[:, :-1].sum(axis=1) - ratio * errors[:, -1])[:, None]
            return found

        return Linearised(np.array([scale * variances[-1] * (1 - ratio)]), influence)

    found = plan.estimate(statistic, ["alpha"])
    alpha, error = float(found.estimates[0]), float(found.standard_errors[0])
    reach = -t_quantile((1 - level) / 2, found.degrees_of_freedom) * error / (1 - alpha) if alpha < 1 else 0.0
    return DesignAlpha(
        alpha, error, 1 - (1 - alpha) * float(np.exp(reach)), 1 - (1 - alpha) * float(np.exp(-reach)), int(heard.sum())
    )


def _reversed(items: Floats, reverse: ArrayLike | Literal["check", "none"], use: Use) -> NDArray[np.bool_]:
    if isinstance(reverse, str):
        if reverse not in ("check", "none"):
            raise CannotEstimate("bad_setting", f"reverse is 'check', 'none' or a truth value an item, not {reverse!r}")
        if reverse == "none":
            return np.zeros(items.shape[1], dtype=bool)
        against: NDArray[np.bool_] = first_component_signs(correlation(covariance(items, use=use))) < 0
        return against
    found = np.asarray(reverse, dtype=bool)
    if found.shape != (items.shape[1],):
        raise CannotEstimate("bad_setting", f"{found.size} truth values for {items.shape[1]} items")
    return found


def _item_statistics(items: Floats, matrix: Floats) -> ItemStatistics:
    correlations = correlation(matrix)
    answered: NDArray[np.bool_] = np.logical_not(np.isnan(items))
    shared = correlations - np.diag(1 - squared_multiple_correlations(correlations))
    rest = matrix.sum(axis=0) - np.diag(matrix)
    rest_variance = matrix.sum() - 2 * matrix.sum(axis=0) + np.diag(matrix)
    if (rest_variance <= 0).any() or shared.sum() <= 0:
        raise CannotEstimate("no_common_variance", "the total of the other items has no variance")
    totals = np.nanmean(np.where(answered.any(axis=1, keepdims=True), items, 0.0), axis=1)
    return ItemStatistics(
        correlation_with_total=np.array(
            [np.corrcoef(items[seen, item], totals[seen])[0, 1] for item, seen in enumerate(answered.T)]
        ),
        correlation_with_rest=rest / np.sqrt(np.diag(matrix) * rest_variance),
        corrected_correlation=shared.sum(axis=0) / np.sqrt(shared.sum()),
        means=np.nanmean(items, axis=0),
        standard_deviations=np.nanstd(items, axis=0, ddof=1),
        answers=answered.sum(axis=0),
    )


def _without(matrix: Floats, item: int) -> Floats:
    return np.delete(np.delete(matrix, item, axis=0), item, axis=1)
