"""The R code that rakes as the service does: by `calibrate`, whose variance has the same convention, from the weights before
raking.
"""

from collections.abc import Sequence

import numpy as np

from assent_analytics.estimation.weighting.margins import Margin
from assent_analytics.service.analyses.frame import Frame, column_of_variable
from assent_analytics.service.weighting import NOT_STATED_LABEL


def raking_in_r(frame: Frame) -> list[str]:
    """Lines that rake `design`, none where nothing is raked."""
    if not frame.raked:
        return []
    names = [f"margin_{place}" for place, _ in enumerate(frame.raked, start=1)]
    factors = [_factor(name, one) for name, one in zip(names, frame.raked, strict=True)]
    counts = [frame.raked[0].total, *(count for one in frame.raked for count in one.targets[_used(one)][1:].tolist())]
    totals = ", ".join(repr(float(count)) for count in counts)
    return [
        *factors,
        f'design <- calibrate(design, ~{" + ".join(names)}, c({totals}), calfun = "raking", epsilon = 1e-12, maxit = 500)',
    ]


def _factor(name: str, one: Margin) -> str:
    """A margin as a factor whose first level is the one that the totals leave out."""
    column = f"data${column_of_variable(one.variable)}"
    levels = ", ".join(f'"{one.levels[place]}"' for place in _used(one))
    return f'design$variables${name} <- factor(ifelse(is.na({column}), "{NOT_STATED_LABEL}", {column}), levels = c({levels}))'


def _used(one: Margin) -> Sequence[int]:
    """The levels that have people."""
    found: list[int] = np.flatnonzero(one.targets > 0).tolist()
    return found
