"""What fitting did to weights: their range, what their spread costs, and how well the known totals are met."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from assent_analytics.estimation.arrays import Floats


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Facts on weights that were fitted.

    `smallest_factor` and `largest_factor` are of new weight over old, over rows of positive old weight. `kish_effect` is n Σw² /
    (Σw)² (Kish 1965) and `effective_rows` n over it. `largest_misfit` is the largest of |achieved - known| / (1 + |known|) over the
    known totals at the weights as they are, `at` names that total; None where nothing was known. `rescaled` is the factor by which
    all weights were first brought near the totals; bounds are on what comes after it.
    """

    rows: int
    sum: float
    smallest: float
    largest: float
    smallest_factor: float
    largest_factor: float
    kish_effect: float
    effective_rows: float
    negative: int
    trimmed: int = 0
    iterations: int = 0
    largest_misfit: float | None = None
    at: str | None = None
    redundant: int = 0
    rescaled: float = 1.0

    def describe(self) -> dict[str, Any]:
        """The facts that a recipe tells, rounded to what they are good for."""
        facts: dict[str, Any] = {
            "iterations": self.iterations,
            "smallest_factor": round(self.smallest_factor, 4),
            "largest_factor": round(self.largest_factor, 4),
            "kish_design_effect": round(self.kish_effect, 4),
            "effective_rows": round(self.effective_rows, 1),
        }
        if self.largest_misfit is not None:
            facts["largest_misfit"] = float(f"{self.largest_misfit:.1e}")
        return facts


def diagnose(before: Floats, after: Floats, **facts: Any) -> Diagnostics:
    """The facts on weights (n,) after and before; `facts` are those that only the method knows."""
    used = before > 0
    factors = after[used] / before[used]
    effect = kish_effect(after)
    return Diagnostics(
        rows=len(after),
        sum=float(after.sum()),
        smallest=float(after.min()),
        largest=float(after.max()),
        smallest_factor=float(factors.min()),
        largest_factor=float(factors.max()),
        kish_effect=effect,
        effective_rows=len(after) / effect,
        negative=int((after < 0).sum()),
        **facts,
    )


def kish_effect(weights: Floats) -> float:
    """Kish's design effect of weighting, n Σw² / (Σw)²; infinite when the weights sum to nought."""
    whole = float(weights.sum()) ** 2
    return float(len(weights) * np.dot(weights, weights) / whole) if whole > 0 else float("inf")


def worst(achieved: Floats, known: Floats) -> tuple[float, int]:
    """The largest misfit |achieved - known| / (1 + |known|), and of which total it is: both (k,)."""
    misfits = np.abs(achieved - known) / (1.0 + np.abs(known))
    place = int(np.argmax(misfits))
    return float(misfits[place]), place
