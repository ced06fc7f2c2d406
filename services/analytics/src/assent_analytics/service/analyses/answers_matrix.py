"""Several items beside each other as numbers, for scales, factors and types."""

from collections.abc import Sequence

import numpy as np

from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.sample import Mask


def answers_matrix(frame: Frame, ids: Sequence[str], reverse: Sequence[str] = ()) -> tuple[Floats, Mask]:
    """The items as numbers (n, k), not a number outside the analysis or where nothing was chosen; and who answered all of them
    (n,).

    An item of `reverse` is turned round within its options.
    """
    columns = []
    for id in ids:
        values, valid = frame.values(id)
        known = np.where(valid & frame.within, values, np.nan)
        if id in reverse:
            known = np.nanmax(known, initial=-np.inf) + np.nanmin(known, initial=np.inf) - known
        columns.append(known)
    matrix = np.column_stack(columns)
    return matrix, ~np.isnan(matrix).any(axis=1)
