"""Special uniques: records that stand alone on few of the keys already, which no sampling makes less odd.

A minimal sample unique is a set of keys on which a record is alone and on no part of which it is. SUDA scores count them, the more the
smaller they are (Elliot, Manning and Ford 2002). DIS, the chance that a match to a unique record is right (Skinner and Elliot 2002), is
spread over the records by their scores.
"""

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.microdata_risk.keys import Keys

MOST_KEYS = 12
SPREAD = 1.15
"""The power of a score that the odds of a right match go with; sdcMicro's, found from its figures."""


@dataclass(frozen=True, slots=True)
class SpecialUniques:
    """For each record its SUDA score and its chance of a right match (n,), nought where it is alone on no set of keys."""

    scores: Floats
    chances: Floats


def special_uniques(found: Keys, *, fraction: float = 0.01) -> SpecialUniques:
    """SUDA and DIS-SUDA scores: a minimal unique on m of k keys adds (k - m)!. A missing key counts as a value of its own.

    `fraction` is the sampling fraction that DIS assumes. R: `sdcMicro::suda2(x, variables, DisFraction = fraction)`.
    Raises CannotEstimate `bad_setting`, `too_many_keys` beyond twelve.
    """
    number = len(found.names)
    if not 0 < fraction < 1:
        raise CannotEstimate("bad_setting", f"a sampling fraction lies between 0 and 1, not at {fraction}")
    if number > MOST_KEYS:
        raise CannotEstimate("too_many_keys", f"{number} keys have too many subsets: choose at most {MOST_KEYS}")
    scores = np.zeros(found.rows)
    alone_on_part: dict[tuple[int, ...], np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for size in range(1, number + 1):
        for chosen in combinations(range(number), size):
            before = np.zeros(found.rows, dtype=bool)
            for left_out in range(size if size > 1 else 0):
                before |= alone_on_part[chosen[:left_out] + chosen[left_out + 1 :]]
            alone = _sharing(found, chosen) == 1
            scores += factorial(number - size) * (alone & ~before)
            alone_on_part[chosen] = alone | before
    return SpecialUniques(scores, _chances(scores, _sharing(found, tuple(range(number))), fraction))


def _sharing(found: Keys, chosen: tuple[int, ...]) -> Floats:
    """How many records have the same values of some keys, (n,)."""
    _, of_row, counts = np.unique(found.codes[:, list(chosen)], axis=0, return_inverse=True, return_counts=True)
    return counts[of_row.ravel()].astype(np.float64)


def _chances(scores: Floats, sharing: Floats, fraction: float) -> Floats:
    uniques, in_pairs = float((sharing == 1).sum()), float((sharing == 2).sum())
    scored = scores > 0
    if not scored.any():
        return np.zeros(len(scores))
    right = uniques * fraction / (uniques * fraction + in_pairs * (1 - fraction))
    against = scores[scored] ** -SPREAD
    found = np.zeros(len(scores))
    found[scored] = 1.0 / (1.0 + against * (1.0 / right - 1.0) / against.mean())
    return found
