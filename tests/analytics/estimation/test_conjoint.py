"""Vignettes: marginal means do not depend on the reference level, and groups are compared in nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import close

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation import conjoint
from assent_analytics.estimation.conjoint import component_effects, group_means, interaction_test, marginal_means, vignette_design
from assent_analytics.estimation.models.factors import Factor

LEVELS = {"holder": ("university", "government", "company"), "consent": ("opt in", "opt out", "none")}
seeds = st.integers(0, 10_000)


class Study:
    """Sixty respondents who judged six vignettes each; men mind companies less."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.respondent = np.repeat(np.arange(60), 6)
        self.features = {
            name: Factor(np.concatenate([np.arange(36) // (6 if name == "holder" else 2) % 3, random.integers(0, 3, 324)]), levels)
            for name, levels in LEVELS.items()
        }
        self.group = Factor(np.repeat(np.arange(60) % 2, 6), ("women", "men"))
        self.weights = np.repeat(random.uniform(0.5, 2.0, 60), 6)
        own = np.repeat(random.normal(size=60), 6)
        company = self.features["holder"].codes == 2
        self.judgement = 5 + own - 1.5 * company + 1.0 * company * (self.group.codes == 1) + random.normal(size=360)
        self.plan = vignette_design(self.respondent, weights=self.weights)


def turned(factor: Factor, by: int) -> Factor:
    """The same feature with other levels first."""
    size = len(factor.levels)
    return Factor((factor.codes - by) % size, tuple(factor.levels[(place + by) % size] for place in range(size)))


@given(seeds, st.integers(1, 2), st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_marginal_means_and_the_test_of_interactions_do_not_depend_on_the_reference(seed: int, one: int, other: int) -> None:
    study = Study(seed)
    moved = {"holder": turned(study.features["holder"], one), "consent": turned(study.features["consent"], other)}
    for before, after in zip(
        group_means(study.plan, study.judgement, study.features, study.group),
        group_means(study.plan, study.judgement, moved, study.group),
        strict=True,
    ):
        order = [after.groups[0].means.names.index(level) for level in before.groups[0].means.names]
        for first, second in zip(before.groups, after.groups, strict=True):
            close(second.means.estimates[order], first.means.estimates)
            close(second.means.covariance[np.ix_(order, order)], first.means.covariance)
        close(after.differences.estimates[order], before.differences.estimates)
    tests = [interaction_test(study.plan, study.judgement, features, study.group) for features in (study.features, moved)]
    close([tests[1].f, tests[1].p], [tests[0].f, tests[0].p], 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_differences_of_component_effects_would_depend_on_it(seed: int) -> None:
    """Why there is no function for them: the same answers, and another reference, give other differences (Leeper et al. 2020)."""
    study = Study(seed)
    found = {}
    for by in (0, 2):
        features = {"holder": turned(study.features["holder"], by)}
        gaps = []
        for code in (0, 1):
            rows = study.group.codes == code
            plan = vignette_design(study.respondent[rows])
            part = {"holder": Factor(features["holder"].codes[rows], features["holder"].levels)}
            gaps.append(dict(zip(*_effects(component_effects(plan, study.judgement[rows], part)[0].effects), strict=True)))
        found[by] = gaps[1]["government"] - gaps[0]["government"]
    assert abs(found[0] - found[2]) > 0.1


def test_no_function_gives_component_effects_of_a_group() -> None:
    arguments = component_effects.__code__.co_varnames[
        : component_effects.__code__.co_argcount + component_effects.__code__.co_kwonlyargcount
    ]
    assert set(arguments) == {"plan", "judgements", "features"}
    assert "Leeper" in (conjoint.__doc__ or "")


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_feature_alone_has_the_differences_of_its_means_as_effects(seed: int) -> None:
    study = Study(seed)
    features = {"holder": study.features["holder"]}
    effects = component_effects(study.plan, study.judgement, features)[0].effects
    means = marginal_means(study.plan, study.judgement, features)[0].means
    contrast = means.contrast([[-1, 1, 0], [-1, 0, 1]])
    close(effects.estimates, contrast.estimates)
    close(effects.covariance, contrast.covariance)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_group_s_means_are_those_within_it(seed: int) -> None:
    study = Study(seed)
    by_group = group_means(study.plan, study.judgement, study.features, study.group)
    for code in (0, 1):
        within = marginal_means(study.plan, study.judgement, study.features, within=study.group.codes == code)
        for one, other in zip(by_group, within, strict=True):
            close(one.groups[code].means.covariance, other.means.covariance)
            assert one.groups[code].vignettes == other.vignettes
    first = by_group[0]
    gap = first.groups[1].means.estimates - first.groups[0].means.estimates
    close(first.differences.estimates, gap)
    assert first.differences.names[0] == "men: university"


def test_missing_judgements_and_empty_cells() -> None:
    study = Study(1)
    gaps = np.where(np.arange(360) % 7 == 0, np.nan, study.judgement)
    assert sum(marginal_means(study.plan, gaps, study.features)[0].vignettes) == int((~np.isnan(gaps)).sum())
    nobody = np.where(study.features["holder"].codes == 1, np.nan, study.judgement)
    with pytest.raises(CannotEstimate, match=r"all_missing: .*government"):
        marginal_means(study.plan, nobody, study.features)
    women = np.where((study.features["holder"].codes == 1) & (study.group.codes == 1), np.nan, study.judgement)
    with pytest.raises(CannotEstimate, match=r"men: government"):
        group_means(study.plan, women, study.features, study.group)


def test_what_is_no_vignette_study() -> None:
    study = Study(2)
    with pytest.raises(CannotEstimate, match="bad_setting"):
        component_effects(study.plan, study.judgement, {})
    with pytest.raises(CannotEstimate, match="bad_setting"):
        component_effects(study.plan, study.judgement, {"f": Factor(np.zeros(360, dtype=np.int64), ("one",))})
    with pytest.raises(CannotEstimate, match="bad_setting"):
        interaction_test(study.plan, study.judgement, study.features, study.group, name="holder")
    with pytest.raises(CannotEstimate, match="bad_shape"):
        marginal_means(study.plan, study.judgement[1:], study.features)


def _effects(found: object) -> tuple[tuple[str, ...], list[float]]:
    return found.names, found.estimates.tolist()  # type: ignore[attr-defined]
