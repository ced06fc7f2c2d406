"""Where a function of one number crosses nought, by Brent's method (Algorithms for Minimization without Derivatives, 1973, chapter
4).

SciPy's `brentq` finds the same roots of a continuous function. Of a function of steps, such as a test of a quantile, it matters on
which side of the step the search ends; this follows Brent's own rules of choice, as R's `uniroot` does, so that both end on the
same side.

Several searches go on side by side: each says where it wants its function next, and all are then evaluated together.
"""

from collections.abc import Callable, Generator, Sequence

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

MOST_STEPS = 1000


def crossings(
    functions: Callable[[Floats, Sequence[int]], Floats], count: int, *, low: float, high: float, tolerance: float
) -> Floats:
    """For each of `count` functions a number between `low` and `high` within `tolerance` of a crossing, (count,).

    `functions` gives the heights (m,) at points (m,) of those functions that are named by number. Raises CannotEstimate
    `no_crossing`.
    """
    found = np.empty(count)
    searches = [_search(low, high, tolerance) for _ in range(count)]
    wanted = {place: next(search) for place, search in enumerate(searches)}
    while wanted:
        places = list(wanted)
        for place, height in zip(places, functions(np.array(list(wanted.values())), places), strict=True):
            try:
                wanted[place] = searches[place].send(float(height))
            except StopIteration as ended:
                found[place] = ended.value
                del wanted[place]
    return found


def _search(low: float, high: float, tolerance: float) -> Generator[float, float, float]:
    """One search: yields points, is sent the heights there, and returns the crossing."""
    before, best = low, high
    at_before = yield before
    at_best = yield best
    if not at_before * at_best <= 0.0:
        raise CannotEstimate("no_crossing", "the test rejects every value between the ends of the search, or none")
    other, at_other = before, at_before
    for _ in range(MOST_STEPS):
        last_step = best - before
        if abs(at_other) < abs(at_best):
            before, best, other = best, other, best
            at_before, at_best, at_other = at_best, at_other, at_best
        enough = 2.0 * np.finfo(float).eps * abs(best) + tolerance / 2.0
        step = (other - best) / 2.0
        if abs(step) <= enough or at_best == 0.0:
            return best
        if abs(last_step) >= enough and abs(at_before) > abs(at_best):
            step = _interpolated(step, last_step, enough, (before, best, other), (at_before, at_best, at_other))
        if abs(step) < enough:
            step = enough if step > 0.0 else -enough
        before, at_before = best, at_best
        best += step
        at_best = yield best
        if (at_best > 0.0) == (at_other > 0.0) and at_best != 0.0:
            other, at_other = before, at_before
    raise CannotEstimate("no_crossing", f"no crossing was found in {MOST_STEPS} steps")


def _interpolated(
    half: float, last_step: float, enough: float, points: tuple[float, float, float], heights: tuple[float, float, float]
) -> float:
    """A step by a line through two points or an inverse parabola through three; half of the way where that would lead too far."""
    (before, best, other), (at_before, at_best, at_other) = points, heights
    ratio = at_best / at_before
    if before == other:
        above, below = 2.0 * half * ratio, 1.0 - ratio
    else:
        first, second = at_before / at_other, at_best / at_other
        above = ratio * (2.0 * half * first * (first - second) - (best - before) * (second - 1.0))
        below = (first - 1.0) * (second - 1.0) * (ratio - 1.0)
    above, below = (above, -below) if above > 0.0 else (-above, below)
    far = above >= 1.5 * half * below - abs(enough * below) / 2.0 or above >= abs(last_step * below / 2.0)
    return half if far else above / below
