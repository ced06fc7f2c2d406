"""Statistics that know nothing of replicate weights, by them: what R 4.2.2 with survey 4.1-1 says of `as.svrepdesign(dclus1)`.

`dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)`.
"""

from typing import Any

import numpy as np
import pytest
from tests.analytics.estimation.reference import Columns, design, numbers

from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import paired
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.term_tests import term_test
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.raters.survey_kappa import kappa
from assent_analytics.estimation.replicates.design import ReplicateDesign
from assent_analytics.estimation.replicates.jackknife import jackknife

Schools = tuple[Columns, ReplicateDesign]


@pytest.fixture
def schools() -> Schools:
    columns, plan = design("clus1")
    return columns, jackknife(plan)


def said(columns: Columns, name: str) -> Any:
    return (columns[name] == "Yes").astype(int)


def test_a_variance(schools: Schools) -> None:
    """svyvar(~api00, r). The number of rows in n / (n - 1) is the same under every replicate."""
    found = variance(schools[1], numbers(schools[0]["api00"]))
    assert [found.estimates[0], found.standard_errors[0]] == pytest.approx([11182.8227946916, 1738.66985528329], rel=1e-9)


@pytest.mark.parametrize(
    ("test", "statistic", "p"),
    [
        ("Chisq", 12.3661500622019, 0.0103527570579127),
        ("Wald", 4.07177196610781, 0.0403800035400512),
        ("adjWald", 3.78093111138583, 0.0507838823457844),
    ],
)
def test_association(schools: Schools, test: Any, statistic: float, p: float) -> None:
    """svychisq(~awards + stype, r, statistic)."""
    columns, plan = schools
    found = association(plan, said(columns, "awards"), np.unique(columns["stype"], return_inverse=True)[1], test)
    assert [found.statistic, found.p] == pytest.approx([statistic, p], rel=1e-8)


def test_ranks_agreement_and_pairs(schools: Schools) -> None:
    """svyranktest(api00 ~ sch.wide, r); svykappa(~awards + sch.wide, r); svyttest(I(api00 - api99) ~ 0, r)."""
    columns, plan = schools
    ranks = rank_test(plan, numbers(columns["api00"]), said(columns, "sch.wide"))
    assert [ranks.statistic, ranks.p] == pytest.approx([2.22981866788898, 0.0440157023946792], rel=1e-9)
    same = kappa(plan, said(columns, "awards"), said(columns, "sch.wide"))
    assert [same.estimates[0], same.standard_errors[0]] == pytest.approx([0.521360069747167, 0.0430586291636034], rel=1e-9)
    change = paired(plan, numbers(columns["api00"]), numbers(columns["api99"]))
    assert [change.t, change.p] == pytest.approx([11.9009234711243, 2.30811052178677e-08], rel=1e-9)
    assert change.degrees_of_freedom == 13


def test_goodness_of_fit(schools: Schools) -> None:
    """svygofchisq(~stype, p = c(.7, .15, .15), design = r)."""
    columns, plan = schools
    found = goodness_of_fit(plan, np.unique(columns["stype"], return_inverse=True)[1], [0.7, 0.15, 0.15])
    assert [found.statistic, found.p] == pytest.approx([297.259945971936, 0.0741469276294355], rel=1e-8)


def test_models_and_their_terms(schools: Schools) -> None:
    """regTermTest(svyglm(I(awards == "Yes") ~ stype + ell, r, family = quasibinomial()), ~stype); svyolr(rating ~ ell + meals, r).

    Both of R's stop early, the ordinal one at its optimiser's tolerance in each replicate.
    """
    columns, plan = schools
    matrix = design_matrix(["stype", "ell"], {"stype": Factor.of(columns["stype"]), "ell": numbers(columns["ell"])})
    tested = term_test(generalised_linear(plan, columns["awards"] == "Yes", matrix, LOGIT), "stype")
    assert [tested.f, tested.p] == pytest.approx([4.32757377897468, 0.0410714533719822], rel=1e-7)
    rating = np.digitize(numbers(columns["api00"]), [550.5, 650.5, 750.5])  # cut(api00, c(0, 550, 650, 750, 1000))
    effects = design_matrix(["ell", "meals"], {name: numbers(columns[name]) for name in ("ell", "meals")})
    ordered = ordinal(plan, Factor.of(rating.astype(str)), effects).coefficients
    assert ordered.estimates[:2] == pytest.approx([-0.0232614235409452, -0.096191058532999], rel=1e-4)
    assert ordered.standard_errors[:2] == pytest.approx([0.0133872745750479, 0.0257568539249212], rel=5e-4)


def test_medians_of_groups(schools: Schools) -> None:
    """svyby(~api00, ~stype, r, svyquantile, quantiles = .5, ci = TRUE); of the high schools the interval has no end."""
    columns, plan = schools
    found = [quantiles(plan, numbers(columns["api00"]), [0.5], columns["stype"] == kind) for kind in "EHM"]
    assert [one.estimates[0] for one in found] == [652, 608, 642]
    assert [found[0].standard_errors[0], found[2].standard_errors[0]] == pytest.approx(
        [41.9622149405326, 43.6168320171695], rel=1e-9
    )
    assert not found[1].bounded.all()
