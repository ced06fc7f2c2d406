"""Blanking single values until every record shares its keys with enough others.

A heuristic, as every practical one is: each combination of keys that is too rare loses the fewest values that help, and of these the ones
of the variables that may be lost most readily. A blank matches everything, so that what one record loses helps the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes
from assent_analytics.estimation.microdata_risk.keys import MISSING, Keys, frequencies, matching


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The keys with blanks, and how many values each variable lost."""

    keys: Keys
    lost: dict[str, int]

    @property
    def total(self) -> int:
        """How many values were blanked in all."""
        return sum(self.lost.values())


def suppress_locally(found: Keys, *, k: int, readily: Sequence[str] = ()) -> Suppressed:
    """Keys of which every record is shared by at least k; `readily` names variables in the order in which they may be lost.

    Variables that are not named follow, those with most values first. R: `sdcMicro::localSuppression(x, keyVars, k)`, whose heuristic is
    another: compare totals, not cells. Raises CannotEstimate `bad_setting` for an unknown variable or k below 2, `too_few_rows`.
    """
    unknown = set(readily) - set(found.names)
    if k < 2 or unknown:
        raise CannotEstimate("bad_setting", f"k of {k}; unknown variables: {', '.join(sorted(unknown)) or 'none'}")
    if found.rows < k:
        raise CannotEstimate("too_few_rows", f"{found.rows} records cannot be shared by {k}")
    order = _order(found, readily)
    codes = found.codes.copy()
    rare = np.unique(codes[frequencies(found).sample < k], axis=0)
    for combination in rare:
        rows = (codes == combination).all(axis=1)
        distinct, counts = np.unique(codes, axis=0, return_counts=True)
        blanks = _fewest_blanks(combination, distinct, counts, order, k)
        codes[np.ix_(rows, blanks)] = MISSING
    lost = ((codes == MISSING) & (found.codes != MISSING)).sum(axis=0)
    return Suppressed(Keys(found.names, codes), dict(zip(found.names, lost.tolist(), strict=True)))


def _order(found: Keys, readily: Sequence[str]) -> list[int]:
    values = found.codes.max(axis=0)
    rest = [place for place in np.argsort(-values, kind="stable").tolist() if found.names[place] not in readily]
    return [*(found.names.index(name) for name in readily), *rest]


def _fewest_blanks(combination: Codes, distinct: Codes, counts: Codes, order: list[int], k: int) -> list[int]:
    """The variables that a combination loses, none if by now enough records match it."""
    candidates = [place for place in order if combination[place] != MISSING]
    for number in range(len(candidates) + 1):
        for blanks in combinations(candidates, number):
            tried = combination.copy()
            tried[list(blanks)] = MISSING
            if int(counts[matching(tried[None], distinct)[0]].sum()) >= k:
                return list(blanks)
    return candidates
