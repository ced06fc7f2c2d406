"""How the responses of a collection are weighted: by the weights that it declares, and to the margins that it declares.

A collection that states known shares of its population is raked to them, starting from its own weights where it has any and from
equal ones otherwise; their sum stays. Words of the margins are groups of the study's scheme, by name or alias. Whoever did not
state a variable, or stated an unknown word, is a level of their own that keeps its observed share: nothing is known of them, so
nothing is corrected.

Where the margins cannot be met nothing is raked, and the reason is kept for whoever shows the figures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.weighting.margins import Margin, counts_from_shares
from assent_analytics.estimation.weighting.raking import rake
from assent_analytics.estimation.weighting.reweighted import Reweighted
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme, GroupVariable

Codes = NDArray[np.int64]

NOT_STATED_LABEL = "not stated"


@dataclass(frozen=True, slots=True)
class Weighting:
    """The weights to start from, what raking made of them if it did anything, to which margins, and why it could not."""

    base: Floats
    margins: tuple[Margin, ...] = ()
    fitted: Reweighted | None = None
    refusal: str | None = None

    @property
    def variables(self) -> list[str]:
        """The variables whose margins hold."""
        return [one.variable for one in self.margins]

    @property
    def smallest_level(self) -> int:
        """How many people the smallest level that has any is made up of."""
        counts = [np.bincount(one.codes) for one in self.margins]
        return min(int(heads[heads > 0].min()) for heads in counts)

    def of(self, design: Design) -> Design:
        """The design drawn with the base weights, raked."""
        return design if self.fitted is None else self.fitted.of(design)

    def describe(self) -> dict[str, Any]:
        """For the design of a figure: the margins that hold, or why they do not."""
        if self.fitted is not None:
            return {"raked_to": self.variables}
        return {"not_raked": self.refusal} if self.refusal is not None else {}

    def recipe(self) -> dict[str, Any]:
        """For the recipe, with diagnostics. Factors on weights would tell how many people a small level has, so they stay away then."""
        if self.fitted is None:
            return self.describe()
        facts = self.fitted.diagnostics.describe()
        if self.smallest_level < THRESHOLD:
            facts = {name: fact for name, fact in facts.items() if name in ("iterations", "largest_misfit")}
        return {
            "method": "raking (iterative proportional fitting)",
            "margins": self.variables,
            "not_stated": "a level of its own, at its observed share",
            "variance": "regression residual, as R's calibrate(calfun = 'raking')",
            **facts,
        }


def weigh(collection: Collection, scheme: GroupScheme, base: Floats, stated: Callable[[str], Codes]) -> Weighting:
    """Weight responses whose own weights are `base` (n,); `stated` gives each row's category of a variable, -1 for none."""
    if not collection.margins:
        return Weighting(base)
    if len(base) < THRESHOLD:
        return Weighting(base, refusal=f"fewer than {THRESHOLD} people answered")
    try:
        known = [_margin(variable, shares, scheme, base, stated) for variable, shares in sorted(collection.margins.items())]
        fitted = rake(base, known)
    except CannotEstimate as error:
        return Weighting(base, refusal=error.detail)
    return Weighting(base, tuple(known), fitted)


def _margin(variable: str, shares: dict[str, float], scheme: GroupScheme, base: Floats, stated: Callable[[str], Codes]) -> Margin:
    """The margin of one variable of the scheme. Raises CannotEstimate."""
    declared = next((one for one in scheme.variables if one.variable == variable), None)
    if declared is None:
        raise CannotEstimate("unknown_level", f"the study's groups have no variable {variable}")
    codes = stated(variable)
    nobody = codes < 0
    total = float(base.sum())
    silent = float(base[nobody].sum())
    counts = counts_from_shares(variable, _by_group(declared, shares, scheme), total - silent)
    levels = [category.group for category in declared.categories]
    strange = [level for place, level in enumerate(levels) if level not in counts and (base[codes == place] > 0).any()]
    if strange:
        raise CannotEstimate("unknown_level", f"{variable} = {strange[0]}: people are in it, and the margins do not name it")
    targets = np.array([*(counts.get(level, 0.0) for level in levels), silent])
    return Margin(variable, (*levels, NOT_STATED_LABEL), np.where(nobody, len(levels), codes), targets)


def _by_group(declared: GroupVariable, shares: dict[str, float], scheme: GroupScheme) -> dict[str, float]:
    """Shares by category; several words for one category add up."""
    found: dict[str, float] = {}
    for word, share in shares.items():
        ref = scheme.resolve(declared.variable, word)
        if ref is None:
            raise CannotEstimate(
                "unknown_level", f"{declared.variable} = {word}: the margins name it, and the study's groups do not"
            )
        found[ref.group] = found.get(ref.group, 0.0) + share
    return found
