"""Shares, gaps and the omnibus test as the readings take them, against the records of R's survey package.

Traps of R that matter here: `svyciprop(na.rm = TRUE)` keeps the degrees of freedom and the rows of the whole design although it leaves the
missing out, while a subset has its own; R's logit interval stops short of convergence, so that some differ from the eighth digit.
"""

from dataclasses import replace

import numpy as np
import pytest
from tests.analytics.estimation.reference import close, design, family, numbers, record, recorded

from assent_analytics.estimation.comparisons.contrasts import gap_to_rest, omnibus
from assent_analytics.estimation.descriptive.means import means
from assent_analytics.estimation.shares.proportions import IntervalMethod, share, shares

FILE = "01_estimates.json"
METHODS: dict[str, IntervalMethod] = {"logit": "logit", "beta": "korn_graubard"}


@family(FILE, ".+/mean_stype")
def test_shares_of_a_factor_with_design_effects(name: str) -> None:
    columns, plan = design(name.split("/")[0])
    expected = record(name)["r"]
    kinds = [label.removeprefix("stype") for label in expected["names"]]
    found = shares(plan, np.column_stack([columns["stype"] == kind for kind in kinds]))
    population = plan.weights.sum()
    left = (population - plan.rows) / population
    for one, mean, error, effect in zip(found, expected["coef"], expected["se"], expected["deff"], strict=True):
        assert one is not None
        close(one.share, mean)
        np.testing.assert_allclose(one.standard_error, error, rtol=1e-9, atol=1e-12)  # a stratifying factor does not vary
        if one.standard_error > 1e-12:
            assert one.design_effect is not None
            close(one.design_effect / left, effect)


@family(FILE, r".+/ciprop_awards_(logit|beta)|parents/agree_q\d\d_(logit|beta)")
def test_intervals_of_a_share(name: str) -> None:
    head, what = name.split("/")
    columns, plan = design(head)
    expected = record(name)
    answers = numbers(columns[what.split("_")[1]]) if head == "parents" else None
    if answers is None:
        found = share(plan, columns["awards"] == "Yes")
    else:
        found = share(plan, answers >= 4, ~np.isnan(answers))
        found = replace(found, degrees_of_freedom=plan.degrees_of_freedom, base=plan.rows)
    close(found.share, expected["est"])
    close(found.standard_error**2, expected["var"])
    close(found.interval(0.95, METHODS[what.rsplit("_", 1)[1]]), expected["ci95"])


@family(FILE, ".+/by_stype_ciprop_beta")
def test_domains_keep_the_design_but_have_their_own_degrees_of_freedom(name: str) -> None:
    columns, plan = design(name.split("/")[0])
    expected = record(name)
    found = shares(plan, columns["awards"] == "Yes", np.column_stack([columns["stype"] == kind for kind in expected["groups"]]))
    intervals = [one.interval(0.95, "korn_graubard") for one in found if one is not None]
    close([one.share for one in found if one is not None], expected["est"])
    close(intervals, np.column_stack([expected["lo"], expected["hi"]]))


CHI_SQUARED = {
    "clus1_nofpc_sch.wide_stype": ("clus1_nofpc", "sch.wide", "stype"),
    "wonly_awards_stype": ("wonly", "awards", "stype"),
    "parents_q01_sex": ("parents", "q01", "sex"),
    "parents_accept_educ": ("parents", "accept", "educ"),
    "parents_wonly_accept_region": ("parents_wonly", "accept", "region"),
}


@pytest.mark.parametrize("name", CHI_SQUARED)
def test_omnibus(name: str) -> None:
    plan_name, rows, columns_name = CHI_SQUARED[name]
    columns, plan = design(plan_name)
    expected = recorded(f"svychisq/{name}/F", file="02_tests.json")[0]
    codes = [
        np.where(columns[column] == "", -1, np.unique(columns[column], return_inverse=True)[1]) for column in (rows, columns_name)
    ]
    found = omnibus(plan, codes[0], codes[1])
    assert found is not None
    close(found.f, expected["statistic"], 1e-8)
    close([found.numerator_df, found.denominator_df], expected["parameter"], 1e-8)
    close(found.p, expected["p_value"], 1e-8)


def test_gap_is_the_contrast_of_a_group_with_the_rest() -> None:
    """R: svycontrast(svyby(~I(awards=="Yes"), ~I(stype=="H"), d, svymean, covmat=TRUE), c(-1, 1)), from the covariance above."""
    columns, plan = design("clus1_nofpc")
    group = columns["stype"] == "H"
    both = means(plan, columns["awards"] == "Yes", np.column_stack([group, ~group]))
    covariance = plan.covariance(both.influence)
    found = gap_to_rest(plan, columns["awards"] == "Yes", group)
    assert found is not None
    close(found.difference, both.estimates[0] - both.estimates[1])
    close(found.standard_error**2, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert abs(covariance[0, 1]) > 1e-6  # clusters hold both, so leaving the covariance out would be wrong
    assert found.degrees_of_freedom == plan.degrees_of_freedom
