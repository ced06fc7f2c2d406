"""Trimming: weights beyond bounds are cut, and what is cut is shared among the others, so that the sum stays.

In equal shares it is R's `trimWeights`; in proportion it keeps the ratios of the weights that were not cut (Potter 1990). Either
undoes a fit to margins, more or less: `rake_and_trim` does both in turn until both hold. Calibration with bounds reaches the same
end in one go and nearer to the old weights; trimming is for when the weights came from elsewhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.weighting.diagnostics import diagnose
from assent_analytics.estimation.weighting.margins import Margin
from assent_analytics.estimation.weighting.raking import Raking, Residual
from assent_analytics.estimation.weighting.reweighted import Reweighted

Share = Literal["equal", "proportional"]

MOST_ROUNDS = 10_000
ROUNDING = 1e-14


def trim(
    weights: Floats, *, lower: float = -np.inf, upper: float = np.inf, strict: bool = False, share: Share = "equal"
) -> Reweighted:
    """Cut weights (n,) at `lower` and `upper`. R: `trimWeights(design, upper, lower, strict)`, with `share="equal"`.

    What was shared may bring others beyond a bound; `strict` goes on until none is. The variance then takes the weights as given,
    and keeps what earlier fits did to it. Raises CannotEstimate: `bad_bounds` where no weights within the bounds have the same sum.
    """
    before = usable_weights(weights, len(weights), negative=True)
    _require_room(before, lower, upper)
    trimmed = int(_outside(before, lower, upper).sum())
    after, rounds = (_cut(before, lower, upper, share), 1) if trimmed else (before, 0)
    slack = ROUNDING * float(np.abs(before).max())  # what is shared never quite comes to nought
    while strict and _outside(after, lower - slack, upper + slack).any():
        if rounds == MOST_ROUNDS:
            raise CannotEstimate("bad_bounds", f"after {rounds} rounds some weights are still beyond the bounds")
        after, rounds = _cut(after, lower, upper, share), rounds + 1
    if strict:
        after = np.clip(after, lower, upper)
    return Reweighted(after, None, diagnose(before, after, iterations=rounds, trimmed=trimmed))


def trim_factors(factors: Floats, weights: Floats, *, lower: float, upper: float) -> tuple[Floats, int]:
    """Factors (n,) on weights (n,), cut once, what is cut shared in equal parts of factor; and how many were. R: `calibrate(trim=)`."""
    outside = _outside(factors, lower, upper)
    if not outside.any():
        return factors, 0
    if outside.all():
        raise CannotEstimate("bad_bounds", "every factor is beyond the bounds")
    cut = np.clip(factors, lower, upper)
    excess = float(((factors - cut) * weights).sum())
    return np.where(outside, cut, cut + excess / weights[~outside].sum()), int(outside.sum())


def rake_and_trim(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    lower: float = 0.0,
    upper: float = np.inf,
    share: Share = "proportional",
    tolerance: float = 1e-9,
    most_rounds: int = 500,
    residual: Residual = "regression",
) -> Reweighted:
    """Rake and trim weights (n,) in turn until the margins hold with every weight within its bounds.

    The variance is adjusted for the last raking. `tolerance` is how far a weight may be beyond a bound, relative to it. Raises
    CannotEstimate `no_convergence` where the bounds and the margins cannot both hold, and as `rake` and `trim` do.
    """
    raking = Raking(margins, residual=residual)
    found = raking.fit(weights)
    trimmed = np.zeros(len(found.weights), dtype=bool)
    for rounds in range(1, most_rounds + 1):
        if not _outside(found.weights, lower * (1.0 - tolerance), upper * (1.0 + tolerance)).any():
            facts = diagnose(
                usable_weights(weights, len(weights)),
                found.weights,
                iterations=rounds,
                trimmed=int(trimmed.sum()),
                largest_misfit=found.diagnostics.largest_misfit,
                at=found.diagnostics.at,
            )
            return replace(found, diagnostics=facts)
        trimmed |= _outside(found.weights, lower, upper)
        found = raking.fit(trim(found.weights, lower=lower, upper=upper, strict=True, share=share).weights)
    raise CannotEstimate(
        "no_convergence",
        f"after {most_rounds} rounds the weights reach from {found.weights.min():.6g} to {found.weights.max():.6g}",
    )


def _cut(weights: Floats, lower: float, upper: float, share: Share) -> Floats:
    """Cut once, and share the excess among the weights that were within the bounds."""
    outside = _outside(weights, lower, upper)
    cut = np.clip(weights, lower, upper)
    excess = float((weights - cut).sum())
    if outside.all():
        raise CannotEstimate("bad_bounds", "every weight is beyond the bounds")
    if share == "equal":
        return np.where(outside, cut, cut + excess / (~outside).sum())
    return np.where(outside, cut, cut * (1.0 + excess / weights[~outside].sum()))


def _outside(values: Floats, lower: float, upper: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (values < lower) | (values > upper)
    return found


def _require_room(weights: Floats, lower: float, upper: float) -> None:
    mean = float(weights.mean())
    if not lower <= mean <= upper:
        raise CannotEstimate("bad_bounds", f"weights that average {mean:.6g} cannot all be between {lower:.6g} and {upper:.6g}")
