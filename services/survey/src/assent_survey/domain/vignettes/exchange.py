"""Choosing the vignettes of a design: D-optimal by exchange.

The determinant of the information matrix is raised by exchanging one vignette after the other for the candidate that raises it most,
until no exchange does: the modified Fedorov algorithm (Cook and Nachtsheim, A comparison of algorithms for constructing exact
D-optimal designs, Technometrics 22, 1980; Atkinson, Donev and Tobias 2007, section 12.6), from several starts by chance. No vignette
is used again before all candidates are used.

Every machine is to choose the same though its arithmetic rounds otherwise. So equal gains, to seven digits, are decided by the order of
the candidates; and a start, which may leave effects untold, is first improved with some information on everything supposed beside its
own, because an inverse that is nearly singular has no seven digits.
"""

import numpy as np

from assent_survey.domain.vignettes.coding import Floats
from assent_survey.domain.vignettes.draws import Draws, Places

MOST_STARTS = 10
MOST_SWEEPS = 20
LEAST_SWEEPS = 2
WORK = 1_500_000_000  # products of numbers that one start may take, or all starts of ten sweeps each together: a few seconds

_TIE = 1e-7
_SUPPOSED = (1.0, 1e-6)  # information on every parameter, as much as of one vignette to begin with, then next to nothing


def choose_vignettes(candidates: Floats, count: int, draws: Draws) -> Places:
    """Which candidates (by row of the matrix) make the best design of `count` vignettes that was found, in their order."""
    best, most = np.zeros(0, dtype=np.int64), -np.inf
    sweep = count * candidates.size  # by size and not by clock, so that every machine does as much
    for _ in range(int(np.clip(WORK // (10 * sweep), 1, MOST_STARTS))):
        chosen = _improved(candidates, _start(len(candidates), count, draws))
        found = float(np.linalg.slogdet(_information(candidates, chosen, _SUPPOSED[-1]))[1])
        if found > most + _TIE:
            best, most = chosen, found
    return best


def _start(candidates: int, count: int, draws: Draws) -> Places:
    """Every candidate equally often, and the rest by chance."""
    whole, rest = divmod(count, candidates)
    return np.sort(np.concatenate([np.tile(np.arange(candidates), whole), draws.shuffled(candidates)[:rest]])).astype(np.int64)


def _improved(candidates: Floats, start: Places) -> Places:
    chosen = start.copy()
    used = np.bincount(chosen, minlength=len(candidates))
    sweeps = int(np.clip(WORK // (len(chosen) * candidates.size), LEAST_SWEEPS, MOST_SWEEPS))
    for supposed in _SUPPOSED:
        for _ in range(sweeps):
            if not _sweep(candidates, chosen, used, supposed):
                break
    return np.sort(chosen)


def _sweep(candidates: Floats, chosen: Places, used: Places, supposed: float) -> bool:
    """Exchange each vignette once, where that is a gain; answers whether any was. `variances` are those of predictions, x' M⁻¹ x."""
    everyone = len(chosen) // len(candidates)  # how often each candidate is used whatever happens; some are once more
    inverse = np.linalg.inv(_information(candidates, chosen, supposed))
    variances = np.einsum("ij,ij->i", candidates @ inverse, candidates)
    exchanged = False
    for place, leaving in enumerate(chosen):
        if used[leaving] <= everyone:
            continue
        across = candidates @ (inverse @ candidates[leaving])
        gains = (1.0 + variances) * (1.0 - variances[leaving]) + across**2
        gains[used > everyone] = 0.0
        entering = int(np.argmax(gains >= gains.max() * (1.0 - _TIE)))
        if gains[entering] <= 1.0 + _TIE:
            continue
        for row, sign in ((entering, 1.0), (int(leaving), -1.0)):
            direction = inverse @ candidates[row]
            scale = sign / (1.0 + sign * float(candidates[row] @ direction))
            variances -= scale * (candidates @ direction) ** 2
            inverse -= scale * np.outer(direction, direction)
            used[row] += int(sign)
        chosen[place] = entering
        exchanged = True
    return exchanged


def _information(candidates: Floats, chosen: Places, supposed: float) -> Floats:
    rows = candidates[chosen]
    information: Floats = rows.T @ rows + supposed * np.eye(candidates.shape[1])
    return information
