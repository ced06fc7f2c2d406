"""Van der Eijk's agreement A (2001, Quality and Quantity 35): 1 for one option, 0 for evenly spread answers, -1 for two poles.

A distribution is peeled into layers in which all options present are chosen equally often. A layer's agreement is its unimodality U
times 1 - (S - 1) / (K - 1), where S of K options are present; A is the mean of the layers, weighted by how many people each holds.
U counts triples of options: 110 and 011 speak for one peak, 101 for two. R: `agrmt::agreement`.

A says nothing about where people agree, is undefined for two options, and cannot be compared between scales of different length.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.consensus.distributions import distributions

# Up to here the agreement of all patterns of options is kept: a thousand of them for ten options.
FEW_OPTIONS = 11


def van_der_eijk(shares: ArrayLike, *, before_correction: bool = False) -> Floats:
    """A of each distribution, (..., K) -> (...), from -1 to 1, for at least three options.

    `before_correction` takes U = (TU - TDU) / (TU + TDU), by which two poles do not reach -1. R: `agreement(V, old = TRUE)`. Raises
    CannotEstimate `bad_value` for two options, `all_missing`.
    """
    found = distributions(shares, least=3)
    heights = np.sort(found, axis=-1)
    layers = np.diff(heights, axis=-1, prepend=0.0)
    agreement = np.zeros(found.shape[:-1])
    for layer in range(found.shape[-1]):
        present = found >= heights[..., [layer]]
        agreement += layers[..., layer] * _people_agreeing(present, before_correction=before_correction)
    return agreement


def polarisation(shares: ArrayLike) -> Floats:
    """A turned round, (1 - A) / 2, from 0 to 1. R: `agrmt::polarization`. Raises as `van_der_eijk`."""
    found: Floats = (1.0 - van_der_eijk(shares)) / 2.0
    return found


def _people_agreeing(present: Bools, *, before_correction: bool) -> Floats:
    """The agreement of a layer one person high, times its people, for each pattern of options (..., K)."""
    options = present.shape[-1]
    if options > FEW_OPTIONS:
        return _of_patterns(present, before_correction=before_correction)
    return _all_patterns(options, before_correction=before_correction)[present @ (1 << np.arange(options))]


@cache
def _all_patterns(options: int, *, before_correction: bool) -> Floats:
    """The same for every pattern there is, in the order of binary numbers whose first digit is the lowest option."""
    patterns = (np.arange(2**options)[:, None] >> np.arange(options)) & 1
    return _of_patterns(patterns.astype(bool), before_correction=before_correction)


def _of_patterns(present: Bools, *, before_correction: bool) -> Floats:
    options = present.shape[-1]
    chosen = present.sum(axis=-1)
    unimodal, bimodal = _triples(present)
    triples = np.maximum(unimodal + bimodal, 1)  # none only where one option is present, or all are
    if before_correction:
        unimodality = (unimodal - bimodal) / triples
    else:
        unimodality = ((options - 2) * unimodal - (options - 1) * bimodal) / ((options - 2) * triples)
    some = unimodality * (1.0 - (chosen - 1) / (options - 1))
    agreeing: Floats = chosen * np.where(chosen == 1, 1.0, np.where(chosen == options, 0.0, some))
    return agreeing


def _triples(present: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many triples of options in order are present as 110 or 011, and as 101: (..., K) -> (...) each."""
    here = present.astype(np.int64)
    absent = 1 - here
    before, after = _elsewhere(here)
    absent_before, absent_after = _elsewhere(absent)
    unimodal = (here * (before * absent_after + absent_before * after)).sum(axis=-1)
    bimodal = (absent * before * after).sum(axis=-1)
    return unimodal, bimodal


def _elsewhere(marks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many marks stand before each place, and after it."""
    upto = np.cumsum(marks, axis=-1)
    return upto - marks, upto[..., [-1]] - upto
