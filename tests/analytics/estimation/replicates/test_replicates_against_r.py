"""Replicate designs against R's survey: every record of `05_replicates.json`, whatever statistics it holds.

A record's name says how the replicates are made (or that they are read from the exported table: a bootstrap is random) and of which
design. R traps: `svyttest` takes the design's degrees of freedom less one; a replicate design's are the rank of its weights less
one, which for a bootstrap of few replicates is their number; `svychisq` uses them as they are, without the number of cells.
"""

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.analytics.estimation.reference import Columns, data, design, family, numbers, record
from tests.support import SHARED

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.hypothesis_tests.t_tests import two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.families import LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.replicates.balanced import brr, fay
from assent_analytics.estimation.replicates.design import ReplicateDesign
from assent_analytics.estimation.replicates.jackknife import jk1, jkn
from assent_analytics.estimation.replicates.quantiles import replicate_quantiles
from assent_analytics.estimation.shares.proportion_intervals import proportions
from assent_analytics.estimation.weighting.auxiliaries import auxiliaries_of
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify
from assent_analytics.estimation.weighting.raking import rake

FILE = "05_replicates.json"
CLOSE = 1e-9
TYPES, WIDE = {"E": 4421.0, "H": 755.0, "M": 1018.0}, {"No": 1072.0, "Yes": 5122.0}


def two_unit_strata() -> tuple[Columns, Design]:
    """The strata of nhanes that have two sampling units."""
    columns = data("nhanes.csv")
    units = {stratum: len(set(columns["SDMVPSU"][columns["SDMVSTRA"] == stratum])) for stratum in np.unique(columns["SDMVSTRA"])}
    kept = np.array([units[stratum] == 2 for stratum in columns["SDMVSTRA"]])
    columns = {name: column[kept] for name, column in columns.items()}
    return columns, Design(numbers(columns["WTMEC2YR"]), strata=columns["SDMVSTRA"], clusters=columns["SDMVPSU"])


def base(name: str) -> tuple[Columns, Design]:
    if name.startswith("nhanes2"):
        return two_unit_strata()
    if name.startswith("scd"):
        columns = data("scd.csv")
        return columns, Design(np.ones(len(columns["ESA"])), strata=columns["ESA"], clusters=columns["ambulance"])
    return design(re.sub(r"_(mse|subbootstrap|mrb|canty).*", "", name))


@cache
def replicated(name: str) -> tuple[Columns, ReplicateDesign]:
    """The columns and the replicate design of a record."""
    kind, of = name.split("/", maxsplit=1)
    columns, plan = base(of)
    recorded, mse = record(name, FILE), of.endswith("mse")
    if kind == "bootstrap":
        table = data(f"repw_{kind}_{of}.csv")
        weights = np.column_stack([numbers(table[column]) for column in table if column != "full"])
        scales = {"scale": recorded["scale"], "rscales": recorded["rscales"]}
        return columns, ReplicateDesign(numbers(table["full"]), weights, combined=True, **scales)
    makers = {"jk1": jk1, "jkn": jkn, "brr": brr}
    if kind in makers:
        return columns, makers[kind](plan, mse=mse)
    if kind == "fay":
        rho = re.search(r"_(\.\d+)", of)
        return columns, fay(plan, float(rho[1]) if rho else 0.5)
    return columns, jk1(plan).reweighted(lambda weights: fitted(kind.split("_")[1], columns, weights))


def fitted(method: str, columns: Columns, weights: Floats) -> Floats:
    """Weights fitted to what is known of the schools of California."""
    types = margin("stype", columns["stype"], TYPES)
    if method == "rake":
        return rake(weights, [types, margin("sch.wide", columns["sch.wide"], WIDE)]).weights
    if method == "poststratify":
        return post_stratify(weights, types).weights
    known = auxiliaries_of([types], {"api99": numbers(columns["api99"])}, {"api99": 3914069.0})
    return calibrate(weights, known).weights


def same(found: Any, expected: Any, close: float = CLOSE) -> None:
    assert np.ravel(found) == pytest.approx(np.ravel(expected), rel=close, abs=1e-10)


def same_estimate(found: Estimate, expected: dict[str, Any], close: float = CLOSE) -> None:
    same(found.estimates, expected["coef"], close)
    same(found.standard_errors, expected["se"], close)
    if "vcov" in expected:
        same(found.covariance, expected["vcov"], close)
    if "ci95_t" in expected:
        same(found.intervals(), expected["ci95_t"], close)
        same(found.intervals(degrees_of_freedom=np.inf), expected["ci95_z"], close)


def closeness(name: str) -> float:
    """R rakes all replicates with as many sweeps as the weights themselves need, and so some not to the end."""
    return 1e-8 if "rake" in name else CLOSE


SCHOOLS = r"(jk1|jkn|bootstrap|jk1_rake|jk1_poststratify|jk1_calibrate)/(?!nhanes).*"


@family(FILE, r"(jk1|jkn|bootstrap|jk1_rake|jk1_poststratify|jk1_calibrate|brr|fay)/.*")
def test_the_replicates_themselves(name: str) -> None:
    """How many there are, how they are scaled, and how many are independent."""
    expected, (_, plan) = record(name, FILE), replicated(name)
    assert plan.replicates == expected["reps"]
    assert plan.degrees_of_freedom == expected["degf"]
    same(plan.scale, expected["scale"])
    same(sorted(plan.rscales), sorted(np.broadcast_to(expected["rscales"], plan.replicates)))


@family(FILE, SCHOOLS)
def test_means_totals_ratios_and_groups(name: str) -> None:
    expected, (columns, plan) = record(name, FILE), replicated(name)
    scores = np.column_stack([numbers(columns["api00"]), numbers(columns["api99"])])
    close = closeness(name)
    same_estimate(mean(plan, scores), expected["mean"], close)
    same_estimate(total(plan, numbers(columns["enroll"])), expected["total"], close)
    same_estimate(ratio(plan, numbers(columns["api.stu"]), numbers(columns["enroll"])), expected["ratio"], close)
    grouped = by(plan, lambda members: mean_statistic(scores, members, plan.rows), groups_of(columns["stype"]))
    same_estimate(grouped, expected["by"], close)


@family(FILE, SCHOOLS)
@pytest.mark.parametrize("method", ["logit", "beta", "mean"])
def test_intervals_of_a_proportion(name: str, method: Any) -> None:
    expected, (columns, plan) = record(name, FILE)[f"ciprop_{method}"], replicated(name)
    found = proportions(plan, columns["awards"] == "Yes", method=method)
    same(found.estimates[0], expected["est"])
    same(found.intervals[0], expected["ci95"])


@family(FILE, SCHOOLS)
def test_regressions(name: str) -> None:
    expected, (columns, plan) = record(name, FILE), replicated(name)
    matrix = design_matrix(["ell", "meals"], {term: numbers(columns[term]) for term in ("ell", "meals")})
    linear = generalised_linear(plan, numbers(columns["api00"]), matrix)
    same_estimate(linear.coefficients, expected["glm"], closeness(name))
    assert linear.residual_degrees_of_freedom == expected["glm"]["df"]
    logit = generalised_linear(plan, columns["awards"] == "Yes", matrix, LOGIT).coefficients
    same(logit.estimates, expected["logit"]["coef"])
    # R stops the iterations of a replicate early, which shows in its standard errors.
    assert logit.standard_errors == pytest.approx(expected["logit"]["se"], rel=2e-5)


@family(FILE, SCHOOLS)
def test_quantiles_by_replicates_and_by_woodruff(name: str) -> None:
    expected, (columns, plan) = record(name, FILE), replicated(name)
    scores, at = numbers(columns["api00"]), (0.25, 0.5, 0.75)
    by_replicates, woodruff = replicate_quantiles(plan, scores, at), quantiles(plan, scores, at)
    same(by_replicates.estimates, expected["quantile_rep"]["q"])
    same(by_replicates.standard_errors, expected["quantile_rep"]["se"])
    same(woodruff.estimates, expected["quantile_woodruff"]["q"])
    same(woodruff.intervals[:, 0], expected["quantile_woodruff"]["lo"])
    same(woodruff.intervals[:, 1], expected["quantile_woodruff"]["hi"])


@family(FILE, SCHOOLS)
def test_a_t_test_and_a_test_of_association(name: str) -> None:
    expected, (columns, plan) = record(name, FILE), replicated(name)
    awards, types = columns["awards"] == "Yes", np.unique(columns["stype"], return_inverse=True)[1]
    tested = two_groups(plan, numbers(columns["api00"]), (columns["comp.imp"] == "Yes").astype(int))
    same([tested.t, tested.degrees_of_freedom, tested.p], [expected["ttest"][part] for part in ("t", "df", "p")])
    found = association(plan, awards.astype(int), types)
    assert found.statistic == pytest.approx(expected["chisq_F"]["F"], rel=1e-8)
    assert [found.numerator_df, found.denominator_df] == pytest.approx(expected["chisq_F"]["df"], rel=1e-8)
    assert found.p == pytest.approx(expected["chisq_F"]["p"], rel=1e-8)


@family(FILE, r"(brr|fay|jkn)/(nhanes2|scd).*", may_be_absent=True)
def test_balanced_half_samples(name: str) -> None:
    expected, (columns, plan) = record(name, FILE), replicated(name)
    if "/scd" in name:
        same_estimate(mean(plan, np.column_stack([numbers(columns["alive"]), numbers(columns["arrests"])])), expected["mean"])
        return
    cholesterol = numbers(np.where(columns["HI_CHOL"] == "NA", "", columns["HI_CHOL"]))
    known = ~np.isnan(cholesterol)
    same_estimate(mean(plan, cholesterol, known), expected["mean"])
    races = groups_of(columns["race"], within=known)
    same_estimate(by(plan, lambda members: mean_statistic(cholesterol, members, plan.rows), races), expected["by"])


@family(FILE, r"scd/svyratio_example", may_be_absent=True)
def test_the_example_of_rs_manual(name: str) -> None:
    """Half-samples given as factors of the weights."""
    columns = data("scd.csv")
    half = 2.0 * np.array([[1, 0, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0]]).T
    plan = ReplicateDesign(np.ones(6), half, scale=1 / 4)
    same_estimate(ratio(plan, numbers(columns["alive"]), numbers(columns["arrests"])), record(name, FILE))


@family(FILE, r"nhanes/two_psu_strata", may_be_absent=True)
def test_the_strata_of_two_units(name: str) -> None:
    plan = two_unit_strata()[1]
    assert (plan.rows, len(plan.layouts[0].size)) == (record(name, FILE)["n"], record(name, FILE)["strata"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data are not here")
@pytest.mark.parametrize(("table", "name"), [("repw_jk1_clus1.csv", "jk1/clus1"), ("repw_jkn_strat.csv", "jkn/strat")])
def test_jackknife_weights_row_by_row(table: str, name: str) -> None:
    """Replicates come in another order than R's."""
    exported, (_, plan) = data(table), replicated(name)
    theirs = np.column_stack([numbers(exported[column]) for column in exported if column != "full"])
    ours = np.column_stack([plan.replicate(number) for number in range(plan.replicates)])
    same(ours[:, np.lexsort(ours)], theirs[:, np.lexsort(theirs)])
    same(plan.weights, numbers(exported["full"]))
