"""Bootstraps of first-stage units, drawn again within their strata.

Rao and Wu (1988, Journal of the American Statistical Association 83; with m = n - 1 as in Rao, Wu and Yue 1992, Survey Methodology
18) draw one fewer than there are, and rescale. Canty and Davison (1999, The Statistician 48) draw without replacement from a
population made of copies of the sample, and so take large sampling fractions into account. Draws are random: give a generator with
a stated seed, and say which. The scale is 1 / (R - 1), as in R, unless the `divisor` asks for R. Works for quantiles and any other
statistic.
"""

from typing import Literal

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Layout
from assent_analytics.estimation.replicates.design import Failures, ReplicateDesign
from assent_analytics.estimation.replicates.factors import Table
from assent_analytics.estimation.replicates.selection import first_stage, require_several

Divisor = Literal["replicates_less_one", "replicates"]

# A sampling fraction below this is treated as nought, as R does: the population of copies would not fit anywhere.
SMALL_FRACTION = 0.01


def rao_wu(
    design: Design,
    *,
    replicates: int,
    random: np.random.Generator,
    divisor: Divisor = "replicates_less_one",
    mse: bool = False,
    failures: Failures = "refuse",
) -> ReplicateDesign:
    """Draw n - 1 of the n units of each stratum with replacement, each drawn counting n / (n - 1).

    R: `as.svrepdesign(design, type = "subbootstrap", replicates)`. Ignores finite populations. A stratum with one unit stays as it
    is, and so adds nothing. Raises CannotEstimate `lonely_psu` when the design refuses that or no stratum has two units,
    `bad_setting`, `calibrated`.
    """
    first = first_stage(design)
    require_several(design, first)
    factors = np.ones((first.units, replicates))
    for units in _strata(first):
        if (drawn := len(units) - 1) > 0:
            factors[units] = _draws(len(units), drawn, replicates, random) * (len(units) / drawn)
    return ReplicateDesign(
        design.weights,
        Table(factors),
        units=first.unit,
        scale=divided(replicates, divisor),
        mse=mse,
        failures=failures,
        method=f"Rao-Wu bootstrap, {replicates} replicates",
    )


def canty_davison(
    design: Design,
    *,
    replicates: int,
    random: np.random.Generator,
    divisor: Divisor = "replicates_less_one",
    mse: bool = False,
    failures: Failures = "refuse",
) -> ReplicateDesign:
    """Draw n units of each stratum without replacement from its N, made of copies of the sample; with replacement where N is
    unknown.

    R: `as.svrepdesign(design, type = "bootstrap", replicates)`. The scale is m / (m - 1) over the divisor, with m the harmonic mean
    of the strata's numbers of units; the variance is then N / (N - 1) too large. Raises as `rao_wu` does.
    """
    first = first_stage(design)
    require_several(design, first)
    factors = np.ones((first.units, replicates))
    for units in _strata(first):
        fraction = float(first.fraction[units[0]])
        if fraction < SMALL_FRACTION:
            factors[units] = _draws(len(units), len(units), replicates, random)
        else:
            factors[units] = _draws_of_copies(len(units), round(len(units) / fraction), replicates, random)
    typical = 1.0 / float(np.mean(1.0 / first.size))
    return ReplicateDesign(
        design.weights,
        Table(factors),
        units=first.unit,
        scale=divided(replicates, divisor) * typical / (typical - 1.0),
        mse=mse,
        failures=failures,
        method=f"Canty-Davison bootstrap, {replicates} replicates",
    )


def divided(replicates: int, divisor: Divisor) -> float:
    """One over the number of replicates, or over one less. Raises CannotEstimate `bad_setting`."""
    if replicates < 2:
        raise CannotEstimate("bad_setting", f"a bootstrap needs at least two replicates, not {replicates}")
    return 1.0 / (replicates - 1 if divisor == "replicates_less_one" else replicates)


def _strata(first: Layout) -> list[Codes]:
    """The units of each stratum."""
    order = np.argsort(first.stratum, kind="stable")
    return list(np.split(order, np.cumsum(first.size)[:-1]))


def _draws(units: int, drawn: int, replicates: int, random: np.random.Generator) -> Floats:
    """How often each unit comes up among some drawn with replacement, (units, replicates)."""
    return random.multinomial(drawn, np.full(units, 1.0 / units), size=replicates).T.astype(float)


def _draws_of_copies(units: int, population: int, replicates: int, random: np.random.Generator) -> Floats:
    """How often each unit comes up among as many drawn without replacement from copies of them, (units, replicates).

    Where the population is no multiple of the sample some units have one copy more; chance says which, once for all replicates.
    """
    copies = np.full(units, population // units)
    copies[random.permutation(units)[: population % units]] += 1
    return random.multivariate_hypergeometric(copies, units, size=replicates, method="marginals").T.astype(float)
