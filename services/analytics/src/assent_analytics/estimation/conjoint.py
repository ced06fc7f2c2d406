"""Vignette studies: what each feature of a described practice does to how it is judged.

Each respondent judges several vignettes whose features were drawn at random, so respondents are the sampling units. *Marginal
means* are the mean judgements of all vignettes with a level of a feature; *average marginal component effects* (AMCE) compare these
levels with a reference level, the other features being what they were (Hainmueller, Hopkins and Yamamoto, Causal inference in
conjoint analysis, Political Analysis 22, 2014). R: `cregg::mm`, `cregg::amce`, which call `svymean` and `svyglm`.

Groups of respondents are compared in marginal means only. A difference of two groups' AMCEs depends on which level is the
reference: with another reference it can change its sign, though nobody answered differently (Leeper, Hobolt and Tilley, Measuring
subgroup preferences in conjoint experiments, Political Analysis 28, 2020). So no function here gives the AMCEs of a group. Whether
groups differ at all is one test over all features at once.

Judgements and features are those of vignettes, n rows; what describes a respondent is repeated on each of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, too_large
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate, Plan
from assent_analytics.estimation.models.design_matrix import INTERCEPT, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.generalised_linear import GeneralisedLinear, generalised_linear
from assent_analytics.estimation.models.term_tests import WaldTest, term_test

Features = Mapping[str, Factor]


@dataclass(frozen=True, slots=True)
class FeatureEffects:
    """A feature's effects against `reference`: the other levels, in the names of `effects`."""

    feature: str
    reference: str
    effects: Estimate


@dataclass(frozen=True, slots=True)
class FeatureMeans:
    """A feature's marginal means, a level each, and how many vignettes each is of."""

    feature: str
    means: Estimate
    vignettes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupMeans:
    """A feature's marginal means in each group, and, level by level, each later group's less the first group's."""

    feature: str
    groups: tuple[FeatureMeans, ...]
    differences: Estimate


def vignette_design(
    respondents: Sequence[Any] | NDArray[Any],
    *,
    weights: ArrayLike | None = None,
    strata: Sequence[Any] | NDArray[Any] | None = None,
) -> Design:
    """The design of vignettes (n,): respondents as sampling units. R: `svydesign(ids = ~respondent, weights = ~weight)`.

    Raises CannotEstimate as `Design`.
    """
    return Design(np.ones(len(respondents)) if weights is None else weights, strata=strata, clusters=respondents)


def component_effects(plan: Plan, judgements: ArrayLike, features: Features) -> list[FeatureEffects]:
    """The AMCEs of all features together, by linear regression on all their levels. R: `svyglm(judgement ~ features, design)`.

    For everybody; see the module for why not for a group. Features must be drawn independently of each other: where some
    combinations were ruled out, a level is compared over the others that it occurred with. Raises CannotEstimate as
    `generalised_linear`, and `bad_setting` for a feature with a single level.
    """
    _check(features)
    model = generalised_linear(plan, judgements, design_matrix(list(features), features))
    places = {name: place for place, name in enumerate(model.matrix.names)}
    made = []
    for feature, factor in features.items():
        levels = [level for level in factor.levels[1:] if feature + level in places]
        rows = np.zeros((len(levels), len(places)))
        rows[np.arange(len(levels)), [places[feature + level] for level in levels]] = 1.0
        made.append(FeatureEffects(feature, factor.levels[0], model.coefficients.contrast(rows, levels)))
    return made


def marginal_means(plan: Plan, judgements: ArrayLike, features: Features, *, within: ArrayLike | None = None) -> list[FeatureMeans]:
    """The mean judgement at each level of each feature, among the vignettes of `within` (n,).

    R: `svyby(~judgement, ~feature, design, svymean)`. They do not depend on which level comes first. Raises CannotEstimate:
    `bad_shape`, and `all_missing` when a level has no judgement.
    """
    outcome, judged = _judged(plan, judgements, within)
    return [_means(plan, outcome, judged, feature, factor) for feature, factor in features.items()]


def group_means(plan: Plan, judgements: ArrayLike, features: Features, group: Factor) -> list[GroupMeans]:
    """Marginal means in each group of respondents, and how they differ from the first group's, with the covariance of both.

    R: `cregg::mm(by = ~group)` and `mm_diffs`. Raises CannotEstimate as `marginal_means`.
    """
    outcome, judged = _judged(plan, judgements, None)
    return [_by_group(plan, outcome, judged, feature, factor, group) for feature, factor in features.items()]


def interaction_test(plan: Plan, judgements: ArrayLike, features: Features, group: Factor, *, name: str = "group") -> WaldTest:
    """Whether any feature works otherwise in some group: Wald's F of all interactions at once, which no reference level changes.

    R: `regTermTest(svyglm(judgement ~ features * group, design), ~ features:group)`; `cregg::cj_anova`. Raises CannotEstimate as
    `generalised_linear` and `term_test`.
    """
    model = interaction_model(plan, judgements, features, group, name=name)
    return term_test(model, *(f"{feature}:{name}" for feature in features))


def interaction_model(
    plan: Plan, judgements: ArrayLike, features: Features, group: Factor, *, name: str = "group"
) -> GeneralisedLinear:
    """The model that `interaction_test` is about: for the test and its recipe. Its coefficients are not comparisons of groups."""
    _check(features)
    if name in features or name == INTERCEPT:
        raise CannotEstimate("bad_setting", f"{name!r} names a feature already")
    terms = [*features, name, *(f"{feature}:{name}" for feature in features)]
    return generalised_linear(plan, judgements, design_matrix(terms, {**features, name: group}))


def _check(features: Features) -> None:
    single = [feature for feature, factor in features.items() if len(factor.levels) < 2]
    if single or not features:
        raise CannotEstimate("bad_setting", f"features need at least two levels: {', '.join(single) or 'there are none'}")


def _judged(plan: Plan, judgements: ArrayLike, within: ArrayLike | None) -> tuple[Floats, Bools]:
    """Judgements with noughts for gaps (n,), and where there is one (n,)."""
    outcome = np.asarray(judgements, dtype=float)
    asked = np.ones(plan.rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    if {outcome.shape, asked.shape} != {(plan.rows,)}:
        raise CannotEstimate("bad_shape", f"judgements {outcome.shape} and domain {asked.shape} for {plan.rows} vignettes")
    if too_large(outcome).any():
        raise CannotEstimate("bad_value", "some judgements are infinite or too large to reckon with")
    judged = asked & ~np.isnan(outcome) & (plan.weights > 0)
    return np.where(judged, outcome, 0.0), judged


def _means(plan: Plan, outcome: Floats, judged: Bools, feature: str, factor: Factor) -> FeatureMeans:
    cells = (factor.codes[:, None] == np.arange(len(factor.levels))) & judged[:, None]
    return FeatureMeans(feature, _cell_means(plan, outcome, cells, factor.levels), tuple(int(count) for count in cells.sum(axis=0)))


def _by_group(plan: Plan, outcome: Floats, judged: Bools, feature: str, factor: Factor, group: Factor) -> GroupMeans:
    """All cells in one estimate, so that differences know the covariance of their parts."""
    size, groups = len(factor.levels), len(group.levels)
    code = np.where((factor.codes >= 0) & (group.codes >= 0), group.codes * size + factor.codes, -1)
    cells = (code[:, None] == np.arange(size * groups)) & judged[:, None]
    whole = _cell_means(plan, outcome, cells, [f"{here}: {level}" for here in group.levels for level in factor.levels])
    counts = cells.sum(axis=0)
    parts = []
    for place, _ in enumerate(group.levels):
        chosen = np.eye(size * groups)[place * size : (place + 1) * size]
        means = whole.contrast(chosen, factor.levels)
        parts.append(FeatureMeans(feature, means, tuple(int(count) for count in counts[place * size : (place + 1) * size])))
    against = np.hstack([-np.ones((groups - 1, 1)), np.eye(groups - 1)])
    names = [f"{later}: {level}" for later in group.levels[1:] for level in factor.levels]
    return GroupMeans(feature, tuple(parts), whole.contrast(np.kron(against, np.eye(size)), names))


def _cell_means(plan: Plan, outcome: Floats, cells: Bools, names: Sequence[str]) -> Estimate:
    empty = [name for name, found in zip(names, np.atleast_1d(cells.any(axis=0)), strict=True) if not found]
    if empty:
        raise CannotEstimate("all_missing", f"no judgement of a vignette with {', '.join(empty)}")
    return mean(plan, outcome, cells, names=names)
