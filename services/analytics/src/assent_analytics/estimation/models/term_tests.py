"""Tests of coefficients: one at a time by t, whole terms by Wald's F, and by Rao and Scott's likelihood ratio.

The working likelihood ratio of two weighted fits is, under the smaller model, a sum of chi-squares weighted by the eigenvalues of
the ratio of the design's covariance to the working one (Lumley and Scott, Fitting regression models to survey data, Statistical
Science 32, 2017; Rao and Scott 1984). R: `summary(svyglm)` and `regTermTest(method = "Wald")`, `"WorkingWald"` and `"LRT"`.

Not here: how a sum of chi-squares is weighed (chi_square_sums), and corrections for several tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import eigh
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.hypothesis_tests.cells import wald_statistic
from assent_analytics.estimation.hypothesis_tests.chi_square_sums import saddlepoint
from assent_analytics.estimation.models.design_matrix import DesignMatrix


@dataclass(frozen=True, slots=True)
class CoefficientTests:
    """The ratio of each estimate to its standard error (k,), and its two-sided p-value (k,)."""

    t: Floats
    p: Floats
    degrees_of_freedom: float


@dataclass(frozen=True, slots=True)
class WaldTest:
    """That all coefficients of some terms are nought: F, or a mean chi-square where `denominator_df` is infinite."""

    f: float
    numerator_df: int
    denominator_df: float
    p: float


@dataclass(frozen=True, slots=True)
class WorkingTest:
    """The working statistic, the weights of the chi-squares that it is a sum of when nothing is there, and its p-value."""

    statistic: float
    weights: Floats
    denominator_df: float
    p: float


class Fitted(Protocol):
    """What a model must tell to have its terms tested."""

    @property
    def coefficients(self) -> Estimate:
        """Estimates with the residual degrees of freedom."""

    @property
    def working_covariance(self) -> Floats:
        """Of the coefficients under the working likelihood, in the units of `deviance`."""

    @property
    def deviance(self) -> float:
        """Twice the working log-likelihood that the saturated model has more."""

    @property
    def matrix(self) -> DesignMatrix:
        """The columns; coefficient places are those of its columns."""

    def without(self, columns: Sequence[int]) -> float:
        """The deviance of the model without some columns, fitted to the same rows."""


def coefficient_tests(estimate: Estimate) -> CoefficientTests:
    """Each estimate against nought by t on its degrees of freedom, normal when these are infinite.

    Raises CannotEstimate `no_degrees_of_freedom` and `no_variation` (an estimate without any error, as after a perfect fit).
    """
    freedom = _usable(estimate.degrees_of_freedom)
    _require_errors(estimate.estimates, estimate.standard_errors)
    t = estimate.estimates / estimate.standard_errors
    tail = ndtr(-np.abs(t)) if np.isinf(freedom) else stdtr(freedom, -np.abs(t))
    return CoefficientTests(t, 2.0 * tail, freedom)


def wald_test(estimate: Estimate, columns: Sequence[int]) -> WaldTest:
    """That the coefficients in some places are all nought. Raises CannotEstimate as `coefficient_tests` and `wald_statistic`."""
    freedom = _usable(estimate.degrees_of_freedom)
    if not len(columns):
        raise CannotEstimate("bad_setting", "there is no coefficient to test: all columns of the terms were left out")
    part, spread = _part(estimate, columns)
    _require_errors(part, estimate.standard_errors[list(columns)])
    statistic = wald_statistic(part, spread) / len(columns)
    p = chdtrc(len(columns), statistic * len(columns)) if np.isinf(freedom) else fdtrc(len(columns), freedom, statistic)
    return WaldTest(statistic, len(columns), freedom, float(p))


def term_test(model: Fitted, *terms: str) -> WaldTest:
    """Wald's F for some terms together. R: `regTermTest(model, ~ terms)`. Raises CannotEstimate as `wald_test`."""
    return wald_test(model.coefficients, model.matrix.columns_of(*terms))


def working_wald_test(model: Fitted, *terms: str) -> WorkingTest:
    """The Wald statistic under the working covariance, with Rao and Scott's weights. R: `regTermTest(method = "WorkingWald")`."""
    columns = model.matrix.columns_of(*terms)
    part, working = model.coefficients.estimates[columns], model.working_covariance[np.ix_(columns, columns)]
    return _weighed(model, columns, float(part @ np.linalg.solve(working, part)))


def likelihood_ratio_test(model: Fitted, *terms: str) -> WorkingTest:
    """The working likelihood ratio with Rao and Scott's weights. R: `regTermTest(method = "LRT")`, p by saddlepoint as its default.

    The smaller model is fitted to the rows of the larger one. R fits it to all rows that the smaller one has, which are others
    where a tested column is missing; and in `svyolr` it sets the weights of deviance and information apart.
    """
    columns = model.matrix.columns_of(*terms)
    return _weighed(model, columns, max(model.without(columns) - model.deviance, 0.0))


def _weighed(model: Fitted, columns: Sequence[int], statistic: float) -> WorkingTest:
    if not len(columns):
        raise CannotEstimate("bad_setting", "there is no coefficient to test: all columns of the terms were left out")
    freedom = _usable(model.coefficients.degrees_of_freedom)
    _, spread = _part(model.coefficients, columns)
    weights = eigh(spread, model.working_covariance[np.ix_(columns, columns)], eigvals_only=True)[::-1]
    return WorkingTest(statistic, weights, freedom, saddlepoint(statistic, weights, freedom))


def _part(estimate: Estimate, columns: Sequence[int]) -> tuple[Floats, Floats]:
    places = list(columns)
    return estimate.estimates[places], estimate.covariance[np.ix_(places, places)]


def _usable(freedom: float) -> float:
    if freedom <= 0:
        raise CannotEstimate(
            "no_degrees_of_freedom", f"{freedom:g} degrees of freedom are left: the design is too small for the model"
        )
    return freedom


def _require_errors(estimates: Floats, errors: Floats) -> None:
    """What is left of an error by rounding is none."""
    if not (errors > 1e-12 * np.abs(estimates)).all():
        raise CannotEstimate("no_variation", "some coefficient has no error: the model fits without residuals")
