"""Every record of R's means, totals, ratios, variances, proportions, groups, contrasts, distributions and tables.

Traps of R that matter here: `confint` uses the normal quantile unless told the degrees of freedom; `svyciprop(na.rm = TRUE)` keeps the
degrees of freedom and the rows of the whole design although it leaves the missing out, while a subset has its own; `deff = TRUE` carries a
finite population correction even where the design has none, `deff = "replace"` does not.
"""

from typing import Any, cast

import numpy as np
import pytest
from tests.analytics.estimation.expressions import columns as columns_of
from tests.analytics.estimation.reference import Columns, close, design, family, numbers, record

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools
from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.counts import weighted_table
from assent_analytics.estimation.descriptive.cumulative import cumulative
from assent_analytics.estimation.descriptive.delta import transform
from assent_analytics.estimation.descriptive.design_effects import mean_effects, total_effects
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate, Statistic
from assent_analytics.estimation.shares.proportion_intervals import Method, proportions

FILE = "01_estimates.json"
OWN_DESIGNS = {"fpc/mean_nofpc": "fpc_nofpc", "fpc/mean_fpc": "fpc_fpc"}
METHODS = "(logit|likelihood|asin|beta|mean|xlogit)"


def plan_of(name: str) -> tuple[Columns, Design]:
    """The data and the design of a record."""
    head, what = name.split("/")
    return design(OWN_DESIGNS.get(name, f"lonely_{what}" if head == "lonely" else head))


def close_to_intervals(found: Estimate, expected: dict[str, Any], freedom: float) -> None:
    close(found.intervals(degrees_of_freedom=np.inf), expected["ci95_z"])
    if "ci95_t" in expected:
        assert freedom == expected["degf"]
        close(found.intervals(degrees_of_freedom=freedom), expected["ci95_t"])


@family(FILE, ".+/design")
def test_degrees_of_freedom_and_kish(name: str) -> None:
    _, plan = plan_of(name)
    expected = record(name)
    assert (plan.rows, plan.degrees_of_freedom) == (expected["n"], expected["degf"])
    if "kish_neff" in expected:
        close(plan.kish, expected["kish_neff"])
        close(plan.rows / plan.kish, expected["kish_deff"])
    if "sum_w" in expected:
        close(plan.weights.sum(), expected["sum_w"])
    if "psu" in expected:
        described = plan.describe()
        assert (described["clusters"], described["strata"]) == (expected["psu"], expected["strata"])


STATISTICS = r".+/(mean_.+|total_.+|total|mean|domain_mean|prop|net_q\d\d|dist_q\d\d|pps_.+_total)|lonely/.+"


@family(FILE, STATISTICS)
def test_means_and_totals_with_covariance_intervals_and_design_effects(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)["r"]
    names = [expected["names"]] if isinstance(expected["names"], str) else expected["names"]
    values, known = columns_of(names, data)
    freedom: float = plan.degrees_of_freedom
    if name.endswith("domain_mean"):
        known &= data["comp.imp"] == "Yes"
        freedom = float(plan.domain_degrees_of_freedom(known[:, None])[0])
    is_total = "total" in name.split("/")[1]
    found = (total if is_total else mean)(plan, values, known, names=names)
    close(found.estimates, expected["coef"])
    if "pps_ht" in name:
        return  # the table of joint probabilities is not among the data; `test_stages` has the variance for one that is known
    scale = np.abs(np.asarray(expected["coef"])).max() ** 2  # a factor that stratifies the sample has no error but rounding
    np.testing.assert_allclose(found.covariance, np.atleast_2d(expected["vcov"]), rtol=1e-9, atol=1e-20 * scale)
    np.testing.assert_allclose(found.standard_errors, np.atleast_1d(expected["se"]), rtol=1e-9, atol=1e-10 * np.sqrt(scale))
    close_to_intervals(found, expected, freedom)
    if "deff" in expected:
        effects = (total_effects if is_total else mean_effects)(plan, values, known, replace="deffreplace" in name)
        np.testing.assert_allclose(effects, np.atleast_1d(expected["deff"]), rtol=1e-9, atol=1e-15)


@family(FILE, ".+/ratio")
def test_ratios(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    above, below = numbers(data["api.stu"]), numbers(data["enroll"])
    if expected["coef"] is None:  # R says NA where a value is missing; so it is refused here
        with pytest.raises(CannotEstimate, match="bad_value"):
            ratio(plan, above, below)
        return
    found = ratio(plan, above, below)
    close(found.estimates, expected["coef"])
    close(found.standard_errors, expected["se"])
    close_to_intervals(found, expected, np.inf)


@family(FILE, ".+/var")
def test_variances_and_covariances_in_the_population(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    found = variance(plan, columns_of(["api00", "api99"], data)[0])
    close(found.estimates, expected["coef"])
    close(found.standard_errors, expected["se"])


def indicator_of(name: str, data: Columns) -> tuple[np.ndarray, np.ndarray]:
    """The people whom the record of a proportion counts, and those who answered."""
    head, what = name.split("/")
    if what.startswith("agree"):
        answers = numbers(data[what.split("_")[1]])
        return answers >= 4, ~np.isnan(answers)
    if head == "nhanes":
        answers = numbers(data["HI_CHOL"])
        return answers == 1, ~np.isnan(answers)
    if head == "yrbs":
        answers = numbers(data["qn8"])
        return answers == 2, ~np.isnan(answers)
    hits = numbers(data["api00"]) > 800 if "api800" in what else data["awards"] == "Yes"
    return hits, np.ones(len(hits), dtype=bool)


@family(FILE, rf".+/ciprop_(.+_)?{METHODS}|parents/agree_q\d\d_{METHODS}")
def test_intervals_of_a_proportion(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    hits, known = indicator_of(name, data)
    method = cast(Method, name.rsplit("_", 1)[1])
    freedom = np.inf if "dfInf" in name else None
    found = proportions(plan, hits, known, method=method, degrees_of_freedom=freedom, counted="design")
    close(found.estimates, expected["est"])
    close(found.intervals[0], expected["ci95"])
    if "var" in expected:
        close(found.variances, expected["var"])


@family(FILE, ".+/by_(stype_mean|region_.+|race_gender)")
def test_means_of_groups_with_the_covariance_between_them(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    found = estimated_by_group(name, data, plan)
    close(found.estimates, expected["coef"])
    close(found.standard_errors, expected["se"])
    scale = float(np.abs(np.asarray(expected["vcov"])).max())
    np.testing.assert_allclose(found.covariance, expected["vcov"], rtol=1e-9, atol=1e-14 * scale)
    if "names" in expected:
        assert list(found.names) == expected["names"]
        close_to_intervals(found, expected | {"degf": plan.degrees_of_freedom}, plan.degrees_of_freedom)
        values = columns_of(["api00", "api99"], data)[0]
        members = groups_of(data["stype"]).members
        effects = [mean_effects(plan, values[:, [place]], members) for place in range(2)]
        close(np.concatenate(effects), expected["deff"])


def estimated_by_group(name: str, data: Columns, plan: Design) -> Estimate:
    """The means that a record gives by group."""
    what = name.split("/")[1]
    if what == "by_stype_mean":
        groups, items = groups_of(data["stype"]), ["api00", "api99"]
    elif what == "by_race_gender":
        groups, items = groups_of(numbers(data["race"]), numbers(data["RIAGENDR"])), ["HI_CHOL"]
    else:
        groups, items = groups_of(data["region"]), [what.removeprefix("by_region_")]
    values, known = columns_of(items, data)

    def statistic(members: Bools) -> Statistic:
        return mean_statistic(values, members & known, plan.rows)

    return by(plan, statistic, groups, names=items)


@family(FILE, ".+/by_stype_awards_mean")
def test_groups_of_two_variables(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    groups = groups_of(data["stype"], data["awards"])
    assert groups.labels == tuple(zip(expected["g1"], expected["g2"], strict=True))
    found = mean(plan, numbers(data["api00"]), groups.members, names=groups.names)
    close(found.estimates, expected["coef"])
    close(found.standard_errors, expected["se"])


@family(FILE, rf".+/by_(stype|agecat)_ciprop_{METHODS}")
def test_intervals_of_proportions_by_group(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    hits, known = indicator_of(name, data)
    labels = data["stype" if "stype" in name else "agecat"]
    members = np.column_stack([labels == group for group in expected["groups"]]) & known[:, None]
    method = cast(Method, name.rsplit("_", 1)[1])
    # a group is a subset in R, with degrees of freedom and rows of its own: those who did not answer among them
    found = [
        proportions(
            plan,
            hits,
            members[:, place],
            method=method,
            degrees_of_freedom=float(plan.domain_degrees_of_freedom((labels == group)[:, None])[0]),
        )
        for place, group in enumerate(expected["groups"])
    ]
    close([one.estimates[0] for one in found], expected["est"])
    close([one.intervals[0] for one in found], np.column_stack([expected["lo"], expected["hi"]]))


@family(FILE, ".+/contrast_.+")
def test_linear_contrasts(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    if name.endswith("stype"):
        of = estimated_by_group(name.replace("contrast_stype", "by_stype_mean"), data, plan)
        found = of.contrast([[1, -1, 0, 0, 0, 0], [0, -1, 1, 0, 0, 0]])
    else:
        found = mean(plan, columns_of(["api00", "api99"], data)[0]).contrast([1, -1])
    close(found.estimates, expected["coef"])
    close(found.standard_errors, expected["se"])


@family(FILE, ".+/nlcontrast_ratio")
def test_contrasts_by_the_delta_method(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    both = mean(plan, columns_of(["api00", "api99"], data)[0])
    told = transform(both, lambda at: at[0] / at[1], lambda at: [1 / at[1], -at[0] / at[1] ** 2])
    for found in (told, transform(both, lambda at: at[0] / at[1])):
        close(found.estimates, expected["coef"])
        close(found.standard_errors, expected["se"])


@family(FILE, ".+/cdf_.+")
def test_distribution_functions(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    found = cumulative(plan, numbers(data[name.split("cdf_")[1]]), expected["at"])
    close(found.estimates, expected["F"])


@family(FILE, ".+/table_stype_awards")
def test_weighted_tables(name: str) -> None:
    data, plan = plan_of(name)
    expected = record(name)
    found = weighted_table(plan, data["stype"], data["awards"])
    close(found.counts, expected["counts"])
    assert found.levels == (tuple(expected["rows"]), tuple(expected["cols"]))
    assert found.bases.sum() == plan.rows
