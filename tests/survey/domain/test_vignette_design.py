"""Designs: orthogonal where one exists, never excluded, never twice in a deck, balanced, better than chance, and always the same."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.survey.vignette_plans import bare_plan, plan_with

from assent_survey.domain.vignettes.candidates import CANDIDATES, admissible, find_candidates
from assent_survey.domain.vignettes.coding import Model, d_efficiency, orthonormal
from assent_survey.domain.vignettes.design import CannotDesign, Design, as_places, make_design
from assent_survey.domain.vignettes.plan import VignettePlan


def efficiency(model: Model, levels: np.ndarray) -> float:
    matrix = model.matrix(levels)
    return d_efficiency(matrix.T @ matrix, len(matrix))


def designed(plan: VignettePlan) -> Design:
    try:
        return make_design(plan)
    except CannotDesign:
        assume(False)
        raise


@st.composite
def plans(draw: st.DrawFn) -> VignettePlan:
    """Small plans, most of which can be kept to."""
    sizes = tuple(draw(st.lists(st.integers(2, 4), min_size=1, max_size=4)))
    cells = st.dictionaries(st.integers(0, len(sizes) - 1), st.integers(0, 3), min_size=min(2, len(sizes)), max_size=len(sizes))
    excluded = tuple(
        {f"f{place}": (f"l{level % sizes[place]}",) for place, level in cell.items()} for cell in draw(st.lists(cells, max_size=3))
    )
    pairs = (("f0", "f1"),) if len(sizes) > 1 and draw(st.booleans()) else ()
    return bare_plan(
        sizes, draw(st.integers(1, 6)), draw(st.integers(1, 6)), excluded=excluded, interactions=pairs, seed=draw(st.integers(0, 9))
    )


@pytest.mark.parametrize("size", range(2, 21))
def test_orthonormal_contrasts_are(size: int) -> None:
    contrasts = orthonormal(size)
    assert np.allclose(contrasts.sum(axis=0), 0)
    assert np.allclose(contrasts.T @ contrasts / size, np.eye(size - 1))


@pytest.mark.parametrize(
    ("sizes", "per_respondent", "decks"),
    [
        ((2, 2, 2), 8, 1),  # the full factorial
        ((2, 2, 2), 4, 1),  # its half
        ((2, 2, 2), 4, 2),  # both halves
        ((2,) * 7, 8, 1),  # Plackett and Burman, or the saturated fraction of 2^7
        ((2,) * 11, 12, 1),  # Plackett and Burman
        ((3, 3, 3, 3), 9, 1),  # the Graeco-Latin square
        ((3, 3, 3), 9, 3),  # the full factorial in Latin squares
        ((2, 2, 3), 12, 1),
        ((4, 2, 2), 8, 2),
        ((2, 2), 4, 5),  # more decks than there are different ones
    ],
)
def test_where_an_orthogonal_design_exists_it_is_found(sizes: tuple[int, ...], per_respondent: int, decks: int) -> None:
    quality = make_design(bare_plan(sizes, per_respondent, decks)).quality
    assert quality.d_efficiency == pytest.approx(1)
    assert quality.d_efficiency_within_decks == pytest.approx(1)
    assert set(quality.spread_in_decks.values()) == {0}
    assert {each.cramers_v for each in quality.associations} == {0}


def test_an_interaction_that_is_listed_is_kept_apart_from_decks() -> None:
    quality = make_design(bare_plan((2, 2, 2), 4, 2, interactions=(("f0", "f1"),))).quality
    assert quality.d_efficiency == quality.d_efficiency_within_decks == pytest.approx(1)


@settings(max_examples=80)
@given(plan=plans())
def test_every_design_keeps_the_rules(plan: VignettePlan) -> None:
    design = designed(plan)
    decks = as_places(design.decks)
    assert decks.shape == (plan.decks, plan.per_respondent, len(plan.factors))
    levels = decks.reshape(-1, len(plan.factors))
    assert admissible(plan, levels).all()
    for deck in decks:
        assert len(np.unique(deck, axis=0)) == plan.per_respondent
    quality = design.quality
    assert quality.different == min(plan.vignettes, quality.candidates)
    assert 0 < quality.d_efficiency <= 1
    assert quality.d_efficiency == pytest.approx(efficiency(Model(plan.sizes, plan.pairs), levels), abs=1e-6)
    for factor in plan.factors:
        assert sum(quality.counts[factor.name].values()) == plan.vignettes
    assert design == make_design(plan)


@settings(max_examples=40)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_no_design_of_chance_is_better(plan: VignettePlan, seed: int) -> None:
    design = designed(plan)
    candidates, model = find_candidates(plan).levels, Model(plan.sizes, plan.pairs)
    chance = np.random.default_rng(seed)
    whole, rest = divmod(plan.vignettes, len(candidates))
    for _ in range(20):
        drawn = np.concatenate([np.tile(candidates, (whole, 1)), candidates[chance.permutation(len(candidates))[:rest]]])
        assert efficiency(model, drawn) <= design.quality.d_efficiency + 2e-3


@pytest.mark.parametrize(("per_respondent", "decks", "most"), [(4, 6, 2), (6, 10, 2), (8, 5, 2), (12, 4, 1)])
def test_decks_are_balanced(per_respondent: int, decks: int, most: int) -> None:
    """Without exclusions each level is in each deck nearly as often as can be."""
    quality = make_design(bare_plan((4, 3, 2), per_respondent, decks)).quality
    assert max(quality.spread_in_decks.values()) <= most
    for counts in quality.counts.values():
        assert max(counts.values()) - min(counts.values()) <= 2


def test_a_factorial_too_large_to_list_is_drawn_from() -> None:
    plan = bare_plan((10,) * 6, 5, 40, excluded=({"f0": ("l0",), "f1": tuple(f"l{n}" for n in range(9))},))
    found = find_candidates(plan)
    assert (found.combinations, found.admissible) == (10**6, None)
    assert CANDIDATES <= len(found.levels) <= CANDIDATES + 60 * 32
    assert admissible(plan, found.levels).all()
    quality = make_design(plan).quality
    assert quality.d_efficiency > quality.d_efficiency_of_candidates * 0.95


def test_a_level_that_is_rarely_possible_is_among_the_candidates() -> None:
    others = tuple(f"l{n}" for n in range(1, 8))
    plan = bare_plan((8,) * 5, 5, 20, excluded=tuple({"f0": ("l0",), f"f{n}": others} for n in range(1, 4)))
    found = find_candidates(plan)
    assert found.admissible == 8**5 - 8 * (8**3 - 1)
    assert (found.levels[:, 0] == 0).sum() == 8


def test_the_same_seed_gives_the_same_decks_on_every_machine() -> None:
    """The digest was taken once; another would mean that a study could not be designed again."""
    assert digest(plan_with()) == "fb0f25713b33ffba"
    assert digest(bare_plan((5, 4, 3, 3, 2), 6, 12, seed=3)) == "5e58728b380c2c8d"
    assert digest(plan_with(seed=8)) != digest(plan_with())


def digest(plan: VignettePlan) -> str:
    return hashlib.sha256(json.dumps(make_design(plan).decks).encode()).hexdigest()[:16]
