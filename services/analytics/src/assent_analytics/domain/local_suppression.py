"""k-anonymity by taking out single values: of every record whose combination of keys fewer than k share, a value or more goes missing.

A missing value agrees with every other, so each one taken out helps others as well. The least that will do is hard to find; this takes one
value at a time, the one that brings the combination nearest to k, and of those the one that leaves fewest others to do.
Not here: how recognisable records are (record_risk).
"""

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.record_risk import MISSING, Codes, Wholes, frequencies


def suppress_locally(keys: Codes, *, least: int) -> Codes:
    """The keys (n, k) with values taken out, so that every record agrees with at least `least` records; sdcMicro: `localSuppression`.

    Raises CannotEstimate `no_rows` where there are fewer records than that.
    """
    if len(keys) < least:
        raise CannotEstimate("no_rows", f"{len(keys)} records cannot agree with {least}")
    patterns, which, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    sharing = _sharing(patterns, counts)
    while (sharing < least).any():
        rare = int(np.argmin(np.where(sharing < least, sharing, np.iinfo(np.int64).max)))
        column = _best_column(patterns, counts, rare, least)
        before = _agrees(patterns, patterns[rare])
        patterns[rare, column] = MISSING
        after = _agrees(patterns, patterns[rare])
        sharing += counts[rare] * (after & ~before)
        sharing[rare] = int(counts[after].sum())
    return patterns[which]


def _best_column(patterns: Codes, counts: Wholes, rare: int, least: int) -> int:
    """Which value of a pattern to take out: the one after which most agree with it, but no more than are needed."""
    known: list[int] = np.flatnonzero(patterns[rare] != MISSING).tolist()

    def worth(column: int) -> tuple[int, int]:
        trial = patterns[rare].copy()
        trial[column] = MISSING
        agreeing = int(counts[_agrees(patterns, trial)].sum())
        return min(agreeing, least), agreeing

    return max(known, key=worth)


def _sharing(patterns: Codes, counts: Wholes) -> Wholes:
    """How many records agree with each pattern, itself included, (m,)."""
    return frequencies(np.repeat(patterns, counts, axis=0)).sample[np.cumsum(counts) - 1]


def _agrees(patterns: Codes, one: Codes) -> NDArray[np.bool_]:
    """Which patterns agree with one of them, (m,)."""
    found: NDArray[np.bool_] = ((patterns == one) | (patterns == MISSING) | (one == MISSING)).all(axis=1)
    return found
