"""Whether groups are shown to be alike: no significant difference is not consensus, because a small sample never shows one.

`shown`: every difference lies within the margin, each by two one-sided tests (TOST; Schuirmann 1987, Journal of Pharmacokinetics
and Biopharmaceutics 15). All must pass, so none needs correcting: the intersection-union principle (Berger 1982, Technometrics 24).
`contradicted`: some difference is shown to lie beyond the margin; any may, so these p-values are corrected by Holm. `not_shown`:
neither. The margin is a setting, the difference from which on it matters, fixed before the estimates are looked at.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import holm
from assent_analytics.estimation.columns import domain_of
from assent_analytics.estimation.comparisons.pairwise import means_by_group, pair_differences
from assent_analytics.estimation.estimate import Estimate, Plan
from assent_analytics.estimation.hypothesis_tests.cells import estimated, group_means

AcrossGroups = Literal["shown", "not_shown", "contradicted"]
MARGIN = 0.10


@dataclass(frozen=True, slots=True)
class Equivalence:
    """`p_alike` is below alpha exactly where the verdict is `shown`, `p_apart` where it is `contradicted`.

    `largest` is the largest difference in size, with its sign. `undetermined` counts comparisons of which the design shows no
    error, as where all of two groups answered alike: with one of these nothing is shown.
    """

    verdict: AcrossGroups
    largest: float
    p_alike: float
    p_apart: float
    margin: float
    alpha: float
    undetermined: int


def across_groups(
    plan: Plan, values: ArrayLike, group: ArrayLike, *, margin: float = MARGIN, alpha: float = 0.05, within: ArrayLike | None = None
) -> Equivalence:
    """Every pair of groups, codes (n,), in the mean of values (n,). Raises as `means_by_group` and `equivalence` do."""
    means, _ = means_by_group(plan, values, group, within)
    return equivalence(pair_differences(means)[0], margin=margin, alpha=alpha)


def across_gaps(
    plan: Plan,
    values: ArrayLike,
    group: ArrayLike,
    *,
    margin: float = MARGIN,
    alpha: float = 0.05,
    within: ArrayLike | None = None,
) -> Equivalence:
    """Every group, codes (n,), against the rest. Raises as `means_by_group` and `equivalence` do."""
    means, groups = means_by_group(plan, values, group, within)
    codes, known = np.asarray(group), domain_of(within, plan) & ~np.isnan(np.asarray(values, dtype=float))
    gaps = []
    for one in groups:
        member = np.where(known & (codes >= 0), codes == one, -1).astype(np.int64)
        gaps.append(estimated(plan, group_means(values, member, 2)).contrast([[-1.0, 1.0]]))
    differences = np.array([gap.estimates[0] for gap in gaps])
    variances = np.array([gap.covariance[0, 0] for gap in gaps])
    return equivalence(Estimate(differences, np.diag(variances), means.degrees_of_freedom), margin=margin, alpha=alpha)


def equivalence(differences: Estimate, *, margin: float = MARGIN, alpha: float = 0.05) -> Equivalence:
    """The verdict on differences (m,), in their own unit.

    Raises CannotEstimate: `bad_setting` for a margin that is not positive or an alpha that is not between 0 and a half; `one_group`
    when there is no difference; `no_degrees_of_freedom`.
    """
    if not margin > 0.0 or not 0.0 < alpha < 0.5:
        raise CannotEstimate("bad_setting", f"a margin is positive, alpha between 0 and a half: {margin!r}, {alpha!r}")
    if len(differences.estimates) == 0:
        raise CannotEstimate("one_group", "there is no difference to judge")
    if differences.degrees_of_freedom < 1:
        raise CannotEstimate("no_degrees_of_freedom", "the design has no degrees of freedom")
    sizes, errors, freedom = np.abs(differences.estimates), differences.standard_errors, differences.degrees_of_freedom
    judged = errors > 1e-9 * margin  # less is what rounding leaves of none
    alike, apart = np.ones(len(sizes)), np.ones(len(sizes))
    alike[judged] = stdtr(freedom, (sizes[judged] - margin) / errors[judged])
    # The chance of a difference of this size or more, in either direction, if the true one were just the margin.
    beyond = stdtr(freedom, (margin - sizes[judged]) / errors[judged]) + stdtr(freedom, -(margin + sizes[judged]) / errors[judged])
    apart[judged] = np.minimum(beyond, 1.0)
    p_alike, p_apart = float(alike.max()), min(holm(apart.tolist()))
    verdict: AcrossGroups = "shown" if p_alike < alpha else "contradicted" if p_apart < alpha else "not_shown"
    largest = float(differences.estimates[int(sizes.argmax())])
    return Equivalence(verdict, largest, p_alike, p_apart, margin, alpha, int((~judged).sum()))
