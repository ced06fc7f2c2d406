"""Preston's bootstrap, which draws again at every stage and rescales, so that all stages and their populations enter the variance.

At each stage half the units of a stratum, n* of n, are drawn without replacement. With lambda = sqrt(F n* (1 - f) / (n - n*)),
where F is the product of the sampling fractions above, a unit's factor gains lambda (n / n* - 1) when drawn and loses lambda when
not, and each drawing above multiplies what is below it by sqrt(n / n*) (Preston 2009, Survey Methodology 35, §3). Draws are random:
give a generator with a stated seed. The scale is 1 / (R - 1), as in R, unless the `divisor` asks for R.
"""

import numpy as np

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Layout
from assent_analytics.estimation.replicates.bootstrap import Divisor, divided
from assent_analytics.estimation.replicates.design import Failures, ReplicateDesign
from assent_analytics.estimation.replicates.factors import Table
from assent_analytics.estimation.replicates.selection import first_stage, require_several


def preston(
    design: Design,
    *,
    replicates: int,
    random: np.random.Generator,
    divisor: Divisor = "replicates_less_one",
    mse: bool = False,
    failures: Failures = "refuse",
) -> ReplicateDesign:
    """The multistage rescaled bootstrap. R: `as.svrepdesign(design, type = "mrbbootstrap", replicates)`.

    Stages after one drawn with replacement add nothing. A unit that is alone in its stratum stays as it is, with all that is below
    it. Raises CannotEstimate `lonely_psu` when the design refuses that or no stratum has two units, `bad_setting` and `calibrated`.
    """
    first = first_stage(design)
    require_several(design, first)
    last = design.contributing[-1]
    gains = np.zeros((last.units, replicates))
    carried = np.ones((1, replicates))  # what the drawings above leave for a stratum: sqrt(n / n*) each, or nought
    for layout, below in zip(design.contributing, [*design.contributing[1:], None], strict=True):
        place = _units_of_rows(layout, last)
        gain, passed = _drawn(layout, carried, random)
        gains += gain[place]
        if below is not None:
            carried = np.empty((len(below.size), replicates))
            carried[below.stratum] = passed[_units_of_rows(layout, below)]
    return ReplicateDesign(
        design.weights,
        Table(1.0 + gains),
        units=last.unit,
        scale=divided(replicates, divisor),
        mse=mse,
        failures=failures,
        method=f"Preston's multistage bootstrap, {replicates} replicates",
    )


def _drawn(layout: Layout, carried: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """One stage: the gain of every unit, (units, R), and what it leaves for the stage below, (units, R).

    Units in a random order within their strata; the first half is drawn.
    """
    size = layout.size[layout.stratum]
    half = size // 2
    lowest = np.cumsum(layout.size) - layout.size
    lots = random.random((layout.units, carried.shape[1]))
    place = np.empty(lots.shape, dtype=np.int64)
    for replicate in range(lots.shape[1]):
        order = np.lexsort((lots[:, replicate], layout.stratum))
        place[order, replicate] = np.arange(layout.units)
    drawn = place - lowest[layout.stratum, None] < half[:, None]
    rise = np.divide(size, half, out=np.ones(layout.units), where=half > 0)
    spread = np.sqrt(layout.above * half * (1.0 - layout.fraction) / np.maximum(size - half, 1))
    above = np.broadcast_to(carried, (len(layout.size), carried.shape[1]))[layout.stratum]
    gain = spread[:, None] * (rise[:, None] * drawn - 1.0) * above
    return gain, above * np.sqrt(rise)[:, None] * drawn


def _units_of_rows(layout: Layout, finer: Layout) -> np.ndarray:
    """The unit of one stage that holds each unit of a later one."""
    found = np.zeros(finer.units, dtype=np.int64)
    found[finer.unit] = layout.unit
    return found
