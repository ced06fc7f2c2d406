"""What an intruder learns of somebody without finding the record: how varied a sensitive variable is among those who share the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.microdata_risk.keys import MISSING, Keys, keys


@dataclass(frozen=True, slots=True)
class Diversity:
    """For each record, of those who share its keys (n,): distinct values, the exponential of their entropy, and recursive l."""

    distinct: Floats
    entropy: Floats
    recursive: Floats


def diversity(found: Keys, sensitive: Sequence[Any] | NDArray[Any], *, c: float = 2.0) -> Diversity:
    """l-diversity (Machanavajjhala et al. 2007): recursive l is the largest for which the commonest value is rarer than c times all from
    the l-th commonest on together, at least 1. A missing key or value counts as a value of its own.

    R: `sdcMicro::ldiversity(x, keyVars, ldiv_index, l_recurs_c = c)`. Raises CannotEstimate `bad_shape`, `bad_setting`.
    """
    if not c > 0:
        raise CannotEstimate("bad_setting", f"c is positive, not {c}")
    values = keys({"sensitive": sensitive}).codes[:, 0]
    if len(values) != found.rows:
        raise CannotEstimate("bad_shape", f"{len(values)} values for {found.rows} records")
    of_row = np.unique(found.codes, axis=0, return_inverse=True)[1].ravel()
    width = int(values.max()) + 2
    counts = np.bincount(of_row * width + (values - MISSING), minlength=(int(of_row.max()) + 1) * width).reshape(-1, width)
    shares = counts / counts.sum(axis=1, keepdims=True)
    logarithms = np.log(np.where(shares > 0, shares, 1.0))
    ordered = -np.sort(-counts, axis=1)
    from_here_on = ordered[:, ::-1].cumsum(axis=1)[:, ::-1]
    reached = (ordered[:, :1] < c * from_here_on) & (ordered > 0)
    deepest = np.where(reached, np.arange(1, width + 1), 1).max(axis=1)
    return Diversity(
        distinct=(counts > 0).sum(axis=1)[of_row].astype(np.float64),
        entropy=np.exp(-(shares * logarithms).sum(axis=1))[of_row],
        recursive=deepest[of_row].astype(np.float64),
    )
