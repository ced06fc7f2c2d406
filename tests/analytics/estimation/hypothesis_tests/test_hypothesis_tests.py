"""Tests of association, means and ranks: what must not matter to them, what they refuse, and by hand where R says nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import adjusted_p_values, benjamini_hochberg, bonferroni
from assent_analytics.estimation.comparisons.pairwise import pairwise
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.log_linear import compare_log_linear
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import one_sample, paired, two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association, two_way_table
from assent_analytics.estimation.raters.survey_kappa import kappa
from assent_analytics.estimation.replicates.jackknife import jackknife

Rows = dict[str, np.ndarray]
FAMILY = ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint", "exact")


def people(seed: int, rows: int = 240) -> Rows:
    """Answers on a scale, a value, two groups, strata and clusters that lean together; some answers missing."""
    chance = np.random.default_rng(seed)
    cluster = chance.integers(0, 30, rows)
    leaning = chance.normal(0, 0.7, 30)[cluster]
    return {
        "weight": chance.uniform(0.5, 4.0, rows),
        "stratum": cluster % 3,
        "cluster": cluster,
        "answer": np.where(
            chance.random(rows) < 0.1, -1, np.clip(np.round(1.5 + leaning + chance.normal(0, 1, rows)), 0, 3)
        ).astype(int),
        "value": np.where(chance.random(rows) < 0.1, np.nan, np.round(leaning + chance.normal(0, 2, rows), 1)),
        "other": leaning + chance.normal(0, 2, rows),
        "group": np.where(chance.random(rows) < 0.05, -1, chance.integers(0, 3, rows)),
        "half": chance.integers(0, 2, rows),
    }


def designed(rows: Rows) -> Design:
    return Design(rows["weight"], strata=rows["stratum"], clusters=rows["cluster"])


def figures(plan: Plan, rows: Rows) -> np.ndarray:
    """One or more numbers of every test of this room that do not depend on how many rows stand for how many people."""
    fit, rank = (
        goodness_of_fit(plan, rows["answer"], [0.2, 0.3, 0.3, 0.2]),
        rank_test(plan, rows["value"], rows["group"], ties="weighted"),
    )
    factors = np.column_stack([rows["answer"], rows["group"], rows["half"]])
    log_linear = compare_log_linear(plan, factors, smaller=[(0,), (1,), (2,)], larger=[(0, 1), (2,)])
    means = pairwise(plan, rows["value"], rows["group"])
    return np.array(
        [
            *[association(plan, rows["answer"], rows["group"], test).p for test in FAMILY],
            fit.p,
            fit.degrees_of_freedom,
            *kappa(plan, rows["answer"], rows["group"], closeness="linear").standard_errors,
            one_sample(plan, rows["value"]).p,
            paired(plan, rows["value"], rows["other"]).t,
            two_groups(plan, rows["value"], rows["half"]).t,
            rank.p,
            *(rank_test(plan, rows["value"], rows["half"], scores, ties="weighted").p for scores in ("vanderWaerden", "median")),
            *means.p_values("holm"),
            means.omnibus_p,
            log_linear.deviance.p_exact(),
            log_linear.score.p_second_order(),
        ]
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000.0))
def test_order_of_rows_scale_of_weights_and_names_do_not_matter(seed: int, scale: float) -> None:
    rows = people(seed)
    expected = figures(designed(rows), rows)
    order = np.random.default_rng(seed).permutation(len(rows["weight"]))
    changed = {name: column[order] for name, column in rows.items()}
    changed |= {"weight": scale * changed["weight"], "stratum": 7 - changed["stratum"], "cluster": 100 - changed["cluster"]}
    np.testing.assert_allclose(figures(designed(changed), changed), expected, rtol=1e-6, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_row_that_stands_for_two_is_two_rows_of_its_cluster(seed: int) -> None:
    """The clusters' totals are the same, so are the errors; only a count of rows may tell the two apart."""
    rows = people(seed)
    twice = np.random.default_rng(seed).random(len(rows["weight"])) < 0.3
    doubled = rows | {"weight": np.where(twice, 2.0, 1.0)}
    repeated = {name: np.repeat(column, np.where(twice, 2, 1)) for name, column in rows.items()}
    repeated["weight"] = np.ones(len(repeated["weight"]))
    np.testing.assert_allclose(figures(designed(repeated), repeated), figures(designed(doubled), doubled), rtol=1e-6, atol=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_other_codes_for_the_same_categories(seed: int) -> None:
    rows = people(seed)
    plan = designed(rows)
    answer = np.where(rows["answer"] < 0, -1, 90 - 3 * rows["answer"])
    for test in FAMILY:
        found, expected = association(plan, answer, rows["group"], test), association(plan, rows["group"], rows["answer"], test)
        assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.p), rel=1e-7)
    turned = two_groups(plan, rows["value"], 1 - rows["half"])
    assert turned.t == pytest.approx(-two_groups(plan, rows["value"], rows["half"]).t)
    groups = rank_test(plan, rows["value"], np.where(rows["group"] < 0, -1, 2 - rows["group"]))
    assert groups.statistic == pytest.approx(rank_test(plan, rows["value"], rows["group"]).statistic, rel=1e-7)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_ranks_do_not_see_the_scale_of_values(seed: int) -> None:
    rows = people(seed)
    plan, group = designed(rows), rows["group"]
    assert rank_test(plan, np.exp(rows["value"] / 3), group).p == pytest.approx(rank_test(plan, rows["value"], group).p, rel=1e-9)
    untied = rows["other"]
    assert rank_test(plan, untied, group).p == pytest.approx(rank_test(plan, untied, group, ties="weighted").p, rel=1e-9)


def test_replicate_weights_give_nearly_the_same() -> None:
    """The jackknife and linearisation agree where clusters are many. The Wald tests take the same totals, and are equal."""
    rows = people(3, 3_000)
    plan = Design(rows["weight"], clusters=np.arange(3_000) // 10)
    replicated = jackknife(plan)
    for test in ("F", "Chisq", "exact"):
        assert association(replicated, rows["answer"], rows["group"], test).p == pytest.approx(
            association(plan, rows["answer"], rows["group"], test).p, rel=0.1
        )
    wald = [association(one, rows["answer"], rows["group"], "Wald").statistic for one in (plan, replicated)]
    assert wald[1] == pytest.approx(wald[0], rel=1e-9)
    for compare in (two_groups, rank_test):
        found = [compare(one, rows["value"], rows["half"]).p for one in (plan, replicated)]
        assert found[1] == pytest.approx(found[0], rel=0.05)


def test_a_simple_random_sample_is_pearson_and_student() -> None:
    """Without a design the t-test of one sample is Student's, and the table's statistic is Pearson's."""
    values, group = np.array([1.0, 3, 4, 8, 2, 6, 7, 5, 9, 12]), np.repeat([0, 1], 5)
    plan = Design.equal(10)
    assert one_sample(plan, values).t == pytest.approx(values.mean() / (values.std(ddof=1) / np.sqrt(10)))
    table = two_way_table(plan, values > 4, group)
    assert table.pearson == pytest.approx(10 * (4 * 5 - 0 * 1) ** 2 / (5 * 5 * 4 * 6), rel=1e-12)


def test_rows_that_are_left_out_count_in_what_r_prints_only() -> None:
    rows = people(12)
    plan, kept = designed(rows), (rows["answer"] >= 0) & (rows["group"] >= 0)
    found = association(plan, rows["answer"], rows["group"], "Chisq")
    assert found.statistic_over_all_rows / found.statistic == pytest.approx(len(kept) / kept.sum())
    alone = association(plan, rows["answer"], rows["group"], "Chisq", within=kept)
    assert (alone.statistic, alone.p) == pytest.approx((found.statistic, found.p))
    assert alone.statistic_over_all_rows == alone.statistic


def test_weighted_kappa_by_hand() -> None:
    """Cohen (1968): a table of 3 x 3; quadratic closeness credits a near miss with three quarters."""
    table = np.array([[20, 5, 1], [4, 15, 6], [2, 3, 14]])
    cells = np.repeat(np.arange(9), table.ravel())
    plan, shares = Design.equal(table.sum()), table / table.sum()
    credit = 1 - np.subtract.outer(np.arange(3), np.arange(3)) ** 2 / 4
    expected = (np.outer(shares.sum(1), shares.sum(0)) * credit).sum()
    found = kappa(plan, cells // 3, cells % 3, closeness="quadratic")
    assert found.estimates[0] == pytest.approx(((shares * credit).sum() - expected) / (1 - expected))
    assert kappa(plan, cells // 3, cells // 3).estimates[0] == pytest.approx(1.0)


def test_independence_is_the_product_of_margins() -> None:
    """The score statistic of independence is Pearson's of the table."""
    rows = people(4)
    plan, factors = designed(rows), np.column_stack([rows["answer"], rows["group"]])
    found = compare_log_linear(plan, factors, smaller=[(0,), (1,)], larger=[(0, 1)])
    assert found.score.statistic == pytest.approx(two_way_table(plan, rows["answer"], rows["group"]).pearson, rel=1e-7)


def test_no_group_is_said_to_differ_unless_the_omnibus_test_rejects() -> None:
    rows = people(21)
    found = pairwise(designed(rows), rows["value"], rows["group"])
    assert found.groups == (0, 1, 2)
    assert found.differing(0.05) == ()
    assert found.omnibus_p > 0.05
    moved = pairwise(designed(rows), rows["value"] + 5.0 * (rows["group"] == 2), rows["group"])
    assert moved.omnibus_p < 0.001
    assert moved.differing(0.05) == ((0, 2), (1, 2))
    assert moved.differences.names == ("0-1", "0-2", "1-2")


def test_corrections_by_hand() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.50]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.50])
    assert bonferroni([0.01, 0.4]) == pytest.approx([0.02, 0.8])
    assert bonferroni([0.6, 0.9]) == [1.0, 1.0]
    assert adjusted_p_values([0.3, 0.2], "none") == [0.3, 0.2]
    assert benjamini_hochberg([]) == []


ROWS = people(1, 120)
PLAN = designed(ROWS)
EMPTY_CELL = np.where((ROWS["answer"] == 3) & (ROWS["half"] == 1), 2, ROWS["answer"])
TWINS = Design(np.ones(120), clusters=np.arange(120) // 60)
NOBODY, ONE = np.full(120, -1), np.zeros(120, dtype=int)


def log_linear(columns: list[np.ndarray], smaller: list[tuple[int, ...]], larger: list[tuple[int, ...]]) -> Any:
    return compare_log_linear(PLAN, np.column_stack(columns), smaller=smaller, larger=larger)


@pytest.mark.parametrize(
    ("test", "code"),
    [
        (lambda: association(PLAN, ROWS["answer"], ONE), "one_category"),
        (lambda: association(PLAN, ROWS["answer"], NOBODY), "all_missing"),
        (lambda: association(PLAN, ROWS["answer"], ROWS["value"]), "bad_value"),
        (lambda: association(PLAN, ROWS["answer"], ONE[1:]), "bad_shape"),
        (lambda: association(PLAN, ROWS["answer"], ROWS["group"], within=NOBODY > 0), "all_missing"),
        (lambda: association(PLAN, ROWS["answer"], ROWS["group"], within=ROWS["cluster"] == 0), "no_degrees_of_freedom"),
        (lambda: association(PLAN, np.arange(120), np.arange(120) % 40), "too_many_cells"),
        (lambda: association(PLAN, np.arange(120) % 12, np.arange(120) % 12), "empty_cell"),
        (
            lambda: association(Design(np.ones(120), clusters=ROWS["half"]), ROWS["answer"], ROWS["group"], "Wald"),
            "singular_covariance",
        ),
        (lambda: association(TWINS, np.arange(120) % 2, np.arange(120) // 2 % 2), "no_variation"),
        (lambda: goodness_of_fit(PLAN, ROWS["answer"], [0.5, 0.5]), "bad_value"),
        (lambda: goodness_of_fit(PLAN, ROWS["answer"], [0.5, 0.5, 0.0, 0.0]), "bad_value"),
        (lambda: goodness_of_fit(PLAN, NOBODY, [0.5, 0.5]), "all_missing"),
        (lambda: goodness_of_fit(PLAN, ONE, [1.0]), "one_category"),
        (lambda: kappa(PLAN, ONE, ONE), "one_category"),
        (lambda: kappa(PLAN, NOBODY, ONE), "all_missing"),
        (lambda: one_sample(PLAN, np.ones(120)), "no_variation"),
        (lambda: one_sample(PLAN, np.full(120, np.nan)), "all_missing"),
        (lambda: one_sample(PLAN, np.full(120, np.inf)), "bad_value"),
        (lambda: one_sample(PLAN, ROWS["value"], within=ROWS["cluster"] < 2), "no_degrees_of_freedom"),
        (lambda: two_groups(PLAN, ROWS["value"], ROWS["group"]), "not_two_groups"),
        (lambda: two_groups(PLAN, np.where(ROWS["half"] == 1, np.nan, ROWS["value"]), ROWS["half"]), "not_two_groups"),
        (lambda: two_groups(PLAN, ROWS["half"] * 3.0, ROWS["half"]), "no_variation"),
        (lambda: rank_test(PLAN, ROWS["value"], ONE), "one_group"),
        (lambda: rank_test(PLAN, np.ones(120), ROWS["group"]), "no_variation"),
        (lambda: rank_test(PLAN, np.ones(120), ROWS["half"]), "no_variation"),
        (lambda: rank_test(PLAN, ROWS["value"], ROWS["cluster"]), "no_degrees_of_freedom"),
        (lambda: pairwise(PLAN, ROWS["value"], ONE), "one_group"),
        (lambda: pairwise(PLAN, ROWS["group"] * 1.0, ROWS["group"]), "no_variation"),
        (lambda: pairwise(PLAN, ROWS["value"], ROWS["cluster"]), "no_variation"),
        (lambda: pairwise(Design(np.ones(120), clusters=ROWS["half"]), ROWS["value"], ROWS["group"]), "no_degrees_of_freedom"),
        (lambda: log_linear([ONE, ROWS["half"]], smaller=[(0,)], larger=[(0, 1)]), "one_category"),
        (lambda: log_linear([ROWS["half"]] * 2, smaller=[(0, 1)], larger=[(0,)]), "not_nested"),
        (lambda: log_linear([ROWS["half"]] * 2, smaller=[(0,)], larger=[(0, 5)]), "not_nested"),
        (
            lambda: log_linear([np.arange(120)] * 3, smaller=[(0,)], larger=[(0,), (1,)]),
            "too_many_cells",
        ),
        (lambda: log_linear([ROWS["half"]] * 2, smaller=[(0,)], larger=[(0, 1)]), "empty_cell"),
        (
            lambda: log_linear([EMPTY_CELL, ROWS["half"]], smaller=[(0,), (1,)], larger=[(0, 1)]),
            "empty_cell",
        ),
        (lambda: compare_log_linear(PLAN, ROWS["half"], smaller=[(0,)], larger=[(0, 1)]), "bad_shape"),
    ],
)
def test_what_cannot_be_tested_says_why(test: Callable[[], Any], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        test()
    assert refused.value.code == code
