"""Corrections for asking several questions at once; R: `p.adjust`.

Holm (1979, Scandinavian Journal of Statistics 6) and Bonferroni bound the chance of a single false finding in the family; Benjamini and
Hochberg (1995, Journal of the Royal Statistical Society B 57) bound the expected share of false findings among the findings.
"""

from collections.abc import Sequence
from typing import Literal

Correction = Literal["holm", "benjamini_hochberg", "bonferroni", "none"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: each below alpha exactly where Holm's step-down procedure rejects at alpha."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(_ascending(p_values)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given, for a bounded false discovery rate; R: `p.adjust(p, "BH")`."""
    adjusted = [0.0] * len(p_values)
    smallest = 1.0
    for rank, place in reversed(list(enumerate(_ascending(p_values), start=1))):
        smallest = min(smallest, len(p_values) / rank * p_values[place])
        adjusted[place] = smallest
    return adjusted


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Each p-value times their number."""
    return [min(1.0, len(p_values) * p) for p in p_values]


def adjusted_p_values(p_values: Sequence[float], correction: Correction) -> list[float]:
    """The p-values under the named correction, in the order given."""
    if correction == "holm":
        return holm(p_values)
    if correction == "benjamini_hochberg":
        return benjamini_hochberg(p_values)
    return bonferroni(p_values) if correction == "bonferroni" else list(p_values)


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=lambda at: p_values[at])
