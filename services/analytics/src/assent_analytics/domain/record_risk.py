"""How easily a record could be recognised in a file of single answers, by its combination of key variables.

Of each record: how many share its keys in the sample (k-anonymity), how many they stand for in the population, the risk that follows,
alone and in its household; how various a sensitive answer is among those who share the keys (l-diversity); and by how few of the keys it is
unique (SUDA). Keys are codes, (n, k), `MISSING` where unknown; an unknown value agrees with every other.

Nothing of the kind is released here: this is for whoever prepares a file for an archive. Not here: SUDA's scores as probabilities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate

MISSING = -1

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of each record how many share its keys in the sample, and by their weights in the population, (n,)."""

    sample: Wholes
    population: Floats


@dataclass(frozen=True, slots=True)
class Diversity:
    """How various a sensitive answer is among those who share the keys, (n,): distinct values, the exponential of their entropy, and
    recursive (c, l)-diversity, the l of Machanavajjhala and others (2007) for c = 2."""

    distinct: Wholes
    entropy: Floats
    recursive: Wholes


def frequencies(keys: Codes, weights: Floats | None = None) -> Frequencies:
    """Sample and estimated population frequencies; sdcMicro: `freqCalc(x, keyVars, w)`. Raises CannotEstimate `bad_shape`."""
    if keys.ndim != 2 or (weights is not None and len(weights) != len(keys)):
        raise CannotEstimate("bad_shape", "keys are codes of records by variables, with a weight for each record or none")
    patterns, which, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    stands_for = np.bincount(which, weights=weights, minlength=len(patterns)) if weights is not None else counts.astype(float)
    if (keys == MISSING).any():
        agree = _agreement(patterns)
        counts, stands_for = agree @ counts, agree @ stands_for
    return Frequencies(sample=counts[which], population=stands_for[which].astype(float))


def individual_risk(found: Frequencies) -> Floats:
    """The expected 1/F given f, (n,): Benedetti and Franconi (1998) for f = 1 and 2, beyond them p/(f - q). sdcMicro: `indivRisk`.

    sdcMicro approximates from f = 3 on, and so does this; the exact value is less by 0.5 % at most. Without weights, where the sample is
    the population, it is 1/f.
    """
    size = found.sample.astype(float)
    share = np.minimum(size / found.population, 1.0)
    part = np.where(share < 1.0, share, 0.5)  # any value: those that are the population are answered apart
    rest = 1.0 - part
    risk = np.select(
        [found.sample == 1, found.sample == 2],
        [
            part / rest * np.log(1.0 / part),
            part / rest**2 * (part * np.log(part) + rest),
        ],
        default=part / (size - rest),
    )
    return np.where(share < 1.0, risk, 1.0 / size)


def household_risk(risk: Floats, households: NDArray[np.generic]) -> Floats:
    """That somebody of the household is recognised, (n,): 1 less the product of what is left of each."""
    _, which = np.unique(households, return_inverse=True)
    with np.errstate(divide="ignore"):
        left = np.log1p(-risk)
    together: Floats = 1.0 - np.exp(np.bincount(which.reshape(-1), weights=left)[which.reshape(-1)])
    return together


def diversity(keys: Codes, sensitive: Wholes, *, constant: float = 2.0) -> Diversity:
    """The diversity of a sensitive answer, codes (n,), within each combination of keys; sdcMicro: `ldiversity`."""
    _, which = np.unique(keys, axis=0, return_inverse=True)
    _, values = np.unique(sensitive, return_inverse=True)
    which, values = which.reshape(-1), values.reshape(-1)
    counts = np.zeros((which.max() + 1, values.max() + 1))
    np.add.at(counts, (which, values), 1.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    logs = np.log(np.where(shares > 0.0, shares, 1.0))
    falling = -np.sort(-counts, axis=1)
    tails = np.cumsum(falling[:, ::-1], axis=1)[:, ::-1]
    recursive = 1 + (falling[:, [0]] < constant * tails[:, 1:]).sum(axis=1)
    return Diversity(
        distinct=(counts > 0.0).sum(axis=1)[which],
        entropy=np.exp(-(shares * logs).sum(axis=1))[which],
        recursive=recursive[which],
    )


def suda_scores(keys: Codes) -> Wholes:
    """Elliot's score, (n,): for each smallest set of the k keys by which a record is unique, (k - size of the set)! is added."""
    records, variables = keys.shape
    scores = np.zeros(records, dtype=np.int64)
    smallest: list[tuple[frozenset[int], NDArray[np.bool_]]] = []
    for some in _subsets(variables):
        unique = frequencies(keys[:, sorted(some)]).sample == 1
        for smaller, already in smallest:
            if smaller < some:
                unique &= ~already
        if unique.any():
            smallest.append((some, unique))
            scores[unique] += factorial(variables - len(some))
    return scores


def _subsets(variables: int) -> Iterator[frozenset[int]]:
    for size in range(1, variables + 1):
        yield from map(frozenset, combinations(range(variables), size))


def _agreement(patterns: Codes) -> NDArray[np.int64]:
    """Which patterns agree with which, unknown values with all, (m, m)."""
    agree = np.ones((len(patterns), len(patterns)), dtype=bool)
    for column in patterns.T:
        unknown = column == MISSING
        agree &= (column[:, None] == column[None, :]) | unknown[:, None] | unknown[None, :]
    return agree.astype(np.int64)
