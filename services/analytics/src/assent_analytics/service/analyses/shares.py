"""Counting people and telling shares: what the methods on options have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assent_analytics.domain.numbers import CountTable, Figure, finite
from assent_analytics.estimation.shares.proportions import Share
from assent_analytics.service.analyses.frame import EVERYONE, Group
from assent_analytics.service.sample import Mask

NOT_STATED = "(not stated)"
"""Stands for the group of those who are in none: never shown, and yet what remains when the others are taken away."""


def count_table(name: str, outcomes: Mapping[str, Mask], groups: Sequence[Group], asked: Mask) -> CountTable:
    """Everybody asked by group and outcome, unweighted. `outcomes` are disjoint and cover everyone asked; the groups need not."""
    rows = {group.group: group.members & asked for group in groups}
    if groups:
        rows[NOT_STATED] = asked & ~np.logical_or.reduce(list(rows.values()))
    else:
        rows[EVERYONE] = asked
    counts = np.array([[np.count_nonzero(mask & chosen) for chosen in outcomes.values()] for mask in rows.values()], dtype=np.int64)
    return CountTable(name, tuple(rows), tuple(outcomes), counts)


def share_numbers(share: Share, level: float) -> dict[str, Any]:
    """A share with its interval and what its uncertainty rests on."""
    low, high = share.interval(level)
    return {
        "share": share.share,
        "standard_error": share.standard_error,
        "low": finite(low),
        "high": finite(high),
        "base": share.base,
        "n_effective": finite(share.n_effective),
        "design_effect": finite(share.design_effect),
    }


def nobody(about: Mapping[str, str]) -> Figure:
    """A group that nobody belongs to is no secret."""
    return Figure(about=about, numbers={"base": 0})
