"""Every record of R's survey package that this engine covers, within the tolerance its notes give.

Traps of R that matter here: `confint` uses the normal quantile unless told the degrees of freedom; `svyciprop(na.rm = TRUE)` keeps the
degrees of freedom and the rows of the whole design although it leaves the missing out, while a subset has its own; `deff = TRUE` carries a
finite population correction even where the design has none, `deff = "replace"` does not.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student
from tests.analytics.estimation.reference import DESIGNS, QUESTIONS, design, numbers, record, recorded

from assent_analytics.estimation.contrasts import gap_to_rest, omnibus
from assent_analytics.estimation.means import means
from assent_analytics.estimation.proportions import IntervalMethod, share, shares

CLOSE = 1e-9
METHODS: dict[str, IntervalMethod] = {"logit": "logit", "beta": "korn_graubard"}


def close(found: object, expected: object, tolerance: float = CLOSE) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=tolerance, atol=1e-14)


@pytest.mark.parametrize("name", DESIGNS)
def test_degrees_of_freedom_and_kish(name: str) -> None:
    _, plan = design(name)
    for expected in recorded(f"{name}/design"):
        assert plan.degrees_of_freedom == expected["degf"]
        close(plan.kish, expected["kish_neff"])


@pytest.mark.parametrize("name", DESIGNS)
def test_means_and_their_covariance(name: str) -> None:
    columns, plan = design(name)
    found = means(plan, np.column_stack([numbers(columns["api00"]), numbers(columns["api99"])]))
    expected = recorded(f"{name}/mean_api", f"{name}/mean_api_deffreplace")[0]["r"]
    covariance = plan.covariance(found.influence)
    close(found.estimates, expected["coef"])
    close(covariance, expected["vcov"])
    close(np.sqrt(plan.variances(found.influence)), expected["se"])
    reach = student.ppf(0.975, plan.degrees_of_freedom) * np.sqrt(np.diag(covariance))
    close(np.column_stack([found.estimates - reach, found.estimates + reach]), expected["ci95_t"])


@pytest.mark.parametrize("name", DESIGNS)
def test_shares_of_a_factor_with_design_effects(name: str) -> None:
    columns, plan = design(name)
    expected = recorded(f"{name}/mean_stype")[0]["r"]
    kinds = [label.removeprefix("stype") for label in expected["names"]]
    found = shares(plan, np.column_stack([columns["stype"] == kind for kind in kinds]))
    population = plan.weights.sum()
    left = (population - plan.rows) / population
    for one, mean, error, effect in zip(found, expected["coef"], expected["se"], expected["deff"], strict=True):
        assert one is not None
        close(one.share, mean)
        close(one.standard_error, error)
        if one.standard_error > 1e-12:  # a stratifying factor does not vary
            assert one.design_effect is not None
            close(one.design_effect / left, effect)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_a_share(name: str, method: str) -> None:
    columns, plan = design(name)
    found = share(plan, columns["awards"] == "Yes")
    expected = recorded(f"{name}/ciprop_awards_{method}")[0]
    close(found.share, expected["est"])
    close(found.standard_error**2, expected["var"])
    close(found.interval(0.95, METHODS[method]), expected["ci95"])


@pytest.mark.parametrize("name", DESIGNS)
def test_domains_keep_the_design_but_have_their_own_degrees_of_freedom(name: str) -> None:
    columns, plan = design(name)
    expected = recorded(f"{name}/by_stype_ciprop_beta")[0]
    found = shares(plan, columns["awards"] == "Yes", np.column_stack([columns["stype"] == kind for kind in expected["groups"]]))
    intervals = [one.interval(0.95, "korn_graubard") for one in found if one is not None]
    close([one.share for one in found if one is not None], expected["est"])
    close(intervals, np.column_stack([expected["lo"], expected["hi"]]))


@pytest.mark.parametrize("name", DESIGNS)
def test_domain_means_covary_and_their_contrasts_use_it(name: str) -> None:
    columns, plan = design(name)
    by_kind = recorded(f"{name}/by_stype_mean")[0]
    kinds = np.column_stack([columns["stype"] == kind for kind in by_kind["groups"]])
    scores = np.column_stack([numbers(columns["api00"])] * 3 + [numbers(columns["api99"])] * 3)
    found = means(plan, scores, np.hstack([kinds, kinds]))
    covariance = plan.covariance(found.influence)
    close(found.estimates, by_kind["coef"])
    np.testing.assert_allclose(covariance, by_kind["vcov"], rtol=CLOSE, atol=1e-9)
    contrast = record(f"{name}/contrast_stype")
    if contrast is not None:
        rows = np.array([[1, -1, 0, 0, 0, 0], [0, -1, 1, 0, 0, 0]])
        close(rows @ found.estimates, contrast["coef"])
        close(np.sqrt(np.diag(rows @ covariance @ rows.T)), contrast["se"])


def test_means_of_a_subset() -> None:
    checked = 0
    for name in DESIGNS:
        expected = record(f"{name}/domain_mean")
        if expected is None:
            continue
        columns, plan = design(name)
        inside = columns["comp.imp"] == "Yes"
        found = means(plan, numbers(columns["api00"]), inside)
        close(found.estimates, expected["r"]["coef"])
        close(np.sqrt(plan.variances(found.influence)), expected["r"]["se"])
        assert plan.domain_degrees_of_freedom(inside[:, None])[0] == expected["r"]["degf"]
        checked += 1
    assert checked >= 2


@pytest.mark.parametrize("question", QUESTIONS)
def test_parents_items(question: str) -> None:
    columns, plan = design("parents")
    answers = numbers(columns[question])
    answered = ~np.isnan(answers)
    for expected in recorded(f"parents/mean_{question}"):
        found = means(plan, answers, answered)
        close(found.estimates, expected["r"]["coef"])
        close(plan.variances(found.influence), expected["r"]["vcov"])
    for method, ours in METHODS.items():
        expected = record(f"parents/agree_{question}_{method}")
        if expected is not None:
            agree = replace(share(plan, answers >= 4, answered), degrees_of_freedom=plan.degrees_of_freedom, base=plan.rows)
            close(agree.interval(0.95, ours), expected["ci95"])
    for expected in recorded(f"parents/dist_{question}"):
        found = means(plan, np.column_stack([answers == option for option in range(1, 6)]), answered)
        close(found.estimates, expected["r"]["coef"])
        np.testing.assert_allclose(plan.covariance(found.influence), expected["r"]["vcov"], rtol=1e-8, atol=1e-16)
    for expected in recorded(f"parents/by_region_{question}"):
        regions = np.column_stack([columns["region"] == region for region in expected["groups"]])
        found = means(plan, answers, regions & answered[:, None])
        close(found.estimates, expected["coef"])
        np.testing.assert_allclose(plan.covariance(found.influence), expected["vcov"], rtol=CLOSE, atol=1e-15)


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
