"""What has to stand beside a figure, so that it is not taken for more than it is.

A sample that was not drawn by chance has no margin of error without a caveat; a small base says little; where nobody could say "don't know"
support is not comparable with support where somebody could. Not here: whether two waves may be compared at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from assent_analytics.domain.distribution import Scale
from assent_analytics.domain.item_view import Label
from assent_analytics.domain.missing import Missing, caveat
from assent_contracts.stances import Sampling

SMALL_EFFECTIVE_BASE = 100
"""Effective number of answers below which a share over everyone is uncertain by ten points or more either way."""

DontKnow = Literal["offered", "not_offered"]


def labels(*, sampling: Sampling, weighted: bool, n_effective: float, scale: Scale) -> list[Label]:
    """The labels of an item's figures in one collection."""
    found = []
    warning = caveat(sampling)
    if warning is not None:
        found.append(Label(code="non_probability", text=warning))
    if not weighted:
        found.append(Label(code="unweighted", text="Not weighted: the figures stand for those who answered."))
    if n_effective < SMALL_EFFECTIVE_BASE:
        found.append(Label(code="small_base", text=f"An effective base under {SMALL_EFFECTIVE_BASE}: the intervals are wide."))
    if dont_know_rule(scale) == "not_offered":
        text = "“Don't know” was not offered: support is not comparable with that of items where it was."
        found.append(Label(code="dont_know_not_offered", text=text))
    return found


def dont_know_rule(scale: Scale) -> DontKnow:
    """Whether whoever was asked could say that they do not know."""
    return "offered" if scale.dont_know is not None else "not_offered"


def not_comparable(rules: Mapping[str, DontKnow]) -> Iterator[Missing]:
    """That some items of a page, by name, must not be compared with the others."""
    without = [name for name, rule in rules.items() if rule == "not_offered"]
    if without and len(without) < len(rules):
        yield Missing(
            f"{_listed(without)} cannot be compared with the other items",
            "“don't know” was not offered there, and leaving it out raises support exactly where knowledge is low",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
