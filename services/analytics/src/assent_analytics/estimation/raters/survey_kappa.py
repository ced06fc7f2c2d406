"""Cohen's kappa between two codes of the same people, under a complex design. R: `svykappa`.

Kappa is the agreement beyond chance, (observed - expected) / (1 - expected), of the table's weighted shares, with its standard
error by the delta method. With `closeness` it is Cohen's weighted kappa (1968, Psychological Bulletin 70), which counts near misses
in part; R has only the exact one. Not here: coders of passages, who are no sample (the qualitative service's reliability).
"""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.columns import code_column, domain_of
from assent_analytics.estimation.estimate import Estimate, Plan
from assent_analytics.estimation.hypothesis_tests.cells import cell_shares, compressed, estimated
from assent_analytics.estimation.raters.closeness import Closeness, credit


def kappa(
    plan: Plan, first: ArrayLike, second: ArrayLike, *, closeness: Closeness = "exact", within: ArrayLike | None = None
) -> Estimate:
    """One estimate, named `kappa`, of two columns of codes (n,) over the same categories, negative where unknown.

    Raises CannotEstimate: `bad_shape`, `bad_value`, `all_missing`; `one_category` when all have the same code, so that chance alone
    agrees.
    """
    domain = domain_of(within, plan)
    one, other = code_column(first, plan.rows, "first codes"), code_column(second, plan.rows, "second codes")
    kept = domain & (one >= 0) & (other >= 0)
    if not kept.any():
        raise CannotEstimate("all_missing", "nobody in the domain has both codes")
    both, categories = compressed(np.concatenate([one, other]), np.concatenate([kept, kept]))
    size = len(categories)
    if size < 2:
        raise CannotEstimate("one_category", "everybody has the same code in both: there is nothing to agree on beyond chance")
    cell = np.where(kept, both[: plan.rows] * size + both[plan.rows :], -1)
    found = estimated(plan, cell_shares(cell, size * size))
    part = credit(size, closeness)
    table = found.estimates.reshape(size, size)
    of_first, of_second = table.sum(axis=1), table.sum(axis=0)
    observed, expected = float((part * table).sum()), float(of_first @ part @ of_second)
    expected_slope = (part @ of_second)[:, None] + (of_first @ part)[None, :]
    slope = (part * (1.0 - expected) - (1.0 - observed) * expected_slope) / (1.0 - expected) ** 2
    variance = slope.ravel() @ found.covariance @ slope.ravel()
    value = (observed - expected) / (1.0 - expected)
    return Estimate(np.array([value]), np.array([[variance]]), found.degrees_of_freedom, ("kappa",))
