"""What replicate designs do whatever the data: any statistic, its errors and refusals, and no dependence on names and order."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Lonely, Stage
from assent_analytics.estimation.estimate import Linearised
from assent_analytics.estimation.replicates.balanced import brr, fay
from assent_analytics.estimation.replicates.bootstrap import canty_davison, rao_wu
from assent_analytics.estimation.replicates.design import ReplicateDesign, ReplicateEstimate
from assent_analytics.estimation.replicates.factors import LeaveOneOut, Table
from assent_analytics.estimation.replicates.jackknife import jackknife, jk1, jkn
from assent_analytics.estimation.replicates.multistage_bootstrap import preston
from assent_analytics.estimation.replicates.quantiles import replicate_quantiles

ROWS = 240
UNIT = np.repeat(np.arange(40), 6)
STRATUM = UNIT // 4
DRAWN = np.random.default_rng(11)
WEIGHTS = DRAWN.uniform(1.0, 5.0, ROWS)
VALUES = np.column_stack([DRAWN.normal(DRAWN.normal(5.0, 1.0, 40)[UNIT], 1.0), DRAWN.exponential(3.0, ROWS)])
MAKERS = {
    "jkn": jkn,
    "brr": brr,
    "fay": lambda design: fay(design, 0.3),
    "rao_wu": lambda design: rao_wu(design, replicates=60, random=np.random.default_rng(5)),
    "canty_davison": lambda design: canty_davison(design, replicates=60, random=np.random.default_rng(5)),
    "preston": lambda design: preston(design, replicates=60, random=np.random.default_rng(5)),
}
made_by = pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())


def design(lonely: Lonely = "adjust") -> Design:
    return Design(WEIGHTS, strata=STRATUM, clusters=UNIT, lonely=lonely)


@made_by
def test_replicates_one_by_one_are_as_all_at_once(maker: Any) -> None:
    """A plain function of the weights, and the same statistic by its totals."""
    plan = maker(design())
    at_once = mean(plan, VALUES)
    statistic = mean_statistic(VALUES, None, ROWS)
    one_by_one = plan.estimate(lambda weights: statistic(weights))
    assert one_by_one.estimates == pytest.approx(at_once.estimates)
    assert one_by_one.covariance == pytest.approx(at_once.covariance, rel=1e-9)
    table = np.column_stack([plan.replicate(number) for number in range(plan.replicates)])
    given_whole = ReplicateDesign(plan.weights, table, combined=True, scale=plan.scale, rscales=plan.rscales)
    assert mean(given_whole, VALUES).covariance == pytest.approx(at_once.covariance, rel=1e-9)
    assert given_whole.degrees_of_freedom == plan.degrees_of_freedom


@pytest.mark.parametrize("maker", [jkn, brr, lambda plan: fay(plan, 0.4)], ids=["jkn", "brr", "fay"])
def test_the_variance_of_a_total_is_exactly_the_linearised_one(maker: Any) -> None:
    pairs = Design(WEIGHTS, strata=UNIT // 2, clusters=UNIT)
    expected = total(pairs, VALUES)
    found = total(maker(pairs), VALUES)
    assert found.covariance == pytest.approx(expected.covariance, rel=1e-9)
    assert found.degrees_of_freedom == expected.degrees_of_freedom == 20


def test_the_jackknife_corrects_for_finite_populations() -> None:
    plan = Design(WEIGHTS, strata=STRATUM, clusters=UNIT, population=np.where(STRATUM < 5, 16.0, 8.0))
    assert total(jkn(plan), VALUES).covariance == pytest.approx(total(plan, VALUES).covariance, rel=1e-9)
    whole = Design(WEIGHTS, clusters=UNIT, population=np.full(ROWS, 50.0))
    assert total(jk1(whole), VALUES).covariance == pytest.approx(total(whole, VALUES).covariance, rel=1e-9)
    assert jk1(whole).scale == pytest.approx(0.2 * 39 / 40)


def test_about_the_estimate_or_about_the_mean_of_the_replicates() -> None:
    about_mean, about_estimate = (ratio(jkn(design(), mse=mse), VALUES[:, 0], VALUES[:, 1]) for mse in (False, True))
    apart = about_mean.replicates - about_mean.estimates
    assert isinstance(about_estimate, ReplicateEstimate)
    assert about_estimate.covariance[0, 0] == pytest.approx(0.75 * (apart**2).sum())
    assert about_mean.covariance[0, 0] < about_estimate.covariance[0, 0]


BOOTSTRAPS = {"rao_wu": rao_wu, "canty_davison": canty_davison, "preston": preston}


@pytest.mark.parametrize("bootstrap", BOOTSTRAPS.values(), ids=BOOTSTRAPS.keys())
def test_a_bootstrap_finds_the_linearised_variance(bootstrap: Any) -> None:
    """Over 3,000 replicates the standard error of a total is within 5 % (it varies by 1.3 %)."""
    plan = bootstrap(design(), replicates=3000, random=np.random.default_rng(1))
    assert total(plan, VALUES).standard_errors == pytest.approx(total(design(), VALUES).standard_errors, rel=0.05)
    assert plan.factors.totals(np.ones((40, 1))).mean() == pytest.approx(40.0, rel=0.01)


@pytest.mark.parametrize("bootstrap", [canty_davison, preston], ids=["canty_davison", "preston"])
def test_bootstraps_that_correct_for_finite_populations(bootstrap: Any) -> None:
    """Half of the units were taken: the variance halves. Canty and Davison's, scaled as R does it, is N / (N - 1) too large."""
    plan = Design(WEIGHTS, strata=STRATUM, clusters=UNIT, population=np.full(ROWS, 8.0))
    found = total(bootstrap(plan, replicates=3000, random=np.random.default_rng(2)), VALUES)
    excess = np.sqrt(8 / 7) if bootstrap is canty_davison else 1.0
    assert found.standard_errors == pytest.approx(excess * total(plan, VALUES).standard_errors, rel=0.05)


def test_prestons_bootstrap_replicates_later_stages() -> None:
    """Ten units of which six of thirty people each were drawn; most of the variance is in the second stage."""
    random = np.random.default_rng(3)
    unit = np.repeat(np.arange(10), 6)
    values = random.normal(10.0, 4.0, 60) + random.normal(0.0, 0.5, 10)[unit]
    plan = Design(clusters=unit, population=np.full(60, 12.0), later=[Stage(population=np.full(60, 30.0))])
    found = total(preston(plan, replicates=4000, random=random), values)
    first_stage_only = Design(plan.weights, clusters=unit, population=np.full(60, 12.0))
    assert found.standard_errors[0] == pytest.approx(total(plan, values).standard_errors[0], rel=0.05)
    assert found.standard_errors[0] > 1.2 * total(first_stage_only, values).standard_errors[0]


def test_the_scale_of_a_bootstrap_is_stated() -> None:
    less_one, all_of_them = (
        rao_wu(design(), replicates=50, random=np.random.default_rng(1), divisor=divisor)
        for divisor in ("replicates_less_one", "replicates")
    )
    assert (less_one.scale, all_of_them.scale) == (1 / 49, 1 / 50)
    first, second = (canty_davison(design(), replicates=50, random=np.random.default_rng(4)) for _ in range(2))
    assert first.scale == pytest.approx(4 / 3 / 49)
    assert (first.factors.totals(np.eye(40)) == second.factors.totals(np.eye(40))).all()  # the same seed, the same draws


@made_by
@given(factor=some.floats(0.01, 1e4), seed=some.integers(0, 2**16))
def test_scaled_weights_and_shuffled_rows(maker: Any, factor: float, seed: int) -> None:
    """Balanced replicates and the jackknife do not depend on the order of rows; a bootstrap's draws do not on their names."""
    first = mean(maker(design()), VALUES)
    scaled = Design(WEIGHTS * factor, strata=STRATUM, clusters=UNIT)
    assert mean(maker(scaled), VALUES).covariance == pytest.approx(first.covariance, rel=1e-9)
    order = np.sort(np.random.default_rng(seed).permutation(ROWS).reshape(40, 6), axis=1).ravel()
    within_units = np.argsort(UNIT[order], kind="stable")
    order = order[within_units]
    shuffled = Design(WEIGHTS[order], strata=STRATUM[order], clusters=UNIT[order])
    assert mean(maker(shuffled), VALUES[order]).covariance == pytest.approx(first.covariance, rel=1e-9)


@given(some.permutations(range(10)), some.permutations(range(40)))
def test_strata_and_units_of_other_names(strata: list[int], units: list[int]) -> None:
    """For the jackknife; balanced half-samples differ by which strata go together, unless the statistic is a total."""
    renamed = Design(WEIGHTS, strata=np.array(strata)[STRATUM], clusters=np.array(units)[UNIT])
    assert mean(jkn(renamed), VALUES).covariance == pytest.approx(mean(jkn(design()), VALUES).covariance, rel=1e-9)
    pairs, renamed = (Design(WEIGHTS, strata=names[UNIT // 2], clusters=UNIT) for names in (np.arange(20), np.arange(20)[::-1]))
    assert total(brr(renamed), VALUES).covariance == pytest.approx(total(brr(pairs), VALUES).covariance, rel=1e-9)


def test_duplicated_rows_are_as_weights() -> None:
    twice = np.repeat(np.arange(ROWS), np.where(np.arange(ROWS) % 7 == 0, 2, 1))
    heavier = Design(WEIGHTS * np.where(np.arange(ROWS) % 7 == 0, 2.0, 1.0), strata=STRATUM, clusters=UNIT)
    repeated = Design(WEIGHTS[twice], strata=STRATUM[twice], clusters=UNIT[twice])
    for maker in (jkn, brr):
        assert mean(maker(heavier), VALUES).covariance == pytest.approx(mean(maker(repeated), VALUES[twice]).covariance, rel=1e-9)


@given(some.data())
def test_the_rank_of_a_jackknife_needs_no_table(data: some.DataObject) -> None:
    """For strata of one to four units, single ones left out or not, and any subset of the units."""
    sizes = data.draw(some.lists(some.integers(1, 4), min_size=2, max_size=6))
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    size = np.array(sizes)[stratum]
    leaves = (size > 1) | np.array(data.draw(some.lists(some.booleans(), min_size=len(size), max_size=len(size))))
    for_all = leaves & (size == 1)
    pooled = np.where(for_all, len(sizes), size).astype(float)
    factors = LeaveOneOut(np.where(leaves, stratum, -1), pooled / np.maximum(pooled - 1.0, 1.0), for_all)
    if factors.count < 2:
        return
    table = Table(np.column_stack([factors.of(number) for number in range(factors.count)]))
    present = np.array(data.draw(some.lists(some.booleans(), min_size=len(size), max_size=len(size))))
    assert factors.rank(present) == np.linalg.matrix_rank(table.values[present])
    of_units = np.random.default_rng(0).normal(size=(len(size), 3))
    assert factors.totals(of_units) == pytest.approx(table.totals(of_units))


def test_degrees_of_freedom_of_domains() -> None:
    """R: `degf` of a subset is the rank of the replicate weights that are left, less one; not units less strata."""
    plan = jkn(design())
    within = np.column_stack([np.ones(ROWS, dtype=bool), STRATUM == 0, UNIT % 4 == 0, UNIT == 3, np.zeros(ROWS, dtype=bool)])
    assert plan.domain_degrees_of_freedom(within).tolist() == [30, 3, 9, 0, 0]


def test_a_statistic_that_a_replicate_does_not_allow() -> None:
    """A group within one unit: refused, or dropped and counted."""
    group = UNIT == 3
    with pytest.raises(CannotEstimate, match="replicate_failed: 1 of 40"):
        mean(jkn(design()), VALUES[:, 0], group)
    kept = mean(jkn(design(), failures="drop"), VALUES[:, 0], group)
    assert isinstance(kept, ReplicateEstimate)
    assert (kept.failed, kept.standard_errors[0]) == (1, pytest.approx(0.0, abs=1e-9))

    def fussy(weights: Floats) -> Linearised:
        if weights[0] == 0.0:
            raise CannotEstimate("bad_value", "not without the first")
        return Linearised(np.array([weights.sum()]))

    with pytest.raises(CannotEstimate, match="replicate 1: bad_value: not without the first"):
        jkn(design()).estimate(fussy)
    assert jkn(design(), failures="drop").estimate(fussy).failed == 1
    with pytest.raises(CannotEstimate, match="replicate_failed"):
        jkn(design(), failures="drop").estimate(lambda weights: Linearised(np.array([np.nan])))


def test_every_replicate_is_re_weighted() -> None:
    """Weights that sum to a known total leave no error in it."""
    plan = jkn(design()).reweighted(lambda weights: weights * 1000.0 / weights.sum())
    assert total(plan, np.ones(ROWS)).standard_errors[0] == pytest.approx(0.0, abs=1e-9)
    assert plan.weights.sum() == pytest.approx(1000.0)
    assert mean(plan, VALUES).covariance == pytest.approx(mean(jkn(design()), VALUES).covariance)

    def never(weights: Floats) -> Floats:
        if weights[0] == 0.0:
            raise CannotEstimate("empty_cell", "nobody left")
        return weights

    with pytest.raises(CannotEstimate, match="replicate 1 cannot be re-weighted: empty_cell"):
        jkn(design()).reweighted(never)


def test_replicates_need_the_weights_before_they_were_fitted() -> None:
    class Fitted:
        def residual(self, influence: Floats) -> Floats:
            return influence

    with pytest.raises(CannotEstimate, match="calibrated"):
        jackknife(design().reweighted(WEIGHTS, Fitted()))


def test_strata_with_one_unit() -> None:
    stratum = np.where(UNIT < 3, UNIT, 3)  # three single units, and the rest
    plans = {rule: Design(WEIGHTS, strata=stratum, clusters=UNIT, lonely=rule) for rule in ("remove", "adjust", "average")}
    errors = {rule: total(jkn(plan), VALUES[:, 0]).standard_errors[0] for rule, plan in plans.items()}
    assert errors["remove"] < errors["average"]
    assert errors["remove"] < errors["adjust"]
    assert jkn(plans["adjust"]).replicates == 40
    assert jkn(plans["remove"]).replicates == 37
    alone = Design(WEIGHTS, strata=UNIT, clusters=UNIT, lonely="remove")
    for maker in (jkn, MAKERS["rao_wu"], MAKERS["preston"]):
        with pytest.raises(CannotEstimate, match="lonely_psu"):
            maker(alone)


def test_what_replicates_cannot_be_made_from() -> None:
    random = np.random.default_rng(0)
    census = Design(WEIGHTS, clusters=UNIT, population=np.full(ROWS, 40.0))
    for ask, code in [
        (lambda: jk1(design()), "strata"),
        (lambda: brr(Design(WEIGHTS, clusters=UNIT)), "strata"),
        (lambda: brr(Design(WEIGHTS, strata=UNIT // 3, clusters=UNIT)), "strata"),
        (lambda: fay(design(), 1.0), "bad_setting"),
        (lambda: jk1(census), "census"),
        (lambda: rao_wu(design(), replicates=1, random=random), "bad_setting"),
        (lambda: replicate_quantiles(jkn(design()), VALUES[:, 0], [1.2]), "bad_setting"),
        (lambda: ReplicateDesign(WEIGHTS, np.ones(ROWS), scale=1.0), "bad_shape"),
        (lambda: ReplicateDesign(WEIGHTS, np.ones((ROWS - 1, 3)), scale=1.0), "bad_shape"),
        (lambda: ReplicateDesign(WEIGHTS, np.ones((ROWS, 1)), scale=1.0), "bad_replicates"),
        (lambda: ReplicateDesign(WEIGHTS, np.full((ROWS, 3), np.nan), scale=1.0), "bad_replicates"),
        (lambda: ReplicateDesign(WEIGHTS, np.ones((ROWS, 3)), scale=1.0, rscales=[1.0]), "bad_scale"),
        (lambda: ReplicateDesign(WEIGHTS, np.ones((ROWS, 3)), scale=-1.0), "bad_scale"),
        (lambda: ReplicateDesign(-WEIGHTS, np.ones((ROWS, 3)), scale=1.0), "negative_weight"),
    ]:
        with pytest.raises(CannotEstimate) as refused:
            ask()
        assert refused.value.code == code


def test_a_design_says_what_it_is() -> None:
    assert jkn(design(), mse=True).describe() == {
        "weighted": True,
        "replicates": 40,
        "degrees_of_freedom": 30,
        "variance": "replicates: jackknife (JKn), about the estimate",
    }
    assert jkn(design()).kish == pytest.approx(design().kish)
