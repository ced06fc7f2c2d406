"""What a generalised linear model assumes of its outcome: a link, and how the variance follows from the mean.

Only the first two moments matter to a design-based fit, so each family stands for its quasi-likelihood too: R's `quasibinomial` and
`quasipoisson` give the same coefficients and the same design-based errors as `binomial` and `poisson` (McCullagh and Nelder,
Generalized Linear Models, 1989, chapters 2 and 9). Not here: ordered outcomes (ordinal).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, kl_div, logit, ndtr, ndtri

from assent_analytics.domain.errors import CannotEstimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """The mean (n,), its derivative by the linear predictor (n,), and the variance (n,) up to the dispersion."""

    mean: Floats
    slope: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Family:
    """A named family with its link.

    `link` of means (n,), `moments` at linear predictors (n,), `deviance` of each row at means (n,), and `guess`: means inside the
    range from which a fit may start, given outcomes and weights (n,).
    """

    name: str
    link_name: str
    link: Callable[[Floats], Floats]
    moments: Callable[[Floats], Moments]
    deviance: Callable[[Floats, Floats], Floats]
    guess: Callable[[Floats, Floats], Floats]
    lowest: float = -np.inf
    highest: float = np.inf

    def check(self, response: Floats) -> None:
        """Raises CannotEstimate: `all_missing`, `bad_value` (out of the family's range), `constant_outcome` (it never varies)."""
        if len(response) == 0:
            raise CannotEstimate("all_missing", "no row has an outcome and every covariate")
        low, high = float(response.min()), float(response.max())
        if low < self.lowest or high > self.highest:
            raise CannotEstimate(
                "bad_value", f"{self.name} outcomes lie from {self.lowest:g} to {self.highest:g}, not {low:g} to {high:g}"
            )
        if low == high:
            raise CannotEstimate("constant_outcome", f"the outcome is {low:g} in every row: there is nothing to explain")


def _identity(eta: Floats) -> Moments:
    ones = np.ones_like(eta)
    return Moments(eta, ones, ones)


def _logit(eta: Floats) -> Moments:
    mean = expit(np.clip(eta, -30.0, 30.0))  # beyond, slope and variance are nought to the last digit and their ratio undefined
    variance = mean * (1.0 - mean)
    return Moments(mean, variance, variance)


def _probit(eta: Floats) -> Moments:
    bounded = np.clip(eta, -8.0, 8.0)
    mean = ndtr(bounded)
    return Moments(mean, np.exp(-0.5 * bounded**2) / np.sqrt(2.0 * np.pi), mean * ndtr(-bounded))


def _complementary_log_log(eta: Floats) -> Moments:
    bounded = np.clip(eta, -30.0, 3.5)
    hazard = np.exp(bounded)
    survival = np.exp(-hazard)
    mean = -np.expm1(-hazard)
    return Moments(mean, hazard * survival, mean * survival)


def _log(eta: Floats) -> Moments:
    mean = np.exp(np.clip(eta, -700.0, 700.0))
    return Moments(mean, mean, mean)


def _squares(response: Floats, mean: Floats) -> Floats:
    found: Floats = (response - mean) ** 2
    return found


def _binomial_deviance(response: Floats, mean: Floats) -> Floats:
    found: Floats = 2.0 * (kl_div(response, mean) + kl_div(1.0 - response, 1.0 - mean))
    return found


def _poisson_deviance(response: Floats, mean: Floats) -> Floats:
    found: Floats = 2.0 * kl_div(response, mean)
    return found


def _as_they_are(response: Floats, _weights: Floats) -> Floats:
    return response


def _drawn_inwards(response: Floats, weights: Floats) -> Floats:
    return (weights * response + 0.5) / (weights + 1.0)


def _above_nought(response: Floats, _weights: Floats) -> Floats:
    return response + 0.1


def _cloglog_of(mean: Floats) -> Floats:
    found: Floats = np.log(-np.log1p(-mean))
    return found


def _binomial(link_name: str, link: Callable[[Floats], Floats], moments: Callable[[Floats], Moments]) -> Family:
    return Family("binomial", link_name, link, moments, _binomial_deviance, _drawn_inwards, 0.0, 1.0)


GAUSSIAN = Family("gaussian", "identity", np.asarray, _identity, _squares, _as_they_are)
LOGIT = _binomial("logit", logit, _logit)
PROBIT = _binomial("probit", ndtri, _probit)
CLOGLOG = _binomial("cloglog", _cloglog_of, _complementary_log_log)
POISSON = Family("poisson", "log", np.log, _log, _poisson_deviance, _above_nought, 0.0)
"""R: `gaussian()`, `binomial("logit" | "probit" | "cloglog")`, `poisson()`, and their `quasi` namesakes."""
