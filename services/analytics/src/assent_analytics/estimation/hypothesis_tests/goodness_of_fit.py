"""Whether people are spread over categories as some given shares say. R: `svygofchisq`.

Pearson's statistic of the estimated totals is referred to Satterthwaite's approximation of its weighted sum of chi-squares; the
weights are the eigenvalues of the covariance of (observed - expected) / sqrt(expected), by the delta method (Rao and Scott 1981,
JASA 76). Not here: two sets of categories against each other (tables).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.columns import code_column, domain_of
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.hypothesis_tests.cells import cell_totals, estimated
from assent_analytics.estimation.hypothesis_tests.chi_square_sums import satterthwaite


@dataclass(frozen=True, slots=True)
class Fit:
    """`statistic` is on the scale of the weights' sum; `statistic / scale` is a chi-square with `degrees_of_freedom`, a fraction."""

    statistic: float
    scale: float
    degrees_of_freedom: float
    p: float


def goodness_of_fit(plan: Plan, categories: ArrayLike, expected: ArrayLike, within: ArrayLike | None = None) -> Fit:
    """Codes (n,) from 0, negative where unknown, against the shares (k,) of codes 0 to k - 1, which need not sum to 1.

    R pairs the shares with the categories in two different orders, so its p-value differs from this one where the names of the
    categories are not in alphabetical order (`q10` before `q2`). Raises CannotEstimate: `bad_shape`; `bad_value` for a code beyond
    the shares, or a share that is not positive; `all_missing`; `one_category`; `no_variation`.
    """
    shares = np.asarray(expected, dtype=float)
    if shares.ndim != 1 or not (shares > 0).all() or not np.isfinite(shares).all():
        raise CannotEstimate("bad_value", "the shares to compare with are positive numbers")
    if len(shares) < 2:
        raise CannotEstimate("one_category", "a share of everybody leaves nothing to test")
    codes = np.where(domain_of(within, plan), code_column(categories, plan.rows, "categories"), -1)
    if codes.max() >= len(shares):
        raise CannotEstimate("bad_value", f"a code of {codes.max()} for {len(shares)} shares")
    if not (codes >= 0).any():
        raise CannotEstimate("all_missing", "nobody in the domain has a category")
    shares = shares / shares.sum()
    found = estimated(plan, cell_totals(codes, len(shares)))
    predicted = shares * found.estimates.sum()
    difference = found.estimates - predicted
    slope = np.diag(1.0 / np.sqrt(predicted))
    slope -= (shares * (1.0 + difference / (2.0 * predicted)) / np.sqrt(predicted))[:, None]
    effects = np.linalg.eigvalsh(slope @ found.covariance @ slope.T)
    if not effects.max() > 1e-12 * predicted.sum() / plan.rows:
        raise CannotEstimate("no_variation", "the design shows no variance of the shares")
    statistic = float((difference**2 / predicted).sum())
    return Fit(
        statistic=statistic,
        scale=float((effects**2).sum() / effects.sum()),
        degrees_of_freedom=float(effects.sum() ** 2 / (effects**2).sum()),
        p=satterthwaite(statistic, effects),
    )
