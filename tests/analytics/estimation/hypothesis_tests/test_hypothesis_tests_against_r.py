"""Tests of association, means and ranks against R's survey: every record of `02_tests.json` that is one of these.

Names of records are `<function>/<design>_<columns>`; the pieces are read from the name, so that further records run without a
change.
"""

import re
from functools import cache

import numpy as np
import pytest
from tests.analytics.estimation.reference import Columns, data, family, numbers, record

from assent_analytics.estimation.comparisons.pairwise import pairwise
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Stage
from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.log_linear import compare_log_linear
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import TTest, one_sample, paired, two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.raters.survey_kappa import kappa
from assent_analytics.estimation.replicates.jackknife import jackknife
from assent_analytics.estimation.weighting.margins import margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify

FILE = "02_tests.json"
DESIGNS = "srs|strat_nofpc|strat|wonly|clus1_nofpc|clus1|clus2_wr|clus2wr|clus2|parents_wonly|parents|nhanes"
ALIASES = {"chol": "HI_CHOL", "gender": "RIAGENDR"}
FILES = {"srs": "apisrs", "strat": "apistrat", "wonly": "apistrat", "clus1": "apiclus1", "clus2": "apiclus2", "parents": "parents"}


@cache
def sampled(name: str) -> tuple[Columns, Design]:
    """A data set with the design of the R script, finite populations included."""
    columns = data(f"{FILES.get(re.split('_|wr', name)[0], 'nhanes')}.csv")
    column = {key: numbers(columns[key]) for key in ("pw", "basew", "WTMEC2YR", "fpc", "fpc1", "fpc2") if key in columns}
    if name == "nhanes":
        return columns, Design(column["WTMEC2YR"], strata=columns["SDMVSTRA"], clusters=columns["SDMVPSU"])
    if name == "parents":
        return columns, Design(column["basew"], strata=columns["stratum"], clusters=columns["psu"])
    if name in ("wonly", "parents_wonly"):
        return columns, Design(column.get("pw", column.get("basew")))
    without = "nofpc" in name or "wr" in name
    if name.startswith("clus2"):
        later = () if without else (Stage(clusters=columns["snum"], population=column["fpc2"]),)
        weights = column["pw"] if without else None
        return columns, Design(weights, clusters=columns["dnum"], population=None if without else column["fpc1"], later=later)
    labels = {"strat": {"strata": columns["stype"]}, "clus1": {"clusters": columns["dnum"]}, "srs": {}}[name.split("_")[0]]
    return columns, Design(column["pw"], population=None if without else column["fpc"], **labels)


def codes(column: np.ndarray) -> np.ndarray:
    """Codes in alphabetical order, -1 for an empty cell."""
    occurring = np.unique(column[column != ""])
    return np.where(column == "", -1, np.searchsorted(occurring, column))


def parts(name: str, pattern: str) -> tuple[Columns, Design, list[str]]:
    """The data, the design, and the columns or words that follow in a record's name."""
    found = re.fullmatch(f"({DESIGNS})_{pattern}", name.split("/", 1)[1])
    assert found, name
    columns, plan = sampled(found[1])
    return columns, plan, [ALIASES.get(word, word) for word in found.groups()[1:]]


def close(found: object, expected: object, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-13)


@family(FILE, r"svychisq/.*/(F|Chisq|Wald|adjWald|lincom|saddlepoint)")
def test_tables(name: str) -> None:
    """`lincom` is R's fallback, the saddlepoint.

    R's `Chisq` statistic counts the rows that are left out: `statistic_over_all_rows`.
    """
    expected = record(name, FILE)
    table, _, test = name.rpartition("/")
    columns, plan, (rows, others) = parts(table, r"([^_/]+)_([^_/]+)")
    found = association(plan, codes(columns[rows]), codes(columns[others]), test)  # type: ignore[arg-type]
    tolerance = 1e-5 if test in ("lincom", "saddlepoint") else 1e-8
    close(found.statistic_over_all_rows, expected["statistic"], 1e-8)
    np.testing.assert_allclose(found.p, expected["p_value"], rtol=tolerance)
    freedom = {"ndf": found.numerator_df, "ddf": found.denominator_df, "df": found.numerator_df}
    parameters = np.atleast_1d(expected["parameter"])
    assert len(parameters) == len(expected["parameter_names"])
    close([freedom[part] for part in np.atleast_1d(expected["parameter_names"])], parameters, 1e-8)


def is_the_t_test(found: TTest, expected: dict[str, object]) -> None:
    close(found.difference, expected["estimate"])
    close(found.t, expected["statistic"])
    close(found.p, expected["p_value"], 1e-8)
    close(found.interval(), expected["conf_int"])
    assert found.degrees_of_freedom == expected["parameter"]


@family(FILE, r"svyttest/.*_by_.*")
def test_two_groups(name: str) -> None:
    columns, plan, (value, group) = parts(name, r"([^_]+)_by_([^_]+)")
    is_the_t_test(two_groups(plan, numbers(columns[value]), codes(columns[group])), record(name, FILE))


@family(FILE, r"svyttest/.*_onesample_\d+")
def test_one_sample(name: str) -> None:
    columns, plan, (value, against) = parts(name, r"([^_]+)_onesample_(\d+)")
    is_the_t_test(one_sample(plan, numbers(columns[value]), against=float(against)), record(name, FILE))


@family(FILE, r"svyttest/.*_paired_.*")
def test_paired(name: str) -> None:
    columns, plan, (first, second) = parts(name, r"paired_([^_]+)_([^_]+)")
    is_the_t_test(paired(plan, numbers(columns[first]), numbers(columns[second])), record(name, FILE))


@family(FILE, r"svyranktest/.*")
def test_ranks(name: str) -> None:
    """For more than two groups R puts the degrees of freedom under `statistic` and the chi-square under `parameter`."""
    expected = record(name, FILE)
    columns, plan, (value, group, scores) = parts(name, r"([^_]+)_by_([^_]+?)(?:_(wilcoxon|vanderWaerden|median))?")
    found = rank_test(plan, numbers(columns[value]), codes(columns[group]), scores or "wilcoxon")  # type: ignore[arg-type]
    if expected["statistic_name"] == "t":
        close(found.differences[0], expected["estimate"])
        close(found.statistic, expected["statistic"])
        assert found.denominator_df == expected["parameter"]
    else:
        close(found.statistic, expected["parameter"])
        assert found.numerator_df == expected["statistic"]
    close(found.p, expected["p_value"], 1e-8)


GOODNESS_OF_FIT = {"strat_stype_srs": ("clus1", "stype", [0.6, 0.2, 0.2]), "parents_accept": ("parents", "accept", [0.5, 0.5])}


@family(FILE, r"svygofchisq/.*")
def test_goodness_of_fit(name: str) -> None:
    """The shares are in the R call only, and `strat_stype_srs` is of the design `clus1` there."""
    expected, call = record(name, FILE), GOODNESS_OF_FIT.get(name.split("/")[1])
    if call is None:
        pytest.skip("the shares compared with are in the call that made the record")
    columns, plan = sampled(call[0])
    found = goodness_of_fit(plan, codes(columns[call[1]]), call[2])
    close([found.statistic, found.scale, found.degrees_of_freedom], [expected["statistic"], *expected["parameter"]])
    close(found.p, expected["p_value"])


@family(FILE, r"svykappa/.*")
def test_kappa(name: str) -> None:
    expected = record(name, FILE)
    columns, plan, (first, second) = parts(name, r"([^_]+)_([^_]+)")
    found = kappa(plan, codes(columns[first]), codes(columns[second]))
    close(found.estimates, np.atleast_1d(expected["coef"]))
    close(found.standard_errors, np.atleast_1d(expected["se"]))


@family(FILE, r"pairwise/.*")
def test_pairwise(name: str) -> None:
    expected = record(name, FILE)
    columns, plan, (value, group) = parts(name, r"([^_]+)_([^_]+)")
    found = pairwise(plan, numbers(columns[value]), codes(columns[group]))
    labels = np.unique(columns[group][columns[group] != ""])
    place = {f"{labels[first]}-{labels[second]}": at for at, (first, second) in enumerate(found.pairs)}
    order = [place[pair] for pair in expected["names"]]
    close(found.differences.estimates[order], expected["diff"])
    close(found.differences.standard_errors[order], expected["se"])
    close(found.t[order], expected["t"])
    assert found.differences.degrees_of_freedom == expected["df"]
    for correction, theirs in (("none", "p"), ("holm", "holm"), ("benjamini_hochberg", "BH"), ("bonferroni", "bonferroni")):
        close(found.p_values(correction)[order], expected[theirs])  # type: ignore[arg-type]


@family(FILE, r"svyloglin/.*")
def test_log_linear(name: str) -> None:
    """The record compares independence with association; its p-values are lincom (not computed), chi-square, F and saddlepoint."""
    expected = record(name, FILE)
    columns, plan, words = parts(name, r"([^_]+)_([^_]+)")
    factors = np.column_stack([codes(columns[word]) for word in words])
    found = compare_log_linear(plan, factors, smaller=[(0,), (1,)], larger=[(0, 1)])
    for test, statistic, tails in (("deviance", "deviance", "p_dev"), ("score", "score", "p_score")):
        ours = getattr(found, test)
        close(ours.statistic, expected[statistic])
        close([ours.p_first_order, ours.p_second_order(as_r=True)], expected[tails][1:3])
        close(ours.p_saddlepoint(as_r=True), expected[tails][3], 1e-5)


def test_after_post_stratification() -> None:
    """R: c1 <- postStratify(d1, ~stype, data.frame(stype=c("E","H","M"), Freq=c(4421,755,1018))), then the calls named below."""
    columns, plan = sampled("clus1")
    fitted = post_stratify(plan.weights, margin("stype", columns["stype"], {"E": 4421, "H": 755, "M": 1018})).of(plan)
    wide, awards, met = (codes(columns[name]) for name in ("sch.wide", "awards", "comp.imp"))
    for test, statistic, p in (
        ("F", 140.602503938081, 1.09006538108457e-08),
        ("Chisq", 64.674606661337, 1.96545003845838e-32),
        ("Wald", 60.5537687724858, 1.88717137680052e-06),
        ("saddlepoint", 64.674606661337, 1.22384167003552e-08),
    ):
        found = association(fitted, wide, awards, test)  # type: ignore[arg-type]  # svychisq(~sch.wide + awards, c1, statistic)
        close([found.statistic, found.p], [statistic, p], 1e-9)
    educated = numbers(columns["avg.ed"])
    close(two_groups(fitted, educated, met).t, -0.664180810381759)  # svyttest(avg.ed ~ comp.imp, c1)
    close(one_sample(fitted, educated, against=3).t, -3.47886860589837)  # svyttest(I(avg.ed - 3) ~ 0, c1, na.rm = TRUE)
    close(rank_test(fitted, educated, met).statistic, -0.798621225947973)  # svyranktest(avg.ed ~ comp.imp, c1)
    several = rank_test(fitted, numbers(columns["api00"]), codes(columns["stype"]))  # svyranktest(api00 ~ stype, c1)
    close([several.statistic, several.p], [2.20648589882477, 0.363218105386551])


def test_with_replicate_weights() -> None:
    """R: summary(svyglm(api00 ~ comp.imp, as.svrepdesign(d1))), because its svyttest stops for replicate weights."""
    columns, plan = sampled("clus1")
    found = two_groups(jackknife(plan), numbers(columns["api00"]), codes(columns["comp.imp"]))
    close([found.difference, found.standard_error], [15.506015037594, 18.4477164885598])
    assert found.degrees_of_freedom == 13
