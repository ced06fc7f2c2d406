"""Whether items mean the same to different groups, to be asked before a scale is compared across them.

An item functions differently when people of different groups who stand at the same place on the rest of the scale answer it differently:
uniformly, or more so the higher they stand. Each item is regressed on the mean of the other items, the group, and both together, by
ordinal logit on the design (Zumbo 1999; Swaminathan and Rogers 1990; tests by Wald or by Rao and Scott's likelihood ratio). A
p-value alone would condemn every item of a large survey, and more than its share where groups differ in level, because the rest of the
scale measures people with error. So an item counts only where the share of variation explained rises too: Nagelkerke's R2, with the
limits .035 and .070 of Jodoin and Gierl (2001).

Not here: the comparison itself, and measurement models that estimate place and functioning together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import holm
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear, nagelkerke
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.term_tests import Fitted, likelihood_ratio_test, term_test
from assent_analytics.estimation.scales.correlations import item_matrix

Test = Literal["wald", "rao_scott"]
Verdict = Literal["comparable", "comparable_without_items", "not_comparable", "cannot_tell"]
MODERATE, LARGE = 0.035, 0.070
FEWEST_PER_GROUP = 50
FEWEST_ANCHORS = 3
REST, GROUP, BOTH = "rest", "group", "rest:group"


@dataclass(frozen=True, slots=True)
class ItemFunctioning:
    """One item: p of a uniform difference, of a non-uniform one and of either; the rise of R2 that the group brings; who answered.

    `adjusted_p` is that of either, corrected over the items by Holm. `size` is negligible where it is not significant.
    """

    item: str
    uniform_p: float
    non_uniform_p: float
    either_p: float
    adjusted_p: float
    rise: float
    size: Literal["negligible", "moderate", "large"]
    respondents: int


@dataclass(frozen=True, slots=True)
class Comparability:
    """Whether a scale may be compared across groups, why, item by item, and the items that do not function differently."""

    verdict: Verdict
    reasons: tuple[str, ...]
    items: tuple[ItemFunctioning, ...]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Raw:
    """What one item's regressions say before the correction over items."""

    uniform_p: float
    non_uniform_p: float
    either_p: float
    rise: float
    respondents: int


def comparable_across(
    plan: Plan,
    answers: ArrayLike,
    groups: Sequence[Any] | NDArray[Any],
    *,
    names: Sequence[str] | None = None,
    test: Test = "wald",
    alpha: float = 0.05,
) -> Comparability:
    """Whether a scale of answers (n, k), NaN where missing, means the same in all groups (n,), None or an empty label where unknown.

    Comparable: no item functions differently. Without items: at least three items are left over, and most are; compare the scale of
    these. Not comparable: otherwise. Cannot tell: a group has fewer than 50 respondents, or a regression failed; nothing may then be
    said of a difference on the scale. Raises CannotEstimate: those of `item_matrix`; `bad_shape`, `bad_setting` for fewer than four
    items, `one_group`.
    """
    items, group = item_matrix(answers), Factor.of(groups)
    titles = tuple(names) if names is not None else tuple(f"item {place + 1}" for place in range(items.shape[1]))
    _check(plan, items, group, titles, test)
    used = (plan.weights > 0) & (~np.isnan(items)).any(axis=1) & (group.codes >= 0)
    sizes = np.bincount(group.codes[used], minlength=len(group.levels))
    small = [f"{name} has {size} respondents" for name, size in zip(group.levels, sizes, strict=True) if size < FEWEST_PER_GROUP]
    if small:
        return Comparability("cannot_tell", (f"fewer than {FEWEST_PER_GROUP} respondents: {'; '.join(small)}",), (), ())
    found: list[_Raw] = []
    for place, title in enumerate(titles):
        try:
            found.append(_regressed(plan, items, place, group, test))
        except CannotEstimate as refusal:
            return Comparability("cannot_tell", (f"{title}: {refusal}",), (), ())
    adjusted = holm([one.either_p for one in found])
    described = tuple(_described(title, one, p, alpha) for title, one, p in zip(titles, found, adjusted, strict=True))
    return _judged(described)


def _regressed(plan: Plan, items: Floats, place: int, group: Factor, test: Test) -> _Raw:
    rest = _rest(items, place)
    columns = {REST: rest, GROUP: group}
    levels, codes = np.unique(items[:, place], return_inverse=True)  # NaN comes last
    response = Factor(np.where(np.isnan(items[:, place]), -1, codes), tuple(f"{level:g}" for level in levels[~np.isnan(levels)]))
    within = ~np.isnan(rest) & (group.codes >= 0) & (response.codes >= 0)
    plain, uniform, both = (
        _fitted(plan, response, terms, columns, within) for terms in ((REST,), (REST, GROUP), (REST, GROUP, BOTH))
    )
    tested = (lambda model, *terms: term_test(model, *terms).p) if test == "wald" else _by_likelihood
    everything = range(len(both.matrix.names))
    null = both.without([column for column in everything if both.matrix.term_of_column[column] >= 0])
    rows = int((within & (plan.weights > 0)).sum())
    return _Raw(
        uniform_p=tested(uniform, GROUP),
        non_uniform_p=tested(both, BOTH),
        either_p=tested(both, GROUP, BOTH),
        rise=max(nagelkerke(both.deviance, null, rows) - nagelkerke(plain.deviance, null, rows), 0.0),
        respondents=rows,
    )


def _fitted(plan: Plan, response: Factor, terms: Sequence[str], columns: dict[str, Any], within: NDArray[np.bool_]) -> Fitted:
    """An ordinal logit, or a logit where an item has two answers."""
    matrix = design_matrix(terms, columns)
    if len(response.levels) == 2:
        return generalised_linear(plan, np.where(response.codes < 0, np.nan, response.codes), matrix, LOGIT, within=within)
    return ordinal(plan, response, matrix, within=within)


def _by_likelihood(model: Fitted, *terms: str) -> float:
    return likelihood_ratio_test(model, *terms).p


def _rest(items: Floats, place: int) -> Floats:
    """Where each row stands on the other items, in standard deviations: their mean where at least half were answered, else NaN."""
    others = np.delete(items, place, axis=1)
    answered = (~np.isnan(others)).sum(axis=1)
    enough = answered >= others.shape[1] / 2
    mean = np.where(enough, np.nansum(others, axis=1) / np.maximum(answered, 1), np.nan)
    if not np.nanstd(mean) > 0:
        raise CannotEstimate("constant_column", "everybody stands at the same place on the other items")
    found: Floats = (mean - np.nanmean(mean)) / np.nanstd(mean)
    return found


def _described(title: str, raw: _Raw, adjusted: float, alpha: float) -> ItemFunctioning:
    significant = adjusted < alpha
    size: Literal["negligible", "moderate", "large"] = "negligible"
    if significant and raw.rise >= MODERATE:
        size = "large" if raw.rise >= LARGE else "moderate"
    return ItemFunctioning(title, raw.uniform_p, raw.non_uniform_p, raw.either_p, adjusted, raw.rise, size, raw.respondents)


def _judged(items: tuple[ItemFunctioning, ...]) -> Comparability:
    differing = [item for item in items if item.size != "negligible"]
    anchors = tuple(item.item for item in items if item.size == "negligible")
    reasons = [
        f"{item.item} functions differently ({item.size}: R2 rises by {item.rise:.3f}, p {item.adjusted_p:.3g} after Holm)"
        for item in differing
    ]
    if not differing:
        return Comparability("comparable", ("no item functions differently to an extent that matters",), items, anchors)
    if len(anchors) >= FEWEST_ANCHORS and len(anchors) > len(differing):
        reasons.append(f"compare the scale of {', '.join(anchors)}")
        return Comparability("comparable_without_items", tuple(reasons), items, anchors)
    reasons.append("too few items are left that mean the same")
    return Comparability("not_comparable", tuple(reasons), items, anchors)


def _check(plan: Plan, items: Floats, group: Factor, titles: tuple[str, ...], test: Test) -> None:
    if {len(items), group.rows} != {plan.rows} or len(titles) != items.shape[1]:
        raise CannotEstimate("bad_shape", f"{len(items)} rows, {group.rows} groups and {len(titles)} names for {plan.rows} weights")
    if items.shape[1] < FEWEST_ANCHORS + 1:
        raise CannotEstimate(
            "bad_setting", f"{items.shape[1]} items: what stays of fewer than four when one is left out is no scale"
        )
    if len(group.levels) < 2:
        raise CannotEstimate("one_group", "there is a single group: nothing to compare")
    if test not in ("wald", "rao_scott"):
        raise CannotEstimate("bad_setting", f"a test is wald or rao_scott, not {test!r}")
