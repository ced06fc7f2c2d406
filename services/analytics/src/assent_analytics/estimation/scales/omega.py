"""McDonald's omega: the share of a total score's variance that common factors make.

With one factor, omega is (sum of loadings)^2 over the variance of the total. With three or more, a Schmid-Leiman transformation parts a
general factor from group factors: omega hierarchical is the general factor's share, omega total that of all factors (Zinbarg et al.
2005). Items that load negatively are reversed first.
"""

from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.scales.correlations import correlation
from assent_analytics.estimation.scales.factors import likelihood_factors, minimum_residual_factors
from assent_analytics.estimation.scales.reliability import Coefficients, alpha_of_covariance
from assent_analytics.estimation.scales.rotation import oblimin, varimax


@dataclass(frozen=True, slots=True)
class Omega:
    """Omega total, omega hierarchical, their ratio, the items' loadings on the general factor (k,), and alpha of the same items."""

    total: float
    hierarchical: float
    limit: float
    general_loadings: Floats
    reversed_items: np.ndarray[tuple[int], np.dtype[np.bool_]]
    alpha: Coefficients


def omega(correlations: Floats, *, factors: int = 1) -> Omega:
    """Omega of a correlation matrix (k, k). R: `psych::omega(x, nfactors =, flip = TRUE)`, on pairwise correlations.

    With one factor "hierarchical" is the factor's share of the observed variance of the total, and only `total` should be reported.
    Raises CannotEstimate: `bad_setting` for two factors, which do not settle a general one; those of `minimum_residual_factors`,
    `oblimin` and `alpha_of_covariance`.
    """
    if factors == 2:
        raise CannotEstimate("bad_setting", "two factors do not settle a general factor: use one, or three")
    found = minimum_residual_factors(correlations, factors)
    general = found.loadings[:, 0] if factors == 1 else _schmid_leiman(found.loadings)
    signs = np.where(general < 0, -1.0, 1.0)
    turned = correlations * np.outer(signs, signs)
    variance = float(turned.sum())
    if variance <= 0:
        raise CannotEstimate("no_common_variance", "the total of these items has no variance")
    hierarchical = float((general * signs).sum() ** 2 / variance)
    total = float(1 - (1 - found.communalities).sum() / variance)
    return Omega(total, hierarchical, hierarchical / total, general * signs, signs < 0, alpha_of_covariance(turned))


def likelihood_omega(covariances: Floats) -> float:
    """Omega of one factor fitted by maximum likelihood to a covariance matrix, over the variance that the model gives the total.

    R: lavaan's one-factor `cfa(..., std.lv = TRUE)`, (sum l)^2 / ((sum l)^2 + sum theta). Raises as `likelihood_factors`.
    """
    scale = np.sqrt(np.diag(covariances))
    found = likelihood_factors(correlation(covariances), 1)
    common = float((found.loadings[:, 0] * scale).sum() ** 2)
    return common / (common + float(((1 - found.communalities) * scale**2).sum()))


def lower_bound(correlations: Floats) -> float:
    """The share of the total's variance that as many factors make as one factor leaves room for: near the greatest lower bound of
    reliability (Jackson and Agunwamba 1977). R: `psych::glb.fa`. Raises as `minimum_residual_factors`."""
    items = len(correlations)
    number = int((minimum_residual_factors(correlations, 1).eigenvalues > 0).sum())
    if items * (items - 1) / 2 - number * items + number * (number - 1) / 2 < 0:
        number -= 1
    found = minimum_residual_factors(correlations, max(number, 1))
    return float(1 - (1 - found.communalities).sum() / correlations.sum())


def _schmid_leiman(loadings: Floats) -> Floats:
    """Loadings on the general factor: those on correlated factors times these factors' own loadings on one factor."""
    turned = oblimin(varimax(loadings).loadings)
    second = minimum_residual_factors(turned.factor_correlations, 1).loadings[:, 0]
    found: Floats = turned.loadings @ second
    return found if found.sum() >= 0 else -found
