"""What is shown of agreement unless something else is asked for: A with where it peaks, net agreement, and PCI2 with distance D1.

They disagree by design: when all say "neither", A is 1 and net agreement 0; uniform answers have an A of 0 and a PCI2 of nearly one
half. None is shown without the number of options, because A cannot be compared between scales of different length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import domains
from assent_analytics.estimation.consensus.distributions import distributions, peaks
from assent_analytics.estimation.consensus.indices import NET_AGREEMENT, PCI2_D1, VAN_DER_EIJK, displayed
from assent_analytics.estimation.consensus.intervals import Errors, Indexed, indexed
from assent_analytics.estimation.consensus.two_sides import net_agreement, pci2_d1
from assent_analytics.estimation.consensus.van_der_eijk import van_der_eijk
from assent_analytics.estimation.estimate import Plan

Interval = tuple[float, float]

# Groups are taken so many at once that a table of this many numbers is enough: 160 MB.
MOST_NUMBERS = 20_000_000


@dataclass(frozen=True, slots=True)
class Consensus:
    """The measures of one distribution over `options` categories; `peaks_at` are the indexes of the commonest, usually one.

    Agreement and polarization need three options. The intervals are 95 %, None where nothing varies or no design was given.
    """

    agreement: float | None
    peaks_at: tuple[int, ...]
    options: int
    net_agreement: float
    polarization: float | None
    agreement_interval: Interval | None = None
    net_interval: Interval | None = None
    polarization_interval: Interval | None = None
    method: str | None = None


def consensus(shares: Sequence[float] | Floats) -> Consensus:
    """The measures of shares (or counts) of the options in their order, without errors. Raises as `distributions` does."""
    found = distributions(shares)
    long_enough = len(found) >= VAN_DER_EIJK.least
    return Consensus(
        agreement=float(van_der_eijk(found)) if long_enough else None,
        peaks_at=_places(found),
        options=len(found),
        net_agreement=float(net_agreement(found)),
        polarization=float(pci2_d1(found)) if long_enough else None,
    )


def consensus_by_group(
    plan: Plan, codes: ArrayLike, options: int, groups: ArrayLike | None = None, *, errors: Errors = "automatic"
) -> list[Consensus | None]:
    """The measures of answers `codes` (n,) in each of `groups` (n, g), with their intervals; None where nobody of a group chose.

    Codes are 0 to options - 1 in the order of the scale, negative for no answer. Raises CannotEstimate as `intervals.indexed` does.
    """
    members = domains(groups, plan.rows)
    together = max(1, MOST_NUMBERS // (plan.rows * options))
    blocks = [members[:, start : start + together] for start in range(0, members.shape[1], together)]
    return [one for block in blocks for one in _of_block(plan, np.asarray(codes), options, block, errors)]


def _of_block(plan: Plan, answers: NDArray[np.int64], options: int, members: Bools, errors: Errors) -> list[Consensus | None]:
    """The measures of a few groups at once, members (n, g)."""
    found = indexed(plan, answers, options, displayed(options), members, errors=errors)
    weights = np.where(answers >= 0, plan.weights, 0.0)
    return [
        _of_group(found, place, np.bincount(answers[inside], weights[inside], options).astype(float))
        if found.bases[place]
        else None
        for place, inside in enumerate((members & (answers >= 0)[:, None]).T)
    ]


def _of_group(found: Indexed, group: int, counts: Floats) -> Consensus:
    at = {index.name: place for place, index in enumerate(displayed(len(counts)))}

    def value(name: str) -> float | None:
        return float(found.values[group, at[name]]) if name in at else None

    def interval(name: str) -> Interval | None:
        if name not in at or not found.measured[group, at[name]]:
            return None
        low, high = found.intervals[group, at[name]]
        return float(low), float(high)

    return Consensus(
        agreement=value(VAN_DER_EIJK.name),
        peaks_at=_places(distributions(counts)),
        options=len(counts),
        net_agreement=float(found.values[group, at[NET_AGREEMENT.name]]),
        polarization=value(PCI2_D1.name),
        agreement_interval=interval(VAN_DER_EIJK.name),
        net_interval=interval(NET_AGREEMENT.name),
        polarization_interval=interval(PCI2_D1.name),
        method=found.method,
    )


def _places(shares: Floats) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(peaks(shares)))
