"""Agreement of several raters on categories, and of several raters' ranks.

Fleiss's kappa takes chance from all raters together, Conger's from each pair, Light's is the mean of the pairs' kappas; Gwet's AC1
withstands categories that nearly all choose. Kendall's W is about order. Not here: Krippendorff's alpha, intraclass correlations.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc
from scipy.stats import rankdata

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.raters.ratings import beyond_chance, category_counts, complete_units, rating_matrix
from assent_analytics.estimation.raters.two_raters import cohen_kappa, rating_table


@dataclass(frozen=True, slots=True)
class ManyKappa:
    """Fleiss's kappa with z of no agreement beyond chance, Conger's (exact) kappa, and how many units all raters rated."""

    fleiss: float
    z: float
    conger: float
    units: int


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W, 1 when all raters order the units alike, with its chi-square test."""

    w: float
    statistic: float
    degrees_of_freedom: int
    p_value: float


def fleiss_kappa(ratings: ArrayLike) -> ManyKappa:
    """Fleiss (1971) and Conger (1980) on (units, raters), over the units that everybody rated.

    R: `irr::kappam.fleiss(x)` and `irr::kappam.fleiss(x, exact = TRUE)`. Raises CannotEstimate: those of `complete_units`;
    `constant_column`.
    """
    found = complete_units(ratings)
    counts, categories = category_counts(found)
    units, raters = found.shape
    observed = float(((counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))).mean())
    shares = counts.sum(axis=0) / (units * raters)
    by_rater = (found[:, :, None] == categories).mean(axis=0)  # (raters, categories)
    pairs = (by_rater.sum(axis=0) ** 2 - (by_rater**2).sum(axis=0)).sum() / (raters * (raters - 1))
    kappa, spread = beyond_chance(observed, float((shares**2).sum())), shares * (1 - shares)
    variance = 2 * (spread.sum() ** 2 - (spread * (1 - 2 * shares)).sum()) / (spread.sum() ** 2 * units * raters * (raters - 1))
    return ManyKappa(kappa, float(kappa / np.sqrt(variance)), beyond_chance(observed, float(pairs)), units)


def fleiss_kappa_of_counts(counts: ArrayLike) -> float:
    """Fleiss's kappa of how many raters put each unit into each category, (units, categories), the same number of raters for each."""
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or not len(table) or np.ptp(table.sum(axis=1)) > 0 or table.sum(axis=1).min() < 2:
        raise CannotEstimate("bad_shape", "every unit needs the same number of raters, at least two")
    raters = float(table[0].sum())
    observed = float(((table * (table - 1)).sum(axis=1) / (raters * (raters - 1))).mean())
    return beyond_chance(observed, float(((table.sum(axis=0) / table.sum()) ** 2).sum()))


def light_kappa(ratings: ArrayLike) -> float:
    """Light (1971): the mean of Cohen's kappa over the pairs of raters. R: `irr::kappam.light`. Raises as `cohen_kappa`."""
    found = complete_units(ratings)
    return float(
        np.mean([cohen_kappa(rating_table(found[:, list(pair)])).kappa for pair in combinations(range(found.shape[1]), 2)])
    )


def gwet_ac1(ratings: ArrayLike) -> float:
    """Gwet's (2008) AC1 of (units, raters); ratings may be missing, units that fewer than two rated say nothing of agreement.

    Raises CannotEstimate: those of `rating_matrix`; `no_rows`, `constant_column`.
    """
    counts, _ = category_counts(rating_matrix(ratings))
    raters = counts.sum(axis=1)
    if counts.shape[1] < 2:
        raise CannotEstimate("constant_column", "all ratings are of one category")
    pairs = raters >= 2
    if not pairs.any():
        raise CannotEstimate("no_rows", "no unit was rated twice")
    agreeing = (counts * (counts - 1)).sum(axis=1)[pairs] / (raters * (raters - 1))[pairs]
    shares = (counts[raters > 0] / raters[raters > 0, None]).mean(axis=0)
    return beyond_chance(float(agreeing.mean()), float((shares * (1 - shares)).sum() / (counts.shape[1] - 1)))


def concordance(ratings: ArrayLike) -> Concordance:
    """Kendall's W of (units, raters), corrected for ties (Kendall and Babington Smith 1939). R: `irr::kendall(x, correct = TRUE)`.

    Raises CannotEstimate: those of `complete_units`; `constant_column` when every rater ties every unit.
    """
    found = complete_units(ratings)
    units, raters = found.shape
    ranks = rankdata(found, axis=0)
    spread = ((ranks.sum(axis=1) - raters * (units + 1) / 2) ** 2).sum()
    ties = sum(float((times**3 - times).sum()) for times in (np.unique(column, return_counts=True)[1] for column in ranks.T))
    most = raters**2 * (units**3 - units) - raters * ties
    if most <= 0:
        raise CannotEstimate("constant_column", "every rater rated all units alike")
    w = float(12 * spread / most)
    statistic = raters * (units - 1) * w
    return Concordance(w, statistic, units - 1, float(chdtrc(units - 1, statistic)))
