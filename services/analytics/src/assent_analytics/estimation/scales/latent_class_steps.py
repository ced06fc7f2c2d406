"""The latent class model itself: answer patterns, likelihood, and steps of expectation and maximisation from given values.

P(answers) = sum over classes of share x product over items of P(answer | class): within a class, answers do not depend on each other
(Lazarsfeld and Henry 1968; Dempster, Laird and Rubin 1977). Not here: finding good starting values, and classes' names and order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from assent_analytics.estimation.arrays import Floats

SMALLEST = 1e-15
EDGE = 1e-6
SAME_DIRECTION = 1e-5
MOST_PATTERNS = 5_000


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns of answers: codes from 0 (p, k) with -1 where missing, as ones and noughts (p, c), the pattern of each row."""

    codes: NDArray[np.int64]
    marks: Floats
    items: NDArray[np.int64]
    of_row: NDArray[np.int64]

    def totals(self, weights: Floats) -> Floats:
        """The weight of each pattern, (p,)."""
        return np.bincount(self.of_row, weights=weights, minlength=len(self.codes)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class ClassModel:
    """Shares (m,) and answer probabilities (m, c), the categories of all items side by side."""

    shares: Floats
    probabilities: Floats

    def ordered(self, order: NDArray[np.int64]) -> "ClassModel":
        """The same model with its classes in another order."""
        return ClassModel(self.shares[order], self.probabilities[order])


def patterns(codes: NDArray[np.int64], categories: NDArray[np.int64]) -> Patterns:
    """The distinct rows of codes (n, k), where item j has `categories[j]` categories and -1 is missing."""
    distinct, of_row = np.unique(codes, axis=0, return_inverse=True)
    items = np.repeat(np.arange(len(categories)), categories)
    category = np.concatenate([np.arange(number) for number in categories])
    marks: Floats = (distinct[:, items] == category).astype(np.float64)
    return Patterns(distinct, marks, items, of_row.ravel())


def log_likelihoods(model: ClassModel, found: Patterns) -> Floats:
    """The log probability of each pattern together with each class, (p, m)."""
    joint: Floats = found.marks @ np.log(np.maximum(model.probabilities, SMALLEST)).T + np.log(np.maximum(model.shares, SMALLEST))
    return joint


def memberships(model: ClassModel, found: Patterns) -> Floats:
    """The probability of each class given the pattern, (p, m)."""
    joint = log_likelihoods(model, found)
    shares: Floats = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    return shares


def log_likelihood(model: ClassModel, found: Patterns, totals: Floats) -> float:
    """The weighted log-likelihood of all rows."""
    return float(totals @ logsumexp(log_likelihoods(model, found), axis=1))


def improve(model: ClassModel, found: Patterns, totals: Floats, *, tolerance: float, most: int) -> tuple[ClassModel, bool]:
    """Steps from a model until the log-likelihood rises by less than `tolerance`; the model, and whether it got there."""
    before = -np.inf
    for _ in range(most):
        joint = log_likelihoods(model, found)
        highest = joint.max(axis=1, keepdims=True)
        parts = np.exp(joint - highest)
        together = parts.sum(axis=1)
        now = float(totals @ (highest[:, 0] + np.log(together)))
        if now - before < tolerance:
            return model, True
        before = now
        weighted = parts * (totals / together)[:, None]
        counts = weighted.T @ found.marks
        answered = np.add.reduceat(counts, np.flatnonzero(np.diff(found.items, prepend=-1)), axis=1)
        model = ClassModel(weighted.sum(axis=0) / totals.sum(), counts / np.maximum(answered[:, found.items], SMALLEST))
    return model, False


def is_identified(model: ClassModel, found: Patterns) -> bool:
    """Whether the patterns' probabilities settle the parameters: the rank of their derivatives (Goodman 1974).

    All patterns that could occur are looked at while they are few, else those that did occur.
    Where they do not, other shares and probabilities have the same likelihood, and a description of the classes is arbitrary.
    """
    categories = np.bincount(found.items)
    if np.prod(categories.astype(float)) <= MOST_PATTERNS:
        found = patterns(np.indices(categories.tolist()).reshape(len(categories), -1).T, categories)
    away = ClassModel(model.shares, np.clip(model.probabilities, EDGE, 1 - EDGE))  # so that an edge has a derivative
    belongs = memberships(away, found)
    last = np.flatnonzero(np.diff(found.items, append=-1))[found.items]  # each item's last category is what the others leave
    free = np.arange(len(last)) != last
    ratios = [found.marks / probabilities for probabilities in away.probabilities]
    derivatives = [share[:, None] * (ratio - ratio[:, last])[:, free] for share, ratio in zip(belongs.T, ratios, strict=True)]
    jacobian = np.hstack([belongs[:, :-1] / away.shares[:-1] - belongs[:, -1:] / away.shares[-1], *derivatives])
    lengths = np.sqrt((jacobian**2).sum(axis=0))
    if len(found.codes) <= jacobian.shape[1] or (lengths == 0).any():
        return False
    sizes = np.linalg.svd(jacobian / lengths, compute_uv=False)
    return bool(sizes[-1] > SAME_DIRECTION * sizes[0])
