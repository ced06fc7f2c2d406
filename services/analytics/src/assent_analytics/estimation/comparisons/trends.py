"""The change of a mean or share between two collections, with the covariance that their samples have.

Independent samples share nothing, and their variances add. Where the same respondents or the same clusters were reached twice, the
two estimates are correlated, mostly to the good: both collections are then stacked into one design, whose first-stage units are
what they share (Lumley, Complex Surveys, 2010). R: `rbind` the data, `svydesign(ids = ~shared, strata = ~stratum, weights =
~w)`, `svycontrast(svyby(~y, ~wave, design, svymean, covmat = TRUE), c(-1, 1))`.

Whether two collections may be compared at all is asked first, of `domain.comparability`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.comparability import Comparability
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats, Labels
from assent_analytics.estimation.columns import value_column
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import NOISE, Estimate, Plan
from assent_analytics.estimation.hypothesis_tests.cells import degrees_of_freedom, estimated, group_means
from assent_analytics.estimation.hypothesis_tests.t_tests import TTest


@dataclass(frozen=True, slots=True)
class Wave:
    """One collection's values (n,), NaN where missing, with its weights (n,), strata (n,), and the units it shares with another.

    `shared` (n,) labels respondents, or clusters, alike in both collections.
    """

    values: ArrayLike
    weights: ArrayLike
    shared: Labels
    strata: Labels | None = None

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(np.asarray(self.weights))


@dataclass(frozen=True, slots=True)
class Change:
    """Both means, and the later less the earlier one."""

    earlier: float
    later: float
    difference: TTest
    correlation: float


def change_of_samples(earlier: Estimate, later: Estimate, comparability: Comparability) -> Change:
    """The change between single estimates of two independent samples, each with its own design of whatever kind.

    The degrees of freedom add up, as those of one design with both in separate strata do.
    Raises CannotEstimate: `not_comparable`, `bad_shape`, `no_variation`.
    """
    _require(comparability)
    if len(earlier.estimates) != 1 or len(later.estimates) != 1:
        raise CannotEstimate("bad_shape", "a change is of one estimate")
    freedom = earlier.degrees_of_freedom + later.degrees_of_freedom
    both = np.diag([earlier.covariance[0, 0], later.covariance[0, 0]])
    return _change(np.array([earlier.estimates[0], later.estimates[0]]), both, int(freedom))


def change_of_panel(earlier: Wave, later: Wave, comparability: Comparability) -> Change:
    """The change between two collections that share respondents or clusters, all of them or some.

    Populations are taken as large, so the variance errs upwards where much of one was asked.
    Raises CannotEstimate: `not_comparable`; `nothing_shared` when no unit is in both; `not_nested` when a unit is in two strata;
    `all_missing`, `no_degrees_of_freedom`, `no_variation`, and what `Design` raises.
    """
    _require(comparability)
    before, after = _units(earlier, later)
    if not np.isin(before, after).any():
        raise CannotEstimate("nothing_shared", "no unit is in both collections: compare them as independent samples")
    plan = Design(
        _stacked(earlier.weights, later.weights).astype(float),
        strata=None if earlier.strata is None or later.strata is None else _stacked(earlier.strata, later.strata),
        clusters=_stacked(before, after),
        nest=False,
    )
    values = np.concatenate([value_column(earlier.values, earlier.rows), value_column(later.values, later.rows)])
    return change_within(plan, values, np.repeat([False, True], [earlier.rows, later.rows]), comparability)


def change_within(plan: Plan, values: ArrayLike, is_later: ArrayLike, comparability: Comparability) -> Change:
    """The change in values (n,), NaN where missing, between two parts of one design, which holds both collections.

    Raises CannotEstimate: `not_comparable`, `bad_shape`, `all_missing`, `no_degrees_of_freedom`, `no_variation`.
    """
    _require(comparability)
    numbers, later = value_column(values, plan.rows), np.asarray(is_later, dtype=bool)
    known = ~np.isnan(numbers) & (plan.weights > 0)
    if later.shape != known.shape or not (known & later).any() or not (known & ~later).any():
        raise CannotEstimate("all_missing", "one of the collections has nobody whose value is known")
    found = estimated(plan, group_means(numbers, np.where(known, later.astype(np.int64), -1), 2))
    return _change(found.estimates, found.covariance, degrees_of_freedom(plan, known))


def _change(estimates: Floats, covariance: Floats, freedom: int) -> Change:
    variance = covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1]
    error = float(np.sqrt(max(variance, 0.0)))
    if not error > NOISE * max(float(np.abs(estimates).max()), NOISE):
        raise CannotEstimate("no_variation", "the values do not vary, so there is no error to judge a change by")
    if freedom < 1:
        raise CannotEstimate("no_degrees_of_freedom", "the design has no degrees of freedom")
    product = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    correlation = float(covariance[0, 1]) / product if product > 0.0 else 0.0
    difference = TTest(float(estimates[1] - estimates[0]), error, freedom)
    return Change(float(estimates[0]), float(estimates[1]), difference, correlation)


def _units(earlier: Wave, later: Wave) -> tuple[np.ndarray, np.ndarray]:
    """The labels of the shared units; with their strata where these number their units anew, so that one wave repeats a label."""
    plain = _labels(earlier.shared, earlier.rows), _labels(later.shared, later.rows)
    if earlier.strata is None or later.strata is None:
        return plain
    before = np.char.add(np.char.add(_labels(earlier.strata, earlier.rows), "/"), plain[0])
    after = np.char.add(np.char.add(_labels(later.strata, later.rows), "/"), plain[1])
    repeats = len(np.unique(before)) > len(np.unique(plain[0])) or len(np.unique(after)) > len(np.unique(plain[1]))
    return (before, after) if repeats else plain


def _labels(labels: Labels, rows: int) -> np.ndarray:
    if len(labels) != rows:
        raise CannotEstimate("bad_shape", f"{len(labels)} labels for {rows} weights")
    return np.asarray(labels).astype(str)


def _require(comparability: Comparability) -> None:
    if comparability.reasons:
        raise CannotEstimate("not_comparable", ", ".join(comparability.reasons))


def _stacked(earlier: ArrayLike | Labels, later: ArrayLike | Labels) -> np.ndarray:
    return np.concatenate([np.asarray(earlier), np.asarray(later)])
