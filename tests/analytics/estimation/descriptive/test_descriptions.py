"""Totals, ratios, variances, groups, tables, design effects, proportions and quantiles: what must not matter, and what is refused."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools
from assent_analytics.estimation.comparisons.contrasts import gap_to_rest
from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.counts import weighted_table
from assent_analytics.estimation.descriptive.cumulative import cumulative
from assent_analytics.estimation.descriptive.delta import transform
from assent_analytics.estimation.descriptive.design_effects import mean_effects, total_effects
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.descriptive.totals import ratio, total, weighted_count
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate, Statistic
from assent_analytics.estimation.quantiles.interpolated import interpolated_quantiles
from assent_analytics.estimation.quantiles.rules import RULES
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.replicates.jackknife import jackknife
from assent_analytics.estimation.shares.proportion_intervals import Method, proportions
from assent_analytics.estimation.shares.proportions import share

METHODS: tuple[Method, ...] = ("logit", "likelihood", "asin", "beta", "mean", "xlogit")


class Survey:
    """A made survey of 72 people in 3 strata of 4 clusters."""

    def __init__(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.strata, self.clusters = np.arange(72) % 3, (np.arange(72) // 3) % 4
        self.weights = chance.uniform(1.5, 5.0, 72)
        self.values = chance.normal(50.0 + 4.0 * self.strata, 9.0)
        self.other = chance.uniform(1.0, 9.0, 72)
        self.yes = chance.permutation(np.arange(72) < 30).astype(float)
        self.group = chance.permutation(np.array(["north", "east", "west"])[np.arange(72) % 3])
        self.order = chance.permutation(72)

    def design(self, place: Any = slice(None), scale: float = 1.0) -> Design:
        return Design(self.weights[place] * scale, strata=self.strata[place], clusters=self.clusters[place])


def _figures(survey: Survey, plan: Design, place: Any = slice(None)) -> np.ndarray:
    """Figures that neither the scale of the weights nor the order of the rows may change."""
    values, other, yes, group = survey.values[place], survey.other[place], survey.yes[place], survey.group[place]

    def statistic(members: Bools) -> Statistic:
        return mean_statistic(values, members, plan.rows)

    grouped = by(plan, statistic, groups_of(group, yes))
    found = [ratio(plan, values, other), variance(plan, np.column_stack([values, other])), grouped]
    figures = [np.concatenate([one.estimates, one.covariance.ravel()]) for one in found]
    figures += [proportions(plan, yes, method=method).intervals.ravel() for method in ("xlogit", "beta", "asin", "mean")]
    figures += [quantiles(plan, values, [0.41, 0.5, 0.6], rule="hf7").intervals.ravel()]
    figures += [mean_effects(plan, values, replace=True), total_effects(plan, values, replace=True)]
    return np.concatenate(figures)


@given(st.integers(0, 10_000), st.sampled_from([0.25, 3.0, 1000.0]))
def test_scaling_weights_and_permuting_rows_change_nothing(seed: int, scale: float) -> None:
    survey = Survey(seed)
    expected = _figures(survey, survey.design())
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(_figures(survey, survey.design(scale=scale)), expected, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(_figures(survey, survey.design(survey.order), survey.order), expected, rtol=1e-8, atol=1e-9)


@given(st.integers(0, 10_000))
def test_rows_twice_in_their_cluster_count_as_double_weight(seed: int) -> None:
    survey = Survey(seed)
    twice = np.repeat(np.arange(72), 2)
    doubled, heavy = survey.design(twice), survey.design(scale=2.0)
    for one, other in (
        (total(doubled, survey.values[twice]), total(heavy, survey.values)),
        (mean(doubled, survey.values[twice]), mean(heavy, survey.values)),
        (ratio(doubled, survey.values[twice], survey.other[twice]), ratio(heavy, survey.values, survey.other)),
    ):
        np.testing.assert_allclose(one.estimates, other.estimates, rtol=1e-12)
        np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9)
    assert weighted_table(doubled, survey.group[twice]).counts == pytest.approx(weighted_table(heavy, survey.group).counts)


def test_replicates_give_nearly_the_linearised_errors_for_every_smooth_statistic() -> None:
    survey = Survey(5)
    plan = survey.design()
    replicated = jackknife(plan)

    def statistics(design: Any) -> list[Estimate]:
        def statistic(members: Bools) -> Statistic:
            return mean_statistic(survey.values, members, design.rows)

        return [
            mean(design, survey.values, survey.group == "north"),
            total(design, survey.values),
            ratio(design, survey.values, survey.other),
            variance(design, survey.values),
            by(design, statistic, groups_of(survey.group)),
            cumulative(design, survey.values, [45.0, 60.0]),
        ]

    for one, other in zip(statistics(plan), statistics(replicated), strict=True):
        np.testing.assert_allclose(one.estimates, other.estimates, rtol=1e-12)
        np.testing.assert_allclose(one.standard_errors, other.standard_errors, rtol=0.1)
    for method in METHODS:
        linear, repeated = (proportions(design, survey.yes, method=method).intervals for design in (plan, replicated))
        np.testing.assert_allclose(linear, repeated, atol=0.02)


def test_the_intervals_agree_where_they_must() -> None:
    survey = Survey(8)
    plan = survey.design()
    found = {method: proportions(plan, survey.yes, method=method) for method in METHODS}
    np.testing.assert_allclose(found["logit"].intervals, found["xlogit"].intervals, rtol=1e-6)
    for one in found.values():
        low, high = one.intervals[0]
        assert 0.0 < low < one.estimates[0] < high < 1.0
    wide = proportions(plan, survey.yes, level=0.99)
    assert wide.intervals[0, 0] < found["logit"].intervals[0, 0]
    normal = proportions(plan, survey.yes, degrees_of_freedom=np.inf)
    assert normal.intervals[0, 0] > found["logit"].intervals[0, 0]


def test_gaps_and_shares_by_replicates() -> None:
    survey = Survey(6)
    plan = survey.design()
    for design in (plan, jackknife(plan)):
        one, gap = share(design, survey.yes), gap_to_rest(design, survey.yes, survey.group == "north")
        assert gap is not None
        assert one.standard_error == pytest.approx(share(plan, survey.yes).standard_error, rel=0.1)
        assert gap.standard_error == pytest.approx(0.11, abs=0.06)
        assert gap.low < gap.difference < gap.high


@pytest.mark.parametrize("method", METHODS)
def test_a_proportion_of_everybody_or_nobody_is_flagged(method: Method) -> None:
    found = proportions(Design.equal(10), np.column_stack([np.ones(10), np.zeros(10), np.arange(10) < 4]), method=method)
    np.testing.assert_array_equal(found.defined, [False, False, True])
    np.testing.assert_array_equal(found.intervals[:2], [[1.0, 1.0], [0.0, 0.0]])


def test_functions_of_estimates_with_and_without_a_gradient() -> None:
    both = Estimate(np.array([3.0, 0.5]), np.array([[0.2, 0.05], [0.05, 0.1]]), 12)
    told = transform(
        both, lambda at: [at[0] * at[1], np.log(at[0])], lambda at: [[at[1], at[0]], [1 / at[0], 0.0]], names=("a", "b")
    )
    found = transform(both, lambda at: [at[0] * at[1], np.log(at[0])])
    np.testing.assert_allclose(told.estimates, [1.5, np.log(3.0)])
    np.testing.assert_allclose(told.covariance[0, 0], 0.25 * 0.2 + 2 * 1.5 * 0.05 + 9 * 0.1)
    np.testing.assert_allclose(found.covariance, told.covariance, rtol=1e-10)
    assert told.names == ("a", "b")
    with pytest.raises(CannotEstimate, match="bad_value"):
        transform(both, lambda at: np.log(-at[0]))


def test_groups_leave_out_those_who_did_not_say() -> None:
    groups = groups_of(np.array(["b", None, "a", "b"], dtype=object), np.array([1.0, 1.0, np.nan, 2.0]))
    assert groups.labels == (("b", 1.0), ("b", 2.0))
    np.testing.assert_array_equal(groups.codes, [0, -1, -1, 1])
    assert groups_of(["x", "y"]).names == ("x", "y")
    assert groups_of([1, 2, 1], [5, 5, 6], within=np.array([True, True, False])).names == ("1.5", "2.5")


def test_weighted_counts_are_totals_of_indicators() -> None:
    survey = Survey(2)
    plan = survey.design()
    table = weighted_table(plan, survey.group, survey.yes)
    members = groups_of(survey.yes, survey.group).members  # its first variable varies fastest, a table's last one
    np.testing.assert_allclose(weighted_count(plan, members).estimates, table.counts.ravel())
    np.testing.assert_array_equal(members.sum(axis=0), table.bases.ravel())
    assert table.shares.sum() == pytest.approx(1.0)
    assert weighted_table(plan, survey.group, within=survey.group != "east").levels == (("north", "west"),)


def test_a_quantile_interval_without_an_end_says_so() -> None:
    plan = Design.equal(12)
    found = quantiles(plan, np.arange(12.0), [0.05, 0.5, 1.0])
    np.testing.assert_array_equal(found.bounded, [[False, True], [True, True], [True, True]])
    np.testing.assert_array_equal(np.isnan(found.intervals), ~found.bounded)
    assert np.isnan(found.standard_errors[0])
    np.testing.assert_array_equal(quantiles(plan, np.arange(12.0), [1.0], interval="beta").bounded, [[False, False]])


@pytest.mark.parametrize("rule", sorted(RULES))
def test_quantiles_lie_among_the_values_and_rise(rule: str) -> None:
    survey = Survey(4)
    found = quantiles(
        survey.design(), survey.values, np.linspace(0.1, 0.9, 9).tolist(), survey.group != "east", rule=rule
    ).estimates
    inside = survey.values[survey.group != "east"]
    assert inside.min() <= found.min() <= found.max() <= inside.max()
    if rule != "shahvaish":  # R's positions of this rule are not in order
        assert (np.diff(found) >= 0).all()


def test_unweighted_quantiles_are_those_of_hyndman_and_fan() -> None:
    """NumPy has them too, apart from the ends of types 4 to 9, which do not differ at these probabilities."""
    values = np.random.default_rng(1).normal(size=40)
    names = {"hf1": "inverted_cdf", "hf2": "averaged_inverted_cdf", "hf4": "interpolated_inverted_cdf", "hf5": "hazen"}
    names |= {"hf6": "weibull", "hf7": "linear", "hf8": "median_unbiased", "hf9": "normal_unbiased"}
    at = [0.13, 0.25, 0.5, 0.77]
    for rule, name in names.items():
        found = quantiles(Design.equal(40), values, at, rule=rule).estimates
        np.testing.assert_allclose(found, np.quantile(values, at, method=cast(Any, name)), rtol=1e-12)


REFUSED: dict[str, tuple[str, Callable[[Design], object]]] = {
    "values of another length": ("bad_shape", lambda plan: total(plan, np.ones(5))),
    "values and domains that differ": ("bad_shape", lambda plan: mean(plan, np.ones((8, 2)), np.ones((8, 3), bool))),
    "domains of another length": ("bad_shape", lambda plan: mean(plan, np.ones(8), np.ones(7, bool))),
    "not a number": ("bad_value", lambda plan: total(plan, [np.nan] * 8)),
    "nothing to divide by": ("zero_denominator", lambda plan: ratio(plan, np.ones(8), np.zeros(8))),
    "a variance of one": ("all_missing", lambda plan: variance(plan, np.arange(8.0), np.arange(8) == 3)),
    "an effect of one": ("all_missing", lambda plan: mean_effects(plan, np.arange(8.0), np.arange(8) == 3)),
    "weights that tell no population": ("not_expanded", lambda plan: mean_effects(plan, np.arange(8.0))),
    "a constant": ("constant_column", lambda plan: mean_effects(plan, np.ones(8), replace=True)),
    "an empty domain": ("all_missing", lambda plan: proportions(plan, np.ones(8), np.zeros(8, bool))),
    "half a person": ("bad_value", lambda plan: proportions(plan, np.full(8, 0.5))),
    "a level above one": ("bad_setting", lambda plan: proportions(plan, np.arange(8) < 3, level=95)),
    "no group": ("all_missing", lambda _: groups_of([np.nan, np.nan])),
    "groups of two lengths": ("bad_shape", lambda _: groups_of([1, 2], [1, 2, 3])),
    "an empty table": ("all_missing", lambda plan: weighted_table(plan, np.arange(8), within=np.zeros(8, bool))),
    "a table of another length": ("bad_shape", lambda plan: weighted_table(plan, np.arange(7))),
    "a probability above one": ("bad_setting", lambda plan: quantiles(plan, np.arange(8.0), [50.0])),
    "an unknown rule": ("bad_setting", lambda plan: quantiles(plan, np.arange(8.0), [0.5], rule="median")),
    "a quantile of nobody": ("all_missing", lambda plan: quantiles(plan, np.arange(8.0), [0.5], np.zeros(8, bool))),
    "a quantile of missing values": ("bad_value", lambda plan: quantiles(plan, [np.nan] * 8, [0.5])),
    "a score interval of a constant": ("no_crossing", lambda plan: quantiles(plan, np.ones(8), [0.5], interval="score")),
    "an old quantile above one": ("bad_setting", lambda plan: interpolated_quantiles(plan, np.arange(8.0), [50.0])),
    "an old quantile of missing values": ("bad_value", lambda plan: interpolated_quantiles(plan, [np.nan] * 8, [0.5])),
    "an old quantile of nobody": (
        "all_missing",
        lambda plan: interpolated_quantiles(plan, np.arange(8.0), [0.5], np.zeros(8, bool)),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_input_that_cannot_be_used_is_refused(name: str) -> None:
    code, use = REFUSED[name]
    with pytest.raises(CannotEstimate) as refused:
        use(Design.equal(8))
    assert refused.value.code == code


def test_a_design_without_degrees_of_freedom_has_no_t_interval() -> None:
    plan = Design(np.ones(4), strata=[1, 2, 3, 4], lonely="adjust")
    with pytest.raises(CannotEstimate, match="no_degrees_of_freedom"):
        proportions(plan, [0, 1, 1, 0], method="mean")
    with pytest.raises(CannotEstimate, match="no_degrees_of_freedom"):
        mean(plan, [0, 1, 1, 0]).intervals()
    with pytest.raises(CannotEstimate, match="no_degrees_of_freedom"):
        quantiles(plan, [1.0, 2.0, 3.0, 4.0], [0.5])
