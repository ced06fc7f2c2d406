"""Whether items share enough for a factor analysis: Kaiser-Meyer-Olkin, Bartlett's test, eigenvalues."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.scales.correlations import correlation, inverse


@dataclass(frozen=True, slots=True)
class SamplingAdequacy:
    """The Kaiser-Meyer-Olkin measure of all items and of each one (k,): near 1 when partial correlations are small."""

    overall: float
    items: Floats


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Bartlett's test that all correlations are nought."""

    statistic: float
    degrees_of_freedom: float
    p_value: float


def sampling_adequacy(correlations: Floats) -> SamplingAdequacy:
    """Kaiser and Rice (1974): squared correlations against squared partial ones. R: `psych::KMO(R)`.

    Raises CannotEstimate `singular_correlations`, and `no_common_variance` for an item that correlates with no other.
    """
    partial = correlation(inverse(correlations)) ** 2
    plain = correlations**2
    np.fill_diagonal(partial, 0.0)
    plain = plain - np.diag(np.diag(plain))
    if not (plain.sum(axis=0) > 0).all():
        raise CannotEstimate("no_common_variance", "an item correlates with no other")
    return SamplingAdequacy(
        overall=float(plain.sum() / (plain.sum() + partial.sum())),
        items=plain.sum(axis=0) / (plain.sum(axis=0) + partial.sum(axis=0)),
    )


def sphericity(correlations: Floats, *, rows: int) -> Sphericity:
    """Bartlett (1951): -ln det R (n - 1 - (2k + 5) / 6). R: `psych::cortest.bartlett(R, n)`. Raises CannotEstimate."""
    number = len(correlations)
    inverse(correlations)  # a singular matrix is refused in the same words
    sign, logarithm = np.linalg.slogdet(correlations)
    if sign <= 0:
        raise CannotEstimate("singular_correlations", "pairwise correlations do not fit together: use complete rows")
    statistic, freedom = float(-logarithm * (rows - 1 - (2 * number + 5) / 6)), number * (number - 1) / 2
    return Sphericity(statistic, freedom, float(chdtrc(freedom, max(statistic, 0.0))))


def eigenvalues(correlations: Floats) -> Floats:
    """The eigenvalues of a symmetric matrix, largest first, (k,). R: `eigen(R)$values`."""
    return np.linalg.eigvalsh(correlations)[::-1].astype(np.float64)
