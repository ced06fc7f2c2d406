"""The chance that a record is of the person whom an intruder found in the population with the same keys.

Given f records in the sample that share the keys and an estimate F of how many do in the population, the population's number is taken as
negative binomial with success p = f / F, and the risk is the expectation of one over it (Benedetti and Franconi 1998; Franconi and
Polettini, Individual risk estimation in mu-Argus, 2004): exact for f of one and two, and p / (f - 1 + p) beyond.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.microdata_risk.keys import Frequencies


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """The mean risk of a file, and how many records one must expect to be found again."""

    risk: float
    expected: float


def individual_risk(found: Frequencies) -> Floats:
    """Each record's risk, (n,). R: `sdcMicro::indivRisk(freqCalc(...))`, method "approx".

    Raises CannotEstimate `bad_value` where the population is smaller than the sample.
    """
    if (found.population < found.sample * (1 - 1e-12)).any():
        raise CannotEstimate("bad_value", "weights below one: fewer in the population than in the sample share some keys")
    chance = np.minimum(found.sample / found.population, 1.0)
    inside = np.where(chance < 1.0, chance, 0.5)
    odds = inside / (1.0 - inside)
    unique = odds * -np.log(inside)
    pair = odds - odds**2 * -np.log(inside)
    more = chance / (found.sample - (1.0 - chance))
    risk: Floats = np.where(found.sample == 1, unique, np.where(found.sample == 2, pair, more))
    return np.where(chance < 1.0, risk, 1.0 / found.sample)


def global_risk(risks: Floats) -> GlobalRisk:
    """The mean and the sum of risks. R: `sdcMicro::measure_risk(obj)$global_risk` and `_ER`."""
    return GlobalRisk(float(risks.mean()), float(risks.sum()))


def household_risk(risks: Floats, households: Sequence[Any] | NDArray[Any]) -> Floats:
    """For each record the chance that anybody in its household is found, (n,): 1 less the product of (1 - risk).

    R: `hier_risk` of `sdcMicro::measure_risk` with `hhId`. Raises CannotEstimate `bad_shape`.
    """
    code = np.unique(np.asarray(households).astype(str), return_inverse=True)[1].ravel()
    if code.shape != risks.shape:
        raise CannotEstimate("bad_shape", f"{code.size} households for {risks.size} records")
    safe = np.bincount(code, weights=np.log1p(-np.minimum(risks, 1 - 1e-15)))
    found: Floats = -np.expm1(safe)[code]
    return found
