"""Designs: what input they refuse, single PSUs, and that labels, order and scale do not matter."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.contrasts import gap_to_rest, gaps_to_rest, omnibus
from assent_analytics.estimation.descriptive.means import means
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.shares.proportions import share, shares


@pytest.mark.parametrize(
    ("weights", "labels", "code"),
    [
        ([], {}, "no_rows"),
        ([0.0, 0.0], {}, "no_weights"),
        ([1.0, np.nan], {}, "no_weights"),
        ([1.0, -1.0, 2.0], {}, "negative_weight"),
        ([1.0], {}, "one_psu"),
        ([1.0, 2.0, 1.0], {"clusters": ["a", "a", "a"]}, "one_psu"),
        ([1.0, 2.0], {"strata": ["a"]}, "bad_shape"),
        ([[1.0, 2.0]], {}, "bad_shape"),
        ([1.0, 2.0, 1.0], {"strata": ["a", "a", "b"], "lonely": "fail"}, "lonely_psu"),
    ],
)
def test_unusable_designs_say_why(weights: Any, labels: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        Design(weights, **labels)
    assert refused.value.code == code


def test_an_empty_domain_is_refused_or_none() -> None:
    plan = Design.equal(4)
    nobody = np.zeros(4, dtype=bool)
    with pytest.raises(CannotEstimate, match="all_missing"):
        share(plan, [1, 0, 1, 0], nobody)
    found = shares(plan, [1, 0, 1, 0], np.column_stack([nobody, ~nobody]))
    assert found[0] is None
    assert found[1] is not None
    assert found[1].share == 0.5
    assert gap_to_rest(plan, [1, 0, 1, 0], nobody) is None
    assert gap_to_rest(plan, [1, 1, 1, 1], [True, True, False, False]) is None
    assert omnibus(plan, np.array([0, 1, 0, 1]), np.zeros(4, dtype=int)) is None


def test_values_that_are_no_numbers_are_refused_inside_a_domain_only() -> None:
    plan = Design.equal(3)
    assert means(plan, [1.0, np.nan, 3.0], [True, False, True]).estimates[0] == 2.0
    with pytest.raises(CannotEstimate, match="bad_value"):
        means(plan, [1.0, np.nan, 3.0])
    with pytest.raises(CannotEstimate, match="bad_value"):
        share(plan, [0.0, 0.5, 1.0])


def _variance(lonely: Any) -> float:
    values = np.array([1.0, 2.0, 4.0, 3.0, 9.0])
    plan = Design(np.ones(5), strata=["a", "a", "b", "b", "alone"], lonely=lonely)
    return float(plan.variances(means(plan, values).influence)[0])


def test_rules_for_a_stratum_with_a_single_psu() -> None:
    """By hand: strata a and b give .5 + .5 of squares, times 2 / 25; the single value 9 lies 5.2 from the mean of 3.8."""
    two_strata = (0.5 + 0.5) * 2 / 25
    assert _variance("remove") == pytest.approx(two_strata)
    assert _variance("certainty") == pytest.approx(two_strata)
    assert _variance("adjust") == pytest.approx(two_strata + 5.2**2 / 25)
    assert _variance("average") == pytest.approx(two_strata * 3 / 2)


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    rows = draw(st.integers(12, 40))
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    strata = np.arange(rows) % 3
    return {
        "weights": chance.uniform(0.2, 5.0, rows),
        "strata": strata,
        "clusters": (np.arange(rows) // 3) % 4,
        "answer": chance.random(rows) < 0.6,
        "group": chance.random(rows) < 0.4,
        "order": chance.permutation(rows),
    }


def _figures(survey: dict[str, Any]) -> list[float]:
    plan = Design(survey["weights"], strata=survey["strata"], clusters=survey["clusters"])
    whole, part = shares(plan, survey["answer"], np.column_stack([np.ones(plan.rows, bool), survey["group"]]))
    gap = gap_to_rest(plan, survey["answer"], survey["group"])
    found: list[float] = []
    for one in (whole, part):
        found += [-1.0] if one is None else [one.share, one.standard_error, one.n_effective, one.low, one.high, one.above(0.5)]
    return found + ([-1.0] if gap is None else [gap.difference, gap.standard_error, gap.p])


@given(surveys(), st.floats(0.01, 100))
def test_scaling_weights_permuting_rows_and_renaming_strata_change_nothing(survey: dict[str, Any], scale: float) -> None:
    expected = _figures(survey)
    assert np.isfinite(expected).all()
    order = survey["order"]
    permuted = {name: column[order] for name, column in survey.items() if name != "order"}
    renamed = survey | {"strata": np.array(["zone", "area", "quarter"])[survey["strata"]], "clusters": 100 - survey["clusters"]}
    for other in (survey | {"weights": survey["weights"] * scale}, permuted, renamed):
        np.testing.assert_allclose(_figures(other), expected, rtol=1e-7, atol=1e-9)


def test_many_groups_at_once_give_what_each_gives_alone() -> None:
    chance = np.random.default_rng(3)
    plan = Design(chance.uniform(1, 3, 200), strata=np.arange(200) % 4)
    answer, groups = chance.random(200) < 0.5, chance.random((200, 6)) < 0.3
    together = gaps_to_rest(plan, answer, groups)
    alone = [gap_to_rest(plan, answer, groups[:, column]) for column in range(6)]
    for one, other in zip(together, alone, strict=True):
        assert one is not None
        assert other is not None
        assert (one.difference, one.standard_error) == pytest.approx((other.difference, other.standard_error), rel=1e-12)
