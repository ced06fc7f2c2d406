"""Indices of agreement with their errors under a survey's design, for all groups at once.

The errors are those of replicate weights: a linearised design is made into a jackknife first (JK1 or JKn, as R's `as.svrepdesign`
does it), which then replicates whole sampling units. Rows are never drawn again one by one: that would take the weights and the
clusters for nothing. Three designs keep their linearised errors, by numerical slopes of the index: one fitted to known totals, of
which only the replicates before the fit would do; one with later stages to correct for, which a jackknife drops; and one of so many
units that both errors are the same.

Not here: the indices (indices), and which are shown (display).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import code_column, domains
from assent_analytics.estimation.consensus.indices import Index
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate, Plan
from assent_analytics.estimation.of_totals import OfTotals
from assent_analytics.estimation.replicates.design import ReplicateDesign
from assent_analytics.estimation.replicates.jackknife import jackknife

Errors = Literal["automatic", "replicates", "linearised"]

# From so many sampling units on, a jackknife costs much and says the same as linearisation to three digits.
MANY_UNITS = 5_000

# An error below this is the last digit of sums: nothing varies.
NOTHING = 1e-11


@dataclass(frozen=True, slots=True)
class Indexed:
    """Indices of groups: `values`, `standard_errors` (groups, k) and `intervals` (groups, k, 2), not a number where there is none.

    `bases` (groups,) are unweighted numbers of people who chose; a group of nobody has no values. `measured` (groups, k) says which
    errors are known: not those of a group within a single sampling unit, nor of an index that does not vary. `joint` are all
    indices of the groups with an error, group by group and named `group:index`, with their covariance, for contrasts. `method` says
    in words where the errors come from.
    """

    values: Floats
    standard_errors: Floats
    intervals: Floats
    measured: Bools
    bases: NDArray[np.int64]
    degrees_of_freedom: NDArray[np.int64]
    joint: Estimate | None
    method: str


def indexed(
    plan: Plan,
    codes: ArrayLike,
    options: int,
    indices: Sequence[Index],
    groups: ArrayLike | None = None,
    *,
    errors: Errors = "automatic",
    level: float = 0.95,
) -> Indexed:
    """Indices of the answers `codes` (n,), 0 to options - 1 from low to high and negative for none, in each of `groups` (n, g).

    Groups may overlap; None is everybody. Intervals are t intervals within the range of the index. Raises CannotEstimate:
    `bad_shape`, `bad_value` for a code beyond the options, `bad_setting` for an index that needs more options or errors that the
    design has not got.
    """
    answers, members = _answers(codes, options, plan.rows), domains(groups, plan.rows)
    for index in indices:
        if options < index.least:
            raise CannotEstimate("bad_setting", f"{index.name} is defined for at least {index.least} options, not {options}")
    within = members & ((answers >= 0) & (plan.weights != 0))[:, None]
    columns = _indicators(answers, within, options)
    shares = _Shares(indices, options)
    replicated, method = _with_errors(plan, errors)
    freedom = plan.domain_degrees_of_freedom(within)
    peopled = np.asarray(within.any(axis=0))
    known = peopled & (freedom >= 1) & _in_every_replicate(replicated, columns, options)
    values = shares.of(np.asarray(plan.weights @ columns)[None, :]).reshape(len(peopled), -1)
    errors_found, joint = np.full(values.shape, np.nan), None
    if known.any():
        kept = np.flatnonzero(np.repeat(known, options))
        names = [f"{group}:{index.name}" for group in np.flatnonzero(known) for index in indices]
        joint = replicated.estimate(OfTotals(columns[:, kept], shares.of), names)
        errors_found[known] = joint.standard_errors.reshape(-1, len(indices))
    measured = np.nan_to_num(errors_found) > NOTHING
    errors_found[~measured] = np.nan
    reach = -stdtrit(np.maximum(freedom, 1), (1.0 - level) / 2.0)[:, None] * errors_found
    low, high = np.array([index.low for index in indices]), np.array([index.high for index in indices])
    intervals = np.stack([np.maximum(values - reach, low), np.minimum(values + reach, high)], axis=-1)
    return Indexed(values, errors_found, intervals, measured, within.sum(axis=0), freedom, joint, method)


@dataclass(frozen=True, slots=True)
class _Shares:
    """The indices of weighted counts, group by group."""

    indices: Sequence[Index]
    options: int

    def of(self, totals: Floats) -> Floats:
        """Counts (b, g options) -> indices (b, g k); not a number where a group has nobody."""
        # A slope is found by steps, and a step below nought people is none.
        counts = np.maximum(totals, 0.0).reshape(len(totals), -1, self.options)
        found = np.full((*counts.shape[:2], len(self.indices)), np.nan)
        peopled = counts.sum(axis=-1) > 0
        if peopled.any():
            found[peopled] = np.column_stack([index.of(counts[peopled]) for index in self.indices])
        return found.reshape(len(totals), -1)


def _with_errors(plan: Plan, errors: Errors) -> tuple[Plan, str]:
    """The design that the errors come from, and how, in words."""
    if not isinstance(plan, Design):
        if errors == "linearised":
            raise CannotEstimate("bad_setting", "a design of replicate weights has no linearised errors")
        return plan, plan.method if isinstance(plan, ReplicateDesign) else "replicate weights"
    why = ""
    if plan.adjustments:
        why = "weights are fitted to known totals"
    elif len(plan.contributing) > 1:
        why = "later stages count"
    elif plan.layouts[0].units > MANY_UNITS:
        why = f"more than {MANY_UNITS} sampling units"
    if errors == "linearised" or (errors == "automatic" and why):
        return plan, "linearised" + (f": {why}" if why else "")
    try:
        made = jackknife(plan)
    except CannotEstimate as refused:
        if errors == "replicates":
            raise
        return plan, f"linearised: {refused.detail}"
    return made, made.method


def _in_every_replicate(plan: Plan, columns: csr_array, options: int) -> Bools:
    """The groups (g,) that have people under every replicate: a group within one sampling unit has none where that is left out."""
    if not isinstance(plan, ReplicateDesign):
        return np.ones(columns.shape[1] // options, dtype=bool)
    counts = plan.totals(columns).reshape(plan.replicates, -1, options).sum(axis=-1)
    found: Bools = (counts > NOTHING * np.abs(counts).max(axis=0)).all(axis=0)
    return found


def _answers(codes: ArrayLike, options: int, rows: int) -> NDArray[np.int64]:
    found = code_column(codes, rows, "answers")
    if (found >= options).any():
        raise CannotEstimate("bad_value", f"an answer is a whole number below {options}, negative where there is none")
    return found


def _indicators(answers: NDArray[np.int64], within: Bools, options: int) -> csr_array:
    """Who chose what in which group, (n, g options), as a sparse table of ones."""
    row, group = np.nonzero(within)
    column = group * options + answers[row]
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(answers), within.shape[1] * options))
